#!/bin/sh
# The checks of `make lint` that take no compiler find nothing, and what the rooms forbid is found.
. "$(dirname "$0")/../support/scenario.sh"
command -v python3 >/dev/null || skip "no python3"
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/tests/lint/run.sh" quick || fail "see above"

# expect_fault WORDS: rooms.py, of a copy of the tree, says them and fails
expect_fault() {
    expect_status 1 python3 tests/lint/rooms.py
    grep -qF "$1" out || fail "not found: $1"
}
cd "$work" && mkdir tests && cp -r "$root/include" "$root/shim" "$root/analyzer" "$root/bolt-bridge" . &&
    cp -r "$root/tests/lint" tests || fail "no copy"
expect_status 0 python3 tests/lint/rooms.py

echo '#include "analyzer/verbs/verbs.h"' >>analyzer/base/text.h
expect_fault "analyzer/base may not use analyzer/verbs"
cp "$root/analyzer/base/text.h" analyzer/base

sed -i 's|^analyzer/base:.*|analyzer/base: analyzer/verbs|' tests/lint/rooms.txt
expect_fault "analyzer/base may not use analyzer/verbs: that room does not stand above it"
cp "$root/tests/lint/rooms.txt" tests/lint

echo '#include "analyzer/base/second.h"' >analyzer/base/first.h
echo '#include "analyzer/base/third.h"' >analyzer/base/second.h
echo '#include "analyzer/base/first.h"' >analyzer/base/third.h
echo 'struct once { int a; };' | tee shim/core/ground/once.h >analyzer/base/once.h
mkdir analyzer/elsewhere && echo >analyzer/elsewhere/new.c
expect_fault "a circle of files: analyzer/base/first -> analyzer/base/second -> analyzer/base/third -> analyzer/base/first"
expect_fault "struct once is defined in analyzer/base/once.h, shim/core/ground/once.h"
expect_fault "the room analyzer/elsewhere is not in tests/lint/rooms.txt"
