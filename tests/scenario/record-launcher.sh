# pgo-record between a program and whoever started it: signals, job control, the end of either,
# variables that name a process, orphans; and --exec, where there is nobody between.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/.." && pwd)
cd "$work" || exit 1

static=
if gcc -O1 -D_GNU_SOURCE -static -o relayed "$sources/programs/relayed.c" 2>/dev/null; then
    "$record" -o trial.pgoraw -- ./relayed >out 2>err &
    until grep -q all out || grep -q "remedy" err; do sleep 0.05; done
    grep -q all out && static=$work/relayed
    kill $! 2>/dev/null
    wait $!
fi
timeout 240 python3 "$sources/support/launcher.py" "$record" "$fixtures/relayed" "$static" || exit 1

# Ignored signals and the mask are as they were, in the program's view of them.
state() { sh -c "trap '' $1; exec $2 grep -E '^Sig(Blk|Ign)' /proc/self/status"; }
for ignored in USR1 CHLD "INT QUIT" XFSZ; do
    [ "$(state "$ignored" "")" = "$(state "$ignored" "$record -q --force -o state.pgoraw --")" ] ||
        fail "with $ignored ignored: $(state "$ignored" "$record -q --force -o state.pgoraw --")"
    [ "$(state "$ignored" "")" = "$(state "$ignored" "$record -q --exec -o state-exec.pgoraw --")" ] ||
        fail "--exec with $ignored ignored"
done
(
    trap '' CHLD
    expect_status 7 "$record" -q -o ignored.pgoraw -- sh -c 'exit 7'
) || exit 1

# Process 1 of a container reaps what nobody else waits for.
if unshare -pf --mount-proc true 2>/dev/null; then
    cat >orphans.py <<'PYTHON'
import os, sys
# The grandchild's parent has ended when it says so: it belongs to process 1, and so does its end.
reading, writing = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        while os.getppid() != 1:
            pass
        os.write(writing, str(os.getpid()).encode())
        os._exit(0)
    os._exit(0)
os.wait()
orphan = os.read(reading, 20).decode()
for _ in range(100000000):
    if not os.path.exists("/proc/" + orphan):
        sys.exit(5)
sys.exit("process 1 does not reap")
PYTHON
    expect_status 5 unshare -pf --mount-proc "$record" -q -o first.pgoraw -- python3 orphans.py
fi

# --exec runs the program in any case, and says where it is not recorded.
expect_status 0 "$record" --exec -o taken.pgoraw -- "$fixtures/spin" 1
: >taken.pgoraw
expect_status 0 "$record" --exec -o taken.pgoraw -- "$fixtures/spin" 1
grep -qx done out || fail "a taken name: $(cat err)"
[ ! -s taken.pgoraw ] || fail "a taken name was written to"
expect_status 0 "$record" --exec -o nosuch/x.pgoraw -- "$fixtures/spin" 1
expect_said "nosuch cannot be written to"
grep -qx done out || fail "nowhere to write to: $(cat err)"
if gcc -O1 -static -I"$sources/.." -o static "$sources/programs/spin.c" 2>/dev/null; then
    expect_status 0 "$record" --exec -o static.pgoraw -- ./static 1
    expect_said "is linked statically: with --exec, it runs without being recorded"
    grep -qx done out || fail "static: $(cat err)"
fi
expect_status 3 "$record" --exec -- nosuch-program
expect_said "not found"
expect_status 2 "$record" --exec -p 1
expect_said "--exec goes with a command"
exit 0
