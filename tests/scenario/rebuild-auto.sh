# rebuild --as=auto: of the builds by each kind of profile the one is left that counts as best; none
# that is worse than the plain one, or does something else.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
support=$(cd "$(dirname "$0")/../support" && pwd)
cd "$work" || exit 1
command -v clang-22 >/dev/null || skip "no clang-22"
command -v valgrind >/dev/null || skip "no valgrind"

# Nearly all calls by address are of one function: a profile lets them be inlined.
cat >program.c <<'END'
#include <stdio.h>
#include <stdlib.h>
static unsigned add(unsigned a, unsigned b) { return a + b; }
static unsigned mix(unsigned a, unsigned b) { return a * 31 ^ b; }
static unsigned (*volatile operations[16])(unsigned, unsigned);
int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1000, sum = 0;
    for (unsigned i = 0; i < 16; i++)
        operations[i] = i == 7 ? mix : add;
    for (unsigned i = 0; i < rounds; i++)
        sum = operations[i & 15](sum, i);
#ifdef WRONG
    sum++;
#endif
    printf("%u\n", sum);
    return 0;
}
END
# Its only hot code is what no compiler changes.
cat >fixed.c <<'END'
#include <stdlib.h>
int main(int argc, char **argv)
{
    long rounds = argc > 1 ? atol(argv[1]) : 1000;
    __asm__ volatile("0: dec %0\n jnz 0b" : "+r"(rounds));
    return 0;
}
END
flags="-O2 -gdwarf-4 -fdebug-info-for-profiling -fno-pie"
cat >Makefile <<END
program: program.o
	clang-22 -no-pie -o \$@ program.o
fixed: fixed.o
	clang-22 -no-pie -o \$@ fixed.o
.c.o:
	clang-22 $flags \$(PROBES) \$(MORE) -c \$<
END
# By counters it builds something else, and by lines not at all.
cat >build <<'END'
#!/bin/sh
case $CCC_OVERRIDE_OPTIONS in
*-fno-pseudo-probe-for-profiling*) exit 1 ;;
*-fprofile-use*) exec make -s program MORE=-DWRONG PROBES=-fpseudo-probe-for-profiling ;;
esac
exec make -s program PROBES=-fpseudo-probe-for-profiling
END
chmod +x build
# choice CODE: what the last rebuild --json says of its builds b, by their names, and of all of it r
choice() {
    python3 - "$1" <<'END' || fail "$1: $(cat out)"
import json, sys
r = json.load(open("out"))
b = {build["name"]: build for build in r["choice"]["builds"]}
assert eval(sys.argv[1]), r
END
}
objects() { # nobody's objects are up to date
    rm -f ./*.o program fixed
}

make -s program PROBES=-fpseudo-probe-for-profiling && mv program recorded || fail "make"
python3 "$support/exact_counts.py" recorded 20000 >exact || fail "counting"
objects
expect_status 0 "$bolt" rebuild --as=auto --json --force -b recorded --result program -p exact -w 100000 -- ./build
json_is_documented out
choice 'list(b) == ["plain", "lines", "probes", "ir"] and r["choice"]["chosen"] == "probes" and r["used"]'
choice 'b["probes"]["verdict"] == "better" and b["probes"]["ratio"] < 0.995 and b["plain"]["ratio"] == 1'
choice '"status 1" in b["lines"]["left_out"] and b["ir"]["left_out"] == "its standard output differs"'
[ "$(./program 3000)" = "$(./recorded 3000)" ] || fail "the chosen program computes something else"
# It was not the last, and is built once more: all that the build makes is of it.
# (clang 22 does not write its probes in the same order each time: the files may differ.)
[ "$(code_digest program)" != "$(code_digest .pgo/choice/program.plain)" ] || fail "it is the plain program"
expect_nothing_left

# Nothing is better: the plain program is there, and the answer is no.
make -s fixed && mv fixed recorded || fail "make"
python3 "$support/exact_counts.py" recorded 20000 >exact || fail "counting"
objects
expect_status 1 "$bolt" rebuild --as=auto --force -b recorded --result fixed -p exact -w 100000 -- make -s fixed
expect_printed "built without a profile: none makes it better"
[ "$(code_digest fixed)" = "$(code_digest recorded)" ] || fail "not the plain program"

# With gcc the command has to clean, and what was not made anew is not by the profile.
gcc -O2 -g -fno-pie -no-pie -o from-gcc program.c && python3 "$support/exact_counts.py" from-gcc 20000 >gcc.exact || fail "gcc"
printf 'by-gcc: program.c\n\tgcc -O2 -g -fno-pie -no-pie -o $@ program.c\n' >gcc.mk
expect_status 1 "$bolt" rebuild --as=auto --force -b from-gcc --result by-gcc -p gcc.exact -w 1000 -- make -s -f gcc.mk
expect_printed "left out: lines: the build did not run gcc: nothing was compiled again: clean first"

# So does cycle, which counts each build after BOLT, too: here its hot code is nobody's but BOLT's,
# which spares it two jumps of three.  Its recorder hands out one recording.
cat >hot.s <<'END'
    .globl hot
    .type hot, @function
hot:
    .cfi_startproc
    jmp 2f
1:  dec %rdi
    jmp 3f
2:  test %rdi, %rdi
    jg 1b
    ret
3:  test $0xffff, %edi
    jne 2b
    jmp 2b
    .cfi_endproc
    .size hot, .-hot
    .section .note.GNU-stack, "", @progbits
END
cat >calls.c <<'END'
#include <stdio.h>
#include <stdlib.h>
void hot(long rounds);
int main(int argc, char **argv)
{
    hot(argc > 1 ? atol(argv[1]) : 1000);
    puts("done");
    return 0;
}
END
printf 'by-gcc: calls.c hot.s\n\tgcc -O2 -g -fno-pie -no-pie -Wl,--emit-relocs -o $@ calls.c hot.s\n' >gcc.mk
make -s -f gcc.mk && mv by-gcc from-gcc && python3 "$support/exact_counts.py" from-gcc 20000 >gcc.exact || fail "gcc"
"$analyze" convert -q -b from-gcc -f raw -o gcc.pgoraw gcc.exact || fail "as a recording"
cat >recorder <<'END'
#!/bin/sh
while [ "$1" != -- ]; do
    [ "$1" = -o ] && pattern=$2
    shift
done
shift
cp gcc.pgoraw "$(echo "$pattern" | sed "s/%p/$$/")"
exec "$@"
END
chmod +x recorder
cycle() { # whether the program gains by the clock is the machine's: both ends are right
    PGO_RECORD=$work/recorder "$bolt" cycle ./from-gcc --as=auto --quick -n 6 --result by-gcc --out-dir auto "$@" \
        --build 'rm -f by-gcc && make -s -f gcc.mk' -- 200000 >out 2>err || [ $? -eq 1 ] || fail "cycle: $(cat err)"
}
cycle --no-bolt
grep -q '^rebuild: by lines: ' out || fail "not tried: $(cat out err)"
grep -q '^rebuild: none is better than without a profile' out || fail "not chosen: $(cat out err)"
grep -q 'same behaviour' out || fail "what was chosen was not compared: $(cat out err)"
if command -v llvm-bolt-22 >/dev/null; then
    cycle
    grep -q '^rebuild: by plain + BOLT: model cycles -[1-9]' out || fail "BOLT alone was not tried: $(cat out err)"
    grep -Eq '^rebuild: the best is (plain|lines) [+] BOLT$' out || fail "BOLT was not chosen: $(cat out err)"
    grep -q '^  rebuilt + BOLT ' out || fail "it was not compared: $(cat out err)"
    cycle
    grep -q '^rebuild: done before, kept' out && grep -q '^  rebuilt + BOLT ' out || fail "not kept: $(cat out err)"
fi
expect_status 2 "$bolt" cycle ./from-gcc --as=auto -- 1
expect_said "what the compilers of --build get"
expect_status 2 "$bolt" cycle ./from-gcc --as=auto --build true --load true --ready true
expect_said "not the same twice"

# What cannot be.
expect_status 2 "$bolt" rebuild --as=auto -b recorded -p exact -- make
expect_said "by which workload"
expect_status 2 "$bolt" rebuild --as=ir -w 1 -b recorded -p exact -- make
expect_said "for --as=auto"
expect_status 2 "$bolt" rebuild --as=auto -b recorded -p exact --load true --ready true -- make
expect_said "not the same twice"
expect_status 3 "$bolt" rebuild --as=auto --force -b recorded --result fixed -p exact -w 1 -- make -s fixed
expect_said "nothing was compiled again"
objects
expect_status 3 "$bolt" rebuild --as=auto --force -b recorded --result fixed -p exact -w 1 -- false
expect_said "the build exited with status 1"
exit 0
