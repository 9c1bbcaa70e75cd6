# cycle's release checklist, its reasons to refuse, and programs that are servers or only wait.
# Which measurements pass it is tested in tests/unit/bolt-bridge/test_checklist.c.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
[ -n "$(real_bolts)" ] || skip "no llvm-bolt-16 to -22 is installed"
cp "$fixtures/branchy" program
cycle() { # STATUS ARGUMENTS...
    wanted_status=$1
    shift
    expect_status "$wanted_status" "$bolt" cycle --quick -n 6 -F 4000 --budget 50 "$@"
    expect_nothing_left
}

# The profile alone: archived under the build-id of the program, weights and all.
cycle 0 program --profile-only --profile-dir profiles -w 'one:5=20000' -w 'two=20000'
expect_printed "profile size"
expect_printed "merge         clean: 4 recordings"
id=$(readelf -n program | sed -n 's/.*Build ID: //p')
[ -s "profiles/$id.pgoraw" ] || fail "not archived: $(ls profiles)"
[ ! -e program.bolt ] || fail "--profile-only made a binary"
"$bolt" relink program -p "profiles/$id.pgoraw" -o relinked --force >/dev/null || fail "the archive is of no use"
cycle 0 program --profile-only --out-dir weights --json -w 'one:5=20000' -w 'two=20000'
python3 - "$analyze" <<'END' || fail "weights: $(cat out)"
import json, subprocess, sys
def samples(*files):
    text = subprocess.run([sys.argv[1], "report", "--json", *files], capture_output=True, text=True).stdout
    return json.loads(text)["samples"]
import glob
report = json.load(open("out"))
one, two = (samples(*glob.glob("weights/recording-plain-%s*" % w)) for w in ("one", "two"))
assert report["recording"]["samples"] == 5 * one + two > 0, (report["recording"], one, two)
END

# Tests that fail: refused, kept for inspection, and not measured.
cycle 1 program --test 'test "$("$PGO_BINARY" 100)" = nonsense' -- 20000
expect_printed "program.bolt: not made, the tests failed with it; it is kept as program.bolt.rejected"
expect_printed "fail  tests"
[ "$(./program.bolt.rejected 100)" = "$(./program 100)" ] || fail "the rejected one is another"
grep -q "A against A" out && fail "it was measured all the same"
rm program.bolt.rejected
fake_bolt different 'printf "#!/bin/sh\necho something else\n" >"$output"; chmod +x "$output"'
cycle 1 program --bolt "$work/different" -- 20000
expect_printed "not made, it behaves differently; it is kept as program.bolt.rejected"
rm program.bolt.rejected
# One that does the same with next to no work: faster on any machine.
result=$(./program 20000)
fake_bolt fast "printf '#!/bin/sh\necho $result\n' >\"\$output\"; chmod +x \"\$output\""
cycle 0 program --bolt "$work/fast" --markdown -- 20000
expect_printed "| gain | ok |"
[ "$(./program.bolt)" = "$result" ] || fail "not made"
# Without branches, and with some hundred samples at most.
cycle 1 program --bolt "$work/fast" --strict --test true -B off -F 100 --force -- 20000
grep -qE "not made, the profile (is small|covers too little|is not archived)" out ||
    fail "a weak profile passes --strict: $(cat out)"
cycle 1 program --bolt "$work/fast" --size-limit 0 --force \
    --test 'head -c 1000000 /dev/zero >>"$PGO_BINARY"' -- 20000
expect_printed "not made, it is too large"
rm -f program.bolt

# A build command that fails, or does not use the profile: said, status 3, nothing made.
cp program plain
cycle 3 program --build 'echo no compiler today >&2; exit 7' --no-bolt --out-dir failing -- 20000
cat out err | grep -q "no compiler today" || fail "the build's output is lost: $(cat err)"
cmp -s failing/plain/program plain || fail "the plain program is lost"
[ ! -e failing/program.bolt ] || fail "a binary was made"

# A workload that crashes, one that takes too long, a server that never gets ready.
cat >crash.c <<'END'
#include <stdlib.h>
int main(int argc, char **argv) { if (argc > 2) abort(); for (;;) ; }
END
gcc -O1 -g -Wl,--emit-relocs -o crash crash.c
cycle 3 ./crash -- 1 2
expect_said "killed by signal 6"
cycle 3 ./crash --timeout 0.3 -- 1
expect_said "was killed"
cycle 3 ./crash --load true --ready false --ready-timeout 0.3 -- 1
expect_said "the server was not ready"
pgrep -f "$work/crash" >/dev/null && fail "the server lives on"

# A workload that fails: its status and its words, not only that there are no samples.
cat >reads.c <<'END'
#include <stdio.h>
int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    if (!file) {
        if (argc > 1)
            perror(argv[1]);
        return 4;
    }
    for (volatile long i = 0; i < 100000000; i++)
        ;
    return 0;
}
END
gcc -O1 -g -Wl,--emit-relocs -o reads reads.c
for _ in first kept; do
    cycle 3 ./reads --out-dir missing --profile-only -- no-such-input
    expect_said "it exited with status 4 and left no samples; it said:"
    expect_said "  no-such-input: No such file or directory"
done
cycle 3 ./reads --profile-only
expect_said "it exited with status 4 and left no samples, and said nothing on standard error"
cycle 0 ./reads --profile-only -w 'good=reads.c' -w 'bad=no-such-input'
expect_said "the workload bad exits with status 4"
expect_said "  no-such-input: No such file or directory"
cycle 3 ./reads --profile-only -w 'worse=no-such-input' -w 'bad=no-such-input'
expect_said "worse: it exited with status 4"

# A program that waits: a note, and the flow goes on with the program as it is.  It waits much longer
# than its start took, which may stand in line for a CPU.
cat >waits.c <<'END'
#include <stdio.h>
#include <time.h>
#include <unistd.h>
int main(void)
{
    struct timespec now;
    double began = 0; /* field 22, in ticks since the machine began */
    FILE *stat = fopen("/proc/self/stat", "r");
    if (stat && fscanf(stat, "%*d (waits) %*c" "%*s%*s%*s%*s%*s%*s%*s%*s%*s" "%*s%*s%*s%*s%*s%*s%*s%*s%*s" "%lf", &began) == 1 &&
        clock_gettime(CLOCK_BOOTTIME, &now) == 0)
        usleep(200000 + 20e6 * ((double)now.tv_sec + now.tv_nsec / 1e9 - began / sysconf(_SC_CLK_TCK)));
    puts(began > 0 ? "done" : "no start");
    return 0;
}
END
printf '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n' >no-record
chmod +x no-record
gcc -O1 -g -Wl,--emit-relocs -o waits waits.c
PGO_RECORD=$work/no-record cycle 0 ./waits
expect_said "waits most of its time: its profile is empty"
expect_printed "./waits.bolt: made, a copy of the program"
cmp -s waits waits.bolt || fail "the copy is none"

# One recording, both ways: rebuilt with the profile, and relinked on top.
command -v clang-22 >/dev/null || skip "clang-22 is not installed: no rebuilding"
cat >branchy.c <"$(dirname "$build")/tests/programs/branchy.c"
build_command='clang-22 -O2 -g -fdebug-info-for-profiling -fpseudo-probe-for-profiling -Wl,--emit-relocs,--build-id -o made branchy.c'
sh -c "$build_command" || fail "clang"
cp made first
# Whether it gains depends on the machine: both ends are right, if all that is said agrees.
"$bolt" cycle --quick -n 6 -F 4000 --budget 50 ./made --build "$build_command" --accept-equal \
    --out-dir both --json -- 20000 >out 2>err
status=$?
expect_nothing_left
python3 - $status <<'END' || fail "JSON: $(cat out err)"
import json, sys
report = json.load(open("out"))
assert [s["name"] for s in report["stages"]] == ["plain", "rebuilt", "rebuilt + BOLT"]
assert report["comparison"]["cpu"]["c_over_a"]["pairs"] == 6
failed = [item["name"] for item in report["checklist"] if item["verdict"] == "fail"]
assert report["accepted"] == (failed == []) == (int(sys.argv[1]) == 0), (failed, sys.argv)
assert failed in ([], ["gain"]), failed
END
cmp -s first both/plain/made || fail "the plain program was not kept"
cmp -s made both/rebuilt/made || fail "the rebuilt program was not kept"
made=both/made.bolt
[ $status -eq 0 ] || made=both/made.bolt.rejected
[ "$($made 100)" = "$(./first 100)" ] || fail "the new binary computes something else"
export COLUMNS=80
cycle $status ./made --build "$build_command" --accept-equal --out-dir both -- 20000
unset COLUMNS
expect_printed "the plain one was kept"
expect_printed "rebuild: done before, kept"
expect_printed "gain of each stage"
! grep -E '^ .{80}' out || fail "tables and checklist are wider than 80 columns"

# Where the build leaves the hot code as it was, the first recording is BOLT's profile as well.
cat >hot.c <<'END'
long work(long rounds, unsigned seed)
{
    long sum = 0;
    for (long i = 0; i < rounds; i++) {
        seed = seed * 1103515245u + 12345u;
        if (seed & 0x10000)
            sum += seed >> 16;
        else
            sum ^= i;
    }
    return sum;
}
END
cat >calls.c <<'END'
#include <stdio.h>
#include <stdlib.h>
long work(long rounds, unsigned seed);
int main(int argc, char **argv)
{
    long sum = 0;
    for (int i = 0; i < atoi(argv[argc - 1]); i++)
        sum += work(400, (unsigned)i);
    printf("%ld\n", sum);
    return 0;
}
END
build_command='clang-22 -O1 -g -fdebug-info-for-profiling -fpseudo-probe-for-profiling -Wl,--emit-relocs,--build-id -o calls calls.c hot.o'
clang-22 -O1 -g -c hot.c && sh -c "$build_command" || fail "clang"
cp calls first
"$bolt" cycle --quick -n 6 -F 4000 --budget 50 ./calls --build "$build_command" --accept-equal \
    --out-dir still -- 40000 >out 2>err
[ $? -le 1 ] || fail "$(cat err)"
expect_printed "the recording serves for BOLT as well"
expect_printed "relink: "
ls still/recording-rebuilt* 2>/dev/null && fail "it was recorded again"
made=$(ls still/calls.bolt still/calls.bolt.rejected 2>/dev/null)
[ "$("$work/$made" 100)" = "$(./first 100)" ] || fail "the new binary computes something else"
