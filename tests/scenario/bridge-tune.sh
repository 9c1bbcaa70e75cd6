# tune finds what is best by counts, leaves out what fails or misbehaves, does not take what only
# fits the workload that it was tuned for, knows what it counted, and hands over the default otherwise.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
command -v valgrind >/dev/null || skip "valgrind is not installed"

# Layouts are programs here: TUNED and OTHER per cent more work, by whether there is a second argument.
cat >program.c <<'END'
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    long rounds = atol(argv[1]) * (100 + (argc > 2 ? OTHER : TUNED)) / 100;
    for (volatile long i = 0; i < rounds; i++)
        ;
    puts(TEXT);
    return 0;
}
END
layout() { # NAME TUNED OTHER [TEXT]
    gcc -O1 -g -Wl,--emit-relocs -DTUNED="$2" -DOTHER="$3" -DTEXT="\"${4:-done}\"" -o "$1" program.c ||
        fail "gcc"
}
layout default 9 9
layout good 5 5
layout fits 1 15
layout wrong 0 0 wrong
cp default program
echo "1 main 0 1 main 4 0 10" >fdata
cat >bolt <<'END'
#!/bin/sh
case $1 in
--version) echo "LLVM version 99.0.1"; exit 0 ;;
--help) echo "    =cdsort"; exit 0 ;;
--help-hidden)
    cat help
    exit 0 ;;
esac
made=default
for word; do
    case $word in
    -cmov-conversion) echo "BOLT-ERROR: no such luck" >&2; exit 1 ;;
    -reg-reassign) made=wrong ;;
    -icf=safe) made=fits ;;
    -jump-tables=move) [ $made = fits ] || made=good ;;
    esac
    [ "$before" = -o ] && output=$word
    before=$word
done
[ ! -e only-the-default ] || made=default
echo "$*" >>runs
cp $made "$output"
END
cat >help <<'END'
  --cmov-conversion   - convert
  --icf               - fold
  --icf=<value>       - fold
    =all              -   all
    =safe             -   safe
  --jump-tables=<value> - tables
    =none             -   none
    =move             -   move
  --peepholes=<value> - peepholes
    =all              -   all
  --reg-reassign      - registers
  --something-jump-tables=<value> - not an option of ours
    =split            -   split
END
chmod +x bolt
tune() { # OPTIONS...
    expect_status 0 "$bolt" tune program --bolt "$work/bolt" --fdata fdata -n 6 --force --json "$@" -- 300000
    json_is_documented out
    expect_nothing_left
}
found() { # CODE: about the report r, its trials t by their options, and what was made
    python3 - "$1" <<'END' || fail "$1: $(cat out err)"
import filecmp, json, sys
r = json.load(open("out"))
t = {" ".join(trial["options"]): trial for trial in r["trials"]}
winner = " ".join(r["trials"][r["winner"]]["options"])
made = [name for name in ("default", "good", "fits", "wrong") if filecmp.cmp(name, "program.tuned", False)]
# What the clock says of a layout that does less is chance; that it is heeded is not.
confirmed = r["result"] == "better"
if r["result"] == "not confirmed":
    assert r["why"] == "it is slower than the default", r
assert eval(sys.argv[1]), (winner, made, t)
END
}
tune --out-dir known
found 'winner == "-icf=safe" and made == ["fits" if confirmed else "default"]'
found 't["-reg-reassign"]["state"] == "different" and t["-cmov-conversion"]["state"] == "failed"'
found '"no such luck" in t["-cmov-conversion"]["reason"] and t["-peepholes=all"]["state"] == "same layout"'
found '"-jump-tables=split" not in t and "-icf=all" not in t and t[""]["tuned"] == 1'
found 't["-icf=safe"]["screened"] < t["-jump-tables=move"]["screened"] < 0.98'
tune --out-dir known
found 'winner == "-icf=safe" and r["counted"] == 0 and r["kept"] > 3'
tune --out-dir known --hold-out '300000 other'
found 'winner == "-jump-tables=move" and made == ["good" if confirmed else "default"] and r["counted"] > 0'
found 't["-icf=safe"]["held_out"] > 1.03 and t["-jump-tables=move"]["held_out"] < 0.98'
found 'r["chance"] == 0 and [w["held_out"] for w in r["workloads"]] == [False, True] and "winner" in r["workloads"][1]'
# What is of another profile is made again.
echo "1 main 0 1 main 4 0 11" >fdata
: >runs
tune --out-dir known
[ "$(wc -l <runs)" -ge 5 ] || fail "layouts by another profile were not made: $(cat runs)"

# What only fits what it was tuned for, and nothing else that is better: said, and not handed over.
cp good good.kept && cp default good
tune --out-dir alone --hold-out '300000 other'
found 'r["result"] == "nothing beats the default" and made == ["default", "good"]'
found '"the nearest, -icf=safe: model cycles -" in r["why"] and "% on what is held out" in r["why"]'
cp good.kept good
# Nothing beats the default: said, and it is handed over.
: >only-the-default
expect_status 0 "$bolt" tune program --bolt "$work/bolt" --fdata fdata -n 6 -o plain.tuned -- 300000
expect_printed "made with the default options: nothing that was tried beats them"
expect_printed "(no other layout has fewer of the model's cycles)"
cmp -s plain.tuned default || fail "not the default"
expect_status 3 "$bolt" tune program --bolt "$work/bolt" --fdata fdata -n 6 -o plain.tuned -- 300000
expect_said "already exists"
# A default layout that does something else is none.
rm only-the-default
sed -i 's/^made=default/made=wrong/' bolt
expect_status 3 "$bolt" tune program --bolt "$work/bolt" --fdata fdata -o wrong.tuned -- 300000
expect_said "its standard output differs"
[ ! -e wrong.tuned ] || fail "it was handed over"
expect_status 2 "$bolt" tune program -- 1
expect_status 2 "$bolt" tune program --fdata fdata --load true --ready true -- 1
expect_nothing_left
