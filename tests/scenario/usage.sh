#!/bin/sh
# What the three programs say of themselves: --help fits into 79 columns and its examples are
# whole, words that are not known get the nearest one, and old spellings work and say so.
. "$(dirname "$0")/../support/scenario.sh" "$1"
cd "$work" || exit 1

verbs_of() { # PROGRAM
    "$1" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -v '^pgo'
}

# An example is a line of its own under "Examples:", and begins with a program.
check_help() { # COMMAND...
    "$@" --help >help || fail "$* --help exits with $?"
    grep -q "^Examples:" help || fail "$* --help has no examples"
    grep -q "^Exit status: 0" help || grep -q "^Exit status:" help ||
        fail "$* --help says nothing of its exit status"
    awk 'length($0) > 79' help >long
    [ -s long ] && fail "$* --help has more than 79 columns: $(cat long)"
    sed '1,/^Examples:/d' help | sed '/^$/,$d' >examples
    [ -s examples ] || fail "$* --help: there is nothing under Examples"
    while read -r word _; do
        case $word in
        pgo-analyze | pgo-bolt | pgo-record | clang | llvm-bolt | perf | make | RUSTFLAGS=*) ;;
        *) fail "$* --help: an example begins with '$word'" ;;
        esac
    done <examples
    "$@" --usage >usage || fail "$* --usage exits with $?"
    "$@" --version | grep -q '^pgo-[a-z]* [0-9.]*$' || fail "$* --version"
}

for program in "$analyze" "$bolt"; do
    "$program" --help >help || fail "$program --help"
    awk 'length($0) > 79' help >long
    [ -s long ] && fail "$program --help has more than 79 columns: $(cat long)"
    [ "$(verbs_of "$program" | wc -l)" -ge 6 ] || fail "$program --help lists too few verbs"
    for verb in $(verbs_of "$program"); do
        check_help "$program" "$verb"
    done
done
check_help "$record"

# Every format of convert is in its table, with what it is for.
"$analyze" convert --help | sed '1,/^Formats:/d' | sed '/^$/,$d' >formats
for format in fdata preagg llvm-text llvm-ext-md5 gcov propeller pprof raw; do
    grep -q "^  $format  *[a-zA-Z]" formats || fail "convert --help does not list $format"
done

# A program that is built with what flags says is one that BOLT can relink.
echo 'int main(void) { return 0; }' >linked.c
# shellcheck disable=SC2046 # several words
gcc $("$bolt" flags -t gcc) $("$bolt" flags --bolt -t gcc) -o linked linked.c || fail "flags --bolt: gcc refuses them"
"$bolt" doctor ./linked >out 2>err
grep -q "ok *relocations" out && grep -q "ok *build-id" out || fail "flags --bolt: $(cat out)"
expect_status 0 "$bolt" flags --bolt
grep -q "^gcc  *-Wl,--emit-relocs" out && grep -q "BOLT takes no Go programs" out || fail "flags --bolt: $(cat out)"

# Those of --best are more, and the compilers take them.
for compiler in clang-22:clang rustc:rustc; do
    flags=$("$bolt" flags --best -t "${compiler#*:}")
    [ "${flags#"$("$bolt" flags -t "${compiler#*:}")" }" != "$flags" ] || fail "flags --best: $flags"
    command -v "${compiler%:*}" >/dev/null || continue
    case $compiler in
    rustc*) echo 'fn main() {}' >best.rs && source=best.rs ;;
    *) source=linked.c ;;
    esac
    # shellcheck disable=SC2086 # several words
    "${compiler%:*}" $flags -o best "$source" 2>err || fail "flags --best: $(cat err)"
done
expect_status 2 "$bolt" flags --best --bolt

for verb in "flags" "flags --bolt -t go" "flags --best" "doctor ./linked"; do
    # shellcheck disable=SC2086 # a verb and its arguments
    "$bolt" $verb --json >"$(echo "$verb" | tr -c 'a-z\n' _).json" 2>err || fail "$verb --json: $(cat err)"
done
json_is_documented ./*.json

# What is not known.
expect_status 2 "$analyze" reprot
expect_said "unknown verb 'reprot'; did you mean 'report'?"
expect_status 0 "$analyze" help report
"$analyze" report --help | cmp - out || fail "help report is not report --help"
expect_status 2 "$analyze" help reprot
expect_said "did you mean 'report'?"
: >app.pgoraw
expect_status 2 "$analyze" annotate app.pgoraw
expect_said "app.pgoraw is a file: of which FUNCTION?"
rm app.pgoraw
expect_status 2 "$analyze" annotate missing.pgoraw
expect_said "missing.pgoraw is a file: of which FUNCTION?"
for program in "$analyze" "$bolt"; do
    expect_status 2 "$program" --frobnicate
    expect_said "unknown option '--frobnicate'"
    # What could not be printed was not told.
    "$program" --help >/dev/full 2>err
    [ $? -eq 3 ] || fail "$program --help: another status than 3 where nothing can be written"
    grep -q "standard output cannot be written: No space left on device" err || fail "said: $(cat err)"
done
"$analyze" report --help >/dev/full 2>err
[ $? -eq 3 ] || fail "report --help: another status than 3 where nothing can be written"
expect_status 3 "$analyze" report missing.pgoraw
expect_said "remedy: check its name"
expect_status 3 "$analyze" report .
expect_said "it is a directory"
expect_status 2 "$analyze" frobnicate
expect_said "unknown verb 'frobnicate'"
grep -q "did you mean" err && fail "a suggestion that makes no sense"
expect_status 2 "$analyze" convert -f fdat app.pgoraw
expect_said "unknown format 'fdat'; did you mean 'fdata'? Formats are fdata, preagg"
expect_status 2 "$analyze" merge -f llvm-tex -o new app.prof
expect_said "unknown format 'llvm-tex'; did you mean 'llvm-text'? Formats are llvm-ext, llvm-text"
expect_status 2 "$analyze" report --top none app.pgoraw
expect_said "--top: 'none' is not a number"
expect_status 2 "$analyze" trim --pid 4294967296 -o new app.pgoraw
expect_status 2 "$analyze" trim --min-share 0 -o new app.pgoraw
expect_status 2 "$analyze" overlap --at-least 101 one two
expect_status 2 "$analyze" check
expect_said "no profile was given"

# Options that are mistyped get the nearest one, wherever they stand; what belongs to a command, or is the
# value of another option, is none of ours.
mistyped() { # WORDS COMMAND...
    words=$1
    shift
    expect_status 2 "$@"
    expect_said "$words"
}
mistyped "unknown option '--limt'; did you mean '--limit'?" "$analyze" report app.pgoraw --limt 3
mistyped "unknown option '--sourcedir'; did you mean '--source-dir'?" "$analyze" annotate --sourcedir=x main app.pgoraw
mistyped "unknown option '--jsom'; did you mean '--json'?" "$bolt" compare --jsom ./a ./b -- --limt
mistyped "unknown option '--buget'; did you mean '--budget'?" "$record" -o x.pgoraw --buget 3 -- true
mistyped "unknown option '--hlep'; did you mean '--help'?" "$analyze" --hlep
mistyped "unknown option '--zzz?zz'" "$analyze" report "--zzz$(printf '\033')zz"
expect_status 2 "$analyze" report --frobnicate
grep -q "did you mean" err && fail "a suggestion that makes no sense: $(cat err)"
expect_status 0 "$record" -q -o x.pgoraw -- echo --buget
expect_status 3 "$analyze" report -b --limt missing.pgoraw
expect_status 0 "$analyze" report --help --limt
expect_status 3 "$analyze" report --lim 3 missing.pgoraw

# Old spellings.
line="1 main 0 1 main 4 0 7"
echo "$line" >one.fdata
"$analyze" merge --weighted-input 3,one.fdata -o new.fdata || fail "--weighted-input"
for old in -w --weight; do
    expect_status 0 "$analyze" merge $old 3,one.fdata -o old.fdata --force
    expect_said "pgo-analyze merge: $old is deprecated: write --weighted-input"
    cmp new.fdata old.fdata || fail "$old means something else than --weighted-input"
done
for old in "-b 2" "-w 32" -f; do
    "$record" $old -o old.pgoraw -- true >out 2>err || fail "pgo-record $old"
    expect_said "${old%% *} is deprecated: write --"
done
for verb in doctor relink rebuild compare cycle; do
    "$bolt" $verb -j ./no-such-file </dev/null >out 2>err
    expect_said "pgo-bolt $verb: -j is deprecated: write --json"
done
for old in -n --print; do
    expect_status 3 "$bolt" rebuild $old -p no-such-file
    expect_said "pgo-bolt rebuild: $old is deprecated: write --dry-run"
done
