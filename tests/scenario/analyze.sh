# pgo-analyze's command line: the whole way from a recording, and every refusal.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
cp "$fixtures/branchy" app
# One recording, of a run that is long enough: a machine may be fast, or its clocks tick rarely.
for rounds in 20000 80000 320000 1280000; do
    "$record" -q --force -F 2000 --budget 50 -o app.pgoraw -- ./app $rounds >expected || fail "recording"
    [ ! -e app.pgoraw ] || [ "$(counter app.pgoraw SAMPLES)" -lt 20 ] || break
done
refused() { # STATUS WORDS ARGUMENTS...
    wanted_status=$1 words=$2
    shift 2
    expect_status "$wanted_status" "$analyze" "$@"
    expect_said "$words"
    [ -z "$(find . -name 'new*')" ] || fail "left behind: $(find . -name 'new*')"
}

# The verbs.
expect_status 0 "$analyze" --version
expect_status 0 "$analyze" --help
for verb in annotate convert report merge show; do
    grep -q "^  $verb " out || fail "--help does not know $verb"
done
for verb in annotate convert report merge show; do
    expect_status 0 "$analyze" $verb --help
    grep -q "Exit status" out || fail "$verb --help tells no exit status"
    grep -q "pgo-analyze $verb " out || fail "$verb --help has no example"
done
refused 2 "did you mean 'convert'" covert app.pgoraw
refused 2 "unknown verb" frobnicate
refused 2 "no profile was given" convert
refused 2 "no output" merge app.pgoraw
refused 2 "whole number" merge -o new --weighted-input x,app.pgoraw

# report and show.
expect_status 0 "$analyze" report --top 5 app.pgoraw
for words in "Hottest functions" "classify" "Hottest conditional branches" "Hottest call sites"; do
    grep -qF "$words" out || fail "report does not say: $words"
done
grep -q "$(printf '\033')" out && fail "colour without a terminal"
expect_status 0 "$analyze" report
expect_status 0 "$analyze" report --json app.pgoraw
python3 -m json.tool out >/dev/null || fail "report --json is not JSON"
hot_among app.pgoraw classify
# The binary may be elsewhere now, but it has to be that build.
expect_status 0 "$analyze" report app.pgoraw
mv out report.in-place
mv app app.elsewhere
expect_status 0 "$analyze" report -b app.elsewhere app.pgoraw
cmp out report.in-place || fail "report -b differs from report at the recorded path"
expect_status 1 "$analyze" report -b "$analyze" app.pgoraw
mv app.elsewhere app
expect_status 0 "$analyze" show app.pgoraw
grep -qF "$work/app" out || fail "show does not name the program"
[ "$(counter app.pgoraw SAMPLES)" -ge 20 ] || fail "not 20 samples in a run of $rounds rounds"
refused 1 "does not occur" report --module nonsense.so app.pgoraw

# convert: every format, into a file and to standard output.
for format in pprof fdata preagg unsymbolized llvm-text llvm-ext folded json raw; do
    expect_status 0 "$analyze" convert -b app -f $format -o app.$format app.pgoraw
    [ -s app.$format ] || fail "$format is empty"
    "$analyze" convert -f $format app.pgoraw >again || fail "$format to standard output"
    cmp app.$format again || fail "$format differs from itself"
    refused 3 "already exists" convert -b app -f $format -o app.$format app.pgoraw
    expect_status 0 "$analyze" convert -b app -f $format --force -o app.$format app.pgoraw
done
grep -q "^1 classify/1 .* 1 classify/1 " app.fdata || fail "no branches of classify"

# Standard input, be it a file or a pipe, and pipes that a shell has opened.
"$analyze" convert -b app -f fdata - <app.pgoraw | cmp - app.fdata || fail "- is not standard input"
cat app.pgoraw | "$analyze" convert -b app -f fdata - | cmp - app.fdata || fail "a pipe is another profile"
cat app.pgoraw | "$analyze" convert -b app -f fdata /dev/fd/0 | cmp - app.fdata || fail "/dev/fd/0 is another profile"
printf '' | refused 3 "/dev/stdin is not a profile that is known: it is empty" report -

# merge: the same counts doubled, and a file that reads back.
expect_status 0 "$analyze" merge -o twice.pgoraw app.pgoraw app.pgoraw
expect_status 0 "$analyze" merge -o weighted.pgoraw --weighted-input 2,app.pgoraw
"$analyze" convert -b app -f fdata twice.pgoraw >twice.fdata
"$analyze" convert -b app -f fdata weighted.pgoraw >weighted.fdata
cmp twice.fdata weighted.fdata || fail "weight 2 is not twice"
cmp twice.pgoraw weighted.pgoraw || fail "a weight of 2 is not the file named twice"
awk '{ $NF *= 2; print }' app.fdata | cmp - twice.fdata || fail "merging does not add up"
refused 3 "already exists" merge -o twice.pgoraw app.pgoraw

# Files that are no use.
refused 3 "is not a profile that is known" report /etc/passwd
refused 3 "cannot be opened" show missing.pgoraw
head -c 5000 app.pgoraw >cut.pgoraw
refused 3 "is cut short" convert -b app -o new cut.pgoraw
head -c 10000 app.pgoraw >cut.pgoraw
refused 3 "is cut short" convert -b app -o new cut.pgoraw
printf 'xxxx' | dd of=cut.pgoraw bs=1 seek=8 conv=notrunc 2>/dev/null
refused 3 "another version" convert -b app -o new cut.pgoraw
refused 3 "is not an ELF" convert -b /etc/passwd -o new app.pgoraw
strip -o stripped app
refused 3 "has no symbol table" convert -b stripped -o new app.pgoraw
mkdir other
cp "$fixtures/spin" other/app
refused 3 "is not the build that was recorded" convert -b other/app -o new app.pgoraw
cp "$fixtures/spin" different
refused 1 "does not occur" convert -b different -o new app.pgoraw
refused 2 "unknown format" convert -f nonsense -o new app.pgoraw

# Nowhere to write.
refused 3 "No space left" convert -b app -o /dev/full app.pgoraw
refused 3 "cannot be written" convert -b app -o missing/new app.pgoraw
if "$analyze" report app.pgoraw >/dev/full 2>err; then
    fail "a full disk was not noticed"
fi
echo old >old.fdata
expect_status 3 "$analyze" convert -b other/app --force -o old.fdata app.pgoraw
[ "$(cat old.fdata)" = old ] || fail "a failed conversion touched what was there"

# A recording of nothing: a header whose directory names no chunks.
head -c 8192 app.pgoraw >empty.pgoraw
dd if=/dev/zero of=empty.pgoraw bs=1 seek=600 count=1536 conv=notrunc 2>/dev/null
refused 1 "has no samples" convert -o new empty.pgoraw
refused 1 "has no samples" report empty.pgoraw
