# What the tables of `make bench` share.  Sourced first, with the build directory as $1.
#   $build $here $record $analyze $bolt    the programs that are measured
#   $programs   where the measured programs are built (programs.sh)
#   $work       a directory of the table's own, emptied
#   $pairs      interleaved pairs a row (PAIRS); $quick is "yes" with QUICK=1
#   title, note, skip, broken, verdict     what is printed
#   load_warning                           before tables of times
#   newest TOOL                            its newest version (tools.sh)
#   count_jumps FILE COMMAND...            what a layout is judged by (jumps.sh)
#   value FILE EXPRESSION                  of a JSON document
#   compared FILE ARGUMENTS...             a comparison as JSON
#   cpu_seconds FILE COMMAND...            runs it; its user and system time to FILE
#   counters RAW...                        their counters, added up, as JSON
# A table's status: 0 all bars met, 1 one was missed, 77 skipped, 3 it could not be measured.
set -u
. "$(dirname "$0")/../support/tools.sh"
. "$(dirname "$0")/../support/jumps.sh"
export LC_ALL=C
build=$(cd "$1" && pwd) || exit 3
here=$(cd "$(dirname "$0")" && pwd)
record=$build/pgo-record analyze=$build/pgo-analyze bolt=$build/pgo-bolt
programs=$build/bench/programs
work=$build/bench/$(basename "$0" .sh)
quick=$([ -n "${QUICK:-}" ] && echo yes)
pairs=${PAIRS:-$([ -n "$quick" ] && echo 6 || echo 12)}
missed=0
mkdir -p "$programs" && rm -rf "$work" && mkdir -p "$work" && cd "$work" || exit 3

title() {
    printf '\n== %s\n' "$*"
}
# What a long part is doing: on standard error, so that tables stay tables.
note() {
    printf '   [%s] %s\n' "$(date +%T)" "$*" >&2
}
skip() {
    echo "$(basename "$0" .sh): skipped: $*"
    exit 77
}
broken() {
    echo "$(basename "$0" .sh): cannot be measured: $*" >&2
    exit 3
}
# verdict BOOLEAN WORDS...: a bar, met or missed
verdict() {
    good=$1
    shift
    if [ "$good" = True ] || [ "$good" = yes ]; then
        echo "  met    $*"
    else
        missed=1
        echo "  MISSED $*"
    fi
}
# bars FILE: the last table, of lines "True words" (met) and "False words" (missed)
bars() {
    title "Bars"
    while read -r good words; do
        verdict "$good" "$words"
    done <"$1"
}
# Other processes lengthen what a clock on the wall says, and empty the caches.
load_warning() {
    awk -v cpus="$(nproc)" '$1 > cpus / 2 {
        print "   WARNING: the machine is busy (load " $1 "): times below are not to be trusted"
    }' /proc/loadavg
}
# value FILE EXPRESSION: of the JSON document r
value() {
    python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2" || broken "$1 is not what was expected"
}
compared() {
    file=$1
    shift
    "$bolt" compare --json -n "$pairs" "$@" >"$file" 2>"$file.log"
    status=$?
    [ $status -le 1 ] || broken "pgo-bolt compare $*: $(tail -n 2 "$file.log")"
    [ "$(value "$file" 'r["same_behaviour"]')" = True ] ||
        broken "not the same behaviour: $(value "$file" 'r["difference"]'): $*"
}
cpu_seconds() {
    python3 -c '
import resource, subprocess, sys
status = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
open(sys.argv[1], "w").write("%.3f\n" % (usage.ru_utime + usage.ru_stime))
sys.exit(status)' "$@"
}
counters() {
    "$analyze" show --json "$@" | python3 -c '
import json, sys
total = {}
for recording in json.load(sys.stdin)["recordings"]:
    for key, value in recording["counters"].items():
        total[key] = total.get(key, 0) + value
json.dump(total, sys.stdout)'
}
