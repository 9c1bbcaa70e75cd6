# rebuild with clang: builds that were configured long ago use the profile, and what is
# wrong with the profile, the recorded binary or the build is called out, with its remedy.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
command -v clang-22 >/dev/null && command -v clang++-22 >/dev/null || skip "no clang-22"
lines="-gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names"
cp "$sources/kernel.c" "$sources/shapes.cpp" "$sources/elsewhere.cpp" .
cat >Makefile <<'END'
OPTIONS =
kernel: kernel.o
	$(CC) -o $@ kernel.o
kernel.o: kernel.c
	$(CC) -O2 $(OPTIONS) -c kernel.c
clean:
	rm -f kernel kernel.o
END

known() { # PROGRAM ROUNDS
    rm -f "$1.pgoraw"
    recorded "$1.pgoraw" SAMPLES 300 -F 2000 --budget 50 -- "./$1" "$2"
}
code_of() {
    objcopy -O binary --only-section=.text "$1" "$2" || fail "objcopy $1"
}

# Make, by source lines.
expect_status 0 make -s CC=clang-22 OPTIONS="$lines" kernel
cp kernel plain
known kernel 10000
expect_status 0 "$bolt" rebuild --json --force -p kernel.pgoraw -- \
    sh -c 'make -s clean && make -s CC=clang-22 kernel >&2'
used out
[ "$(./kernel 1000)" = "$(./plain 1000)" ] || fail "the rebuilt kernel computes something else"
code_of plain before && code_of kernel after
cmp -s before after && fail "the same code with a profile"
# It is built on the profile, whatever stands at the recorded path now; and again.
expect_status 0 "$bolt" rebuild --force -p kernel.pgoraw -- make -s -B CC=clang-22 kernel
expect_printed "1 of 1 runs of clang had the profile"
# The same environment by hand.
expect_status 0 "$bolt" rebuild --force -p kernel.pgoraw --dry-run
cp out environment
(eval "$(cat environment)" && make -s -B kernel) || fail "a build in the printed environment"
code_of kernel again
cmp after again || fail "the printed environment makes another program"

# Builds that do not use it.
expect_status 1 "$bolt" rebuild --force -p kernel.pgoraw -- make kernel
expect_said "the build did not run clang"
expect_said "clean first"
expect_status 1 "$bolt" rebuild --force -p kernel.pgoraw -- make -s -B CC=gcc kernel
expect_said "build with CC=clang"
expect_status 1 "$bolt" rebuild --force -p kernel.pgoraw -- make -s -B CC="env -u CCC_OVERRIDE_OPTIONS clang-22" kernel
expect_said "clang ran 1 times, never with it"
expect_status 1 "$bolt" rebuild --force -p kernel.pgoraw --result other -- make -s -B CC=clang-22 kernel
expect_said "--result"
expect_status 3 "$bolt" rebuild -p kernel.pgoraw -- false
expect_said "the build exited with status 1"
# A new version of the source, of which a quarter of all that runs is not as it was.
if command -v valgrind >/dev/null; then
    expect_status 0 clang-22 -O2 $lines -fno-pie -no-pie kernel.c -o fixed
    python3 "$sources/../../support/exact_counts.py" fixed 200 >exact || fail "counting"
    sed 's/\bpick\b/picked/g; s/\bmix\b/mixed/g; s/\bsum\b/summed/g; s/\bmain(/\n\n\nmain(/' kernel.c >changed.c
    expect_status 0 "$bolt" rebuild --force -p exact --binary fixed --result changed -- \
        clang-22 -O2 $lines changed.c -o changed
    expect_said "of the profile's counts match the new code"
    expect_said "record this version"
fi

# By probes, with the compiler's absolute path in a tree that was configured before.
if command -v cmake >/dev/null && command -v ninja >/dev/null; then
    cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(shapes CXX)
add_executable(shapes shapes.cpp elsewhere.cpp)
END
    expect_status 0 cmake -G Ninja -B tree -DCMAKE_CXX_COMPILER="$(command -v clang++-22)" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS="-g -fpseudo-probe-for-profiling"
    expect_status 0 ninja -C tree
    cp tree/shapes shapes
    known tree/shapes 300000
    expect_status 0 "$bolt" rebuild --json --force -p tree/shapes.pgoraw -- \
        sh -c 'ninja -C tree clean >&2; ninja -C tree >&2'
    used out
    grep -q '"by_probes": true' out || fail "not by probes"
    [ "$(tree/shapes 1000)" = "$(./shapes 1000)" ] || fail "shapes computes something else"
fi

# A profile of something else, of another build, or at other addresses.
expect_status 0 clang-22 -O2 $lines kernel.c -o old
cp old other
known old 10000
sed 's/x \* 3/x * 5 + (x >> 3)/' kernel.c >new.c
expect_status 0 clang-22 -O2 $lines new.c -o old
expect_status 3 "$bolt" rebuild --profile-dir fresh -p old.pgoraw --dry-run
expect_said "is not the build that was recorded"
expect_said "of the counts are where its code has no such branch"
expect_said "--binary"
expect_status 0 "$bolt" rebuild --force --profile-dir fresh -p old.pgoraw --binary other --dry-run
expect_status 1 "$bolt" rebuild --force --profile-dir fresh -p old.pgoraw --binary "$(command -v make)" --dry-run
expect_said "does not occur in the profile"
expect_status 0 "$analyze" convert -b other -f preagg -o good.preagg old.pgoraw
python3 - good.preagg shifted.preagg <<'END' || fail "shifting"
import sys
# 7 is not a distance that a loader, or a tool that counts from elsewhere, could have made.
for_kinds = {"T": 3, "R": 3, "B": 2, "F": 2, "f": 2, "r": 2, "S": 1}
with open(sys.argv[2], "w") as out:
    for line in open(sys.argv[1]):
        words = line.split()
        for i in range(1, 1 + for_kinds.get(words[0], 0)):
            if not words[i].startswith("X:"):
                words[i] = format(int(words[i], 16) + 7, "x")
        print(*words, file=out)
END
expect_status 0 "$bolt" rebuild --force --profile-dir fresh -p good.preagg --binary other --dry-run
expect_status 3 "$bolt" rebuild --profile-dir fresh -p shifted.preagg --binary other --dry-run
expect_said "is not the binary that the profile is of"

# Flags that the recorded build lacked.
expect_status 0 clang-22 -O2 kernel.c -o bare
known bare 10000
expect_status 3 "$bolt" rebuild --profile-dir fresh -p bare.pgoraw -- true
expect_said "no debug information: no profile for clang can be made"
expect_said "CFLAGS += -gdwarf-4 -fdebug-info-for-profiling"
expect_status 0 clang-22 -O2 -g kernel.c -o half
known half 10000
expect_status 0 "$bolt" rebuild --force --profile-dir fresh -p half.pgoraw --dry-run
expect_said "CFLAGS += -fdebug-info-for-profiling"
expect_said "CFLAGS += -funique-internal-linkage-names"

# What cannot be asked for, and a program that did nothing.
expect_status 2 "$bolt" rebuild -p kernel.pgoraw
expect_status 2 "$bolt" rebuild -- make
expect_status 2 "$bolt" rebuild --profile-dir "with blanks" -p old.pgoraw --binary other --dry-run
expect_said "takes no blanks"
"$analyze" trim --module libc.so.6 -o nothing.pgoraw old.pgoraw 2>/dev/null &&
    expect_status 1 "$bolt" rebuild --force --profile-dir fresh -p nothing.pgoraw --binary other -- true
expect_status 0 "$bolt" flags -t clang
expect_status 0 clang-22 -O2 $(cat out) kernel.c -o flagged
expect_nothing_left
