# Recording from outside: static programs and processes that already run, what is said of those
# that cannot be, and that the target is left as it was.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs" && pwd)
cd "$work" || exit 1

target_start() { # COMMAND...: in the background; its number in $target
    "$@" >target.out 2>&1 &
    target=$!
}
runs() { # the target does, and nobody traces it, as soon as the kernel has come to that
    for tenth in $(seq 300); do
        kill -0 "$target" || break
        grep -q '^TracerPid:	0$' "/proc/$target/status" && return
        sleep 0.1
    done
    fail "$1: the target does not run as before"
}
# attached FILE NAME WANTED OPTIONS...: records the target, for longer until FILE counts as much:
# on a busy machine the target hardly runs.  $under: a command that starts the recorder.
under=
attached() {
    file=$1 counted=$2 wanted=$3
    shift 3
    for seconds in 1 4 16 64; do
        $under "$record" --force -o "$file" "$@" -p "$target" --duration $seconds >out 2>err || return
        # Where nothing was sampled there is no file.
        [ -e "$file" ] || continue
        [ "$(counter "$file" "$counted")" -lt "$wanted" ] || return 0
    done
    fail "$file: not $wanted $counted in $seconds seconds"
}
target_end() {
    kill "$target" 2>/dev/null
    wait "$target" 2>/dev/null
}

# A process that runs, until it is ended.
target_start "$fixtures/spin" 1000000
trap 'kill "$target" 2>/dev/null; rm -rf "$work"' EXIT
runs_spin() { [ "$(readlink "/proc/$target/exe")" = "$(realpath "$fixtures/spin")" ]; }
wait_until "spin runs" runs_spin
attached spin.pgoraw SAMPLES 20
status=$?
if grep -q "may not be sampled" err; then
    target_end
    skip "no process may be sampled from outside here: $(head -1 err)"
fi
[ $status -eq 0 ] || { cat err; fail "attaching: status $status"; }
runs "attached"

# Branches: the thread is stopped for each look, and let go.
attached branches.pgoraw BRANCHES 100 --branches lookahead --budget 100 || {
    grep -q "may not be stopped" err || fail "look-ahead: $(cat err)"
}
runs "looked ahead"
if [ -e branches.pgoraw ]; then
    [ "$(hot_functions branches.pgoraw spin | head -1)" = "$(hot_functions spin.pgoraw spin | head -1)" ] ||
        fail "not the same hottest function"
    # Stepped afterwards, it takes the branches that were foretold.
    attached compared.pgoraw COMPARED 1 --branches compare || fail "comparing: status $?"
    [ "$(counter compared.pgoraw COMPARED_PATH_WRONG)" -eq 0 ] || fail "a wrong path"
    [ "$(counter compared.pgoraw COMPARED_VALUE_WRONG)" -eq 0 ] || fail "a wrong value"
    "$record" -q -o stopped.pgoraw --branches lookahead --budget 50 -p "$target" &
    recorder=$!
    wait_for_count stopped.pgoraw SAMPLES 1
    kill -KILL $recorder
    wait $recorder 2>/dev/null
    runs "recorder killed in a stop"
    python3 - "$target" >traced <<'PYTHON' &
import ctypes, os, sys, time
ctypes.CDLL(None).ptrace(0x4206, int(sys.argv[1]), 0, 0)
print("traced", flush=True)
time.sleep(30)
PYTHON
    tracer=$!
    wait_until "the target is traced" grep -q traced traced
    expect_status 3 "$record" -o none.pgoraw --branches lookahead -p "$target"
    expect_said "is traced by process"
    kill -KILL $tracer
    wait $tracer 2>/dev/null
fi
expect_status 3 "$record" -o none.pgoraw --branches step -p "$target"
expect_said "lookahead and off are possible"

# Where its memory may not be read (Yama's ptrace_scope): without branches all the same, by its files.
# Without the search for leaks, which in a sanitized build traces the process that it is in.
refused() { ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" python3 "$sources/../support/refused.py" "$@"; } # NUMBERS COMMAND...
read_memory=310 trace=101
if refused $read_memory /bin/true; then
    under="refused $read_memory,$trace"
    attached files.pgoraw SAMPLES 20 -q || fail "by its files: $(cat err)"
    under=
    [ "$(hot_functions files.pgoraw spin | head -1)" = "$(hot_functions spin.pgoraw spin | head -1)" ] ||
        fail "by its files: not the same hottest function"
    expect_status 3 refused $read_memory "$record" -o none.pgoraw --branches lookahead -p "$target"
    expect_said "may not be looked ahead in"
    expect_said "or record without branches"
    expect_status 3 refused $trace "$record" -o none.pgoraw --branches lookahead -p "$target"
    expect_said "threads may not be stopped"
fi

# Without the right to events on CPUs, each thread has its own.
unprivileged="setpriv --bounding-set=-perfmon,-sys_admin --inh-caps=-perfmon,-sys_admin"
grep -q "from outside, on" <<EOF || fail "not said where the events are"
$("$analyze" show spin.pgoraw)
EOF
if [ "$(id -u)" -eq 0 ] && $unprivileged true 2>/dev/null; then
    under=$unprivileged
    attached by-threads.pgoraw SAMPLES 20 -v || fail "by threads: $(cat err)"
    under=
    expect_said "on its threads"
    expect_said "ns a context switch"
    [ "$(hot_functions by-threads.pgoraw spin | head -1)" = "$(hot_functions spin.pgoraw spin | head -1)" ] ||
        fail "by threads: not the same hottest function"
fi

# Ctrl-C completes the file; killed at any moment, it is complete too.
"$record" -q -o interrupted.pgoraw -p "$target" &
recorder=$!
wait_for_count interrupted.pgoraw SAMPLES 1
kill -TERM $recorder
wait $recorder || fail "interrupted: status $?"
[ "$(counter interrupted.pgoraw SAMPLES)" -gt 0 ] || fail "interrupted: no samples"
"$record" -q -o killed.pgoraw -p "$target" &
recorder=$!
wait_for_count killed.pgoraw SAMPLES 1
kill -KILL $recorder
wait $recorder 2>/dev/null
runs "recorder killed"
[ "$(counter killed.pgoraw SAMPLES)" -gt 0 ] || fail "killed: no samples"

# Not a process, a thread of one, somebody else's.
expect_status 3 "$record" -o none.pgoraw -p 4999999
expect_said "no process 4999999"
expect_status 2 "$record" -o none.pgoraw -p "$target,nonsense"
expect_said "a process number is wanted"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    chmod 777 .
    expect_status 3 setpriv --reuid=65534 --clear-groups --bounding-set=-all --inh-caps=-all \
        "$record" -o none.pgoraw -p "$target"
    expect_said "remedy:"
fi
expect_status 3 "$record" -o spin.pgoraw -p "$target"
expect_said "already exists"
target_end

# Threads, also those that begin later and those that block every signal; it ends by itself.
# Where the recorder comes late, the first threads have ended: again then, five times at most.
for attempt in 1 2 3 4 5; do
    target_start "$fixtures/threads"
    thread=$(ls "/proc/$target/task" | sort -n | tail -1)
    [ "$thread" = "$target" ] || {
        "$record" -o none.pgoraw -p "$thread" 2>err && fail "a thread was recorded as a process"
        kill -0 "$target" 2>/dev/null && expect_said "is a thread of process $target"
    }
    "$record" --force -o threads.pgoraw -p "$target" 2>err
    wait "$target" || fail "threads: status $?"
    hot_functions threads.pgoraw >seen
    missing=
    for function in threads_first threads_second threads_blocking threads_exiting; do
        grep -qx "$function" seen || missing=$function
    done
    [ -n "$missing" ] || break
done
[ -z "$missing" ] || fail "$missing was not seen"

# A static program: its exit status, its children, its end by a signal.
cat >static.c <<'C'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <signal.h>
volatile unsigned long sum;
__attribute__((noinline, noclone)) void static_hot(int n) { while (n--) sum = sum * 3 + n; }
__attribute__((noinline, noclone)) void child_hot(int n) { while (n--) sum = sum * 5 + n; }
int main(int count, char **arguments)
{
    if (fork() == 0) {
        child_hot(200000000);
        _exit(0);
    }
    static_hot(200000000);
    wait(NULL);
    if (count > 1)
        kill(getpid(), atoi(arguments[1]));
    return 7;
}
C
for kind in -static -static-pie; do
    gcc -O2 -g -fno-omit-frame-pointer $kind -o static static.c 2>/dev/null || continue
    # On a busy machine the recorder may hardly run beside one of the two: again then.
    for attempt in $(seq 20); do
        expect_status 7 "$record" --force --budget 50 -o static.pgoraw -- ./static
        [ ! -e static.pgoraw ] || [ "$(counter static.pgoraw PROCESSES)" -ne 2 ] ||
            ! is_hot static.pgoraw static_hot static || ! is_hot static.pgoraw child_hot static ||
            break
    done
    hot_among static.pgoraw static_hot static
    hot_among static.pgoraw child_hot static
    [ "$(counter static.pgoraw PROCESSES)" -eq 2 ] || fail "not two processes"
done
# One that ends at once has its status, and is not an error, each time; whether it was met is chance.
if gcc -O2 -static -o short short.c 2>/dev/null; then
    for run in $(seq 12); do
        expect_status 5 "$record" --force -o short.pgoraw -- ./short
        expect_said "samples"
    done
fi
[ ! -x static ] || expect_status 143 "$record" --force -o static.pgoraw -- ./static 15

# A function without a frame has its caller, which the chain of frame pointers skips: of the last
# samples too, which the recorder looks at when the program has ended.
called_by() { # RAW CALLER CALLEE NOT-THE-CALLER
    "$analyze" convert -f folded "$1" | sed 's/\[clone[^]]*\]//g' >folded || fail "folding"
    grep -q ";$2;$3 [0-9]*\$" folded || fail "$3 is not called by $2: $(cat folded)"
    ! grep ";$4;$3 [0-9]*\$" folded || fail "$3 is called by $4"
}
cat >frameless.c <<'C'
#include <signal.h>
volatile unsigned long sum;
static volatile sig_atomic_t ending;
__attribute__((noinline, noclone)) void leaf(void) { for (int i = 0; i < 9; i++) sum = sum * 3; }
__attribute__((noinline, noclone)) void calling(int n) { while (n--) { leaf(); sum++; } }
static void end(int signal) { ending = signal; }
int main(void)
{
    signal(SIGUSR1, end);
    while (!ending) calling(1000);
    calling(1000000);
    return 0;
}
C
if gcc -O2 -fno-omit-frame-pointer -momit-leaf-frame-pointer -static -o frameless frameless.c 2>/dev/null; then
    target_start ./frameless
    "$record" -q --budget 20 -o frameless.pgoraw -p "$target" &
    recorder=$!
    wait_for_count frameless.pgoraw STACKS 20
    kill -STOP $recorder
    kill -USR1 "$target"
    wait "$target"
    kill -CONT $recorder
    wait $recorder || fail "frameless: status $?"
    called_by frameless.pgoraw calling leaf main
fi

# Go: what is recorded is what its compiler takes.
command -v go >/dev/null || exit 0
export GOFLAGS=-mod=mod GOCACHE="${GOCACHE:-$(go env GOCACHE)}" GOTOOLCHAIN=local CGO_ENABLED=0
mkdir dispatch && cp "$sources/sample-profile/dispatch.go" dispatch/main.go && cd dispatch || exit 1
printf 'module example.com/tools\n\ngo 1.21\n' >go.mod
go build -o plain . || fail "go build"
recorded go.pgoraw STACKS 20 --budget 20 -- ./plain 60000000
hot_among go.pgoraw main.walk plain
called_by go.pgoraw main.walk 'main.(\*mixing).next' main.main
"$analyze" convert -f pprof -o go.pprof go.pgoraw || fail "converting"
# As -pgo does, but for this package alone: the run-time is not compiled again.
go build -gcflags="-pgoprofile=$PWD/go.pprof -d=pgodebug=1" -o rebuilt . >debug 2>&1 ||
    fail "go build: $(head -3 debug)"
grep -q "hot-node enabled increased budget" debug || fail "no hot function for go's compiler"
[ "$(./rebuilt 1000 2>&1)" = "$(./plain 1000 2>&1)" ] || fail "it computes something else"
