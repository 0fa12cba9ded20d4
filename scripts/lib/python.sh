# shellcheck shell=bash
# Python in .build/venv, for what the tests compare with. Sourced after setup.sh, which sets root.
: "${root:?}"

# require_python_packages REQUIREMENT…: makes the environment, installs what is not there yet as it is
# asked for here, and sets python to its interpreter.
require_python_packages() {
  local venv=$root/.build/venv
  local installed=$venv/pooltable-requirements
  python=$venv/bin/python
  if [ "$(cat "$installed" 2>/dev/null)" = "$*" ] && "$python" -c '' 2>/dev/null; then return; fi
  say "Installing for Python: $*"
  rm -rf "$venv"
  python3 -m venv "$venv" || fail "no virtual environment could be made in $venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" >&2 ||
    fail "pip could not install $*"
  printf '%s\n' "$*" >"$installed"
}
