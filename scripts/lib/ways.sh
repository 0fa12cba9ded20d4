# shellcheck shell=bash
# Ways to deploy that are no step of the guide, each a stack of its own, made by what the guide defines. Sourced after
# its steps.
# shellcheck disable=SC2034,SC2154 # the steps', and the script's

# with_pool STACK PARAMETER…: deploys one with a pool of its own.
with_pool() {
  stack=$1
  deploy "${@:2}" >"$printed" 2>&1
  pool=$(output UserPoolId) client=$(output UserPoolClientId)
}

step 'A secret, and another password in it'
(
  with_password pooltable_secret
  secret=$(aws secretsmanager create-secret --name pooltable/secret --query ARN --output text \
    --secret-string "$(jq -n --arg p "$owner_password" '{username: "pooltable_secret", password: $p}')")
  with_pool pooltable-secret DatabaseAuth=secret DatabaseSecretArn="$secret" SecretsExtensionLayerArn="$extension" \
    DatabaseHost="${server%:*}" DatabasePort="${server#*:}" DatabaseName=app
  comes_in fay@example.com
  # As a rotation does; and connections of the old password are gone.
  value "ALTER ROLE pooltable_secret PASSWORD 'another-$owner_password'"
  aws secretsmanager put-secret-value --secret-id "$secret" \
    --secret-string "$(jq -n --arg p "another-$owner_password" '{username: "pooltable_secret", password: $p}')"
  psql "$superuser_url" --command="SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename = 'pooltable_secret'"
  comes_in gil@example.com
) >>"$printed" 2>&1

# MiniStack never calls this trigger: its wiring is looked at, and the function is called as Lambda would be.
step 'Users from before Cognito'
(
  with_password pooltable_migrate
  with_pool pooltable-migrate DatabaseAuth=password MigrateUsers=on MigratePepper=pepper MigrateWeakHashes=on \
    MigrateAttempts=10/1h MigrateDummyHash="\$2y\$06\$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234" \
    DatabaseUrl="postgresql://pooltable_migrate:$owner_password@$server/app?sslmode=verify-full"
  aws lambda get-function-configuration --function-name "$stack" >"$work/function.json"
  jq --exit-status '.MemorySize == 1024 and (.Environment.Variables | .MIGRATE_USERS == "on"
    and .MIGRATE_PEPPER == "pepper" and .MIGRATE_WEAK_HASHES == "on"
    and .MIGRATE_ATTEMPTS == "10/1h" and (.MIGRATE_DUMMY_HASH | startswith("$2y$06$")))' "$work/function.json"
  function=$(jq --raw-output .FunctionArn "$work/function.json")
  aws cognito-idp describe-user-pool --user-pool-id "$pool" --query UserPool.LambdaConfig >"$work/triggers.json"
  jq --exit-status --arg function "$function" \
    '.UserMigration == $function and .PostAuthentication == $function' "$work/triggers.json"
  aws cognito-idp describe-user-pool-client --user-pool-id "$pool" --client-id "$client" \
    --query UserPoolClient.ExplicitAuthFlows >"$work/flows.json"
  jq --exit-status 'index("ALLOW_USER_PASSWORD_AUTH")' "$work/flows.json"

  # migration NAME [FILTER]: the event of who signs in by it, changed by jq's filter.
  migration() {
    pooltable events UserMigration_Authentication --user-pool-id "$pool" --client-id "$client" --username "$1" |
      jq --compact-output "${2:-.}" >"$work/event.json"
  }
  # answers [FILTER]: that the function answers with the event, changed by it.
  answers() {
    aws lambda invoke --function-name "$function" --payload "file://$work/event.json" "$work/answer.json" \
      >"$work/invocation.json"
    jq --exit-status 'has("FunctionError") | not' "$work/invocation.json"
    diff <(jq --sort-keys "${1:-.}" "$work/event.json") <(jq --sort-keys . "$work/answer.json")
  }
  # brought ID EMAIL NAME: what the answer to a right password makes of an event, as a filter.
  brought() {
    jq --null-input --compact-output --arg id "$1" --arg email "$2" --arg name "$3" '{
      finalUserStatus: "CONFIRMED", messageAction: "SUPPRESS", forceAliasCreation: false, userAttributes:
      {"custom:legacy_id": $id, email: $email, email_verified: "true", name: $name, username: $email}}' |
      sed 's/^/.response += /'
  }

  # One hash with the pepper, and one that is weak, of the password in every such event. The names of the template's
  # pool are addresses.
  migration ina@example.com
  typed=$(jq --raw-output .request.password "$work/event.json")
  psql "$owner_url" --quiet --set=ON_ERROR_STOP=1 --file=Fixtures/imports/accounts.sql \
    --file=<(sed 's/a\.login/a.email/g' Fixtures/imports/legacy_user.sql) --set=typed="$typed" --file=- <<'SQL'
CREATE EXTENSION pgcrypto;
INSERT INTO shop.accounts (id, login, email, confirmed, full_name, password) VALUES
  ('1', 'ina', 'ina@example.com', now(), 'Ina Old', crypt(:'typed' || 'pepper', gen_salt('bf', 6))),
  ('2', 'jon', 'jon@example.com', now(), 'Jon Old',
    'sha1$salt$' || encode(digest('salt' || :'typed', 'sha1'), 'hex'));
SQL

  answers "$(brought 1 ina@example.com 'Ina Old')"
  # Cognito refuses a user with an attribute that the pool does not have.
  aws cognito-idp describe-user-pool --user-pool-id "$pool" --query 'UserPool.SchemaAttributes[].Name' \
    >"$work/attributes.json"
  jq --exit-status --slurpfile known "$work/attributes.json" \
    '.response.userAttributes | keys - ["username"] - $known[0] == []' "$work/answer.json"
  migration JON@example.com
  answers "$(brought 2 jon@example.com 'Jon Old')"
  migration ina@example.com '.request.password = "another"'
  answers
) >>"$printed" 2>&1

# Whether what judges tokens judges: those that AWS's own command makes.
step 'IAM tokens that hold, and that do not'
(
  # token LOGIN [VARIABLE=VALUE…]
  token() {
    env "${@:2}" aws rds generate-db-auth-token --hostname "${server%:*}" --port "${server#*:}" --username "$1"
  }
  # logs_in TOKEN: as pooltable.
  logs_in() {
    PGPASSWORD=$1 psql "postgresql://pooltable@$server/app?sslmode=verify-full&sslrootcert=$work/ca.pem" \
      --command='SELECT 1'
  }
  holding=$(token pooltable)
  logs_in "$holding"
  # None of these may come in.
  refuse() { ! logs_in "$1" || complain "$2 is taken"; }
  refuse "$owner_password" 'a password'
  refuse "${holding%?}$(tr 0-9a-f 1-9a-f0 <<<"${holding: -1}")" 'another signature'
  refuse "$(token pooltable_api)" "another login's token"
  aws iam create-user --user-name uma
  mapfile -t key < <(aws iam create-access-key --user-name uma --output json |
    jq -r '.AccessKey | .AccessKeyId, .SecretAccessKey')
  theirs=$(token pooltable AWS_ACCESS_KEY_ID="${key[0]}" AWS_SECRET_ACCESS_KEY="${key[1]}")
  refuse "$theirs" "a token of somebody without rds-db:connect"
  aws iam put-user-policy --user-name uma --policy-name connect --policy-document "$(jq -n --arg id "$resource_id" '{
    Version: "2012-10-17", Statement: {Effect: "Allow", Action: "rds-db:connect",
    Resource: "arn:aws:rds-db:eu-central-1:000000000000:dbuser:\($id)/pooltable"}}')"
  logs_in "$theirs"
) >"$printed" 2>&1

# MiniStack makes no proxy of a template. It says so, or this is to be tried.
step 'A proxy, which MiniStack does not make'
! (
  stack=pooltable-proxy
  deploy DatabaseProxy=create DatabaseSecretArn="$database_secret" ProxyClusterId=app DatabaseName=app \
    SubnetIds="$subnets" SecurityGroupIds="$security_group" \
    ProxySubnetIds="$subnets" ProxySecurityGroupIds="$security_group"
) >"$printed" 2>&1
shows 'Unrecognized resource types: [AWS::RDS::DBProxy'

[ -z "$quick" ] || exit 0

step 'Roles that are pushed on a schedule, every minute'
(
  with_pool pooltable-push DatabaseAuth=password PushSchedule='rate(1 minute)' PushCreateGroups=on \
    DatabaseUrl="postgresql://pooltable_password:$owner_password@$server/app?sslmode=verify-full"
  comes_in hal@example.com
  # What waits is of all pools, and this function may change its own only: with another's before it, it would stop.
  value 'DELETE FROM cognito.role_outbox'
  value "INSERT INTO cognito.roles (name) VALUES ('pushed');
    INSERT INTO cognito.user_roles (user_id, role_id) SELECT u.id, r.id FROM cognito.users u, cognito.roles r
    WHERE u.email = 'hal@example.com' AND r.name = 'pushed'"
  for _ in $(seq 45); do
    aws cognito-idp admin-list-groups-for-user --user-pool-id "$pool" --username hal@example.com \
      --query 'Groups[].GroupName' >"$work/groups"
    ! grep -q pushed "$work/groups" || exit 0
    sleep 2
  done
  aws logs tail "$(output LogGroupName)" --since 5m
  complain 'the role is no group'
) >>"$printed" 2>&1
