#!/bin/sh
# run.sh BUILD: look-ahead against single-stepping, on programs of many kinds.
# A table: windows compared, wrong paths, wrong values, instructions, and how
# windows ended.  Fails where less than 99.99 % of the windows are on the right
# path.  What was wrong is listed (BUILD/exact/events).
set -u
build=$(cd "$1" && pwd) || exit 1
here=$(cd "$(dirname "$0")" && pwd)
work=$build/exact
rm -rf "$work" && mkdir -p "$work" && cd "$work" || exit 1

gcc -O2 -o long_double "$here/long_double.c" -lm || exit 3
g++ -O2 -pthread -o exceptions "$here/exceptions.cpp" || exit 3
g++ -O3 -march=native -pthread -o native "$here/exceptions.cpp" || exit 3
library=$(gcc -print-file-name=libsqlite3.a)
gcc -O2 -o sqlite "$here/../demo/workload.c" "$library" -lm || exit 3
for i in $(seq 500); do
    echo "int f$i(int a, char *c) { int s = 0; for (int i = 0; i < a; i++) switch (c[i] & 7) { case 0: s += c[i]; break; case 3: s -= a / ($i + 1); break; default: s ^= i; } return s; }"
done >functions.c
cat >script.js <<'JS'
let x = {};
for (let i = 0; i < 2e7; i++) x[i % 1000] = (x[i % 1000] || 0) + i;
let s = JSON.stringify(x);
for (let i = 0; i < 300; i++) s.split(",").map(a => a.toUpperCase()).sort();
console.log(s.length);
JS
cat >script.py <<'PY'
import json, re
x = [{"a": i, "b": str(i), "c": i / 7} for i in range(50000)]
for _ in range(4):
    s = json.dumps(x); json.loads(s); re.findall("[0-9]+", s)
PY

printf '%-14s %8s %6s %6s %12s %8s %8s %8s %8s %8s\n' program windows path value instructions \
    limit syscall unknown unsupp. other
exact() { # NAME COMMAND...
    name=$1
    shift
    command -v "$1" >/dev/null || return
    rm -f raw*
    env PGOSHIM_FILE="$work/raw" PGOSHIM_LOG="$work/events" PGOSHIM_RATE=300 PGOSHIM_BUDGET=100 \
        PGOSHIM_STACKS=off PGOSHIM_BRANCHES=compare LD_PRELOAD="$build/libpgoshim.so" \
        "$@" >out 2>err </dev/null || echo "$name: status $?"
    "$build/pgo-analyze" show --json raw* >shown.json || return
    python3 - "$name" <<'END'
import json, sys
name = sys.argv[1]
total = {}
for recording in json.load(open("shown.json"))["recordings"]:
    for key, value in recording["counters"].items():
        total[key] = total.get(key, 0) + value
get = lambda key: total.get(key, 0)
stops = sum(v for k, v in total.items() if k.startswith("STOP_")) or 1
share = lambda *keys: "%7.2f%%" % (100 * sum(map(get, keys)) / stops)
print("%-14s %8d %6d %6d %12d %s %s %s %s %s" % (name, get("COMPARED"),
    get("COMPARED_PATH_WRONG"), get("COMPARED_VALUE_WRONG"), get("INSTRUCTIONS") // 2,
    share("STOP_BRANCH_LIMIT"), share("STOP_SYSTEM_CALL"),
    share("STOP_UNKNOWN_BRANCH", "STOP_UNKNOWN_ADDRESS"), share("STOP_UNSUPPORTED"),
    share("STOP_INSTRUCTION_LIMIT", "STOP_FAULT", "STOP_STORES_FULL", "STOP_NO_MODULE",
          "STOP_DECODE")))
with open("sums", "a") as sums:
    sums.write("%d %d\n" % (get("COMPARED"), get("COMPARED_PATH_WRONG")))
END
}

exact sqlite ./sqlite 200
exact exceptions ./exceptions
exact native ./native
exact long_double ./long_double
exact cc1 gcc -O2 -c -o functions.o functions.c
exact clang clang-22 -O2 -c -o functions.o functions.c
exact python3 python3 script.py
exact node node script.js
exact perl perl -e 'my %h; for (1..400000) { $h{$_ % 997} .= sqrt($_); } print length join ",", map { $h{$_} } sort keys %h'
exact xz xz -6 -k -c "$build/pgo-analyze"
exact git git -C "$here" log --stat -p
seq 300000 >numbers
exact sort sort -R numbers
exact openssl openssl speed -seconds 1 -evp aes-128-gcm
exact gzip gzip -9 -c "$build/pgo-analyze"
awk '{ windows += $1; wrong += $2 } END {
    printf "%d windows, %d on a wrong path: %.4f %% right\n", windows, wrong, 100 - 100 * wrong / windows
    exit windows < 1000 || wrong * 10000 > windows }' sums
