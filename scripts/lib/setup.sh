# shellcheck shell=bash
# What every script needs: the toolchain and Debian's packages. Sourced, not run.

# Where the caller is: paths on the command line are relative to it.
caller=$PWD
script=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 1

# help_if_asked ARGUMENT…: prints the comment at the script's head, and ends, where one of them asks for it.
help_if_asked() {
  local argument
  for argument in "$@"; do
    case "$argument" in
      -h | --help)
        sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$script"
        exit
        ;;
    esac
  done
}

# as_caller COMMAND…: in the folder that the caller is in.
as_caller() { (cd "$caller" && "$@"); }

# Every message of the scripts themselves goes to standard error, so that output can be piped.
say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "this needs root, and there is no sudo: $*"
  fi
}

require_swift() {
  command -v swift >/dev/null ||
    fail "Swift 6.2 or later is needed: get it from https://www.swift.org/install/linux/ and put its usr/bin into PATH."
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  case "$version" in
    [0-5].* | 6.0 | 6.1 | "") fail "Swift 6.2 or later is needed, this is ${version:-unknown}: get it from https://www.swift.org/install/linux/." ;;
  esac
}

# require_packages PACKAGE…: installs those of Debian's packages that are missing.
require_packages() {
  local missing=() package
  command -v dpkg-query >/dev/null ||
    fail "this is no Debian or Ubuntu: install the equivalents of these by hand: $*"
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  say "Installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}
