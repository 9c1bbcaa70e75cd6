#!/bin/sh
# pgo-analyze check tells a short profile from a converged one, and a stale build from a fresh one.
. "$(dirname "$0")/../support/scenario.sh" "$1"
cd "$work" || exit 1

build_program() { # NAME FLAGS...
    name=$1
    shift
    gcc -O1 -g -D_GNU_SOURCE -I"$repository" -Wl,--build-id -Wl,--emit-relocs "$@" -o "$name" \
        "$repository/tests/programs/branchy.c" -ldl -lpthread || fail "$name does not build"
}
# verdict_of FILE CHECK [KEY]: of the JSON
verdict_of() {
    python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
c = {c["name"]: c for c in r["checks"]}
print(r["verdict"] if sys.argv[2] == "all" else c[sys.argv[2]][sys.argv[3]])' \
        "$1" "$2" "${3:-verdict}"
}
expect_verdict() { # FILE CHECK WANTED
    [ "$(verdict_of "$1" "$2")" = "$3" ] || {
        cat "$1"
        fail "$2 is $(verdict_of "$1" "$2") in $1, not $3"
    }
}

repository=$(cd "$OLDPWD" && pwd)
build_program app
recorded long.pgoraw SAMPLES 4000 -F 10000 --budget 50 -- ./app 200000
recorded short.pgoraw SAMPLES 1 -F 100 -- ./app 30000

# Enough or not.
expect_status 1 "$analyze" check --json short.pgoraw
cp out short.json
expect_verdict short.json all fail
expect_verdict short.json samples fail
expect_verdict short.json build ok
"$analyze" check --json long.pgoraw >long.json
expect_verdict long.json build ok
expect_verdict long.json convergence ok
expect_verdict long.json staleness ok
python3 - "$(verdict_of short.json convergence expected)" \
    "$(verdict_of long.json convergence expected)" <<'PYTHON' || fail "the longer is not better"
import sys
sys.exit(float(sys.argv[1]) >= float(sys.argv[2]))
PYTHON

# Several inputs are compared with one another.
"$analyze" check --json short.pgoraw short.pgoraw >twice.json
[ "$(verdict_of twice.json convergence estimator)" = inputs ] || fail "two inputs are not compared"

# By symbol too.
"$analyze" convert -q -o long.fdata long.pgoraw || fail "convert"
expect_status 0 "$analyze" check -b app long.fdata
"$analyze" check --json -b app long.fdata >symbols.json
expect_verdict symbols.json staleness ok

# Another build: other code under the same names, by address and by symbol.
build_program other -O2 -fno-inline
expect_status 1 "$analyze" check --json -b other long.pgoraw
cp out other.json
expect_verdict other.json build fail
expect_verdict other.json staleness fail
expect_status 1 "$analyze" check --json -b other long.fdata
cp out other.json
expect_verdict other.json staleness fail
grep -q '"counts": ' other.json || fail "no function is named"

# And one whose functions are called otherwise.
objcopy --prefix-symbols=new_ app renamed || fail "objcopy"
expect_status 1 "$analyze" check --json -b renamed long.fdata
[ "$(verdict_of "$work/out" staleness gone_functions)" -gt 0 ] || fail "no function is gone"

# A stripped build is told from another one: its symbols are what is missing, no recording.
strip -o stripped app
expect_status 1 "$analyze" check -b stripped long.pgoraw
grep -q "^ok *build" out || fail "the build is not the same: $(cat out)"
expect_printed "no function that this build has a symbol of"
expect_printed "give the build with its symbols"
! grep -E "record (this build|much longer|[0-9.]+ times)" out || fail "another recording is asked for"
# Of that alone: of libc there are symbols.
"$analyze" convert -q -b app -f preagg -o long.preagg long.pgoraw || fail "convert"
"$analyze" report -b stripped --html stripped.html long.preagg || fail "report --html of a stripped program"
grep -q "no function ran that a symbol is known of" stripped.html || fail "the page does not say why it has no code"

# What cannot be answered.
expect_status 2 "$analyze" check long.fdata
expect_said "give it with -b"

# Of a program for another machine there is nothing to compare: that is said.
cp app arm
printf '\267' | dd of=arm bs=1 seek=18 conv=notrunc 2>/dev/null
expect_status 1 "$analyze" check -b arm long.pgoraw
expect_said "it is for AArch64, x86-64 was recorded"
