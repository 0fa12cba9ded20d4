# shellcheck shell=bash
# AWS played by MiniStack, on loopback. Sourced after setup.sh and python.sh.
: "${root:?}"

# require_ministack: makes its environment, and checks what ministack_server.py uses of it. Sets ministack_python, and
# aws to AWS's command.
require_ministack() {
  require_environment venv-ministack "${ministack_requirements[@]:?}"
  ministack_python=$root/.build/venv-ministack/bin/python
  # shellcheck disable=SC2034 # for stack.sh
  aws=$root/.build/venv-ministack/bin/aws
  "$ministack_python" "$root/scripts/lib/ministack_server.py" --check || exit 1
}

# aws_environment URL REGION: the SDKs' variables for it, in a shell's words. Its keys are those of the account's owner,
# the function's those of its role.
aws_environment() {
  cat <<ENVIRONMENT
unset AWS_SESSION_TOKEN AWS_PROFILE AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_USE_FIPS_ENDPOINT AWS_USE_DUALSTACK_ENDPOINT
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_PAGER=
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=$2 AWS_DEFAULT_REGION=$2
export AWS_ENDPOINT_URL=$1
ENVIRONMENT
}

# start_ministack NAME REGION: starts it with its state in .build/NAME/ministack, and sets the SDKs' variables to it. It
# ends with the script, unless ministack_stays is set.
start_ministack() {
  local state=$root/.build/$1/ministack attempt port
  rm -rf "$state"
  mkdir -p "$state"
  # Another program may take a free port before it does: then the next one.
  for attempt in 1 2 3 4 5; do
    port=$((20000 + (RANDOM + attempt) % 12000))
    # The function gets AWS_ENDPOINT_URL from here.
    eval "$(aws_environment "http://127.0.0.1:$port" "$2")"
    TMPDIR=$state STATE_DIR=$state GATEWAY_PORT=$port AUTH=true MINISTACK_REGION=$2 \
      "${ministack_python:?}" "$root/scripts/lib/ministack_server.py" ${ministack_stays:+--stay} \
      </dev/null >"$state.log" 2>&1 &
    ministack_process=$!
    for _ in $(seq 300); do
      kill -0 "$ministack_process" 2>/dev/null || continue 2
      if curl --silent --fail --output /dev/null "$AWS_ENDPOINT_URL/_ministack/health"; then return; fi
      sleep 0.1
    done
    stop_ministack
  done
  fail "MiniStack does not start: see $state.log"
}

stop_ministack() {
  [ -n "${ministack_process:-}" ] || return 0
  kill "$ministack_process" 2>/dev/null || true
  wait "$ministack_process" 2>/dev/null || true
  ministack_process=
}
