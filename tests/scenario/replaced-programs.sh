# A program without a build-id that was built again where it was recorded: no verb gives its
# functions the counts of others, and each says why.
. "$(dirname "$0")/../support/scenario.sh"
source=$(cd "$(dirname "$0")/../programs" && pwd)/branchy.c
cd "$work" || exit 1
command -v gcc >/dev/null || skip "no gcc"

mkdir at
gcc -O2 -g -Wl,--build-id=none -o at/app "$source" || fail "compiling"
cp -p at/app kept
{ for i in 1 2 3 4 5 6 7 8 9; do
    echo "__attribute__((noinline, used)) unsigned other$i(unsigned x) { return x * $i + x / 3; }"
done; cat "$source"; } >other.c
gcc -O2 -g -fno-toplevel-reorder -Wl,--build-id=none -I"$(dirname "$source")" -o other other.c || fail "compiling the other"
recorded app.pgoraw SAMPLES 30 -F 2000 --budget 50 -- at/app 20000

expect_status 0 "$analyze" report app.pgoraw
grep -q 'warning' err && fail "of the recorded program is said: $(cat err)"
grep -q classify out || fail "classify: $(cat out)"

# Built again, from other source and with other options.
gcc -O0 -g -Wl,--build-id=none -o plain "$source" || fail "compiling without optimisation"
for replacement in other plain; do
    cp $replacement at/app
    for verb in "report" "convert -f folded -o -" "convert -f pprof -o x.pprof --force" "convert -f json -o -"; do
        expect_status 0 "$analyze" $verb app.pgoraw
        grep -q 'at/app is .*its code is not named' err || fail "$replacement, $verb: nothing is said: $(cat err)"
        grep -q 'other[0-9]\|classify' out && fail "$replacement, $verb: names of another build"
    done
    for verb in "report" "convert -f folded" "convert -f fdata" "convert -f llvm-text"; do
        expect_status 3 "$analyze" $verb -b at/app app.pgoraw
        grep -q 'is not the binary that the profile is of' err || fail "$replacement, $verb -b: $(cat err)"
    done
done

# Only touched: used, with a warning.
cp kept at/app && touch -d '+1 hour' at/app
expect_status 0 "$analyze" report app.pgoraw
grep -q classify out || fail "classify: $(cat out)"
grep -q 'at/app was changed after it was recorded' err || fail "nothing is said: $(cat err)"

# Not there any more: said, too.
rm at/app
expect_status 0 "$analyze" report app.pgoraw
grep -q 'at/app cannot be opened (No such file or directory): its code is not named' err ||
    fail "nothing is said of a program that is gone: $(cat err)"

# With build-ids: of two builds that ran at one path one is counted, and the other is said.
for number in 1 2; do
    gcc -O2 -g -Wl,--build-id=0x0$number -o at/app "$source" || fail "compiling with a build-id"
    recorded build$number.pgoraw BRANCHES 100 -F 2000 --budget 50 -- at/app 20000
done
expect_status 0 "$analyze" convert --counts raw -b at/app -o second.fdata build2.pgoraw
[ ! -s err ] || fail "of one build is said: $(cat err)"
expect_status 0 "$analyze" convert --counts raw -b at/app -o both.fdata build1.pgoraw build2.pgoraw
expect_said "branches and samples are of other builds at its path, and not counted"
cmp second.fdata both.fdata || fail "the other build is counted too"
