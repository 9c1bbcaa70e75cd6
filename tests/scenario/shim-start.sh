# What a process costs before it is recorded: no core, no file; and short processes are recorded too.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1

# with BUDGET COMMAND...: under the preload
with() {
    budget=$1
    shift
    env PGOSHIM_FILE="$work/%m.pgoraw" PGOSHIM_BUDGET="$budget" LD_PRELOAD="$build/libpgoshim.so" "$@"
}

# With the smallest budget one process in thousands starts the core: three in a row do not.
waits() {
    for _ in 1 2 3; do
        with 0.01 cat /proc/self/maps >maps || fail "cat: $?"
        grep -q 'libpgoshim\.so' maps || fail "not preloaded: $(cat maps)"
        grep -q 'libpgoshim-core' maps || return 0
    done
    return 1
}
waits || fail "a process without CPU time has the core: $(cat maps)"
[ -z "$(ls ./*.pgoraw 2>/dev/null)" ] || fail "it has a file: $(ls)"
with 100 cat /proc/self/maps >maps
grep -q 'libpgoshim-core' maps || fail "with the largest budget the core comes late: $(cat maps)"
rm -f ./*.pgoraw

# The command of pgo-record is what is to be recorded, however short; what it starts waits.
"$record" -q --budget 0.01 -o command.pgoraw -- cat /proc/self/maps >maps
grep -q 'libpgoshim-core' maps || fail "the command's recorder waits: $(cat maps)"
for _ in 1 2 3; do
    "$record" -q --budget 0.01 -o child.pgoraw -- sh -c 'cat /proc/self/maps; exit 0' >maps
    grep -q 'libpgoshim-core' maps || break
done
grep -q 'libpgoshim-core' maps && fail "a child's recorder does not wait: $(cat maps)"
rm -f ./*.pgoraw

# The core takes the libraries that stand beside it, before those of the system.
mkdir beside && cp "$build"/libpgoshim*.so beside/
library=$(ldd "$build/libpgoshim-core.so" | awk '/libZydis/ { print $3 }')
cp "$library" beside/
env PGOSHIM_FILE="$work/beside.pgoraw" PGOSHIM_BUDGET=100 LD_PRELOAD="$work/beside/libpgoshim.so" cat /proc/self/maps >maps
grep -q 'beside/libpgoshim-core' maps || fail "no core: $(cat maps)"
grep -q 'beside/libZydis' maps || fail "not the library beside it: $(cat maps)"
rm -f ./*.pgoraw

# No descriptor is left open, whenever the core starts.
ls /proc/self/fd >plain
for budget in 0.01 1 100; do
    with $budget ls /proc/self/fd >descriptors
    [ "$(wc -l <descriptors)" -eq "$(wc -l <plain)" ] || fail "descriptors: $(cat descriptors plain)"
done
rm -f ./*.pgoraw

# Short processes that share a file, until it has samples of several.
samples=0
for run in $(seq 3000); do
    with 1 "$fixtures/spin" 5 >/dev/null || fail "spin: $?"
    [ $((run % 20)) -eq 0 ] && [ -n "$(ls ./*.pgoraw 2>/dev/null)" ] || continue
    samples=$(counter "$(ls ./*.pgoraw)" SAMPLES)
    [ "$samples" -ge 5 ] && break
done
[ "$samples" -ge 5 ] || fail "3,000 short processes have $samples samples"

# A program that changes its arguments, and is started late, has the command line that it was given.
cat >changes.c <<'C'
#include <string.h>
int main(int count, char **arguments)
{
    volatile unsigned long sum = 0;
    memset(arguments[1], 'x', strlen(arguments[1]));
    for (int i = 0; i < count; i++)
        arguments[i] = 0;
    for (unsigned long i = 0; i < 400000000; i++)
        sum += i;
    return 0;
}
C
gcc -O1 -o changes changes.c || fail "compiling"
rm -f ./*.pgoraw
with 1 ./changes the-argument || fail "changes: $?"
"$analyze" show ./*.pgoraw >shown || fail "show: $?"
grep -q 'changes the-argument' shown || fail "its arguments: $(head -5 shown)"

# Whoever waits and forks, starts threads or loads libraries goes on.
for program in forks threads "dlopens $fixtures"; do
    # shellcheck disable=SC2086
    with 1 "$fixtures"/$program >out 2>&1 || fail "$program: $? $(cat out)"
done
exit 0
