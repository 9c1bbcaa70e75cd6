#!/bin/sh
# run.sh BUILD: runs the unit tests, the seeds of the fuzzers, the scenarios and the
# workflows, and prints TAP (https://testanything.org) with the time of each, and that of the CPU.
#
#   TESTS='bridge-* unit-analyzer-*'   only tests whose names match, !PATTERN leaves out;
#                                      without it all but workflow-data-library and
#                                      workflow-python-extension, which build for minutes what
#                                      the other workflows build likewise
#   JOBS=4                             how many run at once; two more than processors without it,
#                                      since many wait
#   TEST_TIMEOUT=1800                  seconds after which a test fails
#
# Tests that failed the last time come first, then the longest.  A test that exits with 77
# was skipped and has said why.  The output of a test that failed is shown; that of all is
# kept in BUILD/test-logs, and what came out and how long it took in BUILD/test-state.
set -u
cd "$(dirname "$0")/.." || exit 1

all_tests() {
    for test in tests/unit/*/test_*.c; do
        room=${test#tests/unit/}
        echo "unit-${room%%/*}-$(basename "$test" .c)"
    done
    for test in tests/fuzz/fuzz_*.c; do
        test=${test##*/fuzz_}
        echo "fuzz-seeds-${test%.c}"
    done
    for test in tests/scenario/*.sh; do
        basename "$test" .sh
    done
    for test in examples/*/pgo.sh; do
        echo "workflow-$(basename "$(dirname "$test")")"
    done
}

is_wanted() { # NAME
    set -f
    wanted=1
    for pattern in ${TESTS:-* !workflow-data-library !workflow-python-extension}; do
        # shellcheck disable=SC2254 # a pattern is what is meant
        case $1 in
        ${pattern#!}) [ "${pattern#!}" = "$pattern" ] && wanted=0 || return 1 ;;
        esac
    done
    return $wanted
}

# compiled PROGRAM ARGUMENTS...: skipped where its library was not there to build it
compiled() {
    [ -x "$1" ] || {
        echo "skip: not built: libcmocka-dev is missing"
        exit 77
    }
    exec timeout -k 10 "${TEST_TIMEOUT:-1800}" "$@"
}

start() { # NAME: the test itself
    case $1 in
    unit-*-test_*)
        room=${1#unit-}
        compiled "$build/tests/unit/${room%%-test_*}/test_${1#*-test_}"
        ;;
    fuzz-seeds-*)
        compiled "$build/tests/fuzz/replay_${1#fuzz-seeds-}" "tests/fuzz/seeds/${1#fuzz-seeds-}"
        ;;
    workflow-*)
        exec timeout -k 10 "${TEST_TIMEOUT:-1800}" env QUICK=1 tests/workflow.sh "$build" \
            "${1#workflow-}"
        ;;
    *) exec timeout -k 10 "${TEST_TIMEOUT:-1800}" sh "tests/scenario/$1.sh" "$build" ;;
    esac
}

# One test; its line is printed and its result noted while nobody else does.
run_one() { # NAME
    log=$logs/$1.log
    began=$(date +%s%N)
    (start "$1") >"$log" 2>&1 </dev/null
    status=$?
    # A shell goes on after a command that is not there: what that was to check was not checked.
    ! grep -q "^tests/[^ ]*: [0-9]*: [a-z_]*: not found" "$log" || [ $status -ne 0 ] || status=127
    # The second line is of the children that have ended, which is this test with its own.
    times >"$logs/$1.times"
    cpu=$(awk 'NR == 2 { gsub(/[ms]/, " "); print int($1 * 60 + $2 + $3 * 60 + $4 + 0.5) }' \
        "$logs/$1.times")
    rm "$logs/$1.times"
    tenths=$((($(date +%s%N) - began) / 100000000))
    seconds=$((tenths / 10)).$((tenths % 10))
    exec 9>"$logs/.lock"
    flock 9
    line="$(($(wc -l <"$results") + 1)) - $1"
    case $status in
    0)
        echo "$1 passed $seconds $cpu" >>"$results"
        echo "ok $line # ${seconds}s, of the CPU ${cpu}s"
        ;;
    77)
        echo "$1 skipped $seconds $cpu" >>"$results"
        echo "ok $line # SKIP $(sed -n 's/^skip: //p' "$log" | head -n 1)"
        ;;
    *)
        echo "$1 failed $seconds $cpu" >>"$results"
        echo "not ok $line # ${seconds}s, status $status"
        tail -n 40 "$log" | sed 's/^/#     /'
        ;;
    esac
}

# The wanted tests in the order in which they are to run.
ordered_tests() {
    all_tests | while read -r name; do
        is_wanted "$name" && echo "$name"
    done | awk -v state="$state" '
        BEGIN {
            while ((getline line <state) > 0) {
                split(line, field, " ")
                failed[field[1]] = field[2] == "failed"
                seconds[field[1]] = field[3]
            }
        }
        {
            guess = /^workflow-|_agrees_with_/ ? 60 : /^(unit|fuzz)-/ ? 1 : 30
            print failed[$1] + 0, ($1 in seconds) ? seconds[$1] : guess, $1
        }' | sort -k 1,1nr -k 2,2nr -k 3 | cut -d ' ' -f 3
}

keep_state() {
    [ -e "$state" ] || : >"$state"
    awk '{ last[$1] = $0 } END { for (name in last) print last[name] }' "$state" "$results" |
        sort >"$state.new" && mv "$state.new" "$state"
}

build=$1
logs=$build/test-logs
state=$build/test-state
results=$logs/.results
if [ $# -eq 2 ]; then
    run_one "$2"
    exit 0
fi

rm -rf "$logs"
mkdir -p "$logs" || exit 1
: >"$results"
trap keep_state EXIT
trap 'exit 1' INT TERM
ordered_tests >"$logs/.order"
echo "1..$(wc -l <"$logs/.order")"
began=$(date +%s)
xargs -P "${JOBS:-$(($(nproc) + 2))}" -n 1 "$0" "$build" <"$logs/.order"

count() { # RESULT
    grep -c " $1 " "$results"
}
echo "# $(($(date +%s) - began)) seconds, of the CPU $(awk '{ sum += $4 } END { print sum + 0 }' "$results")"
[ "$(count failed)" -eq 0 ] ||
    echo "# failed:$(sed -n 's/^\([^ ]*\) failed .*/ \1/p' "$results" | tr -d '\n')"
echo "$(count passed) passed, $(count failed) failed, $(count skipped) skipped"
[ "$(count failed)" -eq 0 ] && [ "$(count passed)" -gt 0 ]
