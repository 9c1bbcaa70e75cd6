# Older and lower interfaces than those that programs mostly use: whatever way signals, threads,
# jumps and tracing are asked for, the program has what it has without the shim, and is sampled.
# Sampled by the best clock here, and by timers, as in containers.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1

all=0
perf_event_open=298
"$fixtures/filtered" -$perf_event_open /bin/true 2>/dev/null && timers="$fixtures/filtered -$perf_event_open"

# sampled ROW PREFIX...: as it is without the shim
sampled() {
    row=$1
    shift
    rm -f raw
    shimmed=$("$@" /usr/bin/env PGOSHIM_FILE="$work/raw" PGOSHIM_RATE=4000 PGOSHIM_STACKS=2 PGOSHIM_BUDGET=100 \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/interfaces" "$row" 2>&1) ||
        fail "$* $row: status $?: $shimmed"
    [ "$plain" = "$shimmed" ] || fail "$* $row: $shimmed"
    [ -e raw ] || return 0
    samples=$(counter raw SAMPLES)
    all=$((all + samples))
    echo "$* $row: $samples samples"
}

for row in $("$fixtures/interfaces"); do
    plain=$("$fixtures/interfaces" "$row" 2>&1) || fail "$row: not even without the shim: $plain"
    sampled "$row" /usr/bin/env
    # shellcheck disable=SC2086 # a command and its argument
    [ -z "${timers:-}" ] || sampled "$row" $timers
done
[ $all -gt 0 ] || fail "no samples at all"

# What the program closes that it does not know is nothing of ours: from its first such call on, none of ours is
# opened, and threads that begin then are sampled by timers.
for row in $("$fixtures/closing"); do
    plain=$("$fixtures/closing" "$row" 20 2>&1) || fail "$row: not even without the shim: $plain"
    shimmed=$(PGOSHIM_FILE="$work/$row" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 LD_PRELOAD="$build/libpgoshim.so" \
        "$fixtures/closing" "$row" 20 2>&1) || fail "$row: status $?: $shimmed"
    [ "$plain" = "$shimmed" ] || fail "$row: $shimmed"
    [ -e "$row" ] && "$analyze" show --json "$row" | grep -q 'sampling: perf_event software CPU clock' &&
        [ "$(printf '%s\n' 5.10 "$(uname -r)" | sort -V | head -1)" = 5.10 ] || continue
    on_timers=$(counter "$row" THREADS_ON_TIMERS)
    echo "$row: $on_timers threads on timers"
    case $row in
    closed-*) [ "$on_timers" -ge 10 ] || fail "$row: of 10 threads $on_timers are sampled without a descriptor" ;;
    esac
done

# A program that begins with our signal ignored and blocked sees it so, and is sampled.
cat >ignoring.py <<'PYTHON'
import os, signal, sys
signal.signal(16, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [16])
os.execvp(sys.argv[1], sys.argv[1:])
PYTHON
expect_status 0 python3 ignoring.py "$record" -o ignoring.pgoraw -F 4000 --budget 100 -- "$fixtures/interfaces" view
grep -q "ignored, blocked" out || fail "a signal that was ignored: $(cat out)"
! grep -q "uses signal 16" err || fail "a signal that was ignored: $(cat err)"

# A thread that glibc makes past pthread_create is sampled.
recorded thread.pgoraw SAMPLES 100 -F 4000 --budget 100 -- "$fixtures/interfaces" c11-thread
hot_among thread.pgoraw c11_thread_hot
exit 0
