#!/bin/sh
# conversion.sh BUILD: what a conversion costs, beside perf2bolt and llvm-profgen.
# The peers get the same counts: perf2bolt our preagg, llvm-profgen our unsymbolized; ours reads
# the raw file.  SQLite has all debug information when its source is here (SQLITE_SOURCE, a
# directory, or in cargo's packages); without, lines are told of the workload alone.  node has
# debug information of its assembly only.  The sizes are SQLite and copies of it under other
# names, which never run.  A million entries are made up from SQLite's; 1,000 files are one.
# CPU time is user + system, the least of RUNS; memory is the peak resident size.
#   RUNS=N    runs a row (3; 1 with QUICK=1)
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
runs=${RUNS:-$([ -n "$quick" ] && echo 1 || echo 3)}
speed_bar=10 memory_bar=5

# cost FILE COMMAND...: its CPU seconds and peak KiB to FILE, the least of the runs
cost() {
    python3 - "$runs" "$@" <<'SCRIPT'
import os, subprocess, sys
best = None
log = open(sys.argv[2] + ".log", "w")
for run in range(int(sys.argv[1])):
    child = subprocess.Popen(sys.argv[3:], stdout=log, stderr=log)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(1)
    seen = (usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
    best = seen if best is None else (min(best[0], seen[0]), min(best[1], seen[1]))
open(sys.argv[2], "w").write("%.3f %d\n" % best)
SCRIPT
}

# row NAME BINARY FORMAT PEER COMMAND...: ours and the peer's
row() {
    name=$1 binary=$2 format=$3 peer=$4
    shift 4
    note "$name: $format beside $peer"
    rm -f "$name.theirs"
    cost ours "$analyze" convert --force -b "$binary" -f "$format" -o "$name.$format" "$name.raw" ||
        broken "$name to $format: $(tail -n 2 ours.log)"
    cost theirs "$@" || {
        printf '  %-8s %-10s %s fails: %s\n' "$name" "$format" "$peer" "$(tail -n 1 theirs.log)"
        return
    }
    read -r our_time our_memory <ours
    read -r their_time their_memory <theirs
    awk -v name="$name" -v format="$format" -v peer="$peer" -v a="$our_time" -v b="$their_time" \
        -v c="$our_memory" -v d="$their_memory" 'BEGIN {
            printf "  %-8s %-10s %7.3f s %6.1f MiB   %-12s %7.3f s %7.1f MiB   %5.1fx %5.1fx\n",
                name, format, a, c / 1024, peer, b, d / 1024, b / (a > 0.001 ? a : 0.001), d / c }'
    printf '           lines written: %d, %d\n' "$(wc -l <"$name.$format")" \
        "$(wc -l <"$name.theirs")"
    verdict "$(awk -v a="$our_time" -v b="$their_time" -v bar=$speed_bar \
        'BEGIN { print (b >= bar * a ? "yes" : "no") }')" "$name: $format: $speed_bar times as fast as $peer"
    verdict "$(awk -v a="$our_memory" -v b="$their_memory" -v bar=$memory_bar \
        'BEGIN { print (b >= bar * a ? "yes" : "no") }')" "$name: $format: a ${memory_bar}th of the memory of $peer"
}

# binary_rows NAME BINARY COMMAND...: records the command, then converts
binary_rows() {
    name=$1 binary=$2
    shift 2
    "$record" --force -q --budget 100 -F 4000 -B lookahead -s 0 -o "$name.raw" -- "$@" >record.log 2>&1 ||
        broken "$name fails under the recorder: $(tail -n 1 record.log)"
    for format in preagg unsymbolized; do
        "$analyze" convert -b "$binary" -f $format -o "$name.$format" "$name.raw" >record.log 2>&1 ||
            broken "$name to $format: $(tail -n 2 record.log)"
    done
    printf '  %s: %d MiB, %d lines of preagg\n' "$name" \
        "$(($(stat -Lc %s "$binary") >> 20))" "$(wc -l <"$name.preagg")"
    [ -z "$perf2bolt" ] || row "$name" "$binary" fdata perf2bolt \
        "$perf2bolt" -pa -p "$name.preagg" -o "$name.theirs" "$binary"
    [ -z "$profgen" ] || row "$name" "$binary" llvm-text llvm-profgen \
        "$profgen" --unsymbolized-profile="$name.unsymbolized" --use-offset=0 --format=text \
        --binary="$binary" --output="$name.theirs"
}

# size_rows: the same run of binaries that are larger and larger
size_rows() {
    nm source.o | awk '$2 ~ /^[tT]$/ && $3 !~ /[.]/ { print "#define " $3 " copy_" $3 }' >rename.h
    "$clang" -O2 -g -fdebug-info-for-profiling -w -include ./rename.h -I"$source" -c -o copy.o \
        "$source/sqlite3.c" && objcopy --keep-global-symbol=none copy.o || broken "the copy does not build"
    copies=
    for count in 0 4 16 $([ -n "$quick" ] || echo 32); do
        while [ "$(echo $copies | wc -w)" -lt "$count" ]; do
            cp copy.o "copy$(echo $copies | wc -w).o"
            copies="$copies copy$(echo $copies | wc -w).o"
        done
        "$clang" -O2 -g -fdebug-info-for-profiling -I"$source" -o "copies-$count" \
            "$here/../demo/workload.c" source.o $copies -lm || broken "copies-$count does not build"
        binary_rows "copies-$count" "./copies-$count" "./copies-$count" "$length"
    done
}

# ours_row WORDS COMMAND...: only ours, which has no peer here
ours_row() {
    words=$1
    shift
    cost ours "$@" || broken "$words: $(tail -n 2 ours.log)"
    read -r our_time our_memory <ours
    awk -v words="$words" -v a="$our_time" -v b="$our_memory" \
        'BEGIN { printf "  %-44s %7.3f s %6.1f MiB\n", words, a, b / 1024 }'
}

# count_rows NAME BINARY: many counts, and many files
count_rows() {
    name=$1 binary=$2
    python3 - "$name.preagg" >million.preagg <<'SCRIPT'
import sys
lines = [line.rsplit(" ", 1)[0] for line in open(sys.argv[1]) if line[0] == "T"]
made = 0
while made < 1000000:
    for line in lines:
        made += 1
        print(line, 1 + made % 97)
SCRIPT
    ours_row "a million entries to fdata" "$analyze" convert -q -b "$binary" -f fdata --force -o many.fdata million.preagg
    verdict "$(awk '{ print ($1 <= 5 ? "yes" : "no") }' ours)" "a million entries in 5 seconds"
    mkdir -p files
    for number in $(seq 1000); do ln -f "$name.raw" "files/$number.pgoraw"; done
    ours_row "10 files merged" "$analyze" merge -q --force -o ten.pgoraw files/?.pgoraw files/10.pgoraw
    ten=$our_memory
    ours_row "1,000 files merged" "$analyze" merge -q --force -o thousand.pgoraw files/*.pgoraw
    verdict "$(awk -v a="$ten" -v b="$our_memory" 'BEGIN { print (b <= 1.5 * a ? "yes" : "no") }')" \
        "1,000 files take the memory of 10"
    ls files/*.pgoraw | shuf --random-source=rename.h -n 1000 | xargs "$analyze" merge -q --force -o shuffled.pgoraw
    verdict "$(cmp -s thousand.pgoraw shuffled.pgoraw && echo yes)" "the same bytes in whatever order"
}

perf2bolt=$(newest perf2bolt) profgen=$(newest llvm-profgen)
[ -n "$perf2bolt$profgen" ] || skip "neither perf2bolt nor llvm-profgen"
title "Conversion: CPU time and peak memory of ours, of the peer, and how many times more"
load_warning
length=$([ -n "$quick" ] && echo 80 || echo 400)
clang=$(newest clang)
source=${SQLITE_SOURCE:-$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/libsqlite3-sys-*/sqlite3 2>/dev/null | tail -n 1)}
if [ -n "$clang" ] && [ -e "$source/sqlite3.c" ]; then
    for version in 4 5; do
        "$clang" -O2 -gdwarf-$version -fdebug-info-for-profiling -I"$source" -c -o source.o "$source/sqlite3.c" &&
            "$clang" -O2 -gdwarf-$version -fdebug-info-for-profiling -I"$source" -Wl,--emit-relocs \
                -o "dwarf-$version" "$here/../demo/workload.c" source.o -lm || broken "SQLite does not build"
        binary_rows "dwarf-$version" "./dwarf-$version" "./dwarf-$version" "$length"
    done
    size_rows
    count_rows dwarf-5 ./dwarf-5
elif program_has sqlite; then
    program_build sqlite
    binary_rows sqlite "$programs/sqlite" "$programs/sqlite" "$length"
    count_rows sqlite "$programs/sqlite"
fi
if node=$(command -v node); then
    echo 'for (let i = 0; i < 600000; i++) /(\d+)x*/.exec(JSON.stringify(JSON.parse("{\"a\":" + i + "}")))' >work.js
    binary_rows node "$(readlink -f "$node")" "$node" work.js
else
    echo "  node: skipped: not installed"
fi
exit $missed
