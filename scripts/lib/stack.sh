# shellcheck shell=bash
# The stacks of scripts/deploy, as scripts/deploy/README.md makes them but with a password, in a MiniStack and on a
# PostgreSQL that are theirs alone. Sourced after setup.sh, postgres.sh, python.sh and ministack.sh.
: "${root:?}"

# start_aws NAME POOLTABLE: starts the two below .build/NAME, the schema made by that command. Sets owner_url.
start_aws() {
  local work=.build/$1 pooltable=$2
  mkdir -p "$work"
  start_postgres "$1/postgres"
  owner_url=postgresql://postgres:${postgres_password:?}@127.0.0.1:${postgres_port:?}/postgres
  psql --quiet "$owner_url" --command="CREATE ROLE pooltable LOGIN PASSWORD '$postgres_password'" \
    --command="CREATE ROLE pooltable_api LOGIN PASSWORD '$postgres_password'" \
    --command="ALTER ROLE pooltable_api SET statement_timeout = '9s'"
  "$pooltable" migrate --database-url "$owner_url" --handler-role pooltable --reader-role pooltable_api >&2
  psql --quiet --set=ON_ERROR_STOP=1 --set=login=pooltable_api "$owner_url" --file=Fixtures/setup/token-claims.sql \
    --file=Fixtures/setup/appsync.sql --command="INSERT INTO cognito.roles (name) VALUES ('admin')"
  start_ministack "$1" eu-central-1
}

# deploy WORK TEMPLATE STACK LOGIN PARAMETER…: makes STACK of scripts/deploy/TEMPLATE and the zip in .build/$package
# (.build/package unless that is set), its log in .build/WORK. The login's server is owner_url's.
deploy() {
  local architecture=x86_64 work=.build/$1 template=$2 stack=$3 login=$4 server=${owner_url#*://*:}
  [ "$(uname -m)" != aarch64 ] || architecture=arm64
  shift 4
  sed "s|: \.\./\.\./\.build/package/|: ../${package:-package}/|" "scripts/deploy/$template" >"$work/source-$template"
  {
    { "${aws:?}" s3api head-bucket --bucket "$stack" || "$aws" s3 mb "s3://$stack"; } &&
      "$aws" cloudformation package --template-file "$work/source-$template" --s3-bucket "$stack" \
        --output-template-file "$work/$template" &&
      "$aws" cloudformation deploy --template-file "$work/$template" --stack-name "$stack" --s3-bucket "$stack" \
        --capabilities CAPABILITY_IAM --parameter-overrides Architecture="$architecture" DatabaseAuth=password \
        DatabaseUrl="postgresql://$login:$server?sslmode=disable" "$@"
  } >"$work/$stack.log" 2>&1 || fail "the stack $stack could not be made: see $work/$stack.log"
}

# output STACK NAME: what a stack says of itself.
output() {
  "${aws:?}" cloudformation describe-stacks --stack-name "$1" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue"
}

# deploy_api WORK STACK: the API as STACK-api, beside STACK.
deploy_api() {
  deploy "$1" appsync.yaml "$2-api" pooltable_api \
    "UserPoolId=$(output "$2" UserPoolId)" "UserPoolClientId=$(output "$2" UserPoolClientId)"
}

# api_host STACK: its API's, by which MiniStack knows it.
api_host() {
  local url
  url=$(output "$1-api" GraphQLUrl)
  url=${url#*://}
  printf '%s\n' "${url%%/*}"
}
