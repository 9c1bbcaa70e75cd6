#!/bin/sh
# run.sh BUILD: every unit test and every scenario, one line each, and the sum.
# A test that exits with 77 was skipped and has said why.  What a test printed
# is shown where it failed, and kept in BUILD/test-logs.
set -u
build=$1
cd "$(dirname "$0")/.." || exit 1
logs=$build/test-logs
rm -rf "$logs"
mkdir -p "$logs"
passed=0 failed=0 skipped=0

run() { # NAME COMMAND...
    name=$1
    shift
    log=$logs/$name.log
    timeout -k 10 600 "$@" >"$log" 2>&1 </dev/null
    status=$?
    case $status in
    0)
        passed=$((passed + 1))
        echo "ok      $name"
        ;;
    77)
        skipped=$((skipped + 1))
        echo "skip    $name: $(grep -m 1 '^skip: ' "$log" | cut -c 7-)"
        ;;
    *)
        failed=$((failed + 1))
        echo "FAILED  $name (status $status)"
        tail -n 40 "$log" | sed 's/^/        /'
        ;;
    esac
}

for test in "$build"/tests/unit/*/test_*; do
    case $test in
    *.o | *.d) continue ;;
    esac
    [ -x "$test" ] && run "unit-$(basename "$(dirname "$test")")-$(basename "$test")" "$test"
done
for test in "$build"/tests/fuzz/replay_*; do
    reader=${test##*/replay_}
    case $reader in
    *.d) continue ;;
    esac
    [ -x "$test" ] && run "fuzz-seeds-$reader" "$test" "tests/fuzz/seeds/$reader"
done
for test in tests/scenario/*.sh; do
    run "$(basename "$test" .sh)" sh "$test" "$build"
done
for test in examples/*/pgo.sh; do
    name=$(basename "$(dirname "$test")")
    run "workflow-$name" env QUICK=1 tests/workflow.sh "$build" "$name"
done
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
