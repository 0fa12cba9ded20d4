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
  psql "$superuser_url" --command="SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pooltable_secret'"
  comes_in gil@example.com
) >>"$printed" 2>&1

# MiniStack makes no proxy of a template. It says so, or this is to be tried.
step 'A proxy, which MiniStack does not make'
! (
  stack=pooltable-proxy
  deploy DatabaseProxy=create DatabaseSecretArn="$database_secret" ProxyClusterId=app DatabaseName=app \
    SubnetIds="$subnets" SecurityGroupIds="$security_group" ProxySubnetIds="$subnets" ProxySecurityGroupIds="$security_group"
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
