# Samples are found where the work was: threads, forks, exec, plug-ins, a daemon;
# as root, as an unprivileged user, and in a container's system call filter.
. "$(dirname "$0")/../support/scenario.sh"

# An unprivileged user may not read the build directory.
mkdir "$work/bin" && cp "$build"/pgo-record "$build"/libpgoshim*.so "$work/bin" &&
    cp -r "$fixtures" "$work/bin/fixtures" || fail "cannot copy the build"
chmod -R a+rX "$work/bin"
record=$work/bin/pgo-record
fixtures=$work/bin/fixtures

check_all() { # DIRECTORY PREFIX...: records every program with PREFIX before the command
    place=$1
    shift
    mkdir -m 777 "$place" || fail "mkdir $place"
    raw() { ls "$place"/"$1".pgoraw* | tail -n 1; }

    "$@" "$record" -q -o "$place/threads.pgoraw" -- $refuse "$fixtures/threads" >"$work/out" ||
        fail "threads: status $?"
    [ "$(cat "$work/out")" = done ] || fail "threads: output changed"
    for function in threads_first threads_second threads_blocking threads_exiting; do
        hot_functions "$(raw threads)" | grep -qx $function || fail "threads: no $function"
    done

    # Children earn before they are sampled: with the default budget these are short for it.
    "$@" "$record" -q --budget 20 -o "$place/forks.pgoraw" -- $refuse "$fixtures/forks" >"$work/out" ||
        fail "forks: status $?"
    for function in forks_parent forks_child forks_grandchild; do
        hot_functions "$(raw forks)" | grep -qx $function || fail "forks: no $function"
    done

    "$@" "$record" -q -o "$place/execs.%m.pgoraw" -- $refuse "$fixtures/execs" >"$work/out" ||
        fail "execs: status $?"
    for file in "$place"/execs.*; do hot_functions "$file"; done >"$work/hot"
    for function in execs_before execs_after; do
        grep -qx $function "$work/hot" || fail "execs: no $function"
    done

    "$@" "$record" -q -o "$place/dlopens.pgoraw" -- $refuse "$fixtures/dlopens" "$fixtures" \
        >"$work/out" || fail "dlopens: status $?"
    for function in plugin_one_hot plugin_two_hot; do
        hot_functions "$(raw dlopens)" | grep -qx $function || fail "dlopens: no $function"
    done

    # Threads that are switched to all the time: perf_event clocks are dear there, timers are not.
    "$@" "$record" -q -o "$place/turns.pgoraw" -- $refuse "$fixtures/turns" >"$work/out" ||
        fail "turns: status $?"
    [ "$(cat "$work/out")" = done ] || fail "turns: output changed"
    hot_functions "$(raw turns)" | grep -qx turns_work || fail "turns: no turns_work"
    "$analyze" report "$(raw turns)" >"$work/report"
    # Whether they are depends on what a switch costs here.
    grep "^timers .*switched to" "$work/report" || echo "turns: by $(grep '^sampler' "$work/report")"

    rm -f "$place/finished"
    "$@" "$record" -q -o "$place/daemon.pgoraw" -- $refuse "$fixtures/daemon" "$place/finished" ||
        fail "daemon: status $?"
    for i in $(seq 3000); do
        [ -e "$place/finished" ] && break
        sleep 0.1
    done
    [ -e "$place/finished" ] || fail "daemon: did not finish"
    hot_among "$(raw daemon)" daemon_hot
}

refuse=
check_all "$work/root" env
setpriv --reuid=65534 --clear-groups true 2>/dev/null && check_all "$work/user" \
    setpriv --reuid=65534 --clear-groups
refuse="$fixtures/contained"
$refuse true 2>/dev/null || skip "seccomp filters are refused here (the rest passed)"
check_all "$work/refused" env
"$analyze" show "$(ls "$work"/refused/threads.pgoraw* | tail -n 1)" | grep -q "POSIX timers" ||
    fail "perf_event_open refused, and yet no POSIX timers"

# Memory is read directly there too: that the thread is alone is told by counting the tasks.
command -v perl >/dev/null || skip "no perl (the rest passed)"
"$record" -q --budget 100 --stacks off -o "$work/alone.pgoraw" -- $refuse \
    perl -e 'for (1..2000000) { $h{$_ % 5000} .= $_ % 7 }' || fail "perl: status $?"
"$analyze" show --json "$(ls "$work"/alone.pgoraw* | tail -n 1)" | python3 -c '
import json, sys
counters = json.load(sys.stdin)["recordings"][0]["counters"]
checked, samples = counters.get("MEMORY_FETCHES", 0), counters["SAMPLES"]
sys.exit(0 if checked < 3 * samples else "%d checked reads in %d samples" % (checked, samples))
' || fail "not read directly"
exit 0
