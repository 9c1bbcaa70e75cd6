#!/bin/sh
# trim: of one module, process or thread, and what is not rare; the parts make the whole.
. "$(dirname "$0")/../support/scenario.sh" "$1"
cd "$work" || exit 1

samples() {
    "$analyze" show --json "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["samples"])'
}

# Two processes and three names of threads, in the text of perf script.
binary=$fixtures/branchy
address=$(nm "$binary" | awk '$3 == "main" { print $1 }')
offset=$(printf '%d' "0x$address")
{
    for process in 11 22; do
        printf 'app %s 1.0: PERF_RECORD_MMAP2 %s/%s: [0x500000000000(0x100000) @ 0 fe:00 1 2]: r-xp %s\n' \
            $process $process $process "$binary"
    done
    line() { # NAME PID/TID OFFSET
        printf '%16s %s 2.0: 1 cycles: %x\n' "$1" "$2" $((0x500000000000 + offset + $3))
    }
    line "my app" 11/11 0
    line "my app" 11/11 1
    line worker 11/12 1
    line worker 22/23 1
    line other 22/22 4
} >two.txt
expect_status 0 "$analyze" trim --pid 11 -o first.pgoraw two.txt
expect_status 0 "$analyze" trim -p 22 -o second.pgoraw two.txt
expect_status 0 "$analyze" trim --thread worker -o worker.pgoraw two.txt
expect_status 0 "$analyze" trim --thread "my app" -p 11 -o main.pgoraw two.txt
[ "$(samples first.pgoraw)" = 3 ] || fail "process 11"
[ "$(samples second.pgoraw)" = 2 ] || fail "process 22"
[ "$(samples worker.pgoraw)" = 2 ] || fail "threads called worker"
[ "$(samples main.pgoraw)" = 2 ] || fail "threads called 'my app'"
"$analyze" merge -o whole.pgoraw first.pgoraw second.pgoraw 2>err || fail "merge"
[ ! -s err ] || fail "parts of two processes are taken for one recording: $(cat err)"
"$analyze" merge -o twice.pgoraw first.pgoraw first.pgoraw 2>err || fail "merge of a part with itself"
expect_said "is the same recording as"
expect_status 0 "$analyze" diff whole.pgoraw two.txt
grep -q 'nothing differs' out || fail "the parts are not the whole"
expect_status 1 "$analyze" trim --pid 33 -o none.pgoraw two.txt
expect_said "none that is asked for"
[ ! -e none.pgoraw ] || fail "an empty profile was written"

# What is rare.
printf '1 a 1 1 a 2 0 990\n1 b 1 1 b 2 0 10\n1 c 1 1 c 2 1 9\n' >some.fdata
expect_status 0 "$analyze" trim --min-share 0.99 -o - some.fdata
printf '1 a 1 1 a 2 0 990\n1 b 1 1 b 2 0 10\n' | cmp - out || fail "edges of 0.99 %"
printf 'a:9:1\n 1: 90\n 2: in:3\n  1: 900\nb:9:1\n 1: 10\n' >some.prof
expect_status 0 "$analyze" trim --min-share 5 -f llvm-text -o - some.prof
head -4 some.prof | cmp - out || fail "functions of 5 %"
expect_status 1 "$analyze" trim --min-share 100 -o - some.fdata
expect_status 0 "$analyze" trim --min-share 30 -o often.pgoraw two.txt
[ "$(samples often.pgoraw)" = 3 ] || fail "addresses of 30 %"
expect_status 2 "$analyze" trim --pid 11 -o - some.fdata
expect_said "only --min-share can be asked"
printf 'T 10 20 30 1\n' >some.preagg
expect_status 2 "$analyze" trim --pid 11 -o - some.preagg
expect_said "which does not tell whose samples are"

# One module of a recording, and a raw profile of one process.
"$record" -F 1000 -o app.pgoraw -- "$binary" 3000 >/dev/null 2>&1 || skip "nothing recorded"
expect_status 0 "$analyze" trim --module branchy -o module.pgoraw app.pgoraw
expect_status 0 "$analyze" convert -f fdata -o all.fdata app.pgoraw
expect_status 0 "$analyze" convert -f fdata -o module.fdata module.pgoraw
cmp all.fdata module.fdata || fail "the module is not whole"
process=$("$analyze" show --json app.pgoraw |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["recordings"][0]["process_id"])')
expect_status 0 "$analyze" trim --pid "$process" -o same.pgoraw app.pgoraw
expect_status 2 "$analyze" trim --pid 1 -o other.pgoraw app.pgoraw
expect_said "it is of another process"
