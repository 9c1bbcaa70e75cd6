#!/bin/sh
# pgo.sh: the tasks of the Makefile one after another, and when a profile has to be made again.
cd "$(dirname "$0")" && . ../workflow.sh
need_rust
need python3 "install Debian's python3"
tasks="make --no-print-directory PGO=$work TICKS=$(sized 500000 60000) TIER=$(sized short quick) PYTHON=$(python3 -c '
import sys; print(sys.executable)')"

rm -rf "$work/recordings" "$work/profiles"
for task in pgo-collect pgo-merge; do
    step "make $task"
    $tasks $task || fail "$task"
done
step "make pgo-check"
$tasks pgo-check || echo "what it lacks, another pgo-collect adds"
[ -n "$(find "$work/profiles" -name '*.pgoraw')" ] || fail "no profile is kept under the build-id"
step "make pgo-optimize"
$tasks pgo-optimize || fail "pgo-optimize"

step "A profile is of one build: the next one is told"
pgo-analyze check -b "$work/after/rangebars.so" "$work/profiles"/*.pgoraw | grep '^fail  *build' ||
    fail "the profile of another build was not told"

ticks=$(echo "$work"/ticks-*.csv)
measure rangebars --shell "PYTHONPATH=$work/before python3 workload.py $ticks" \
    "PYTHONPATH=$work/after python3 workload.py $ticks"
before_and_after
