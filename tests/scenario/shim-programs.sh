# Samples are found where the work was: threads, forks, exec, plug-ins, a daemon;
# as root, as an unprivileged user, and in a container's system call filter.
. "$(dirname "$0")/../support/scenario.sh"

# An unprivileged user may not read the build directory.
mkdir "$work/bin" && cp "$build"/pgo-record "$build"/libpgoshim*.so "$work/bin" &&
    cp -r "$fixtures" "$work/bin/fixtures" || fail "cannot copy the build"
chmod -R a+rX "$work/bin"
record=$work/bin/pgo-record
fixtures=$work/bin/fixtures

# found PROGRAM "FUNCTIONS" "OPTIONS" ARGUMENTS...: records the program, under $prefix, into
# $place/PROGRAM-RUN.*, again until all the functions have samples: a machine may be busy, or its
# clocks tick rarely.  $sampled is the last file that has some.
found() {
    program=$1 functions=$2 options=$3
    shift 3
    : >"$work/hot"
    for run in $(seq 40); do
        # shellcheck disable=SC2086 # words
        $prefix "$record" -q $options -o "$place/$program-$run.%m.pgoraw" -- $refuse "$fixtures/$program" "$@" \
            >"$work/out" || fail "$program: status $?"
        [ "$program" != daemon ] || wait_until "daemon: did not finish" [ -e "$place/finished" ]
        rm -f "$place/finished"
        for file in "$place/$program-$run".*; do
            [ -e "$file" ] && [ "$(counter "$file" SAMPLES)" -gt 0 ] || continue
            hot_functions "$file" >>"$work/hot"
            sampled=$file
        done
        missing=
        for function in $functions; do
            grep -qx "$function" "$work/hot" || missing="$missing $function"
        done
        [ -n "$missing" ] || return 0
    done
    fail "$program: 40 runs have no$missing"
}

check_all() { # DIRECTORY PREFIX...: records every program with PREFIX before the command
    place=$1
    shift
    prefix=$*
    mkdir -m 777 "$place" || fail "mkdir $place"

    found threads "threads_first threads_second threads_blocking threads_exiting" ""
    "$analyze" show "$sampled" >"$work/threads"
    [ "$(cat "$work/out")" = done ] || fail "threads: output changed"
    # Children earn before they are sampled: with the default budget these are short for it.
    found forks "forks_parent forks_child forks_grandchild" "--budget 20"
    found execs "execs_before execs_after" ""
    found dlopens "plugin_one_hot plugin_two_hot" "" "$fixtures"

    # Threads that are switched to all the time: perf_event clocks are dear there, timers are not.
    found turns turns_work ""
    [ "$(cat "$work/out")" = done ] || fail "turns: output changed"
    "$analyze" report -v "$sampled" >"$work/report"
    # Whether they are depends on what a switch costs here.
    grep "^timers .*switched to" "$work/report" || echo "turns: by $(grep '^sampler' "$work/report")"
    found daemon daemon_hot "" "$place/finished"
}

refuse=
check_all "$work/root" env
setpriv --reuid=65534 --clear-groups true 2>/dev/null && check_all "$work/user" \
    setpriv --reuid=65534 --clear-groups
refuse="$fixtures/contained"
$refuse true 2>/dev/null || skip "seccomp filters are refused here (the rest passed)"
check_all "$work/refused" env
grep -q "POSIX timers" "$work/threads" || fail "perf_event_open refused, and yet no POSIX timers"

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
