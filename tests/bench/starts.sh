#!/bin/sh
# starts.sh BUILD: where the rest comes from by which annotate's shares of branches differ from the exact ones
# (annotate.sh).  Recordings of Lua (ten hottest functions) with short windows and with long ones, beside windows of a complete trace of
# it (valgrind's lackey, each instruction a block) that begin at the recorded addresses, as often
# (programs/window_starts.c).  What these differ by from all of the trace comes of nothing but where
# windows begin.  Sampling errors are those of RECORDINGS recordings, each left out in turn.
#   WINDOWS=N   windows of each of them (1,000)     RECORDINGS=N   (5)
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
command -v valgrind >/dev/null || skip "no valgrind"
program_has lua || skip "lua cannot be built here"
windows=${WINDOWS:-$([ -n "$quick" ] && echo 300 || echo 1000)}
recordings=${RECORDINGS:-5}
program_build lua
gcc -O2 -Wall -Wextra -o window_starts "$here/programs/window_starts.c" || broken "window_starts does not build"
lua=$programs/lua
entry=$(readelf -h "$lua" | sed -n 's/.*Entry point address: *//p')

note "callgrind"
valgrind --tool=callgrind --dump-instr=yes --collect-jumps=yes --skip-plt=no --compress-pos=no \
    --compress-strings=no --callgrind-out-file=callgrind.out "$lua" "$here/programs/work.lua" 10 \
    >/dev/null 2>callgrind.log || broken "$(tail -n 2 callgrind.log)"

title "Shares of Lua's branches: what is recorded, and what windows of a trace find that begin at the same addresses"
printf '  %-8s %9s %17s %16s %9s %9s %12s\n' branches branches 'recorded differ' 'trace differs' rest sampling correlation
for length in 32 256; do
    note "windows of $length branches"
    number=0
    : >starts.preagg
    while [ $number -lt "$recordings" ]; do
        number=$((number + 1)) had=0 runs=0
        rm -f raw.*
        while [ "$had" -lt "$windows" ]; do
            runs=$((runs + 1))
            [ $runs -le 200 ] || broken "$had windows after 200 runs"
            PGOSHIM_FILE=$work/raw.%m PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=off PGOSHIM_WINDOW=$length \
                PGOSHIM_BRANCHES=lookahead LD_PRELOAD=$build/libpgoshim.so "$lua" "$here/programs/work.lua" 10 \
                >/dev/null || broken "lua fails under the recorder"
            had=$(counters raw.* | python3 -c 'import json, sys; print(json.load(sys.stdin).get("WINDOWS", 0))')
        done
        mv raw.* "$number.pgoraw"
        echo "windows $had" >>starts.preagg
        "$analyze" convert -b "$lua" -f preagg "$number.pgoraw" >>starts.preagg 2>/dev/null || broken "convert"
        "$analyze" annotate --json --hottest 10 --module "$lua" "$number.pgoraw" >"$number.json" || broken "annotate"
    done
    # A window's first run begins where no branch led to: at the sample.
    awk '$1 == "windows" { all += $2 } $1 == "F" { starts[$2] += $4; inside += $4 }
        END { for (address in starts) print address, starts[address]; print "outside", all - inside }' starts.preagg >starts
    python3 -c '
import json, sys
for function in json.load(open(sys.argv[1]))["functions"]:
    for one in function["instructions"]:
        if "taken" in one:
            print("%x %d" % (one["address"], one["size"]))' 1.json >conditions
    valgrind --tool=lackey --basic-counts=no --trace-superblocks=yes --vex-guest-max-insns=1 --log-fd=9 "$lua" \
        "$here/programs/work.lua" 1 9>&1 >/dev/null |
        ./window_starts $length 400000 "$entry" starts conditions >traced || broken "the trace"
    python3 "$here/starts_truth.py" "$length" "$lua" callgrind.out traced "$recordings" || broken "$length"
done
exit 0
