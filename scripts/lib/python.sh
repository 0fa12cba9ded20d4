# shellcheck shell=bash
# Python in .build/venv, for what the tests compare with. Sourced after setup.sh, which sets root.
: "${root:?}"

# AWS's own making of tokens and signatures, to compare with; what judges the deployment's template, and the
# migrations; a stand-in for Cognito, and AWS's own command for it.
python_requirements=(
  botocore==1.44.5 cfn-lint==1.58.0 aws-sam-translator==1.115.0 'moto[server]==5.2.5' awscli==1.46.3 squawk-cli==2.70.0
)

# require_python: makes the environment, where it is not there yet as it is asked for here, and sets python
# to its interpreter.
require_python() {
  require_packages python3-venv
  local venv=$root/.build/venv
  local installed=$venv/pooltable-requirements
  python=$venv/bin/python
  if [ "$(cat "$installed" 2>/dev/null)" = "${python_requirements[*]}" ] && "$python" -c '' 2>/dev/null; then return; fi
  say "Installing for Python: ${python_requirements[*]}"
  rm -rf "$venv"
  python3 -m venv "$venv" || fail "no virtual environment could be made in $venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${python_requirements[@]}" >&2 ||
    fail "pip could not install ${python_requirements[*]}"
  printf '%s\n' "${python_requirements[*]}" >"$installed"
}
