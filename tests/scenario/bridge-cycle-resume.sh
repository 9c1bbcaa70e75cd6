# cycle, interrupted at every stage by Ctrl-C and by kill -9: nothing is left running, nothing
# half-made is handed over, and the next cycle goes on where that one was.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
[ -n "$(real_bolts)" ] || skip "no llvm-bolt-16 to -22 is installed"
real=$(real_bolts | head -1)
cp "$fixtures/branchy" program
before=$(sha256sum program)

# Tools that stop, with a daemon in a session of its own, while the file `stop-NAME` exists.
stopping() { # NAME COMMAND
    cat >"$1" <<END
#!/bin/sh
if [ -e $work/stop-$1 ] && [ "\$1" != --version ] && [ "\$1" != --help ]; then
    setsid sleep 1000 &
    echo \$\$ \$! >$work/pids.new
    mv $work/pids.new $work/pids
    while :; do sleep 1; done
fi
exec $2 "\$@"
END
    chmod +x "$1"
}
stopping recorder "$record"
stopping bolt "$real"
cat >tests <<'END'
[ -e stop-tests ] && exec ./tests-stopping
"$PGO_BINARY" 100 >/dev/null
END
stopping tests-stopping true
sed -i 's/stop-tests-stopping/stop-tests/' tests-stopping
PGO_RECORD=$work/recorder
export PGO_RECORD

cycle() {
    "$bolt" cycle program --bolt "$work/bolt" --test 'sh ./tests' --accept-equal --quick -n 6 \
        -F 4000 --budget 50 --out-dir out -w 'one=15000' -w 'two:2=16000' "$@"
}
wait_until() { # COMMAND...: as long as it takes on a slow and busy machine
    tries=15000
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "never: $*"
        sleep 0.02
    done
}
is_gone() {
    ! kill -0 "$1" 2>/dev/null || grep -q ') Z ' "/proc/$1/stat" 2>/dev/null
}
nothing_left() {
    [ -z "$(ls -A "$TMPDIR")" ] && [ -z "$(find "$work" -name '*.new-*')" ]
}
for stage in recorder bolt tests; do
    for signal in INT KILL; do
        touch stop-$stage
        rm -f pids
        python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$bolt" cycle program --bolt "$work/bolt" \
            --test 'sh ./tests' --accept-equal --quick -n 6 -F 4000 --budget 50 --out-dir out \
            -w 'one=15000' -w 'two:2=16000' >"$stage-$signal.out" 2>"$stage-$signal.err" &
        job=$!
        wait_until test -s pids
        kill -$signal $job
        wait $job 2>/dev/null
        status=$?
        [ $signal = KILL ] || [ $status -eq 3 ] || fail "status $status: $(cat $stage-$signal.err)"
        for pid in $(cat pids); do
            wait_until is_gone "$pid"
        done
        [ ! -e out/program.bolt ] || fail "$stage, $signal: a binary was handed over"
        rm stop-$stage
        wait_until nothing_left
    done
done
grep -q "(done before, kept)" bolt-KILL.out || fail "recorded again: $(cat bolt-KILL.out)"
grep -q "record plain, two: .*(done before, kept)" tests-INT.out || fail "$(cat tests-INT.out)"
grep -q "relink: .*(done before, kept)" tests-KILL.out || fail "relinked again: $(cat tests-KILL.out)"
recordings=$(ls out/recording-plain-*)

# The last cycle makes what is missing, and one more finds all of it done.
cycle >out.1 2>err.1
status=$?
[ $status -le 1 ] || fail "status $status: $(cat err.1)"
[ "$(ls out/recording-plain-*)" = "$recordings" ] || fail "it was recorded again"
grep -q "test: sh ./tests exited with status 0" out.1 || fail "$(cat out.1)"
cycle >out.2 2>err.2
[ $? -eq $status ] || fail "the second time it says something else: $(cat out.2 err.2)"
for stage in "record plain, one: .*kept" "record plain, two: .*kept" "relink: .*kept" \
    "test: done before" "compare: done before"; do
    grep -q "$stage" out.2 || fail "not kept: $stage: $(cat out.2)"
done
sed -n '/^checklist/,$p' out.1 >list.1 && sed -n '/^checklist/,$p' out.2 >list.2
cmp -s list.1 list.2 || fail "another verdict: $(diff list.1 list.2)"
expect_nothing_left

# What depends on a changed input is done again, and no more.
cp out/cycle.json saved
"$bolt" cycle program --bolt "$work/bolt" --test 'sh ./tests; true' --accept-equal --quick -n 6 \
    -F 4000 --budget 50 --out-dir out -w 'one=15000' -w 'two:2=16001' >out.3 2>err.3
grep -q "record plain, one: .*kept" out.3 || fail "one was recorded again: $(cat out.3)"
grep "record plain, two" out.3 | grep -q kept && fail "two has other arguments: $(cat out.3)"
grep -q "done before" out.3 | grep -q test: && fail "other tests were not run"
# A state file that is damaged is none.
echo '{' >out/cycle.json
cycle --force >out.4 2>err.4
[ $? -le 1 ] || fail "$(cat err.4)"
grep -q "kept)" out.4 && fail "a damaged state file was believed"
# Two cycles in one directory would mix their recordings.
python3 - "$bolt" <<'END' || fail "no lock"
import fcntl, os, subprocess, sys
directory = os.open("out", os.O_RDONLY)
fcntl.flock(directory, fcntl.LOCK_EX)
second = subprocess.run([sys.argv[1], "cycle", "program", "--out-dir", "out", "--force", "--", "10"],
                        capture_output=True, text=True)
assert second.returncode == 3 and "another cycle works in it" in second.stderr, second
END
[ "$(sha256sum program)" = "$before" ] || fail "the original was touched"
expect_nothing_left
