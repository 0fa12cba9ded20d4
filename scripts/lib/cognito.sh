# shellcheck shell=bash
# Cognito played by moto, for scripts/replay. Sourced after setup.sh and python.sh.
: "${root:?}"

# start_cognito PATH…: serves the pools and users of these events, and sets the SDKs' variables to it.
start_cognito() {
  local address=$root/.build/cognito.url
  rm -f "$address"
  mkdir -p "$root/.build"
  # Not as_caller, whose shell would be the process that is stopped.
  (cd "${caller:?}" && exec "${python:?}" "$root/scripts/lib/cognito.py" "$address" "$@") &
  cognito_process=$!
  for _ in $(seq 300); do
    if [ -f "$address" ] || ! kill -0 "$cognito_process" 2>/dev/null; then break; fi
    sleep 0.1
  done
  [ -f "$address" ] || fail "moto did not start"
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=$(cat "$address")
  # Any keys will do.
  export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER AWS_ACCESS_KEY_ID=replay AWS_SECRET_ACCESS_KEY=replay
  unset AWS_SESSION_TOKEN AWS_PROFILE
  unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_USE_FIPS_ENDPOINT AWS_USE_DUALSTACK_ENDPOINT
}

stop_cognito() {
  [ -z "${cognito_process:-}" ] || kill "$cognito_process" 2>/dev/null || true
}
