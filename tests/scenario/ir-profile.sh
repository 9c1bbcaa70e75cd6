# Profiles for -fprofile-use from counts by address: from exact ones, they are what a
# program with counters in it writes itself, for each clang that is installed.
. "$(dirname "$0")/../support/scenario.sh"
support=$(cd "$(dirname "$0")/../support" && pwd)
sources=$(cd "$(dirname "$0")/../programs/ir-profile" && pwd)
cd "$work" || exit 1
command -v valgrind >/dev/null || skip "no valgrind"
[ -n "$(versions_of clang)" ] || skip "no clang"

# dump DIRECTORY CLANG OPTIONS...: the compiler's modules right after it put counters in
dump() {
    directory=$1
    shift
    mkdir "$directory"
    for source in work elsewhere; do
        "$@" -c "$sources/$source.c" -o /dev/null -fprofile-generate -mllvm -print-module-scope \
            -mllvm -print-after=ctx-instr-gen,pgo-instr-gen 2>"$directory/$source.log" ||
            fail "$*: $(tail -3 "$directory/$source.log")"
    done
}

# one VERSION: with that clang
one() {
    clang=clang-$1 merge=$(first_of "llvm-profdata-$1" "$(newest llvm-profdata)")
    common="-O2 -gdwarf-4 -fdebug-info-for-profiling"
    $clang $common -fno-pie -no-pie "$sources"/*.c -o "work$1" || fail "$clang"
    python3 "$support/exact_counts.py" "work$1" 500 >"exact$1" || fail "counting"
    dump "dump$1" $clang $common -fno-pie
    for format in profdata profdata-text; do
        expect_status 0 "$analyze" convert -v -b "work$1" -f $format --ir "dump$1" \
            -o "ours$1.$format" "exact$1"
        grep -q ' 0 left out$' err || fail "functions were left out: $(cat err)"
        # Also those of which the compiler made one.
        grep -q '\([1-9][0-9]*\) of \1 indirect calls that ran have targets' err ||
            fail "indirect calls without targets: $(cat err)"
    done
    # The compiler takes it without a word, and every function of it.
    expect_status 0 $clang $common -fno-pie -no-pie -fprofile-use="ours$1.profdata" -Wall -Wextra \
        "$sources"/*.c -o "optimised$1"
    [ -s err ] && fail "$clang says: $(cat err)"
    [ "$("./optimised$1" 500)" = "$("./work$1" 500)" ] || fail "clang-$1: another result"
    "$merge" merge "ours$1.profdata-text" -o "text$1.profdata" || fail "$merge merge"
    for profile in ours text; do
        "$merge" merge --text "$profile$1.profdata" -o "$profile$1.proftext" || fail "$merge"
    done
    cmp "ours$1.proftext" "text$1.proftext" || fail "the two forms differ"
    "$merge" show "ours$1.profdata" | grep -q '^Maximum function count: [1-9]' ||
        fail "no summary: $("$merge" show "ours$1.profdata")"
    if $clang $common -fprofile-generate "$sources"/*.c -o "counted$1" 2>/dev/null; then
        LLVM_PROFILE_FILE=real.profraw "./counted$1" 500 >/dev/null &&
            "$merge" merge --text real.profraw -o "real$1.proftext" || fail "real counters"
        python3 "$support/counters_agree.py" "real$1.proftext" "ours$1.profdata-text" 90 ||
            fail "clang-$1: other counters"
    else
        echo "clang-$1 has no run-time library for counters: not compared with real ones"
    fi
}
first=
for version in 22 21 20 19 18 17 16; do
    command -v clang-$version >/dev/null || continue
    one $version
    first=${first:-$version} last=$version
done

# Dumps by another compiler, or with other flags than the release, are called out.
grep -q 'dumps are by' err && fail "called out: $(cat err)"
[ $first = $last ] || {
    "$analyze" convert -b "work$last" -f profdata --ir "dump$first" -o another "exact$last" 2>err
    grep -q "the dumps are by \".*version $first\..*\", and work$last by \".*version $last\." err ||
        fail "the other compiler is not named: $(cat err)"
}
dump flat clang-$last -O0 -gdwarf-4 -fdebug-info-for-profiling
"$analyze" convert -b "work$last" -f profdata --ir flat -o flat.profdata "exact$last" 2>err
expect_said "the dumps were made without optimisation"

# A function of few samples is not written: zeros would make it cold.
range=$(nm -S "work$last" | awk '$4 == "elsewhere" { print $1, $2 }')
python3 - "exact$last" $range >few <<'END'
import re, sys
start, size = (int(word, 16) for word in sys.argv[2:])
for line in open(sys.argv[1]):
    where, colon, count = line.rstrip().partition(":")
    is_in = any(start <= int(word, 16) < start + size for word in re.split("->?", where) if colon)
    print(where + colon + (str(min(int(count), 1)) if is_in else count))
END
expect_status 0 "$analyze" convert -v -b "work$last" -f profdata-text --ir "dump$last" -o few.text few
grep -q ' 1 not written, with hardly a sample' err || fail "not said: $(cat err)"
grep -qx elsewhere few.text && fail "it is written all the same"
grep -qx main few.text || fail "no main: $(cat few.text)"
sed 's/:[0-9]*$/:1/' "exact$last" >few
expect_status 1 "$analyze" convert -b "work$last" -f profdata --ir "dump$last" -o refused few
expect_said "or too few: none of"

# What does not fit is told.
refused() {
    expect_status "$1" "$analyze" convert -b "work$last" -f profdata -o refused $3 "exact$last"
    grep -qF "$2" err || fail "not said: $2: $(cat err)"
    [ ! -e refused ] || fail "written all the same"
}
clang=clang-$last
refused 2 "needs the directory" ""
refused 3 "cannot be opened" "--ir nowhere"
mkdir empty && refused 3 "no file *.ll" "--ir empty"
mkdir plain && $clang -O2 -g -S -emit-llvm "$sources/work.c" -o plain/work.ll
refused 3 "none has counters" "--ir plain"
dump bare $clang -O2
refused 3 "no debug locations" "--ir bare"
mkdir cut && head -c 9000 "dump$last/work.log" >cut/work.log
refused 3 "line " "--ir cut"
sources_kept=$sources
mkdir other && sed 's/static int/\n\n\n\n\n    static int/; s/^    /\n        /' "$sources/work.c" >other/work.c &&
    cp "$sources"/work.h "$sources"/elsewhere.c other && sources=$work/other
dump moved $clang -O2 -g -fdebug-info-for-profiling
refused 3 "another build" "--ir moved"
sources=$sources_kept
expect_status 2 "$analyze" convert -b "work$last" -f fdata --ir "dump$last" "exact$last"
exit 0
