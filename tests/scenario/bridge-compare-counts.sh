# compare --counts: by the processor or by valgrind, the same at every run.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/jumps.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
comparable_programs

# Counts by the processor where perf can, said so; else by valgrind.
mkdir perf-works perf-fails
cat >perf-works/perf <<'END'
#!/bin/sh
while [ "$1" != -- ]; do
    [ "$1" = -o ] && file=$2
    shift
done
shift
case $1 in */slow) count=3000 ;; *) count=1000 ;; esac
printf '# started on\n\n%s,,cpu_core/instructions/u,9,100.00,,\n50,,cpu_atom/instructions/u,9,50.00,,\n' $count >"$file"
printf '<not counted>,,cpu_atom/branches/u,0,0.00,,\n300,,branches:u,9,100.00,,\n7,,branch-misses:u,9,100.00,,\n' >>"$file"
"$@" >/dev/null
END
printf '#!/bin/sh\nexit 1\n' >perf-fails/perf
chmod +x perf-*/perf
PATH=$work/perf-works:$PATH expect_status 0 "$bolt" compare --counts --json ./a ./same -- 1000
json_is_documented out
python3 -c '
import json
report = json.load(open("out"))
counts = {"instructions": 1050, "branches": 300, "mispredictions": 7}
assert report["counted_by"] == "perf" and report["good"], report
assert report["counts"][0]["a"] == report["counts"][0]["b"] == counts, report' || fail "$(cat out)"
PATH=$work/perf-works:$PATH expect_status 1 "$bolt" compare --counts ./a ./slow -- 1000
expect_printed "counted by the processor"
printf '#!/bin/sh\necho the reason >&2; kill -SEGV $$\n' >dies && chmod +x dies
PATH=$work/perf-works:$PATH expect_status 3 "$bolt" compare --counts ./dies ./dies
expect_said "it was killed by signal 11"
PATH=$work/perf-fails:$PATH expect_status 3 "$bolt" compare --counts=perf ./a ./same -- 1000
expect_said "it counts no instructions here"
expect_status 2 "$bolt" compare --counts=clock ./a ./same -- 1000
expect_nothing_left

# Counts: the same at every run, and 3 % are 3 %.
command -v valgrind >/dev/null || skip "valgrind is not installed"
expect_status 0 "$bolt" compare --counts=valgrind --json ./a ./same -- 300000
cp out first
PATH=$work/perf-fails:$PATH expect_status 0 "$bolt" compare --counts --json ./a ./same -- 300000
python3 - <<'END' || fail "counts: $(cat first out)"
import json
first, second = json.load(open("first")), json.load(open("out"))
assert first["counted_by"] == second["counted_by"] == "valgrind"
for side in "ab":
    a, b = first["counts"][0][side], second["counts"][0][side]
    assert a["instructions"] > 900000 and a["taken_conditional_branches"] > 290000, a
    for name in a:
        assert abs(a[name] - b[name]) <= 0.001 * a[name] + 3, (name, a[name], b[name])
END
# Taken jumps are all of them, as another reader of callgrind's files counts them.
count_jumps counted ./a 300000 </dev/null >/dev/null || fail "callgrind: $(cat counted.log)"
python3 - $(cat counted) <<'END' || fail "jumps: $(cat counted out)"
import json, sys
a = json.load(open("out"))["counts"][0]["a"]
for name, wanted in zip(("taken_jumps", "code_lines_touched", "instructions"), map(int, sys.argv[1:])):
    assert abs(a[name] - wanted) <= 0.002 * wanted + 3, (name, a[name], wanted)
assert a["taken_jumps"] >= a["taken_conditional_branches"] > 290000
assert a["model_cycles"] >= a["instructions"] + a["taken_jumps"] + 10 * a["mispredictions"], a
END
expect_status 1 "$bolt" compare --counts=valgrind ./a ./slower -- 300000
expect_printed "instructions"
expect_status 0 "$bolt" compare --counts=valgrind --tolerate 4 ./a ./slower -- 300000
expect_status 1 "$bolt" compare --counts=valgrind --markdown -w 'one=1' -w 'two=1 x' ./echoes ./other
expect_printed "| instructions |"
expect_printed "**Different behaviour**: their standard outputs differ"
expect_nothing_left
