# Where times cannot tell, counts decide: in cycle and in compare.  Whichever of both has the word
# on the machine at hand, a program that does 3 % less is taken, and one that does more is not.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
command -v valgrind >/dev/null || skip "valgrind is not installed"
comparable_programs
for slower in 0 3; do
    gcc -O1 -g -Wl,--emit-relocs -DSLOWER=$slower -o program.$slower program.c || fail "gcc"
done
rounds=10000000

# cycle, with an llvm-bolt that puts the other one at the new one's place.
cycle() { # STATUS PLAIN NEW
    cp "program.$2" plain
    fake_bolt other "cp $work/program.$3 \"\$output\""
    expect_status "$1" "$bolt" cycle plain --bolt "$work/other" --quick --count-time 20m -n 6 \
        -F 4000 --budget 50 --out-dir out.$2.$3 --json -- $rounds
    expect_nothing_left
}
judged() { # VERDICT GAIN...: of the last cycle, if counts decided, and the checklist's line
    python3 - "$@" <<'END_OF_CHECK' || fail "$*: $(cat out err)"
import json, sys
report = json.load(open("out"))
gain = [item for item in report["checklist"] if item["name"] == "gain"][0]
assert gain["verdict"] == sys.argv[2], gain
if report["decided_by"] == "counts":
    assert report["counts"]["verdict"] == sys.argv[1], report["counts"]
    assert "by counts it is " + sys.argv[1] in gain["text"], gain
    assert report["comparison"]["cpu"]["b_over_a"]["verdict"] == "no difference"
else:
    assert report["comparison"]["cpu"]["b_over_a"]["verdict"] in ("faster", "slower")
END_OF_CHECK
}
cycle 0 3 0
judged better ok
cycle 1 0 3
judged worse fail
# What was counted is kept, as what was timed is.
cp out first
cycle 1 0 3
cmp -s out first || fail "the second time it says something else: $(diff out first)"

# compare.
compare() { # STATUS PROGRAMS AND OPTIONS...
    wanted_status=$1
    shift
    expect_status "$wanted_status" "$bolt" compare --counts-if-unclear -n 6 --json "$@" -- $rounds
    json_is_documented out
}
compare 1 ./program.0 ./program.3
compare 0 --require-faster ./program.3 ./program.0
python3 - <<'END_OF_CHECK' || fail "$(cat out)"
import json
report = json.load(open("out"))
assert (report["decided_by"] == "counts") == ("counted" in report) == (report["verdict"] == "no difference")
if "counted" in report:
    assert report["counted"]["verdict"] == "better" and report["counted"]["ratios"]["model_cycles"] < 0.98
END_OF_CHECK
expect_status 2 "$bolt" compare --counts --counts-if-unclear ./a ./same -- 1
expect_nothing_left
