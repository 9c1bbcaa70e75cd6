#!/bin/sh
# run.sh BUILD [PROGRAM...]: look-ahead against single-stepping, on programs of many kinds.
#
# Every window is predicted and then stepped for real (PGOSHIM_BRANCHES=compare).
# A table, and a verdict for each bar; status 1 where one is missed:
#   - at least 99.99 % of the windows are on the right path, over all programs
#   - at least 97 % of each program's windows reach the branch limit or a system call
#   - less than 0.05 % of each program's instructions are unsupported
# Programs with threads run twice.  As they come, other threads may write what a
# window has read: disagreements are counted as races, and not judged.  Then with
# one thread at a time (real-time first-in-first-out scheduling on one CPU: no
# other thread runs before this one makes a system call, which ends a window): there
# nobody races, and every disagreement is an error.
# Rows `outside` are of pgo-record -p --branches compare, which looks ahead from another process
# and then steps the thread by ptrace.
# What was wrong is listed in BUILD/exact/PROGRAM.events.
#
#   WINDOWS=2000  wanted of each program: its command is repeated until it has them
#   SECONDS_MOST=60  for each program
#   QUICK=1       every command once
set -u
build=$(cd "$1" && pwd) || exit 1
shift
here=$(cd "$(dirname "$0")" && pwd)
only=" $* "
windows=${WINDOWS:-2000} seconds=${SECONDS_MOST:-60}
[ -z "${QUICK:-}" ] || windows=1
work=$build/exact
rm -rf "$work" && mkdir -p "$work" && cd "$work" || exit 1

gcc -O2 -o long_double "$here/long_double.c" -lm || exit 3
g++ -O2 -pthread -o exceptions "$here/exceptions.cpp" || exit 3
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
cat >script.lua <<'LUA'
local words, count = {}, 0
for i = 1, 300000 do words[#words + 1] = ("w%d"):format(i * 7919 % 10007) end
table.sort(words)
for _, word in ipairs(words) do if word:find("9+") then count = count + #word:gsub("%d", "x") end end
print(count)
LUA
cat >script.sql <<'SQL'
with recursive c(x) as (select 1 union all select x+1 from c where x<600000)
select sum(x), count(distinct x%7), max(x||'') from c;
SQL
cat >script.pl <<'PERL'
my %h; for (1..400000) { $h{$_ % 997} .= sqrt($_); } print length join ",", map { $h{$_} } sort keys %h;
PERL
seq 300000 >numbers
cat "$build"/pgo-* "$build"/lib*.so >bytes

# The counters of all raw files of a run, added up, as one JSON object.
counters() { # RAW...
    "$build/pgo-analyze" show --json "$@" 2>/dev/null | python3 -c '
import json, sys
total = {}
for recording in json.load(sys.stdin)["recordings"]:
    for key, value in recording["counters"].items():
        total[key] = total.get(key, 0) + value
json.dump(total, sys.stdout)'
}

# compared NAME KIND COMMAND...: repeats it until there are enough windows; counters to NAME.KIND.json
compared() {
    name=$1 kind=$2 before=
    [ "$kind" != alone ] || before="chrt -f 1 taskset -c 0"
    shift 2
    mkdir "$name.$kind"
    began=$(date +%s)
    while :; do
        $before env PGOSHIM_FILE="$work/$name.$kind/raw.%p" PGOSHIM_LOG="$work/$name.events" \
            PGOSHIM_RATE=1000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=off PGOSHIM_BRANCHES=compare \
            LD_PRELOAD="$build/libpgoshim.so" "$@" >out 2>err </dev/null ||
            [ $? -eq 137 ] || echo "$name: status $?: $(tail -n 1 err)"
        counters "$name.$kind"/raw.* >"$name.$kind.json" || return
        have=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1])).get("COMPARED", 0))' \
            "$name.$kind.json")
        [ "$have" -lt "$windows" ] && [ $(($(date +%s) - began)) -lt "$seconds" ] || return
    done
}

wanted() { # NAME COMMAND
    [ "$only" = "  " ] || case $only in *" $1 "*) ;; *) return 1 ;; esac
    command -v "$2" >/dev/null || {
        echo "$1: skipped: there is no $2 here"
        return 1
    }
}

row() { # NAME KIND
    python3 - "$@" <<'END'
import json, os, sys
name, kind = sys.argv[1:]
load = lambda kind: json.load(open("%s.%s.json" % (name, kind))) if os.path.exists("%s.%s.json" % (name, kind)) else {}
races, judged = {}, load(kind)
if kind != "plain":
    races = load("together")
total = {key: judged.get(key, 0) + races.get(key, 0) for key in judged.keys() | races.keys()}
stops = {key: value for key, value in total.items() if key.startswith("STOP_")}
row = {
    "name": name, "judged": judged.get("COMPARED", 0),
    "windows": total.get("COMPARED", 0), "instructions": total.get("INSTRUCTIONS", 0) // 2,
    "path": judged.get("COMPARED_PATH_WRONG", 0), "value": judged.get("COMPARED_VALUE_WRONG", 0),
    "races": races.get("COMPARED_PATH_WRONG", 0) + races.get("COMPARED_VALUE_WRONG", 0),
    "ended": sum(stops.values()) or 1, "stops": stops,
}
row["reach"] = (stops.get("STOP_BRANCH_LIMIT", 0) + stops.get("STOP_SYSTEM_CALL", 0)) / row["ended"]
row["unsupported"] = stops.get("STOP_UNSUPPORTED", 0) / max(row["instructions"], 1)
open("rows", "a").write(json.dumps(row) + "\n")
share = lambda value: "%7.2f%%" % (100 * value)
stop = lambda *keys: share(sum(stops.get("STOP_" + key, 0) for key in keys) / row["ended"])
print("%-12s %8d %10d %6d %6d %6s %s %8.4f%% %s %s %s %s %s" % (name, row["windows"],
    row["instructions"], row["path"], row["value"], row["races"] if races else "-",
    share(row["reach"]), 100 * row["unsupported"], stop("UNSUPPORTED"),
    stop("UNKNOWN_BRANCH", "UNKNOWN_ADDRESS"), stop("INSTRUCTION_LIMIT"), stop("NO_MODULE"),
    stop("FAULT", "STORES_FULL", "DECODE")))
END
}

exact() { # NAME COMMAND...
    name=$1
    shift
    wanted "$name" "$1" || return 0
    compared "$name" plain "$@"
    row "$name" plain
}

exact_threads() { # NAME COMMAND...: a program with threads
    name=$1
    shift
    wanted "$name" "$1" || return 0
    compared "$name" together "$@"
    if chrt -f 1 taskset -c 0 true 2>/dev/null; then
        compared "$name" alone "$@"
    else
        echo "$name: not judged: real-time scheduling is refused here"
        echo '{}' >"$name.alone.json"
    fi
    row "$name" alone
}

exact_outside() { # NAME COMMAND...: a program with one thread, which runs until it is killed
    name=$1
    shift
    wanted "$name" "$1" || return 0
    "$@" >out 2>&1 </dev/null &
    running=$!
    sleep 0.3
    if PGOSHIM_LOG="$work/$name.events" "$build/pgo-record" -q --force -s off -B compare --budget 100 \
        -o "$name.raw" -p "$running" --duration "$([ -n "${QUICK:-}" ] && echo 2 || echo 30)" 2>err; then
        counters "$name.raw" >"$name.plain.json"
        row "$name" plain
    else
        echo "$name: not judged: $(head -n 1 err)"
    fi
    kill "$running"
    wait "$running" 2>/dev/null
}

echo "Look-ahead against single-stepping: $build/libpgoshim.so, PGOSHIM_BRANCHES=compare"
printf '%-12s %8s %10s %6s %6s %6s %8s %9s %8s %8s %8s %8s %8s\n' '' '' instruc- wrong wrong '' \
    'limit or' unsupp. 'ended by' 'ended by' 'instr.' 'outside' ''
printf '%-12s %8s %10s %6s %6s %6s %8s %9s %8s %8s %8s %8s %8s\n' program windows tions path value \
    races syscall instr. unsupp. unknown limit modules other
exact sqlite ./sqlite 200
exact sqlite3 sqlite3 :memory: ".read script.sql"
exact_threads exceptions ./exceptions
if grep -q avx512vl /proc/cpuinfo; then
    g++ -O3 -march=x86-64-v4 -pthread -o avx512 "$here/exceptions.cpp" || exit 3
    exact_threads avx512 ./avx512
else
    echo "avx512: skipped: this CPU has no AVX-512"
fi
exact x87 ./long_double
exact cc1 gcc -O2 -c -o functions.o functions.c
exact clang "$(command -v clang-22 || command -v clang-19 || echo clang-16)" -O2 -c -o functions.o functions.c
# The interpreter itself: python3 may be a shell script that looks for one.
exact python3 "$(python3 -c 'import sys; print(sys.executable)')" script.py
exact_threads node node script.js
exact perl perl script.pl
exact lua lua5.4 script.lua
exact xz xz -6 -k -c bytes
exact git git -C "$here" log --stat -p
exact sort sort -R numbers
# Killed before the alarm that would end it: its handler changes what windows have read.
command -v openssl >/dev/null || echo "openssl: skipped: it is not here"
command -v openssl >/dev/null &&
    exact openssl timeout -s KILL 8 openssl speed -seconds 100 -bytes 16384 -evp aes-128-gcm
exact gzip gzip -9 -c bytes
exact_outside outside ./sqlite 10000
exact_outside outside-py "$(python3 -c 'import sys; print(sys.executable)')" -c '
import json, re
x = [{"a": i, "b": str(i), "c": i / 7} for i in range(2000)]
while True:
    s = json.dumps(x); json.loads(s); re.findall("[0-9]+", s)'

python3 - <<'END'
import json, sys
rows = [json.loads(line) for line in open("rows")]
missed = 0
def verdict(good, text):
    global missed
    missed += not good
    print("  %-6s %s" % ("met" if good else "MISSED", text))
windows = sum(row["judged"] for row in rows)
wrong = sum(row["path"] for row in rows)
values = sum(row["value"] for row in rows)
print("\n%d programs, %d windows, %d of them judged" % (
    len(rows), sum(row["windows"] for row in rows), windows))
names = lambda rows, what: ", ".join("%s %s" % (row["name"], what(row)) for row in rows)
right = 1 - wrong / max(windows, 1)
verdict(right >= 0.9999, "right paths: %.4f %% (at least 99.99 %%); %d wrong: %s" % (
    100 * right, wrong, names([r for r in rows if r["path"]], lambda r: r["path"]) or "none"))
verdict(not values, "right path, wrong register or flag: %d" % values)
short = [r for r in rows if r["reach"] < 0.97]
verdict(not short, "branch limit or system call reached: at least 97 %% on each; below: %s" % (
    names(short, lambda r: "%.2f %%" % (100 * r["reach"])) or "none"))
many = [r for r in rows if r["unsupported"] >= 0.0005]
verdict(not many, "unsupported instructions: below 0.05 %% on each; above: %s" % (
    names(many, lambda r: "%.3f %%" % (100 * r["unsupported"])) or "none"))
sys.exit(missed > 0)
END
