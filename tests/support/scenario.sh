# What scenario tests share.  Sourced first, with the build directory as $1.
#   $build    the build directory, absolute     $fixtures  the small programs
#   $work     an empty directory of its own, removed afterwards
#   fail WORDS, skip WORDS                      end the test
#   counter FILE NAME                           a counter of a raw file
#   recorded FILE NAME WANTED ...               records until a counter has come that far
#   wait_for_count FILE NAME WANTED             waits until a recorder has come that far
#   wait_until WHAT COMMAND...                  waits until the command succeeds
#   json_is_documented FILE...                  has the fields that docs/json.md names
#   hot_functions FILE [BIN]                    its functions, hottest first
# What is in tools.sh too.
set -u
. "$(dirname "$0")/../support/tools.sh"
build=$(cd "$1" && pwd)
fixtures=$build/fixtures
record=$build/pgo-record
analyze=$build/pgo-analyze
bolt=$build/pgo-bolt
work=$(mktemp -d "${TMPDIR:-/tmp}/pgoshim-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"

fail() {
    echo "FAILED: $*"
    exit 1
}

skip() {
    echo "skip: $*"
    exit 77
}

support=$(cd "$(dirname "$0")/../support" && pwd)
json_is_documented() {
    python3 "$support/json_documented.py" "$@" || fail "docs/json.md says less"
}

# expect_status WANTED COMMAND...: runs it, output to $work/out and $work/err
expect_status() {
    wanted=$1
    shift
    "$@" >"$work/out" 2>"$work/err"
    status=$?
    [ $status -eq "$wanted" ] || {
        cat "$work/err"
        fail "status $status, not $wanted: $*"
    }
}

# expect_printed WORDS: the last command's standard output has them
expect_printed() {
    grep -qF -- "$1" "$work/out" || {
        cat "$work/out"
        fail "not printed: $1"
    }
}

# expect_said WORDS: the last command's standard error has them
expect_said() {
    grep -qF -- "$1" "$work/err" || {
        cat "$work/err"
        fail "not said: $1"
    }
}

counter() {
    "$analyze" show --json "$1" | awk -F '[":, ]+' -v name="$2" \
        '$2 == name { sum += $3 } END { if (NR == 0) exit 1; print sum + 0 }'
}

# recorded FILE NAME WANTED OPTIONS... -- COMMAND...: the command's recordings, merged, of as many
# runs as it takes for the counter NAME: a machine may be fast, or its clocks may tick rarely.
recorded() {
    merged=$1 counted=$2 wanted=$3
    shift 3
    rm -rf "$merged.runs"
    mkdir "$merged.runs"
    for run in $(seq 50); do
        "$record" -q -o "$merged.runs/$run" "$@" >"$merged.out" || fail "recording: status $?"
        [ -e "$merged.runs/$run" ] || {
            [ "$run" -lt 10 ] || [ -n "$(ls "$merged.runs")" ] || skip "nothing could be recorded here"
            continue
        }
        "$analyze" merge --force -o "$merged" "$merged.runs"/* || fail "merging recordings"
        [ "$(counter "$merged" "$counted")" -lt "$wanted" ] || return 0
    done
    fail "50 runs: $(counter "$merged" "$counted") $counted, not $wanted"
}

# wait_for_count FILE NAME WANTED: until the file of a running program counts as much
wait_for_count() {
    for tenth in $(seq 3000); do
        [ -s "$1" ] && [ "$(counter "$1" "$2" 2>/dev/null || echo 0)" -ge "$3" ] 2>/dev/null &&
            return 0
        sleep 0.1
    done
    fail "$1: not $3 $2 in five minutes"
}

# wait_until WHAT COMMAND...: until the command succeeds; WHAT is what did not come
wait_until() {
    awaited=$1
    shift
    for tenth in $(seq 3000); do
        "$@" && return
        sleep 0.1
    done
    fail "not in five minutes: $awaited"
}

# hot_functions FILE [MODULE]: their names, of one module or all
hot_functions() {
    "$analyze" report --json --top 20 "$1" | python3 -c '
import json, sys
for f in json.load(sys.stdin)["functions"]:
    if (f["module"] or "").rsplit("/", 1)[-1] == sys.argv[1] or not sys.argv[1]:
        print(f["name"])' "${2:-}"
}

# is_hot FILE FUNCTION [MODULE]: whether it is among the three hottest functions of the file
is_hot() {
    hot_functions "$1" "${3:-}" | sed -n 1,3p | grep -qx "$2"
}

# hot_among FILE FUNCTION [MODULE]: it is among the three hottest functions of the file
hot_among() {
    is_hot "$@" || {
        "$analyze" report --top 5 "$1"
        fail "$2 is not among the hottest functions of $1"
    }
}
