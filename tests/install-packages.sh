#!/bin/sh
# install-packages.sh [build]: installs the Debian packages that are missing, and says
# which: those that building takes, and without `build` those that tests take too.
# The first of several alternatives (a|b) that Debian has is taken.
set -u
build_packages='
gcc make libc6-dev
libelf-dev libdw-dev libiberty-dev libjansson-dev zlib1g-dev libzstd-dev liblzma-dev
libunwind-dev libzydis-dev libcapstone-dev
'
test_packages='
g++ pkg-config binutils git python3
libcmocka-dev
bolt-22|bolt-19|bolt-16
clang-22|clang-19|clang-16
clang-format-22|clang-format-19|clang-format-16
clang-tidy-22|clang-tidy-19|clang-tidy-16
libclang-rt-22-dev|libclang-rt-19-dev|libclang-rt-16-dev
lld-22|lld-19|lld-16
autofdo
dwz libdebuginfod1
gcc-aarch64-linux-gnu g++-aarch64-linux-gnu libc6-dev-arm64-cross
libsqlite3-dev sqlite3 valgrind libre2-dev nlohmann-json3-dev
lua5.4 liblua5.4-dev libbz2-dev libgoogle-perftools-dev
llvm-22|llvm-19|llvm-16
musl-tools memcached redis-server meson ninja-build autoconf automake
ccache gfortran strace libjemalloc2 libfaketime libeatmydata1
linux-perf perl xz-utils tar curl openssl procps
chromium
'
packages=$build_packages
[ "${1:-all}" = build ] || packages="$packages $test_packages"

is_installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'
}

command -v dpkg-query >/dev/null || {
    echo "deps: this is not a Debian system: install by hand what $0 lists" >&2
    exit 0
}
missing=
for wanted in $packages; do
    found=
    for one in $(echo "$wanted" | tr '|' ' '); do
        is_installed "$one" && found=yes
    done
    [ -n "$found" ] || missing="$missing $wanted"
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
$sudo apt-get update -qq || exit 3
chosen=
for wanted in $missing; do
    choice=
    for one in $(echo "$wanted" | tr '|' ' '); do
        [ -z "$choice" ] && apt-cache show "$one" >/dev/null 2>&1 && choice=$one
    done
    [ -n "$choice" ] || echo "deps: Debian has no package $wanted here: some tests will be skipped"
    chosen="$chosen $choice"
done
echo "deps: installing$chosen"
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $chosen \
    >/dev/null || exit 3
