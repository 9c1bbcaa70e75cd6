# Ctrl-C in the middle of everything: the children die, also stubborn ones and
# grandchildren, nothing is left behind, and the status says so.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cp "$fixtures/branchy" program
echo '1 main 0 1 main 5 0 1' >good.fdata

wait_for() { # FILE: until it exists
    tries=0
    until [ -s "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 15000 ] || fail "$1 never came"
        sleep 0.02
    done
}
is_gone() { # PID
    tries=0
    while kill -0 "$1" 2>/dev/null && ! grep -q ') Z ' "/proc/$1/stat" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 15000 ] || fail "process $1 lives on"
        sleep 0.02
    done
}
# A background job of sh ignores SIGINT, and so would pgo-bolt: python gives it back.
interrupt() { # SIGNAL COMMAND...
    signal=$1
    shift
    rm -f pids
    python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$@" >out 2>err &
    job=$!
    wait_for pids
    kill -"$signal" $job
    wait $job
    status=$?
    [ $status -eq 3 ] || fail "status $status after SIG$signal: $(cat err)"
    expect_said "was interrupted"
    for pid in $(cat pids); do
        is_gone "$pid"
    done
    expect_nothing_left
}
cat >stubborn <<'END'
trap '' TERM INT
sleep 1000 &
echo $$ $! >"$here/pids.new"
mv "$here/pids.new" "$here/pids"
while :; do sleep 1; done
END
sed "s|\$here|$work|g" stubborn >stubborn.sh
fake_bolt hanging "echo half >\"\$output\"; . $work/stubborn.sh"

for signal in INT TERM HUP; do
    interrupt $signal "$bolt" relink program --fdata good.fdata --bolt "$work/hanging"
    [ ! -e program.bolt ] || fail "an output was made"
done
interrupt INT "$bolt" compare --shell ". $work/stubborn.sh" true
cat >recorder <<END
#!/bin/sh
. $work/stubborn.sh
END
chmod +x recorder
fake_bolt idle 'exit 0'
PGO_RECORD=$work/recorder LLVM_BOLT=$work/idle
export PGO_RECORD LLVM_BOLT
interrupt INT "$bolt" cycle program -- 10
[ ! -e program.bolt ] || fail "an output was made"
