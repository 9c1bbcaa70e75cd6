# What ran of a program that llvm-bolt -enable-bat wrote becomes the profile that the linker's
# output has of the same work, line by line and branch by branch: both are executed an
# instruction at a time, so that nothing is left to chance.
. "$(dirname "$0")/../support/scenario.sh"
stepped=$(cd "$(dirname "$0")/../support" && pwd)/stepped.py
cd "$work" || exit 1
llvm_bolt=$(command -v llvm-bolt-22) || skip "no llvm-bolt-22"
cat >one.c <<'END_OF_C'
static unsigned state = 1, sum;
static unsigned next(void) { return state = state * 1103515245u + 12345u; }
__attribute__((noinline)) static unsigned small(unsigned x) { return x % 3 ? x % 7 : 2; }
__attribute__((noinline)) static unsigned loop(unsigned x)
{
    unsigned total = 0;
    for (unsigned i = 0; i < (x & 15); i++)
        total += i & 1 ? small(i) : i == 6 ? x : 3;
    return total;
}
__attribute__((noinline, cold)) unsigned rare(unsigned x) { return x % 11 + small(x); }
__attribute__((noinline)) unsigned deep(unsigned x)
{
    return x < 2 ? 1 : deep(x - 1) + (x & 3 ? 0 : deep(x - 2));
}
__attribute__((noinline)) unsigned choose(unsigned x)
{
    switch (x & 7) {
    case 0: return loop(x);
    case 1: return small(x);
    case 2: return 5;
    case 3: state++; return rare(x);
    case 4: return loop(x + 1) + 1;
    case 5: return deep(x & 15);
    default: return __builtin_expect(x & 8, 0) ? rare(x) : loop(x);
    }
}
#ifdef MAIN
unsigned other_choose(unsigned x);
void _start(void)
{
    for (unsigned i = 0; i < 80; i++)
        sum += choose(next() >> 20) + (i & 1 ? other_choose(next() >> 18) : 0);
    __asm__ volatile("syscall" : : "a"(231), "D"(sum & 63));
    __builtin_unreachable();
}
#endif
END_OF_C
# Its local functions have the same names.
sed 's/\brare\b/other_rare/g; s/\bchoose\b/other_choose/g; s/\bdeep\b/other_deep/g' one.c >two.c
options="-O2 -g -fno-stack-protector -fno-asynchronous-unwind-tables"
expect_status 0 gcc $options -DMAIN -c one.c -o one.o
expect_status 0 gcc $options -c two.c -o two.o
expect_status 0 gcc -nostdlib -static -no-pie -Wl,--emit-relocs,--build-id one.o two.o -o app

exactly() { # PROGRAM: what ran, as a raw profile of it
    python3 "$stepped" "./$1" >"$1.ran"
    case $? in 0) ;; 77) skip "processes cannot be traced" ;; *) fail "stepping $1" ;; esac
    expect_status 0 "$analyze" merge -b "$1" -o "$1.pgoraw" "$1.ran"
}

# The same but for jumps that BOLT left out, of which its table does not tell: gcc 12 makes none here.
alike() { # PROFILE PROFILE
    cmp -s "$1" "$2" && return
    "$analyze" overlap "$1" "$2" >overlap || fail "overlap"
    awk '/^in common/ { found = $3 >= 98 } END { exit !found }' overlap || fail "$1, $2: $(cat overlap)"
}

exactly app
expect_status 0 "$analyze" convert -b app -o app.fdata app.pgoraw
expect_status 0 "$llvm_bolt" app -data app.fdata -o bolted -reorder-blocks=ext-tsp -split-functions \
    -split-all-cold -reorder-functions=hfsort -enable-bat
exactly bolted
expect_status 0 "$analyze" convert -b app -f llvm-text -o of-app app.pgoraw
expect_status 0 "$analyze" convert -v -b app -f llvm-text -o of-bolted bolted.pgoraw
expect_said "which BOLT made of"
expect_said " 0 in code that it does not have"
expect_said " 0 impossible in this code"
alike of-app of-bolted
# Compared and shown by the original.
expect_status 0 "$analyze" overlap -b app app.pgoraw bolted.pgoraw
awk '/^overlap/ { found = $2 >= 98 } END { exit !found }' out || fail "overlap: $(cat out)"
expect_status 0 "$analyze" diff -b app app.pgoraw bolted.pgoraw
expect_said "which BOLT made of"
# The same branches between the same blocks; runs are cut where BOLT had torn blocks apart.
for program in app bolted; do
    expect_status 0 "$analyze" convert -b app -f preagg -o $program.preagg $program.pgoraw
    expect_status 0 "$analyze" convert --force -b app -o $program.fdata $program.preagg
done
alike app.fdata bolted.fdata
# By callers nothing is known of the original.
expect_status 1 "$analyze" convert -b app -f llvm-text --context on -o of-callers bolted.pgoraw
# A fleet of which a part still runs the original.
expect_status 0 "$analyze" convert -b app -f llvm-text -o twice app.pgoraw bolted.pgoraw
expect_status 0 "$analyze" merge -o doubled.pgoraw app.pgoraw:2
expect_status 0 "$analyze" convert -b app -f llvm-text -o doubled doubled.pgoraw
alike doubled twice
# Another build by BOLT has the same build-id: what was recorded of both is not mixed in silence.
mv bolted.pgoraw earlier.pgoraw
expect_status 0 "$llvm_bolt" app -data app.fdata -o bolted -reorder-blocks=reverse -reorder-functions=hfsort -enable-bat
rm bolted.ran
exactly bolted
expect_status 0 "$analyze" convert --force -b app -f llvm-text -o of-bolted bolted.pgoraw
alike of-app of-bolted
expect_status 0 "$analyze" convert --force -b app -f llvm-text -o mixed bolted.pgoraw earlier.pgoraw
expect_said "all that BOLT makes of one binary has one build-id"
