# shellcheck shell=bash
# Static libpq, libcurl, OpenSSL, libidn2, libxcrypt, libargon2 and libstdc++ for scripts/package. Sourced after setup.sh, which sets root.
#
# libpq and libcurl come from Debian's sources of the very versions that are installed, whose headers
# Swift sees; Debian's own static ones want Kerberos, LDAP and two dozen libraries more.
: "${root:?}"

# What is changed in libpq, with its reason at its head. scripts/package --unpatched leaves it out.
libpq_patch=scripts/lib/libpq-scram-hmac-key.patch

# source_of PACKAGE: the source package and version that an installed package was built from.
# shellcheck disable=SC2016 # dpkg-query's own variables
source_of() { dpkg-query -W -f '${source:Package}=${source:Version}' "$1"; }

# static_libraries: sets static_libs, a folder of .a files (and hypotf.o and arc4random.o), and static_pkgconfig, the
# pkg-config files that point at it. Builds them unless the same recipe built the same versions before: in the
# background, for the files are there once await_static_libraries has returned.
static_libraries() {
  local libpq curl key
  libpq=$(source_of libpq-dev)
  curl=$(source_of libcurl4-openssl-dev)
  key=$(
    {
      printf '%s\n' "$libpq" "$curl" "$(source_of libssl-dev)" "$(source_of libidn2-dev)" "$(source_of libunistring-dev)" "$(source_of libcrypt-dev)" "$(source_of libargon2-dev)" "$(gcc -dumpfullversion -dumpmachine)"
      cat "$root/scripts/lib/static.sh" "$root/scripts/lib/hypotf.c" "$root/scripts/lib/arc4random.c" "$root/scripts/lib/scram.c"
      if [ -n "${unpatched:-}" ]; then echo unpatched; else cat "$root/$libpq_patch"; fi
    } | sha256sum | cut -c1-12
  )
  static_libs=$root/.build/static/$(uname -m)-$key
  static_build=
  if [ ! -d "$static_libs" ]; then
    build_static_libraries "$libpq" "$curl" &
    static_build=$!
  fi

  # Written anew each time, since the checkout may have moved. Whole lists of libraries, not
  # Requires.private: SwiftPM does not ask for those.
  static_pkgconfig=$root/.build/static/pkgconfig
  mkdir -p "$static_pkgconfig"
  write_pkgconfig libpq "-lpq -lpgcommon_shlib -lpgport_shlib -lssl -lcrypto"
  write_pkgconfig libcurl "-lcurl -lssl -lcrypto"
  # Without one of its own the folder of the shared libraries would be searched before this.
  write_pkgconfig libcrypto "-lcrypto"
  write_pkgconfig libssl "-lssl -lcrypto"
  write_pkgconfig libidn2 "-lidn2 -lunistring"
  write_pkgconfig libcrypt "-lcrypt"
  write_pkgconfig libargon2 "-largon2"
}

await_static_libraries() {
  # What is wrong is told by then.
  [ -z "$static_build" ] || wait "$static_build" || exit 1
  check_scram "$static_libs"
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
  patch_libpq "$work/sources/${1%%=*}"-*/
  build_libpq "$work/sources/${1%%=*}"-*/ "$work/lib" >"$work/libpq.log" 2>&1 ||
    fail "libpq cannot be built: see $work/libpq.log"
  build_scram_check "$work/sources/${1%%=*}"-*/ "$work/lib" >>"$work/libpq.log" 2>&1 ||
    fail "what checks libpq cannot be built: see $work/libpq.log"
  check_scram "$work/lib" # before the folder is kept
  say "Building libcurl, static"
  build_libcurl "$work/sources/${2%%=*}"-*/ "$work/lib" >"$work/libcurl.log" 2>&1 ||
    fail "libcurl cannot be built: see $work/libcurl.log"
  copy_static_libraries "$work/lib" libssl.a libcrypto.a libidn2.a libunistring.a libcrypt.a libargon2.a libstdc++.a
  gcc -O2 -fPIC -fno-math-errno -c -o "$work/lib/hypotf.o" "$root/scripts/lib/hypotf.c"
  gcc -O2 -fPIC -c -o "$work/lib/arc4random.o" "$root/scripts/lib/arc4random.c"
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

# patch_libpq SOURCE: what is ours in libpq, unless --unpatched. It must fit to the letter.
patch_libpq() {
  [ -z "${unpatched:-}" ] || return 0
  patch --directory="$1" --strip=1 --fuzz=0 --forward --reject-file=- <"$root/$libpq_patch" >"${1%/}.patch.log" 2>&1 ||
    fail "$libpq_patch does not fit this libpq (see ${1%/}.patch.log): mend it, or leave it out with --unpatched"
}

# build_scram_check SOURCE OUT: the program that scram.c tells of, of the very objects that go into the package.
build_scram_check() {
  gcc -O2 -DFRONTEND -I "$1/src/include" -o "$2/scram-check" "$root/scripts/lib/scram.c" \
    "$2/libpgcommon_shlib.a" "$2/libpgport_shlib.a" -lcrypto
}

# check_scram FOLDER: fails unless libpq there derives the key of a login as SCRAM says.
check_scram() {
  "$1/scram-check" || fail "libpq derives another key from a password than RFC 7677 and OpenSSL's PBKDF2"
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
    [ -f "$path" ] || fail "there is no $name: the packages libssl-dev, libidn2-dev, libunistring-dev, libcrypt-dev, libargon2-dev and libstdc++-*-dev hold them"
    cp "$path" "$out"
  done
}
