# shellcheck shell=bash
# A throwaway PostgreSQL server below .build/. Sourced after setup.sh, which sets root.
: "${root:?}"

# Debian keeps the server's programs out of PATH, by version. POOLTABLE_POSTGRES_BIN names others.
postgres_bin() {
  local newest
  if [ -n "${POOLTABLE_POSTGRES_BIN:-}" ]; then
    printf '%s\n' "$POOLTABLE_POSTGRES_BIN"
    return
  fi
  newest=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$newest" ] || fail "there is no PostgreSQL server: install the package postgresql"
  dirname "$newest"
}

# as_server_user COMMAND…: PostgreSQL refuses root. Where the user postgres cannot reach this folder
# (a clone in a private home), it is lent the right to pass through folders.
as_server_user() {
  if [ "$(id -u)" != 0 ]; then
    "$@"
    return
  fi
  local drop=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  if ! "${drop[@]}" test -x "$root/.build" 2>/dev/null; then
    drop+=(--inh-caps=+dac_read_search --ambient-caps=+dac_read_search)
  fi
  "${drop[@]}" "$@"
}

# start_postgres NAME [SETTING…]: makes and starts a server in .build/NAME, with these lines in its
# postgresql.conf; sets postgres_port and postgres_password. It listens on loopback only, and forgets
# everything when it is stopped.
start_postgres() {
  local bin attempt
  bin=$(postgres_bin)
  postgres_data=$root/.build/$1
  shift
  postgres_password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  stop_postgres
  mkdir -p "$postgres_data"
  printf '%s\n' "$postgres_password" >"$postgres_data/password"
  mkdir "$postgres_data/data"
  [ "$(id -u)" != 0 ] || chown -R postgres:postgres "$postgres_data"
  as_server_user "$bin/initdb" --pgdata="$postgres_data/data" --username=postgres --encoding=UTF8 \
    --locale=C.UTF-8 --auth=scram-sha-256 --pwfile="$postgres_data/password" --no-sync \
    >"$postgres_data.log" 2>&1 || fail "initdb failed: see $postgres_data.log"
  cat >>"$postgres_data/data/postgresql.conf" <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
CONF
  printf '%s\n' "$@" >>"$postgres_data/data/postgresql.conf"
  # Another program may take a free port before the server does: then the next one.
  for attempt in 1 2 3 4 5; do
    postgres_port=$((20000 + (RANDOM + attempt) % 12000))
    if as_server_user "$bin/pg_ctl" start --wait --silent --pgdata="$postgres_data/data" \
      --options="-p $postgres_port" --log="$postgres_data/server.log" >/dev/null 2>&1; then
      return
    fi
  done
  fail "the PostgreSQL server does not start: see $postgres_data/server.log"
}

# Stops the server of start_postgres, also one that an interrupted run left, and removes its data.
stop_postgres() {
  [ -n "${postgres_data:-}" ] || return 0
  if [ -f "$postgres_data/data/postmaster.pid" ]; then
    as_server_user "$(postgres_bin)/pg_ctl" stop --mode=immediate --silent \
      --pgdata="$postgres_data/data" >/dev/null 2>&1 || true
  fi
  rm -rf "$postgres_data"
}
