# relink and rebuild refuse a profile that `pgo-analyze check` fails, and take it with --force; a
# recording that is given twice is called one.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
command -v gcc >/dev/null || skip "no gcc"
cat >app.c <<'END_OF_C'
__attribute__((noinline)) int hot(int n) { int r = 0; for (int i = 0; i < n; i++) r ^= i * 3; return r; }
int main(void) { return hot(200000000) == 1; }
END_OF_C
expect_status 0 gcc -O2 -g -Wl,--emit-relocs -o app app.c
hot=$(nm app | awk '$3 == "hot" { print $1 }')
# samples N: a profile of N samples at the beginning of `hot`
samples() {
    printf 'E cpu-clock\nS %s %s\n' "$hot" "$1" >text.preagg
    rm -f "$1.pgoraw"
    expect_status 0 "$analyze" merge -b app -o "$1.pgoraw" text.preagg
}
samples 12
samples 30000

expect_status 1 "$analyze" check -b app 12.pgoraw
expect_status 1 "$bolt" rebuild -p 12.pgoraw -b app -- gcc -O2 -g app.c -o app
expect_said "12.pgoraw is not good enough to optimise by: samples: 12 samples"
expect_said "--force takes it all the same"
expect_status 0 "$bolt" rebuild --force -p 12.pgoraw -b app --dry-run
expect_said "12 samples"
expect_status 0 "$analyze" check -b app 30000.pgoraw
expect_status 0 "$bolt" rebuild -p 30000.pgoraw -b app --dry-run

# The same recording under another name, of every kind.
cp 12.pgoraw copy.pgoraw
expect_status 0 "$analyze" merge -o twice.pgoraw 12.pgoraw 30000.pgoraw copy.pgoraw
expect_said "copy.pgoraw is the same recording as 12.pgoraw: its counts count twice"
expect_status 0 "$analyze" merge -o weighted.pgoraw 12.pgoraw:2 30000.pgoraw
[ ! -s err ] || fail "said of different recordings: $(cat err)"
cmp twice.pgoraw weighted.pgoraw || fail "not the counts that were asked for"
expect_status 0 "$bolt" rebuild -p 30000.pgoraw 30000.pgoraw -b app --dry-run
expect_said "is the same recording as"
expect_status 0 "$analyze" convert -b app -f fdata --infer off -o one.fdata 12.pgoraw
cp one.fdata two.fdata
expect_status 0 "$analyze" merge -o both.fdata one.fdata two.fdata
expect_said "two.fdata is the same recording as one.fdata"
if "$record" -q -F 2000 --budget 50 -o first.pgoraw -- ./app && "$record" -q -F 2000 --budget 50 -o second.pgoraw -- ./app &&
    [ -s first.pgoraw ] && [ -s second.pgoraw ]; then
    cp first.pgoraw again.pgoraw
    expect_status 0 "$analyze" merge -o runs.pgoraw first.pgoraw second.pgoraw
    grep -q "same recording" err && fail "two runs are called one"
    expect_status 0 "$analyze" merge --force -o runs.pgoraw first.pgoraw second.pgoraw again.pgoraw
    expect_said "is the same recording as"
fi

[ -n "$(real_bolts)" ] || { echo "no llvm-bolt: relink is not tried"; exit 0; }
expect_status 1 "$bolt" relink app -p 12.pgoraw -o new
expect_said "is not good enough to optimise by"
[ ! -e new ] || fail "a poor profile made a binary"
expect_status 0 "$bolt" relink app -p 12.pgoraw -o new --force
expect_said "12 samples"
expect_status 0 "$bolt" relink app -p 30000.pgoraw -o good
expect_nothing_left
