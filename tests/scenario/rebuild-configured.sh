# rebuild with trees that Meson and Autoconf configured before: the profile reaches their compilers
# with nothing configured again.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
cp "$sources/kernel.c" .

# rebuilt PROGRAM COMMAND...: recorded, and built again with the profile
rebuilt() {
    program=$1
    shift
    cp "$program" kernel.first
    rm -f kernel.pgoraw
    recorded kernel.pgoraw SAMPLES 300 -F 2000 --budget 50 -- ./kernel.first 10000
    expect_status 0 "$bolt" rebuild --json --force --profile-dir "$work/profiles" -p kernel.pgoraw \
        -b kernel.first --result "$program" -- "$@"
    used "$work/out"
    [ "$("$program" 1000)" = "$(./kernel.first 1000)" ] || fail "kernel computes something else"
}

found=
if command -v meson >/dev/null && command -v ninja >/dev/null && command -v clang-22 >/dev/null; then
    found=yes
    printf "project('kernel', 'c')\nexecutable('kernel', 'kernel.c')\n" >meson.build
    CC=clang-22 expect_status 0 meson setup --buildtype=release \
        -Dc_args="-gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names" tree
    expect_status 0 ninja -C tree
    rebuilt tree/kernel sh -c 'ninja -C tree -t clean >&2; ninja -C tree >&2'
fi

if command -v autoconf >/dev/null && command -v gcc >/dev/null; then
    found=yes
    mkdir unix && cd unix || exit 1
    cp ../kernel.c .
    printf 'AC_INIT([kernel],[1])\nAC_PROG_CC\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n' >configure.ac
    printf 'kernel: kernel.o\n\t@CC@ @LDFLAGS@ -o $@ kernel.o\nkernel.o: kernel.c\n' >Makefile.in
    printf '\t@CC@ @CFLAGS@ -c kernel.c\nclean:\n\trm -f kernel kernel.o\n' >>Makefile.in
    expect_status 0 autoconf
    expect_status 0 ./configure CFLAGS='-O2 -g'
    expect_status 0 make
    rebuilt ./kernel sh -c 'make clean >&2; make >&2'
    cd ..
fi
[ -n "$found" ] || skip "neither Meson with clang-22 nor Autoconf is here"
expect_nothing_left
