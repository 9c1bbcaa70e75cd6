# What scenario tests share.  Sourced first, with the build directory as $1.
#   $build    the build directory, absolute     $fixtures  the small programs
#   $work     an empty directory of its own, removed afterwards
#   fail WORDS, skip WORDS                      end the test
#   counter FILE NAME                           a counter of a raw file
#   hot_functions FILE [BIN]                    its functions, hottest first
set -u
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

# expect_said WORDS: the last command's standard error has them
expect_said() {
    grep -qF -- "$1" "$work/err" || {
        cat "$work/err"
        fail "not said: $1"
    }
}

counter() {
    "$analyze" show --json "$1" | python3 -c '
import json, sys
name = sys.argv[1]
print(sum(r["counters"].get(name, 0) for r in json.load(sys.stdin)["recordings"]))' "$2"
}

# hot_functions FILE [MODULE]: their names, of one module or all
hot_functions() {
    "$analyze" report --json --top 20 "$1" | python3 -c '
import json, sys
for f in json.load(sys.stdin)["functions"]:
    if (f["module"] or "").rsplit("/", 1)[-1] == sys.argv[1] or not sys.argv[1]:
        print(f["name"])' "${2:-}"
}

# hot_among FILE FUNCTION [MODULE]: it is among the three hottest functions of the file
hot_among() {
    hot_functions "$1" "${3:-}" | head -3 | grep -qx "$2" || {
        "$analyze" report --top 5 "$1"
        fail "$2 is not among the hottest functions of $1"
    }
}
