# shellcheck shell=bash
# Around the steps of scripts/deploy/README.md, which guide_steps.py makes one script of. Sourced by that script, in a
# checkout of its own, where these are set: server (HOST:PORT), owner_password, resource_id, work, root, and the SDKs'
# variables. Its standard input is what the steps ask for.
# shellcheck disable=SC2034,SC2154 # the steps', and the script's
set -euo pipefail

# What the step that runs has printed.
printed=${work:?}/printed
trap 'ended $?' EXIT

# While a step's own redirection holds, in which case it may end.
exec 3>&2
ended() {
  [ "$1" = 0 ] || { printf 'NOT %s:\n' "$(<"$work/place")" && tail -n 20 "$printed"; } >&3
}

# step PLACE: begins one, perhaps in a shell of its own.
step() { printf '%s\n' "$1" | tee "$work/place" >&2; }

# What AWS alone has, the second of its command lines, or a step that takes minutes. All else is what it says.

aws() {
  local argument kept=()
  if [ "${1:-} ${2:-}" = "logs tail" ]; then
    # logs tail GROUP --since TIME [--filter-pattern PATTERN]
    command aws logs filter-log-events --log-group-name "$3" "${@:6}" --query 'events[].message' --output text
    return
  fi
  for argument in "$@"; do
    # What the first command line takes a payload for in any case.
    case "$argument" in --cli-binary-format | raw-in-base64-out) ;; *) kept+=("$argument") ;; esac
  done
  # For SQS the first takes its endpoint from nowhere else.
  [ "${1:-}" != sqs ] || kept+=(--endpoint-url "$AWS_ENDPOINT_URL")
  command aws "${kept[@]}"
}

# The database's authority in place of Amazon's; and MiniStack's AppSync, which knows an API by its host.
curl() {
  local argument kept=()
  for argument in "$@"; do
    case "$argument" in
      https://truststore.pki.rds.amazonaws.com/*) argument=file://$work/ca.pem ;;
      https://*.appsync-api.*/graphql)
        argument=${argument#https://}
        kept+=(--header "Host: ${argument%%/*}")
        argument=$AWS_ENDPOINT_URL/graphql
        ;;
    esac
    kept+=("$argument")
  done
  command curl "${kept[@]}"
}

# swift run -c release pooltable: the one that is built already.
swift() { "${@:4}"; }

# What is looked at after a step.

# shows TEXT…: that the step has printed these.
shows() {
  local text
  for text in "$@"; do
    grep -qF -e "$text" "$printed" || complain "it does not say $text"
  done
}

complain() {
  printf '%s\n' "$*" >>"$printed"
  return 1
}

# printed_json <SHOWN: that the last JSON that was printed is what the guide shows, in which "…" stands for any text.
# AppSync says where in the query an error is as well.
printed_json() {
  jq --slurp --exit-status '. as [$found, $shown]
    | reduce ($shown | paths(strings | contains("…"))) as $path ($found; setpath($path; $shown | getpath($path)))
    | del(.errors[].locations) == $shown' <(jq --slurp '.[-1]' "$printed") - >/dev/null ||
    complain 'that is not what the guide shows'
}

# value QUERY: the only one that the database answers.
value() { psql "$owner_url" --quiet --no-psqlrc --tuples-only --no-align --command="$1"; }

# becomes QUERY VALUE: that the database answers this within ten seconds.
becomes() {
  local found
  for _ in $(seq 50); do
    found=$(value "$1")
    [ "$found" != "$2" ] || return 0
    sleep 0.2
  done
  complain "$1 answers $found, not $2"
}

# has_row EMAIL [CONDITION]: that the user of the pool has one.
has_row() {
  becomes "SELECT count(*) FROM cognito.users_live
    WHERE user_pool_id = '$pool' AND email = '$1' AND ${2:-true}" 1
}

# Users who come and go.

sign_up() {
  aws cognito-idp sign-up --client-id "$client" --username "$1" --password "$password" \
    --user-attributes "Name=email,Value=$1"
  aws cognito-idp admin-confirm-sign-up --user-pool-id "$pool" --username "$1"
} >>"$printed" 2>&1

sign_in() {
  aws cognito-idp admin-initiate-auth --user-pool-id "$pool" --client-id "$client" \
    --auth-flow ADMIN_USER_PASSWORD_AUTH --auth-parameters "USERNAME=$1,PASSWORD=$password"
} >>"$printed" 2>&1

# comes_in EMAIL: somebody signs up, and has a row.
comes_in() {
  sign_up "$1"
  has_row "$1"
}

# sub_of EMAIL
sub_of() { value "SELECT sub FROM cognito.users WHERE user_pool_id = '$pool' AND email = '$1'"; }

# record CALL SUB: CloudTrail's record of a call, as it is on EventBridge's bus.
record() { pooltable events "$1" --user-pool-id "$pool" --sub "$2"; }

# put_record CALL SUB: puts it there, as MiniStack does not.
put_record() {
  record "$1" "$2" >"$work/record.json"
  jq '[{Source: .source, DetailType: ."detail-type", Time: .time, Detail: (.detail | tojson)}]' \
    "$work/record.json" >"$work/entries.json"
  aws events put-events --entries "file://$work/entries.json" >>"$printed"
}

# What the guide leaves to its reader, and what is looked at.

make_bucket() { command aws s3 mb "s3://$bucket" >>"$printed"; }

# A network of one's own, for the function.
network() {
  local vpc
  vpc=$(aws ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text)
  subnets=$(aws ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.0.0/24 --query Subnet.SubnetId --output text),$(
    aws ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.1.0/24 --query Subnet.SubnetId --output text)
  security_group=$(aws ec2 create-security-group --vpc-id "$vpc" --group-name function --description function \
    --query GroupId --output text)
}

# with_password LOGIN: a login of the function's that has one.
with_password() {
  value "CREATE ROLE $1 LOGIN PASSWORD '$owner_password'"
  pooltable migrate --database-url "$owner_url" --handler-role "$1"
} >>"$printed" 2>&1

# A pool that somebody else made, and the stack that serves it, with a password in the URL.
make_their_pool() {
  theirs=$(aws cognito-idp create-user-pool --pool-name theirs --username-attributes email \
    --auto-verified-attributes email --query UserPool.Id --output text)
  client=$(aws cognito-idp create-user-pool-client --user-pool-id "$theirs" --client-name app \
    --explicit-auth-flows ALLOW_ADMIN_USER_PASSWORD_AUTH --query UserPoolClient.ClientId --output text)
  stack=$stack-theirs
  with_password pooltable_password
  deploy "ExistingUserPoolId=$theirs" DatabaseAuth=password \
    "DatabaseUrl=postgresql://pooltable_password:$owner_password@$server/app?sslmode=verify-full" >>"$printed" 2>&1
  function=$(output FunctionArn)
}

keeps_legacy_ids() {
  aws cognito-idp describe-user-pool --user-pool-id "$theirs" |
    jq --exit-status '.UserPool.SchemaAttributes[] | select(.Name == "custom:legacy_id").Mutable' >>"$printed"
}

# The older name of TemporaryPasswordValidityDays, which the guide leaves out, is for MiniStack a setting of its own.
only_triggers_changed() {
  local others='del(.LambdaConfig, .LastModifiedDate, .AdminCreateUserConfig.UnusedAccountValidityDays)'
  diff <(jq -S "$others" .build/before.json) <(jq -S "$others" .build/after.json) >>"$printed"
  jq --exit-status --arg function "$function" \
    '.LambdaConfig == {PostConfirmation: $function, PostAuthentication: $function}' .build/after.json >>"$printed"
}

# What MiniStack answers the doctor: the function's settings, the pool's triggers and clients; not the pool's replicas.
doctor_says() {
  shows '✓ function              Lambda ends it after 5 s' '✓ function              256 MB of memory' \
    '✓ TLS                   TLSv1.3' \
    '✓ login                 pooltable may call what the function calls, and nothing else' \
    "✓ triggers              PostConfirmation, PostAuthentication of $pool call pooltable" \
    "✓ app clients           none of 1 of $pool" \
    "- replicas              $pool: Cognito answered InvalidAction" ', 0 failed, 1 skipped'
}

# An account's own, from which MiniStack sends nothing to EventBridge.
make_trail() {
  aws cloudtrail create-trail --name trail --s3-bucket-name "$bucket"
  aws cloudtrail put-event-selectors --trail-name trail \
    --event-selectors '[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]'
  aws cloudtrail start-logging --name trail
} >>"$printed" 2>&1

disabling_is_followed() {
  put_record AdminDisableUser "$(sub_of bo@example.com)"
  becomes "SELECT enabled FROM cognito.users WHERE user_pool_id = '$pool' AND email = 'bo@example.com'" f
}

# Two changes that failed: one as EventBridge leaves it in the queue, one as Lambda does.
changes_failed() {
  local url
  url=$(output FailedChangesUrl)
  aws cognito-idp admin-enable-user --user-pool-id "$pool" --username bo@example.com
  aws cognito-idp admin-update-user-attributes --user-pool-id "$pool" --username ada@example.com \
    --user-attributes Name=name,Value=Augusta
  aws sqs send-message --queue-url "$url" --message-body "$(record AdminEnableUser "$(sub_of bo@example.com)")"
  aws sqs send-message --queue-url "$url" \
    --message-body "$(record AdminUpdateUserAttributes "$(sub_of ada@example.com)" | jq '{requestPayload: .}')"
} >>"$printed" 2>&1

failed_changes_are_made_good() {
  has_row bo@example.com
  has_row ada@example.com "attributes ->> 'name' = 'Augusta'"
}

# The task's command, with the secret that it is to have (MiniStack shows none of a task's): brings whom no trigger
# brought.
task_reconciles() {
  local command=()
  mapfile -t command < <(aws ecs describe-task-definition --task-definition "$(output ReconcileTaskArn)" \
    --query 'taskDefinition.containerDefinitions[0].command' --output json | jq -r '.[]')
  aws cognito-idp admin-create-user --user-pool-id "$pool" --username eve@example.com --message-action SUPPRESS \
    --user-attributes Name=email,Value=eve@example.com >>"$printed"
  DATABASE_URL=$(aws secretsmanager get-secret-value --secret-id "$url_secret" --query SecretString --output text) \
    pooltable "${command[@]}" >>"$printed" 2>&1 || [ $? = 2 ] # which says that it changed something
  has_row eve@example.com
}

# Detached: no row, and no error. Connected again: the row comes with the next sign-in. Detached once more.
detached_and_back() {
  ! grep -q arn: "$printed" || complain 'it calls a function still'
  sign_up dora@example.com
  [ "$(value "SELECT count(*) FROM cognito.users WHERE email = 'dora@example.com'")" = 0 ] || complain 'a row came'
  deploy Triggers=connected >>"$printed" 2>&1
  sign_in dora@example.com
  has_row dora@example.com
  deploy Triggers=detached >>"$printed" 2>&1
}

# The stack is gone, and its function. Pool, client, group and rows are there, and who has a password signs in.
users_stay() {
  ! aws lambda get-function --function-name "$function" >>"$printed" 2>&1 || complain 'the function is there'
  aws cognito-idp get-group --user-pool-id "$pool" --group-name admin >>"$printed"
  sign_in ada@example.com
  has_row ada@example.com
}
