#!/bin/sh
# missing-packages.sh [COMPILER]: whether all that building takes is there, by compiling
# and linking against it; else says what is missing and how to get it, and ends with 1.
set -u
compiler=${1:-cc}
work=$(mktemp -d "${TMPDIR:-/tmp}/pgoshim-needs.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# HEADER LIBRARY PACKAGE; Capstone is opened at run time, so only its header is needed.
needs='
stdlib.h             -            libc6-dev
gelf.h               elf          libelf-dev
elfutils/libdwfl.h   dw           libdw-dev
libiberty/demangle.h iberty       libiberty-dev
jansson.h            jansson      libjansson-dev
zlib.h               z            zlib1g-dev
zstd.h               zstd         libzstd-dev
lzma.h               lzma         liblzma-dev
libunwind.h          unwind-x86_64 libunwind-dev
Zydis/Zydis.h        Zydis        libzydis-dev
capstone/capstone.h  -            libcapstone-dev
'
# builds HEADERS LIBRARIES: a program that includes and is linked with them
builds() {
    for header in $1; do
        echo "#include <$header>"
    done >"$work/needs.c"
    echo 'int main(void) { return 0; }' >>"$work/needs.c"
    # shellcheck disable=SC2086 # a list of options
    $compiler -o "$work/needs" "$work/needs.c" $2 >"$work/log" 2>&1
}

if ! command -v "${compiler%% *}" >/dev/null; then
    echo "make: the compiler $compiler is missing" >&2
    packages=gcc
else
    builds "$(echo "$needs" | awk '{ print $1 }')" \
        "$(echo "$needs" | awk '$2 != "-" && NF { print "-l" $2 }')" && exit 0
    packages=$(echo "$needs" | while read -r header library package; do
        [ -n "$header" ] || continue
        option=-l$library
        [ "$library" != - ] || option=
        builds "$header" "$option" && continue
        echo "make: missing: $header${option:+ or $option}" >&2
        echo "$package"
    done | tr '\n' ' ')
fi
[ -n "$packages" ] || {
    echo "make: $compiler cannot build a program:" >&2
    cat "$work/log" >&2
    exit 1
}
sudo='sudo '
[ "$(id -u)" -ne 0 ] || sudo=
cat >&2 <<ANSWER
make: to build, install what is missing; on Debian and Ubuntu:
    ${sudo}apt-get install ${packages% }
ANSWER
exit 1
