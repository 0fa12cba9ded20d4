# shellcheck shell=bash
# What scripts/play plays, each command printed before it is run: README.md shows it, and scripts/journey compares.
# Sourced where scripts/play's environment is: pool, client, password, token, DATABASE_URL; api_host for the API.

# show COMMAND: prints a command as it stands, and runs it.
show() {
  printf '$ %s\n' "$1"
  eval "$1" || fail "that failed: $1"
}

# Somebody signs up, confirms, is given a role and signs in. The code is the one that MiniStack "sends".
play_user() {
  # shellcheck disable=SC2016 # printed as it stands
  {
    show 'aws cognito-idp sign-up --client-id "$client" --username ada@example.com --password "$password" \
    --user-attributes Name=email,Value=ada@example.com Name=name,Value="Ada Berg" --query UserSub --output text'
    show 'aws cognito-idp confirm-sign-up --client-id "$client" --username ada@example.com --confirmation-code 123456'
    show 'psql "$DATABASE_URL" -xc "SELECT id, sub, username, email, email_verified, status, attributes, confirmed_at
    FROM cognito.users_live WHERE email = '"'ada@example.com'"'"'
    show 'psql "$DATABASE_URL" -c "INSERT INTO cognito.user_roles (user_id, role_id) SELECT u.id, r.id
    FROM cognito.users_live u, cognito.roles r WHERE u.email = '"'ada@example.com' AND r.name = 'admin'"'"'
    show 'aws cognito-idp admin-initiate-auth --user-pool-id "$pool" --client-id "$client" \
    --auth-flow ADMIN_USER_PASSWORD_AUTH --auth-parameters "USERNAME=ada@example.com,PASSWORD=$password" \
    --query AuthenticationResult.AccessToken --output text >"$token"'
    show 'pooltable verify --user-pool-id "$pool" --client-id "$client" --token-use access <"$token"'
  }
}

# The same asks the API who she is.
play_api() {
  # shellcheck disable=SC2016 # printed as it stands
  show 'curl --silent --write-out "\n" --header "Host: $api_host" --header "Authorization: $(<"$token")" \
    --data '"'"'{"query": "{ me { id email name } }"}'"'"' "$AWS_ENDPOINT_URL/graphql"'
}

# How to go on.
# shellcheck disable=SC2154 # root is setup.sh's
play_on() {
  cat <<ON

It runs until scripts/play --stop. To go on, in bash:

  cd $root && . .build/play/environment
  aws cognito-idp list-users --user-pool-id "\$pool"
  psql "\$DATABASE_URL" -xc 'SELECT * FROM cognito.users'
ON
}
