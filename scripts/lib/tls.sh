# shellcheck shell=bash
# TLS for the server of postgres.sh, with an authority of one's own. Sourced after setup.sh and postgres.sh.
: "${root:?}"

# make_certificates FOLDER: an authority, and a certificate of it for 127.0.0.1; for localhost too, since
# that is what node-pg looks for where the host is an address.
make_certificates() {
  local new=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
  {
    openssl req -x509 "${new[@]}" -days 2 -subj '/CN=PoolTable verification' \
      -keyout "$1/ca.key" -out "$1/ca.pem"
    openssl req "${new[@]}" -subj '/CN=127.0.0.1' -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' \
      -keyout "$1/server.key" -out "$1/server.csr"
    openssl x509 -req -in "$1/server.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial -days 2 \
      -copy_extensions copy -out "$1/server.crt"
  } >"$1/openssl.log" 2>&1 || fail "no certificates: see $1/openssl.log"
}

# serve_tls FOLDER URL
serve_tls() {
  local file
  for file in server.crt server.key; do
    install -m 600 "$1/$file" "${postgres_data:?}/data/$file"
    [ "$(id -u)" != 0 ] || chown postgres:postgres "$postgres_data/data/$file"
  done
  psql --quiet "$2" --command='ALTER SYSTEM SET ssl = on' --command='SELECT pg_reload_conf()' >/dev/null
  # The postmaster takes it up a moment later.
  local attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    psql --quiet "$2?sslmode=verify-full&sslrootcert=$1/ca.pem" --command='SELECT 1' >/dev/null 2>&1 && return
    sleep "0.$attempt"
  done
  fail "the server does not speak TLS: see $postgres_data/server.log"
}
