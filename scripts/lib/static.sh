# shellcheck shell=bash
# Static libpq, libcurl, OpenSSL and libstdc++ for scripts/package. Sourced after setup.sh, which sets root.
#
# libpq and libcurl come from Debian's sources of the very versions that are installed, whose headers
# Swift sees; Debian's own static ones want Kerberos, LDAP and two dozen libraries more.
: "${root:?}"

# source_of PACKAGE: the source package and version that an installed package was built from.
# shellcheck disable=SC2016 # dpkg-query's own variables
source_of() { dpkg-query -W -f '${source:Package}=${source:Version}' "$1"; }

# static_libraries: sets static_libs, a folder of .a files (and hypotf.o), and static_pkgconfig, the
# pkg-config files that point at it. Builds them unless the same recipe built the same versions before.
static_libraries() {
  local libpq curl key
  libpq=$(source_of libpq-dev)
  curl=$(source_of libcurl4-openssl-dev)
  key=$(
    {
      printf '%s\n' "$libpq" "$curl" "$(source_of libssl-dev)" "$(gcc -dumpfullversion -dumpmachine)"
      cat "$root/scripts/lib/static.sh" "$root/scripts/lib/hypotf.c"
    } | sha256sum | cut -c1-12
  )
  static_libs=$root/.build/static/$(uname -m)-$key
  [ -d "$static_libs" ] || build_static_libraries "$libpq" "$curl"

  # Written anew each time, since the checkout may have moved. Whole lists of libraries, not
  # Requires.private: SwiftPM does not ask for those.
  static_pkgconfig=$root/.build/static/pkgconfig
  mkdir -p "$static_pkgconfig"
  write_pkgconfig libpq "-lpq -lpgcommon_shlib -lpgport_shlib -lssl -lcrypto"
  write_pkgconfig libcurl "-lcurl -lssl -lcrypto"
  # Without one of its own the folder of the shared libraries would be searched before this.
  write_pkgconfig libcrypto "-lcrypto"
}

# write_pkgconfig MODULE LIBS: the installed module's version and headers, with static libraries.
write_pkgconfig() {
  cat >"$static_pkgconfig/$1.pc" <<PC
Name: $1
Description: $1, static
Version: $(pkg-config --modversion "$1")
Cflags: $(pkg-config --cflags-only-I "$1")
Libs: -L${static_libs// /\\ } $2
PC
}

# build_static_libraries LIBPQ CURL: each a SOURCE=VERSION. Makes the folder static_libs, whole or not at all.
build_static_libraries() {
  local work=$root/.build/static/work
  rm -rf "$work"
  mkdir -p "$work/sources" "$work/lib"
  say "Fetching the sources of $1 and $2"
  fetch_sources "$work" "$1" "$2"
  say "Building libpq, static"
  keep_scram_key "$work/sources/${1%%=*}"-*/
  build_libpq "$work/sources/${1%%=*}"-*/ "$work/lib" >"$work/libpq.log" 2>&1 ||
    fail "libpq cannot be built: see $work/libpq.log"
  say "Building libcurl, static"
  build_libcurl "$work/sources/${2%%=*}"-*/ "$work/lib" >"$work/libcurl.log" 2>&1 ||
    fail "libcurl cannot be built: see $work/libcurl.log"
  copy_static_libraries "$work/lib" libssl.a libcrypto.a libstdc++.a
  gcc -O2 -fPIC -fno-math-errno -c -o "$work/lib/hypotf.o" "$root/scripts/lib/hypotf.c"
  mv "$work/lib" "$static_libs"
  rm -rf "$work"
}

# fetch_sources WORK SOURCE=VERSION…: unpacks them, Debian's patches applied, in WORK/sources. apt
# verifies them against the archive's signature. Its sources lists are copies, with deb-src for deb, and
# its state is in WORK: nothing of the system is touched, and no root is needed.
fetch_sources() {
  local work=$1 list apt
  shift
  mkdir -p "$work/apt/sources.d" "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [ -f "$list" ] || continue
    case "$list" in
      *.sources) sed 's/^types:.*/Types: deb-src/I' "$list" >"$work/apt/sources.d/${list##*/}" ;;
      *) sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$list" >"$work/apt/sources.d/${list##*/}.list" ;;
    esac
  done
  apt=(
    apt-get -q
    -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/apt/sources.d"
    -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache"
    -o APT::Get::AllowUnauthenticated=false -o Acquire::AllowInsecureRepositories=false
    -o Acquire::AllowWeakRepositories=false -o APT::Sandbox::User=root
  )
  {
    "${apt[@]}" update &&
      (cd "$work/sources" && "${apt[@]}" source --only-source "$@")
  } >"$work/apt.log" 2>&1 ||
    fail "no sources of $*: see $work/apt.log. If the archive has newer ones by now: apt-get update, apt-get install --only-upgrade libpq-dev libcurl4-openssl-dev, and run this again."
}

# Hardened as Debian's own; one section for every function and variable, so that the linker can drop
# what nobody calls. Built in place, so no name of a folder gets in.
static_cflags="-O2 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -ffunction-sections -fdata-sections"

# keep_scram_key SOURCE: libpq derives a login's key from the password in 4,096 steps, and hands the password
# to OpenSSL anew in each, which costs a cold start 3 ms. Without a key OpenSSL takes that of the step before
# (HMAC_Init_ex's manual): the same steps, the same result, as every login with a password proves.
keep_scram_key() {
  local file=$1/src/common/scram-common.c each='(uint8 \*) password, password_len' kept='NULL, 0'
  sed -i "/Subsequent iterations/,/pg_hmac_free/s/pg_hmac_init(hmac_ctx, $each)/pg_hmac_init(hmac_ctx, $kept)/" "$file"
  grep -qF "pg_hmac_init(hmac_ctx, $kept)" "$file" ||
    say "This libpq derives keys in another way: left as it is"
}

# build_libpq SOURCE OUT
build_libpq() (
  cd "$1" &&
    CFLAGS=$static_cflags ./configure -q --with-ssl=openssl --without-readline --without-zlib \
      --without-icu --without-gssapi --without-ldap --disable-rpath --sysconfdir=/etc/postgresql-common &&
    make -j "$(nproc)" -C src/backend generated-headers &&
    make -j "$(nproc)" -C src/interfaces/libpq all-static-lib &&
    # libpq.a alone lacks what the shared library takes from these two.
    cp src/interfaces/libpq/libpq.a src/common/libpgcommon_shlib.a src/port/libpgport_shlib.a "$2"
)

# build_libcurl SOURCE OUT: HTTP and TLS. Without arc4random, which is GLIBC_2.36. Amazon Linux's bundle
# of certificates is the default.
build_libcurl() (
  cd "$1" &&
    CFLAGS=$static_cflags ac_cv_func_arc4random=no ./configure -q --disable-shared --enable-static \
      --with-openssl --with-ca-bundle=/etc/pki/tls/certs/ca-bundle.crt --without-ca-path \
      --enable-threaded-resolver \
      --disable-{ares,file,ftp,dict,gopher,imap,ldap,ldaps,mqtt,pop3,rtsp,smb,smtp,telnet,tftp,websockets} \
      --disable-{alt-svc,cookies,dateparse,dnsshuffle,doh,get-easy-options,headers-api,hsts} \
      --disable-{libcurl-option,manual} \
      --disable-{mime,netrc,ntlm,ntlm-wb,openssl-auto-load-config,progress-meter,sspi,tls-srp,unix-sockets} \
      --without-{brotli,gssapi,libgsasl,libidn2,libpsl,librtmp,libssh,libssh2,nghttp2,zlib,zstd} &&
    make -j "$(nproc)" -C lib &&
    cp lib/.libs/libcurl.a "$2"
)

# copy_static_libraries OUT NAME…: those that Debian's packages hold already.
copy_static_libraries() {
  local out=$1 name path
  shift
  for name in "$@"; do
    path=$(gcc -print-file-name="$name")
    [ -f "$path" ] || fail "there is no $name: the packages libssl-dev and libstdc++-*-dev hold them"
    cp "$path" "$out"
  done
}
