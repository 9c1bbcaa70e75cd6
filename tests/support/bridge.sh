# What the tests of pgo-bolt share; sourced after scenario.sh.
#   fake_bolt FILE BODY     an llvm-bolt that answers --version and --help, and
#                           otherwise runs BODY (with $output = its -o)
#   expect_printed WORDS    the last command's standard output has them
#   expect_nothing_left     neither our temporary files nor half-made outputs
#   exact_profile PROGRAM FDATA ARGS...   BOLT's own instrumentation
#   comparable_programs     ./a, ./same, ./slower (3 %), ./slow (20 times as long, which no
#                           busy machine hides): see program.c; ./echoes, and ./other,
#                           which prints something else
#   any_time                options of compare with which every difference of times is accepted,
#                           for tests of something else
#   samples_in BINARY FUNCTION...   a profile by address, written by hand: samples where they begin
#   code_digest BINARY              of its code alone
TMPDIR=$work/tmp
# A sanitizer's finding must not look like the answer no.
ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
export TMPDIR ASAN_OPTIONS UBSAN_OPTIONS
mkdir -p "$TMPDIR"
unset LLVM_BOLT PGO_RECORD
# What the caller's own builds are told is not told to the builds of a test: `make check CC=...` too.
unset MAKEFLAGS MAKELEVEL MFLAGS
unset CC CXX FC CPPFLAGS CFLAGS CXXFLAGS LDFLAGS COMPILER_PATH CCC_OVERRIDE_OPTIONS CCACHE_DISABLE \
    CCACHE_RECACHE GOFLAGS CGO_CPPFLAGS RUSTFLAGS RUSTC_BOOTSTRAP RUSTC_WRAPPER \
    RUSTC_WORKSPACE_WRAPPER CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS \
    CARGO_BUILD_RUSTC_WRAPPER CARGO_TARGET_DIR
any_time="--tolerate 10000"

fake_bolt() {
    cat >"$1" <<END
#!/bin/sh
case \$1 in
--version) echo "LLVM version 99.0.1"; exit 0 ;;
--help) echo "    =cdsort"; exit 0 ;;
esac
output=
while [ \$# -gt 0 ]; do
    [ "\$1" = -o ] && output=\$2
    shift
done
$2
END
    chmod +x "$1"
}

comparable_programs() {
    cat >program.c <<'END'
#include <stdio.h>
#include <stdlib.h>
/* ROUNDS [WORD]: works for ROUNDS, SLOWER per cent more, and prints what it read. */
int main(int argc, char **argv)
{
    char line[64] = "nothing\n";
    long rounds = atol(argv[1]) * (100 + SLOWER) / 100;
    for (volatile long i = 0; i < rounds; i++)
        ;
    if (!fgets(line, sizeof(line), stdin))
        line[0] = 'N';
    printf("%s%s", argc > 2 ? argv[2] : "", line);
    return 0;
}
END
    gcc -O1 -DSLOWER=0 -o a program.c && gcc -O1 -DSLOWER=3 -o slower program.c &&
        gcc -O1 -DSLOWER=1900 -o slow program.c && cp a same || fail "gcc"
    printf '#!/bin/sh\nprintf "(%%s)" "$@"; cat\n' >echoes &&
        sed 's/; cat/; printf !; cat/' echoes >other && chmod +x echoes other
}

expect_nothing_left() {
    [ -z "$(ls -A "$TMPDIR")" ] || fail "left in TMPDIR: $(ls -A "$TMPDIR")"
    left=$(find "$work" -name '*.new-*')
    [ -z "$left" ] || fail "left behind: $left"
}

exact_profile() {
    program=$1 fdata=$2
    shift 2
    "$(instrumenter)" "$program" -instrument -instrumentation-file="$fdata" \
        -o "$program.instrumented" >"$work/log" 2>&1 &&
        "$program.instrumented" "$@" >/dev/null || fail "instrumentation: $(tail -3 "$work/log")"
}

# used JSON: what rebuild says of itself, and most of the counts match
used() {
    python3 - "$1" <<'END' || fail "the profile was not used well: $(cat "$1")"
import json, sys
said = json.load(open(sys.argv[1]))
assert said["used"] and said["with_profile"] == said["compilations"] > 0, said
match = said["match"]
assert match["in_functions"] >= 0.95 * match["counts"] > 0, match
assert match["in_places"] >= 0.7 * match["counts"], match
END
}

samples_in() {
    binary=$1
    shift
    for function; do
        address=$(nm "$binary" | awk -v name="$function" '$3 == name { print $1 }')
        [ -n "$address" ] || fail "no $function in $binary" >&2
        echo "S $address 100000"
    done
}

code_digest() {
    objcopy -O binary --only-section=.text "$1" "$work/code" && md5sum <"$work/code"
}
