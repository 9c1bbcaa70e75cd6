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

for verb in doctor relink compare cycle; do
    expect_status 0 "$bolt" $verb --help
    expect_printed "Examples:"
    expect_printed "Exit status:"
    expect_printed "pgo-bolt $verb"
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
expect_nothing_left
