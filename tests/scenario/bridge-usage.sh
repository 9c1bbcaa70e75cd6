# pgo-bolt's command line: help, version, unknown verbs and wrong arguments.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1

expect_status 0 "$bolt" --version
expect_printed "pgo-bolt "
expect_status 0 "$bolt" --help
for verb in doctor relink compare cycle; do
    expect_printed "$verb"
done
expect_status 2 "$bolt"
expect_status 2 "$bolt" docter
expect_said "did you mean 'doctor'?"
expect_status 2 "$bolt" unrelated-words
grep -q "did you mean" err && fail "a suggestion that makes no sense"

for verb in doctor relink rebuild compare cycle; do
    expect_status 0 "$bolt" $verb --help
    expect_printed "Examples:"
    expect_printed "Exit status:"
    expect_printed "pgo-bolt $verb"
    awk 'length($0) > 79 { print; wide = 1 } END { exit wide }' out || fail "$verb --help is too wide"
    expect_status 2 "$bolt" $verb
    expect_status 2 "$bolt" $verb --no-such-option
done
expect_status 2 "$bolt" doctor one two
expect_status 2 "$bolt" relink "$fixtures/branchy"
expect_said "which profile?"
expect_status 2 "$bolt" relink "$fixtures/branchy" -p a --fdata b
expect_said "not both"
expect_status 2 "$bolt" compare -n 5 /bin/true /bin/true
expect_said "from 6 to 1000"
expect_status 2 "$bolt" compare -n 10x /bin/true /bin/true
expect_status 2 "$bolt" compare /bin/true
expect_said "which two programs?"
expect_status 2 "$bolt" compare --timeout never /bin/true /bin/true
expect_status 2 "$bolt" compare --ignore everything /bin/true /bin/true
expect_said "(one of output, errors, both)"
expect_status 2 "$bolt" compare --counts=valgrin /bin/true /bin/true
expect_said "did you mean 'valgrind'?"
expect_status 2 "$bolt" flags -t rust
expect_said "did you mean 'rustc'?"
expect_status 2 "$bolt" rebuild -p a -t gc -- make
expect_said "did you mean 'gcc'?"
expect_status 2 "$bolt" compare --json --markdown /bin/true /bin/true
expect_said "either --json or --markdown"
expect_status 2 "$bolt" compare --shell true true -- argument
expect_status 2 "$bolt" compare --time 5x /bin/true /bin/true
expect_said "not a time like 90, 90s, 5m or 1h"
expect_status 2 "$bolt" compare --precision -1 /bin/true /bin/true
expect_status 2 "$bolt" compare --ready-port 1 /bin/true /bin/true
expect_said "need --load COMMAND"
expect_status 2 "$bolt" compare --load a --ready b -w 1 -w 2 /bin/true /bin/true
expect_said "a server has one workload"
expect_status 2 "$bolt" compare -w 'a:0=x' /bin/true /bin/true
expect_status 2 "$bolt" compare --counts --require-faster /bin/true /bin/true
expect_status 2 "$bolt" compare --shell -w x true true
expect_status 2 "$bolt" cycle one two -- three
expect_status 2 "$bolt" cycle one --no-bolt
expect_said "nothing to be made"
expect_status 2 "$bolt" cycle one --result file
expect_status 2 "$bolt" cycle one --json --markdown
expect_status 2 "$bolt" cycle one --duration forever

# Old spellings mean what they meant, and say what to write.
expect_status 3 "$bolt" doctor -j ./nosuch
expect_said "pgo-bolt doctor: -j is deprecated: write --json"
expect_status 0 "$bolt" compare -j $any_time -n 6 /bin/true /bin/true
expect_said "-j is deprecated: write --json"
python3 -c 'import json; assert json.load(open("out"))["same_behaviour"]' || fail "-j: $(cat out)"
for old in -n --print; do
    expect_status 3 "$bolt" rebuild -p ./nosuch $old
    expect_said "pgo-bolt rebuild: $old is deprecated: write --dry-run"
done
expect_status 3 "$bolt" rebuild -p ./nosuch --dry-run
grep -q deprecated err && fail "--dry-run is not deprecated"
for time in 90 90s 5m 1h 0.5; do
    expect_status 0 "$bolt" compare $any_time -n 6 --timeout $time --time $time /bin/true /bin/true
done
expect_nothing_left
