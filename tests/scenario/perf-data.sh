# perf.data: a recording of hardware branch stacks, compared with what BOLT's and LLVM's tools
# read from it; and a fresh recording.
. "$(dirname "$0")/../support/scenario.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
sample=$root/../shared/lbr-sample
command -v perf >/dev/null || skip "perf is not installed"
cd "$work" || exit 1

# A fresh recording, to a file and through a pipe; call stacks; compressed.
# The kernel finds callers by their frame pointers.
(cd "$root" && ${CC:-gcc} -O1 -g -fno-omit-frame-pointer -D_GNU_SOURCE -Iinclude -I. \
    -o "$work/app" tests/programs/branchy.c) || fail "cannot build the fixture"
fresh=no
if perf record -q -F 2000 -g -e cpu-clock:u -o fresh.data ./app 20000 >/dev/null 2>&1; then
    fresh=yes
    hot_among fresh.data classify
    [ "$(counter fresh.data STACKS)" -gt 0 ] || fail "no call stacks"
    expect_status 0 "$analyze" convert -f folded fresh.data
    grep -q "main;.*classify [0-9]" out || fail "classify is not called from main"
    expect_status 0 "$analyze" convert -b app -f fdata fresh.data
    grep -q "^1 classify/1 " out || fail "no samples of classify"
    perf script --show-mmap-events --show-task-events -i fresh.data >fresh.txt 2>/dev/null
    "$analyze" convert -f folded fresh.data >data.folded
    "$analyze" convert -f folded fresh.txt >text.folded
    cmp data.folded text.folded || fail "perf script's text has other call stacks"
    mv app moved
    expect_status 0 "$analyze" show fresh.data
    grep -q "file offsets" out || fail "not said that the program is gone"
    expect_status 0 "$analyze" convert -b moved -f fdata fresh.data
    grep -q "^1 classify/1 " out || fail "no samples of classify in the moved program"
    expect_status 3 "$analyze" merge -o refused.pgoraw fresh.data
    expect_said "not here as it was recorded"
    mv moved app
    expect_status 0 "$analyze" merge -o merged.pgoraw fresh.data
    hot_among merged.pgoraw classify
    perf record -q -F 2000 -e cpu-clock:u -o - ./app 20000 2>/dev/null >pipe.data
    hot_among pipe.data "$(hot_functions fresh.data | head -1)"
    head -c 2000 fresh.data >cut.data
    expect_status 3 "$analyze" report cut.data
    expect_said "is cut short"
    # A directory with a file by each thread of perf record; compressed, too.
    for options in --threads "--threads -z"; do
        rm -rf threads.data
        perf record -q $options -F 2000 -g -e cpu-clock:u -o threads.data ./app 20000 >/dev/null 2>&1 &&
            [ -d threads.data ] || continue
        hot_among threads.data classify
        perf script --show-mmap-events --show-task-events -i threads.data >threads.txt 2>/dev/null
        "$analyze" convert -f folded threads.data >data.folded || fail "perf record $options"
        "$analyze" convert -f folded threads.txt >text.folded
        cmp data.folded text.folded || fail "perf record $options is read otherwise"
    done
    # What perf inject makes of it is the same recording.
    if perf inject -b -i fresh.data -o injected.data 2>/dev/null; then
        "$analyze" convert -f folded fresh.data >data.folded
        "$analyze" convert -f folded injected.data >injected.folded || fail "perf inject -b"
        cmp data.folded injected.folded || fail "perf inject -b is read otherwise"
    fi
    # Generated code that a run-time told of is in files that perf inject --jit makes.
    if perf record -q -k mono -F 2000 -e cpu-clock:u -o jit.data "$fixtures/jitted" "$work" \
        >/dev/null 2>&1 && perf inject --jit -i jit.data -o jitted.data 2>/dev/null &&
        ls jitted-*.so >/dev/null 2>&1; then
        expect_status 0 "$analyze" report jit.data
        grep -q "no symbol.*outside" out || fail "generated code is not counted as outside: $(cat out)"
        hot_among jitted.data generated_code
        expect_status 0 "$analyze" convert -b "$(echo jitted-*.so)" --infer off -f fdata jitted.data
        grep -q "^1 generated_code" out || fail "no samples of generated code: $(cat out)"
    fi
    # Several at once add up.
    samples_of() {
        "$analyze" convert -f preagg "$@" | awk '$1 == "S" { n += $NF } END { print n + 0 }'
    }
    [ "$(samples_of fresh.data pipe.data)" -eq $(($(samples_of fresh.data) + $(samples_of pipe.data))) ] ||
        fail "two recordings are not the sum of both"
    if perf record -q -z -F 2000 -g -e cpu-clock:u -o packed.data ./app 20000 >/dev/null 2>&1; then
        hot_among packed.data classify
        perf script --show-mmap-events --show-task-events -i packed.data >packed.txt 2>/dev/null
        "$analyze" convert -f folded packed.data >data.folded || fail "compressed records"
        "$analyze" convert -f folded packed.txt >text.folded
        cmp data.folded text.folded || fail "compressed records read otherwise"
    fi
fi

[ -f "$sample/propeller_sample_1.perfdata" ] || {
    [ $fresh = yes ] || skip "perf cannot record here, and there is no recorded sample"
    exit 0
}
recorded=$sample/propeller_sample_1.perfdata
cp "$sample/propeller_sample_1.bin" propeller_sample_1.bin.gen
binary=propeller_sample_1.bin.gen
expect_status 0 "$analyze" convert -b $binary -f preagg -o ours.preagg "$recorded"
expect_status 0 "$analyze" convert -b $binary -f fdata -o ours.fdata "$recorded"

# perf script's text of it: the same, whichever fields it has.
for fields in pid,brstack pid,ip,brstack comm,pid,tid,time,event,ip,brstack \
    comm,pid,time,period,event,ip,sym,dso,brstack; do
    perf script --show-mmap-events --show-task-events -F $fields -i "$recorded" >text 2>/dev/null ||
        continue
    expect_status 0 "$analyze" convert -b $binary -f fdata --force -o text.fdata text
    cmp ours.fdata text.fdata || fail "perf script -F $fields reads otherwise"
done

# perf2bolt: the same edges with the same counts; only mispredictions are not ours to tell.
perf2bolt=$(first_of perf2bolt-22 perf2bolt-19 perf2bolt)
if [ -n "$perf2bolt" ] && "$perf2bolt" --help-hidden | grep -q ignore-interrupt-lbr; then
    "$perf2bolt" -p "$recorded" -o theirs.fdata $binary >log 2>&1 || fail "perf2bolt: $(tail -3 log)"
    awk '{ $7 = 0; print }' theirs.fdata | sort >theirs.sorted
    sort ours.fdata | diff - theirs.sorted || fail "fdata is not as perf2bolt's"
    [ -s theirs.sorted ] || fail "perf2bolt found nothing"
fi

# The branch stacks as perf prints them, without those from and to the kernel.
perf script -i "$recorded" -F ip,brstack --show-mmap-events 2>/dev/null |
    sed 's,0xf[0-9a-f]\{15\}/[^ ]*,,g; s,0x[0-9a-f]*/0xf[0-9a-f]\{15\}/[^ ]*,,g' >script
python3 - script ours.preagg <<'END' || fail "branches are not as perf script's"
import collections, re, sys
start = offset = None
wanted, found = collections.Counter(), collections.Counter()
for line in open(sys.argv[1]):
    mapping = re.search(r"\[0x([0-9a-f]+)\(0x[0-9a-f]+\) @ (\S+) .*propeller_sample_1", line)
    if mapping:
        start, offset = int(mapping[1], 16), int(mapping[2], 0)
        continue
    later = None
    for entry in re.findall(r"0x([0-9a-f]+)/0x([0-9a-f]+)/", line):
        # Offset 0x740 of the file is linked at 0x1740.
        source, target = (int(x, 16) - start + offset + 0x1000 for x in entry)
        # A run cannot lead backwards: the CPU sometimes writes its oldest entry twice.
        wanted[source, target, later if later and later >= target else None] += 1
        later = source
for line in open(sys.argv[2]):
    kind, *fields = line.split()
    if kind == "T":
        found[tuple(int(x, 16) for x in fields[:3])] += int(fields[3])
    elif kind == "B":
        found[int(fields[0], 16), int(fields[1], 16), None] += int(fields[2])
print(sum(wanted.values()), sum(found.values()), wanted - found, found - wanted)
sys.exit(wanted != found or not wanted)
END

profgen=$(first_of llvm-profgen-22 llvm-profgen-19)
if [ -n "$profgen" ]; then
    "$profgen" --perfscript=script --binary=$binary --skip-symbolization --output=theirs.text \
        >log 2>&1 || fail "llvm-profgen: $(tail -3 log)"
    # Its offsets are from the page of the first code, 0x1000.
    python3 - theirs.text ours.preagg <<'END' || fail "ranges are not as llvm-profgen's"
import collections, sys
lines = [line.strip() for line in open(sys.argv[1])]
count = int(lines[0])
ranges, branches = collections.Counter(), collections.Counter()
for line in lines[1:1 + count]:
    place, n = line.split(":")
    ranges[tuple(int(x, 16) + 0x1000 for x in place.split("-"))] += int(n)
for line in lines[2 + count:]:
    place, n = line.split(":")
    branches[tuple(int(x, 16) + 0x1000 for x in place.split("->"))] += int(n)
theirs = set(ranges)
total = 0
for line in open(sys.argv[2]):
    kind, *fields = line.split()
    if kind not in "TB":
        continue
    places = [int(x, 16) for x in fields[:3]]
    n = int(fields[3] if kind == "T" else fields[2])
    branches[places[0], places[1]] -= n
    if kind == "T":
        ranges[places[1], places[2]] -= n
        total += n
# Runs across a jump that is always taken are in no range of llvm-profgen's.
odd = {key: -n for key, n in ranges.items() if n < 0 and key not in theirs}
wrong = {key: n for key, n in ranges.items() if n != 0 and key not in odd}
print(total, "in runs, impossible in the code:", odd, "wrong:", wrong)
sys.exit(bool(wrong) or sum(odd.values()) * 100 > total or any(branches.values()) or not branches)
END
fi
exit 0
