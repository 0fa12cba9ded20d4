# shellcheck shell=bash
# Which functions the usual event needs: the linker puts them side by side. Sourced by scripts/package, after
# setup.sh, postgres.sh, tls.sh and verify.sh.
: "${root:?}"

function_order=scripts/lib/order.txt

# write_order: writes the function order, from a run of the packaged program, with its symbols, in valgrind: its
# start, a login with TLS, and an event of each trigger source with no setting switched on. Sorted, so that a
# change of the list shows what has changed: it is enough that these are side by side.
write_order() {
  local folder=$root/.build/package/order
  require_packages valgrind util-linux
  serve_package "$folder"
  say "Seeing which functions an event needs"
  cat >"$folder/bootstrap" <<TRACED
#!/bin/sh
exec 9>'$folder/lock'
flock 9
valgrind --quiet --tool=callgrind --demangle=no --callgrind-out-file='$folder/calls' '${unstripped:?}' &
wait
TRACED
  chmod +x "$folder/bootstrap"
  "${pooltable:?}" replay --bootstrap "$folder/bootstrap" \
    --database-url "${handler_url:?}?sslmode=verify-full&sslrootcert=$folder/ca.pem" Fixtures/events/sources \
    >"$folder/replay.txt" 2>"$folder/replay.log" || fail "bootstrap does not run in valgrind: see $folder/replay.log"
  # pooltable kills the shell; the program notes its calls as it ends, which it does without a Runtime API.
  flock "$folder/lock" true
  nm --defined-only "$unstripped" | awk '$2 ~ /[TtWw]/ { print $3 }' | LC_ALL=C sort -u >"$folder/functions"
  {
    echo "# The functions that the usual event calls, made by scripts/package --order: see scripts/lib/order.sh."
    # A number follows the name of a function that calls itself.
    sed -nE "s/^c?fn=\([0-9]+\) ([^' ]+).*/\1/p" "$folder/calls" | LC_ALL=C sort -u | LC_ALL=C comm -12 - "$folder/functions"
  } >"$folder/order.txt"
  [ "$(wc -l <"$folder/order.txt")" -gt 1000 ] || fail "hardly a function was called: see $folder"
  cp "$folder/order.txt" "$root/$function_order"
  say "Done: $function_order, for the next package"
}
