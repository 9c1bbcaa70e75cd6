# What pgo-record says of programs that cannot be recorded and outputs that
# cannot be written: one clear line, a remedy, status 3, before anything runs.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1

expect_status 3 "$record" -- nosuch-program
expect_said "nosuch-program not found"
expect_status 3 "$record" -- ./no/such/file
expect_said "remedy:"
expect_status 3 "$record" -- "$work"
expect_said "is not a file that can be run"
echo text >text && chmod +x text
expect_status 3 "$record" -- ./text
expect_said "is not a program"
echo text >plain
expect_status 3 "$record" -- ./plain
expect_said "may not be executed"

printf '#!/bin/sh\necho from the script; exit 9\n' >script && chmod +x script
expect_status 9 "$record" -o script.%p.%m -- ./script
expect_said "is a script: its interpreter (/bin/sh)"
grep -q "from the script" out || fail "the script did not run"
printf '#!/no/such/interpreter -x\n' >lost && chmod +x lost
expect_status 3 "$record" -- ./lost
expect_said "names an interpreter in its first line that does not exist"

expect_status 3 "$record" -- "$fixtures/plugin_one.so"
expect_said "without an interpreter"
if [ "$(id -u)" -eq 0 ]; then
    cp "$fixtures/spin" setuid && chown 65534 setuid && chmod 4755 setuid
    expect_status 3 "$record" -- ./setuid
    expect_said "set-user-ID"
fi

expect_status 0 "$record" -o taken.pgoraw -- "$fixtures/spin" 100
cp taken.pgoraw copy
expect_status 3 "$record" -o taken.pgoraw -- "$fixtures/spin" 100
expect_said "taken.pgoraw already exists"
cmp taken.pgoraw copy || fail "an existing output was touched"
expect_status 0 "$record" --force -o taken.pgoraw -- "$fixtures/spin" 100

# A device or a pipe is not replaced, nor are files put beside it.
mkfifo pipe
expect_status 3 "$record" --force -o pipe -- "$fixtures/spin" 100
expect_said "pipe is not a regular file"
expect_status 0 "$record" --exec -o pipe -- "$fixtures/spin" 100
expect_said "pipe is not a regular file"
[ -p pipe ] && [ "$(echo pipe*)" = pipe ] || fail "a pipe as output: $(ls -l pipe*)"

expect_status 3 "$record" -o nosuch/x.pgoraw -- "$fixtures/spin" 100
expect_said "nosuch"
expect_status 3 "$record" -o /proc/x.pgoraw -- "$fixtures/spin" 100
expect_said "cannot be written to"
if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=32k none full 2>/dev/null; then
    "$record" -o full/x.pgoraw -- "$fixtures/spin" 100 >out 2>err
    status=$?
    left=$(ls -A full)
    umount full
    [ $status -eq 3 ] || fail "full directory: status $status"
    grep -q "full" err || fail "full directory: not said"
    [ -z "$left" ] || fail "full directory: $left left behind"
fi

# A directory that is gone is the reason that is said.
mkdir gone
(cd gone && rmdir ../gone && env PGOSHIM_FILE=x.pgoraw PGOSHIM_BUDGET=100 PGOSHIM_LOG="$work/log" \
    LD_PRELOAD="$build/libpgoshim.so" "$fixtures/spin" 1 >/dev/null)
grep -q "x.pgoraw: no working directory: No such file" log || fail "a directory that is gone: $(cat log)"

expect_status 2 "$record"
expect_said "no command"
expect_status 2 "$record" -p 1 -- true
expect_said "one of them"
expect_status 2 "$record" --duration 1 -- true
expect_said "--duration goes with -p"
expect_status 2 "$record" -F 0 -- true
expect_said "-F 0"
expect_status 2 "$record" --duration 5x -p 1
expect_said "90, 90s, 5m or 1h"
expect_status 2 "$record" --window 400 -- true
expect_said "from 1 to 256 or auto"
expect_status 2 "$record" --branches some -- true
expect_said "auto, lbr, lookahead, step or off"
expect_status 2 "$record" --nosuch -- true
expect_status 0 "$record" --help
grep -q "Examples:" out || fail "--help has no examples"
expect_status 0 "$record" --version

# Former short forms still work, and say what to write.
expect_status 0 "$record" -f -b 2 -w auto -o taken.pgoraw -- "$fixtures/spin" 100
for option in f:--force b:--budget w:--window; do
    expect_said "-${option%%:*} is deprecated: write ${option#*:}"
done
expect_status 0 "$record" --help
! grep -q -e '-[fbw],' out || fail "--help shows a former short form"
awk 'length > 79 { exit 1 }' out || fail "--help has a line of more than 79 columns"

# Too little CPU time for a sample: said, and the command's status passed on.
expect_status 1 "$record" -F 1 -o none.pgoraw -- false
expect_said "no samples"
[ ! -e none.pgoraw ] || fail "a file without samples was left"

# A directory that was removed meanwhile has no name to make an output's from.
mkdir removed
(
    cd removed && rmdir ../removed || exit 1
    expect_status 2 "$record" -o none.pgoraw -- true
) || exit 1
expect_said "the current directory has no name: No such file or directory"
expect_said "remedy: choose another output"

# Ctrl-C ends the program, and what it recorded is there.
python3 - "$record" "$fixtures/spin" 2>err <<'PYTHON' &
import os, signal, subprocess, sys, time
child = subprocess.Popen([sys.argv[1], "-o", "interrupted.pgoraw", "--", sys.argv[2], "600000"],
                         start_new_session=True,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while not os.path.exists("sampled") and child.poll() is None:
    time.sleep(0.1)
os.killpg(child.pid, signal.SIGINT)
sys.exit(child.wait())
PYTHON
python=$!
(wait_for_count interrupted.pgoraw SAMPLES 1)
touch sampled
wait $python
status=$?
[ $status -eq 130 ] || fail "interrupted: status $status"
[ "$(counter interrupted.pgoraw SAMPLES)" -gt 0 ] || fail "interrupted: no samples"
exit 0
