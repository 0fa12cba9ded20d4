# shellcheck shell=bash
# Proves that the packaged bootstrap runs where nothing of this machine exists. Sourced by
# scripts/package, after setup.sh, postgres.sh, tls.sh and static.sh.
: "${root:?}"

# verify_package: an empty root directory with the zip's content and glibc's own files, and in it the
# packaged bootstrap, against the Runtime API on loopback and a PostgreSQL with TLS and verify-full.
verify_package() {
  local verify=$root/.build/package/verify
  require_packages util-linux coreutils
  serve_package "$verify"
  verify_reproducible "$verify"
  verify_in_root "$verify" "$handler_url?sslmode=verify-full"
  measure_cold_start "$verify" "$handler_url"
}

# serve_package FOLDER: builds pooltable, and starts a PostgreSQL with TLS, migrated; sets pooltable, owner_url and
# handler_url. FOLDER is empty then but for the certificates, ca.pem among them.
serve_package() {
  require_packages postgresql postgresql-client openssl
  say "Building pooltable"
  local build=(swift build -c release --static-swift-stdlib --product pooltable)
  "${build[@]}" >&2
  pooltable=$("${build[@]}" --show-bin-path)/pooltable

  say "Starting PostgreSQL with TLS"
  trap stop_postgres EXIT
  start_postgres postgres-verify
  rm -rf "$1"
  mkdir -p "$1"
  make_certificates "$1"
  owner_url=postgresql://postgres:${postgres_password:?}@127.0.0.1:${postgres_port:?}/postgres
  serve_tls "$1" "$owner_url"
  psql --quiet "$owner_url" --command="CREATE ROLE pooltable LOGIN PASSWORD '$postgres_password'"
  "$pooltable" migrate --database-url "$owner_url" --handler-role pooltable >&2
  handler_url="postgresql://pooltable:$postgres_password@127.0.0.1:$postgres_port/postgres"
}

# verify_reproducible FOLDER: the same binary gives the same zip, bit for bit, at another time.
verify_reproducible() {
  local zip="$root/scripts/lib/zip.py" binary=$root/.build/package/bootstrap
  python3 "$zip" "$1/first.zip" "bootstrap=$binary" "ca.pem=$1/ca.pem"
  cp "$binary" "$1/copy"
  touch --date=2001-02-03 "$1/copy"
  chmod 700 "$1/copy"
  python3 "$zip" "$1/second.zip" "ca.pem=$1/ca.pem" "bootstrap=$1/copy"
  cmp "$1/first.zip" "$1/second.zip" || fail "the zip is not reproducible"
}

# verify_in_root FOLDER URL: the events of Fixtures, in a root directory made of first.zip.
verify_in_root() {
  local inside=$1/root library
  mkdir -p "$inside"/{var/task,etc,tmp,lib64}
  python3 -m zipfile --extract "$1/first.zip" "$inside/var/task"
  chmod 755 "$inside/var/task/bootstrap"
  cp /etc/resolv.conf "$inside/etc/"
  # glibc's own files and libgcc_s, at the places where the loader looks; nothing else.
  for library in $(ldd "$inside/var/task/bootstrap" | grep -o '/[^ ]*'); do
    mkdir -p "$inside$(dirname "$library")"
    cp -L "$library" "$inside$library"
  done

  # Lambda's environment: a read-only root but /tmp, and 128 MB of address space.
  local isolate=(unshare --mount)
  [ "$(id -u)" = 0 ] || isolate=(unshare --user --map-root-user --mount)
  "${isolate[@]}" true 2>/dev/null || fail "unshare is not allowed here: the root directory cannot be read-only"
  cat >"$1/enter" <<ENTER
#!/bin/sh
unset HOME
export LAMBDA_TASK_ROOT=/var/task
export LD_LIBRARY_PATH=/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib
exec ${isolate[*]} sh -c '
  mount --bind "\$1" "\$1" &&
  mount -o remount,bind,ro "\$1" &&
  mount -t tmpfs -o size=16m tmpfs "\$1/tmp" &&
  ! touch "\$1/var/task/writable" 2>/dev/null &&
  exec prlimit --as=134217728 chroot "\$1" /var/task/bootstrap' sh "$inside"
ENTER
  chmod +x "$1/enter"
  local status=0
  "$pooltable" replay --database-url "$2" --bootstrap "$1/enter" Fixtures/events/{sources,variations} Fixtures/rejected \
    >"$1/replay.txt" 2>"$1/replay.log" || status=$?
  tail -n 1 "$1/replay.txt" >&2
  [ "$status" = 0 ] || fail "bootstrap does not do its job in an empty root: see $1/replay.txt and $1/replay.log"
  local tls
  tls=$(psql --quiet --tuples-only --no-align "$owner_url" --command='SELECT count(*) FROM cognito.users')
  [ "$tls" = 52 ] || fail "52 users should have been written, $tls were"
}

# measure_cold_start FOLDER URL: 40 starts of bootstrap, in turn with as many of a C program over the
# same static libraries.
measure_cold_start() {
  local flags
  flags=$(PKG_CONFIG_PATH=${static_pkgconfig:?} pkg-config --cflags --libs libpq libcurl)
  # shellcheck disable=SC2086 # a list of flags
  gcc -O2 -o "$1/floor" "$root/scripts/bench/floor.c" $flags -lpthread -lm
  gcc -O2 -o "$1/runtime" "$root/scripts/bench/runtime.c"
  local event=scripts/bench/event.json mode
  say "Cold starts: medians of 40, in milliseconds"
  printf '%-28s%14s%16s%10s\n' '' 'exec → next' 'exec → answer' 'CPU' >&2
  for mode in disable "verify-full&sslrootcert=$1/ca.pem"; do
    DATABASE_URL="$2?sslmode=$mode" LOG_LEVEL=FATAL \
      "$1/runtime" cold 40 "$event" "$root/.build/package/bootstrap" "$1/floor" |
      while IFS=$'\t' read -r program next answer cpu; do
        printf '%-28s%12s%14s%12s\n' "$(basename "$program"), sslmode=${mode%%&*}" "$next" "$answer" "$cpu" >&2
      done
  done
}
