# doctor: one verdict for each fault that a binary can have, with its remedy.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
program=$fixtures/branchy
fake_bolt good-bolt 'exit 0'
LLVM_BOLT=$work/good-bolt
export LLVM_BOLT

expect_status 0 "$bolt" doctor "$program"
expect_printed "x86-64 program, position-independent"
expect_printed "kept by the linker"
expect_printed "version 99.0.1"
expect_printed "BOLT can relink it."
grep -qE '^ *fail' out && fail "a fault in a good program"
grep -q "$(printf '\033')" out && fail "colour in a file"
file_id=$(readelf -n "$program" | sed -n 's/.*Build ID: //p')
expect_printed "$file_id"

expect_status 0 "$bolt" doctor --json "$program"
python3 - out <<'END' || fail "the JSON does not hold the verdicts"
import json, sys
report = json.load(open(sys.argv[1]))
assert report["ready"] is True
grades = {v["subject"]: v["verdict"] for v in report["verdicts"]}
for subject in "format", "symbols", "relocations", "build-id", "first time", "llvm-bolt":
    assert grades[subject] == "ok", (subject, grades)
END

# A program whose relocations, symbols, or build-id are missing, at a fixed address, as an object.
echo 'int main(void) { return 0; }' >small.c
gcc -o no-relocations small.c || fail "gcc"
expect_status 1 "$bolt" doctor ./no-relocations
expect_printed "was linked without relocations"
expect_printed "-Wl,--emit-relocs"
expect_printed "BOLT cannot relink it"
gcc -s -o stripped small.c
expect_status 1 "$bolt" doctor ./stripped
expect_printed "has no symbol table"
expect_status 1 "$bolt" doctor --json ./stripped
python3 -c '
import json, sys
verdicts = {v["subject"]: v for v in json.load(open("out"))["verdicts"]}
assert verdicts["symbols"]["verdict"] == "fail" and "-s" in verdicts["symbols"]["remedy"]' ||
    fail "no fault or remedy in the JSON"
gcc -Wl,--emit-relocs -Wl,--build-id=none -no-pie -o anonymous small.c
expect_status 0 "$bolt" doctor ./anonymous
expect_printed "a profile of another build would not be noticed"
expect_printed "program at a fixed address"
for binding in lazy now; do
    echo 'int puts(const char *); int main(void) { return puts("called") < 0; }' >calls.c
    gcc -Wl,--emit-relocs,-z,$binding -o $binding calls.c || fail "gcc"
done
expect_status 0 "$bolt" doctor ./lazy
expect_printed "link with -Wl,-z,now"
expect_status 0 "$bolt" doctor ./now
expect_printed "BOLT lets hot ones go past the PLT"
gcc -shared -fPIC -Wl,--emit-relocs -o object.so small.c
expect_status 0 "$bolt" doctor ./object.so
expect_printed "x86-64 shared object"
gcc -static -Wl,--emit-relocs -o static small.c 2>/dev/null &&
    expect_status 0 "$bolt" doctor ./static

# Fragments that gcc itself split off.
cat >split.c <<'END'
#include <stdlib.h>
int main(int argc, char **argv) { if (argc > 9) { for (char **a = argv; *a; a++) abort(); } return argc; }
__attribute__((cold)) void rarely(void) { abort(); }
END
gcc -O2 -Wl,--emit-relocs -o split split.c
if nm split | grep -q '\.cold'; then
    expect_status 0 "$bolt" doctor ./split
    expect_printed "-fno-reorder-blocks-and-partition"
fi

# What its compiler needs for a profile, and which line gives it.
if command -v clang-22 >/dev/null; then
    printf 'static int twice(int n) { return n & 4 ? 2 * n : n; }\nint main(int n, char **a)\n{\n' >clang.c
    printf '    int s = 0;\n    for (; *a; a++) s += n > 2 && **a ? twice(**a) : n;\n    return s;\n}\n' >>clang.c
    said_of() { # WORDS OPTIONS...
        words=$1
        shift
        clang-22 -O2 "$@" -Wl,--emit-relocs -o clang clang.c || fail "clang-22 $*"
        expect_status 0 "$bolt" doctor ./clang
        expect_printed "$words"
    }
    said_of "clang cannot rebuild it by a profile of it."
    expect_printed "CFLAGS += -gdwarf-4 -fdebug-info-for-profiling"
    said_of "CFLAGS += -fdebug-info-for-profiling" -g
    said_of "clang can rebuild it by a profile of it." $("$bolt" flags -t clang)
    grep -qE 'weak +(source|disc|local|pseudo)' out && fail "pgo-bolt flags lacks something: $(cat out)"
    # Which flags it had, where they are written down; -mllvm is for the flag behind it alone.
    expect_printed "whether it had those of pgo-bolt flags --best is not known"
    expect_printed "CFLAGS += -grecord-command-line"
    said_of "bytes of code lack some of pgo-bolt flags --best" -g -grecord-command-line \
        -fdebug-info-for-profiling -mllvm -enable-tail-merge=0
    expect_printed "CFLAGS += -funique-internal-linkage-names"
    expect_printed "-mllvm -simplifycfg-sink-common=0"
    grep -qE 'lacks?.*tail-merge|-mllvm -mllvm|CFLAGS.*-g(dwarf|record)' out && fail "flags that it has: $(cat out)"
    said_of "all of pgo-bolt flags --best, in" $("$bolt" flags --best -t clang) -grecord-command-line
    said_of "all of pgo-bolt flags --best, in 1 of 1 commands" $("$bolt" flags --best -t clang) \
        -frecord-command-line
    said_of "1 of 1 commands lack some of pgo-bolt flags --best" $("$bolt" flags --best -t clang) \
        -frecord-command-line -fno-pseudo-probe-for-profiling
    grep -q "CFLAGS += -fpseudo-probe-for-profiling$" out || fail "a flag that was taken back: $(cat out)"
    # An llvm-bolt that is older than the compiler.
    sed 's/99.0.1/16.0.6/' good-bolt >old-bolt && chmod +x old-bolt
    LLVM_BOLT=$work/old-bolt expect_status 0 "$bolt" doctor ./clang
    expect_printed "is of LLVM 16, and the compiler of LLVM 22"
fi
if command -v rustc >/dev/null && rustc --version >/dev/null 2>&1; then
    echo 'fn main() { println!("{}", std::env::args().count()); }' >rust.rs
    rustc -O -Cstrip=symbols -o rust rust.rs || fail "rustc"
    expect_status 1 "$bolt" doctor ./rust
    expect_printed "rustc: strip = false"
    rustc -O -Cdebuginfo=1 -o rust rust.rs || fail "rustc"
    expect_status 1 "$bolt" doctor ./rust
    expect_printed "RUSTFLAGS += -Clink-arg=-Wl,--emit-relocs"
    expect_printed "-Zdebug-info-for-profiling"
    expect_printed "rustc can rebuild it by a profile of it."
    expect_printed "rustc records none"
fi
# gcc has none that would keep code apart, and records them all.
gcc -O2 -g -Wl,--emit-relocs -o small small.c || fail "gcc"
expect_status 0 "$bolt" doctor ./small
grep -q "recorded flags" out && fail "flags of gcc: $(cat out)"
# Where the kernel's events are refused, as in most containers.
expect_status 0 "$bolt" doctor "$program"
grep -qE '(ok|weak) +perf events' out || fail "nothing about perf events"

# What it cannot take for a program.
printf '#!/bin/sh\n' >script
expect_status 1 "$bolt" doctor ./script
expect_printed "it is a script"
echo text >text
expect_status 1 "$bolt" doctor text
expect_printed "is not an ELF program"
head -c 500 "$program" >cut
expect_status 1 "$bolt" doctor ./cut
: >empty
expect_status 1 "$bolt" doctor ./empty
cp "$program" arm && printf '\267' | dd of=arm bs=1 seek=18 conv=notrunc 2>/dev/null
expect_status 1 "$bolt" doctor ./arm
expect_printed "a machine that is not supported"
expect_status 3 "$bolt" doctor ./no-such-file
expect_said "was not found"
expect_status 3 "$bolt" doctor "$work"
expect_said "is not a file"

cp "$program" setuid && chmod 4755 setuid
expect_status 0 "$bolt" doctor ./setuid
expect_printed "nothing can be preloaded into it"

# Tools that are not there, or do not work.
LLVM_BOLT=$work/no-such-bolt expect_status 1 "$bolt" doctor "$program"
expect_printed "no-such-bolt was not found"
printf '#!/bin/sh\necho broken library >&2\nexit 127\n' >broken && chmod +x broken
LLVM_BOLT=$work/broken expect_status 1 "$bolt" doctor "$program"
expect_printed "broken library"
(
    unset LLVM_BOLT
    PATH=$work/empty-path
    "$bolt" doctor "$program" >"$work/out"
    [ $? -eq 1 ]
) || fail "without any llvm-bolt"
expect_printed "bolt-22"
PGO_RECORD=$work/no-such-record expect_status 0 "$bolt" doctor "$program"
expect_printed "nothing can be recorded"
expect_nothing_left
