# shellcheck shell=bash
# PgBouncer in transaction mode, and for one name in session mode, before the server of postgres.sh. Sourced after it.
: "${root:?}"

# start_pgbouncer NAME: in .build/NAME; sets pgbouncer_port. Any login of the server may come through.
start_pgbouncer() {
  local attempt
  pgbouncer_folder=$root/.build/$1
  stop_pgbouncer
  mkdir -p "$pgbouncer_folder"
  printf '"postgres" "%s"\n' "${postgres_password:?}" >"$pgbouncer_folder/users.txt"
  [ "$(id -u)" != 0 ] || chown -R postgres:postgres "$pgbouncer_folder"
  for attempt in 1 2 3 4 5; do
    pgbouncer_port=$((32000 + (RANDOM + attempt) % 700))
    as_server_user tee "$pgbouncer_folder/pgbouncer.ini" >/dev/null <<INI
[databases]
in_session_mode = host=127.0.0.1 port=${postgres_port:?} dbname=postgres auth_user=postgres pool_mode=session
* = host=127.0.0.1 port=${postgres_port:?} auth_user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pgbouncer_port
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $pgbouncer_folder/users.txt
auth_query = SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = \$1
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 20
logfile = $pgbouncer_folder/pgbouncer.log
pidfile = $pgbouncer_folder/pgbouncer.pid
INI
    if as_server_user "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" --daemon --quiet \
      "$pgbouncer_folder/pgbouncer.ini" >/dev/null 2>&1; then
      return
    fi
  done
  fail "PgBouncer does not start: see $pgbouncer_folder/pgbouncer.log"
}

# Stops the PgBouncer of start_pgbouncer, also one that an interrupted run left.
stop_pgbouncer() {
  if [ -f "${pgbouncer_folder:-/nonexistent}/pgbouncer.pid" ]; then
    as_server_user kill "$(cat "$pgbouncer_folder/pgbouncer.pid")" 2>/dev/null || true
  fi
  rm -rf "${pgbouncer_folder:-/nonexistent}"
}
