# compare: same behaviour or not, slower or not, and what it refuses.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
compare() { # STATUS ARGUMENTS...
    wanted_status=$1
    shift
    expect_status "$wanted_status" "$bolt" compare -n 6 "$@"
    expect_nothing_left
}

# What is decided on given times is tested in tests/unit/bolt-bridge/test_run_times.c.  Here
# the work is 30 times as much, which is slower on any machine, however busy.
loop='i=0; while [ $i -lt COUNT ]; do i=$((i+1)); done'
little=$(echo "$loop" | sed 's/COUNT/2000/') much=$(echo "$loop" | sed 's/COUNT/60000/')
compare 1 --shell "$little" "$much"
expect_printed "slower"
compare 0 --shell "$much" "$little"
expect_printed "faster"
compare 0 --json --shell "$much" "$little"
json_is_documented out
python3 - out <<'END' || fail "the JSON is wrong: $(cat out)"
import json, sys
report = json.load(open(sys.argv[1]))
assert report["verdict"] == "faster" and report["same_behaviour"] is True
row = report["cpu"]["b_over_a"]
assert 0 < row["low"] <= row["ratio"] <= row["high"] < 1 and row["pairs"] == 6
assert row["confidence"] >= 0.95
assert report["cpu"]["a_over_a"]["pairs"] == 6
assert report["runs"] == 3 + 18 and report["exit_status"] == 0
assert report["peak_bytes"]["a"] > 0
END
compare 0 --json --no-noise --shell "$much" "$little"
python3 -c '
import json
report = json.load(open("out"))
assert "a_over_a" not in report["cpu"] and report["runs"] == 3 + 12' || fail "--no-noise"

# Different behaviour, each kind, is the answer no.
compare 1 --shell 'echo a' 'echo b'
expect_printed "the standard output of echo b is not that of echo a: at byte 0"
compare 1 --shell 'echo same; echo x >&2' 'echo same; echo y >&2'
expect_printed "the standard error of"
compare 1 --shell 'exit 0' 'exit 3'
expect_printed "exited with status 3, where"
compare 1 --shell 'true' 'kill -SEGV $$'
expect_printed "signal 11"
compare 1 --shell 'printf abc' 'printf abcd'
expect_printed "at byte 3"
compare 1 --shell 'date +%N' 'date +%N'
expect_printed "not the same from run to run"
expect_printed "--ignore"
compare 1 --json --shell 'echo a' 'echo b'
python3 -c '
import json
report = json.load(open("out"))
assert report["same_behaviour"] is False and "byte 0" in report["difference"]' || fail "JSON"
COLUMNS=80 compare 0 $any_time --ignore output --shell 'date +%N' 'date +%N'
expect_printed "output not compared"
! grep -E '^ .{80}' out || fail "the table is wider than 80 columns"
compare 1 --ignore errors --shell 'date +%N' 'date +%N'
compare 0 $any_time --ignore both --shell 'date +%N; date +%N >&2' 'true'

# A workload that fails is said to; one that crashes or hangs is refused.
compare 0 $any_time --shell 'exit 4' 'exit 4'
expect_said "exits with status 4"
compare 3 --shell 'echo the reason >&2; kill -ABRT $$' 'true'
expect_said "did not succeed: it was killed by signal 6"
expect_said "the reason"
compare 3 --timeout 0.3 --shell 'sleep 1000' 'true'
expect_said "was killed"
compare 1 --timeout 2 --shell 'true' 'sleep 1000'

# Two files: arguments, standard input, and the same argv[0] for both.
printf '#!/bin/sh\ncat; echo "$@"\n' >a && cp a b && chmod +x a b
echo input >in
compare 0 $any_time --ignore errors --stdin in ./a ./b -- one 'two three'
cat >name.c <<'END'
#include <stdio.h>
int main(int argc, char **argv)
{
    return puts(argv[0]) < argc;
}
END
gcc -o first name.c && cp first second || fail "gcc"
compare 0 $any_time ./first ./second
expect_printed "same behaviour"
compare 1 --own-name ./first ./second
expect_printed "'./first' became './second'"
compare 3 ./nosuch ./second
expect_said "nosuch was not found"
compare 3 ./first ./in
expect_said "cannot be executed"
compare 3 --stdin nosuch ./first ./second
expect_said "nosuch cannot be opened"
compare 3 ./first "$work"
expect_said "is not a file"
