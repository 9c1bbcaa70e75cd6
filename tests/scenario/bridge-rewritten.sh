# A recording of what llvm-bolt -enable-bat wrote is a profile of the binary that it was made of:
# perf2bolt's, line by line, and relink takes it. Without the table that is said.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
support=$(cd "$(dirname "$0")/../support" && pwd)
cd "$work" || exit 1
newest=$(command -v llvm-bolt-22) && command -v perf2bolt-22 >/dev/null || skip "no llvm-bolt-22 and perf2bolt-22"
cat >app.c <<'END_OF_C'
#include <stdio.h>
#include <stdlib.h>
static unsigned state = 1;
__attribute__((noinline)) static int small(unsigned x) { return x % 3 ? x % 7 : 2; }
__attribute__((noinline)) static int loop(unsigned x)
{
    int sum = 0;
    for (unsigned i = 0; i < (x & 15); i++)
        sum += i & 1 ? small(i) : i == 6 ? (int)x : 3;
    return sum;
}
__attribute__((noinline, cold)) int rare(unsigned x) { return x % 11 + small(x); }
__attribute__((noinline)) int choose(unsigned x)
{
    switch (x & 7) {
    case 0: return loop(x);
    case 1: return small(x);
    case 2: return 5;
    case 3: state++; return rare(x);
    case 4: return loop(x + 1) + 1;
    case 5: return puts("");
    default: return __builtin_expect(x & 8, 0) ? rare(x) : loop(x);
    }
}
__attribute__((noinline)) int deep(unsigned x) { return x < 2 ? 1 : deep(x - 1) + (x & 3 ? 0 : deep(x - 2)); }
int main(int count, char **arguments)
{
    unsigned sum = 0;
    for (unsigned n = strtoul(arguments[count - 1], 0, 10), i = 0; i < n; i++) {
        state = state * 1103515245u + 12345u;
        sum += choose((state >> 8 & 3) + (state >> 20 & 3 ? 0 : 6)) + deep(state >> 29);
    }
    printf("%u\n", sum);
    return 0;
}
END_OF_C
cp app.c other.c # whose local functions have the same names
sed -i "s/int main/int another_main/; s/\\brare\\b/other_rare/g; s/\\bchoose\\b/other_choose/g; s/\\bdeep\\b/other_deep/g" other.c

as_perf2bolt() { # PREAGG: a profile of bolted, by both
    expect_status 0 "$analyze" convert --force --counts raw -b bolted -f fdata -o ours.fdata "$1"
    perf2bolt-22 bolted -pa -p "$1" -o theirs.fdata >log 2>&1 || fail "perf2bolt: $(cat log)"
    sort ours.fdata >ours && sort theirs.fdata >theirs
    diff ours theirs || fail "$compiler: ours (<) is not perf2bolt's (>)"
}

# Branches, and returns from its callee, in a function that BOLT leaves where it is: the startup
# code's, which ends the program.
cat >left_alone.awk <<'END_OF_AWK'
sub(":$", "", $1) && $1 ~ /^[0-9a-f]+$/ { at = $1 }
/^[0-9a-f]+ <.*>:?$/ { name = $2; before = ""; next }
name ~ /<deregister_tm_clones>/ && $2 == "ret" { callee_end = at }
name !~ /<__do_global_dtors_aux>/ { next }
!entry { entry = at }
before == "jne" { behind_first = at }
before ~ /^call/ { behind_call[calls] = at }
$2 == "jne" { first = at }
$2 == "je" { second = at; target = $3 }
$2 ~ /^call/ { call[++calls] = at }
$2 == "ret" && !end { end = at }
{ before = $2 }
END {
    print "T", second, entry, second, 3
    print "T", second, target, call[2], 5
    print "T", callee_end, behind_call[2], end, 7
    print "T", first, behind_first, call[1], 2
    print "T", callee_end, behind_call[1], call[2], 11
}
END_OF_AWK
for compiler in gcc clang-22; do
    command -v $compiler >/dev/null || continue
    expect_status 0 $compiler -O2 -g -Wl,--emit-relocs -o app app.c other.c
    expected=$(./app 2000)
    recorded plain.pgoraw BRANCHES 1000 -F 2000 --budget 50 -- ./app 300000
    expect_status 0 "$bolt" relink app -p plain.pgoraw -o bolted --force --bolt "$newest" -- -enable-bat
    recorded bolted.pgoraw BRANCHES 1000 -F 2000 --budget 50 -- ./bolted 300000
    for format in fdata preagg; do
        expect_status 0 "$analyze" convert --force --counts raw -b bolted -f $format -o bolted.$format bolted.pgoraw
        [ ! -s err ] || fail "said: $(cat err)"
    done
    head -1 bolted.fdata | grep -qx boltedcollection || fail "not called a profile of rewritten code"
    objdump -d --no-show-raw-insn bolted | awk -f left_alone.awk >left_alone.preagg
    as_perf2bolt left_alone.preagg
    [ "$(grep -c '^1 __do_global_dtors_aux' ours)" -ge 4 ] || fail "edges of what stays: $(cat ours)"
    as_perf2bolt bolted.preagg
    cmp bolted.fdata ours.fdata || fail "$compiler: another profile by way of preagg"
    grep -q '^1 loop/app.c/1 ' ours || fail "local functions are not told apart by their files"
    # The same table as llvm-bolt 16 wrote it.
    # objcopy harms what BOLT wrote: the program itself stays as it is.
    objcopy --dump-section .note.bolt_bat=table bolted harmed 2>log
    python3 "$support/old_bolt_table.py" table old-table || fail "the table's other layout"
    expect_status 0 objcopy --update-section .note.bolt_bat=old-table bolted older
    expect_status 0 "$analyze" convert --force --counts raw -b older -f fdata -o older.fdata bolted.pgoraw
    cmp bolted.fdata older.fdata || fail "$compiler: the old layout is read otherwise"
    # Samples alone: in the same functions of the original.
    expect_status 0 "$analyze" convert --force --infer on -b bolted -o inferred.fdata bolted.pgoraw
    head -1 inferred.fdata | grep -qx boltedcollection || fail "inferred: not called a profile of rewritten code"

    # By the binary that it was made of, too.
    expect_status 0 "$analyze" convert --force --counts raw -b app -f fdata -o same.fdata bolted.pgoraw
    expect_said "which BOLT made of app"
    cmp bolted.fdata same.fdata || fail "$compiler: fdata by the original is another"
    expect_status 0 "$analyze" convert --force -b app -f llvm-text -o same.text bolted.pgoraw
    expect_said "which BOLT made of app"
    "$analyze" check -b app bolted.pgoraw >checked 2>err
    grep -q '^fail  *\(build\|staleness\)' checked && fail "check: $(cat checked)"
    expect_said "which BOLT made of app"
    expect_status 3 "$analyze" convert --force -b bolted -f llvm-text -o same.text bolted.pgoraw
    expect_said "update-debug-sections"

    expect_status 0 "$bolt" relink app -p bolted.pgoraw -o again --force --bolt "$newest"
    grep -q "does not fit" err && fail "the profile does not fit: $(cat err)"
    [ "$(./again 2000)" = "$expected" ] || fail "the new binary computes something else"
    # What is relinked every week can be relinked the next week as well.
    readelf -SW again 2>log | grep -q note.bolt_bat || fail "the next recordings have no table of addresses"
    # A fleet of which a part runs the original: both count.
    expect_status 0 "$analyze" convert --force --counts raw -b app -o mixed.fdata plain.pgoraw bolted.pgoraw
    expect_said "which BOLT made of app"
    expect_status 0 "$analyze" convert --force --counts raw -b app -o plain.fdata plain.pgoraw
    expect_status 0 "$analyze" convert --force --counts raw -b app -f preagg -o bolted.preagg bolted.pgoraw
    expect_status 0 "$analyze" convert --force --counts raw -b app -o bolted.fdata bolted.preagg
    expect_status 0 "$analyze" merge --force -o sum.fdata plain.fdata bolted.fdata
    sort mixed.fdata >ours && sort sum.fdata >theirs
    diff ours theirs || fail "$compiler: of both is not the sum of each"
    expect_status 0 "$bolt" relink app -p plain.pgoraw bolted.pgoraw -o again --force --bolt "$newest"
    readelf -SW again 2>log | grep -q note.bolt_bat || fail "of both: the next recordings have no table"
    expect_status 1 "$analyze" convert --force -b app -f llvm-text --context on -o of-callers bolted.pgoraw
    expect_said "callers are not translated; leave --context out"
    # Another of BOLT's at its path has the same build-id.
    mv bolted first
    expect_status 0 "$newest" app -data plain.fdata -o bolted -reorder-blocks=reverse -reorder-functions=hfsort -enable-bat
    expect_status 3 "$bolt" relink app -p bolted.pgoraw -o again --force --bolt "$newest"
    expect_said "is not the binary that the profile is of"
    mv first bolted
    # Installed under the original's name, as services have it.
    mkdir -p installed && cp bolted installed/app
    recorded installed.pgoraw BRANCHES 1000 -F 2000 --budget 50 -- installed/app 300000
    expect_status 0 "$bolt" relink app -p installed.pgoraw -o again --force --bolt "$newest"
    rm installed/app
    expect_status 1 "$bolt" relink app -p installed.pgoraw -o again --force --bolt "$newest"
    expect_said "which BOLT made of it and which is not there any more"
done

# Older ones: perf2bolt's lines but for returns, which those up to 16 count as branches. They know
# no kinds of lines but B and F.
for version in 16 19; do
    older=$(command -v llvm-bolt-$version) && perf2bolt=$(command -v perf2bolt-$version) || continue
    perf2bolt=$(dirname "$(readlink -f "$perf2bolt")")/perf2bolt # that of LLVM 16 has to have this name
    expect_status 0 "$bolt" relink app -p plain.pgoraw -o bolted.$version --force --bolt "$older" -- -enable-bat
    recorded older.pgoraw BRANCHES 1000 -F 2000 --budget 50 -- ./bolted.$version 300000
    for format in fdata preagg; do
        expect_status 0 "$analyze" convert --force --counts raw -b bolted.$version -f $format -o older.$format older.pgoraw
    done
    awk '$1 == "T" { b[$2 " " $3] += $5; f[$3 " " $4] += $5 }
        $1 == "B" { b[$2 " " $3] += $4 }
        $1 == "F" { f[$2 " " $3] += $4 }
        END { for (k in b) print "B", k, b[k], 0; for (k in f) print "F", k, f[k] }' older.preagg >branches
    "$perf2bolt" bolted.$version -pa -p branches -o theirs.fdata >log 2>&1 || fail "perf2bolt-$version: $(cat log)"
    awk '$1 != 1 || $4 != 1 || $2 == $5 || $6 == 0' older.fdata | sort >ours
    awk '$1 != 1 || $4 != 1 || $2 == $5 || $6 == 0' theirs.fdata | sort >theirs
    # Returns of functions that call themselves stay inside of them.
    objdump -d --no-show-raw-insn app | awk '/^[0-9a-f]+ <.*>:/ { start = $1; name = substr($2, 2, length($2) - 3) }
        $2 ~ /^ret/ { sub(":", "", $1); print name, start, $1 }' >returns
    python3 - returns theirs <<'END_OF_PYTHON'
import sys
returns = {(name, f"{int(at, 16) - int(start, 16):x}") for name, start, at in map(str.split, open(sys.argv[1]))}
def is_return(words):
    return len(words) > 3 and (words[1].split("/")[0], words[2]) in returns
lines = [line for line in open(sys.argv[2]) if not is_return(line.split())]
open(sys.argv[2], "w").writelines(lines)
END_OF_PYTHON
    diff ours theirs || fail "llvm-bolt-$version: ours (<) is not perf2bolt's (>)"
done

# Without the table.
expect_status 0 "$bolt" relink app -p plain.pgoraw -o bare --force --bolt "$newest"
recorded bare.pgoraw BRANCHES 1000 -F 2000 --budget 50 -- ./bare 300000
expect_status 0 "$analyze" convert -b bare -o bare.fdata bare.pgoraw
expect_said "was written by BOLT without a table of addresses"
expect_status 1 "$bolt" relink app -p bare.pgoraw -o again --force --bolt "$newest"
expect_said "which BOLT made of it without a table of addresses; relink with: -- -enable-bat"
# A table that is cut short cannot be used.
objcopy --dump-section .note.bolt_bat=table bolted 2>log
head -c 60 table >cut
expect_status 0 objcopy --update-section .note.bolt_bat=cut bolted damaged
expect_status 3 "$analyze" convert -b damaged -o damaged.fdata bolted.pgoraw
expect_said "its table of addresses by BOLT is not understood"
expect_nothing_left
