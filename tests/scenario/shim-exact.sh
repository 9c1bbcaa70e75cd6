# Look-ahead against reality: after each prediction the same instructions are
# single-stepped; path, registers and flags must be the same.  A quick form on
# programs of several kinds.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
total=0

exact() { # NAME COMMAND...
    name=$1
    shift
    command -v "$1" >/dev/null || {
        echo "no $1 here"
        return
    }
    rm -f raw* events
    env PGOSHIM_FILE="$work/raw" PGOSHIM_LOG="$work/events" PGOSHIM_RATE=250 PGOSHIM_BUDGET=100 \
        PGOSHIM_STACKS=off PGOSHIM_BRANCHES=compare LD_PRELOAD="$build/libpgoshim.so" \
        "$@" >out 2>err || fail "$name: status $?: $(tail -3 err)"
    compared=0 path=0 value=0
    for file in raw*; do
        [ -e "$file" ] || continue
        compared=$((compared + $(counter "$file" COMPARED)))
        path=$((path + $(counter "$file" COMPARED_PATH_WRONG)))
        value=$((value + $(counter "$file" COMPARED_VALUE_WRONG)))
    done
    echo "$name: $compared windows compared, $path on a wrong path, $value with a wrong value"
    [ $path -eq 0 ] && [ $value -eq 0 ] || {
        grep wrong events | head -20
        fail "$name: look-ahead is wrong"
    }
    total=$((total + compared))
}

cat >c.c <<'C'
#include <math.h>
#include <stdio.h>
#include <string.h>
static double area(int n) { double s = 0; for (int i = 1; i < n; i++) s += sqrt(i) / (i + 0.5); return s; }
int main(void) {
    char text[4096]; long double x = 0; int hits = 0;
    for (int round = 0; round < 60000; round++) {
        memset(text, 'a' + round % 26, sizeof(text)); text[round % 4000] = 'z'; text[4095] = 0;
        hits += strchr(text, 'z') - text; x += sqrtl(round); hits += (int)area(200) + (int)strlen(text);
    }
    printf("%d %.6Lf\n", hits, x);
}
C
gcc -O2 -o c c.c -lm || fail "fixture does not compile"
exact c ./c
gcc -O3 -march=native -o native c.c -lm && ./native >/dev/null && exact native ./native
for i in $(seq 60); do
    echo "int f$i(int a, char *c) { int s = 0; for (int i = 0; i < a; i++) switch (c[i] & 7) { case 0: s += c[i]; break; case 3: s -= a / ($i + 1); break; default: s ^= i; } return s; }"
done >big.c
exact cc1 gcc -O2 -c -o big.o big.c
exact python3 python3 -c '
import json, re
x = [{"a": i, "b": str(i), "c": i / 7} for i in range(20000)]
for _ in range(3): s = json.dumps(x); json.loads(s); re.findall("[0-9]+", s)'
exact xz xz -6 -k -c "$build/libpgoshim-core.so"
exact sqlite3 sqlite3 :memory: 'with recursive c(x) as (select 1 union all select x+1 from c where x<300000) select sum(x), count(distinct x%7), max(x||"") from c;'
exact threads "$fixtures/threads"
# A fast machine, or one whose clocks tick rarely, takes more runs.
for run in $(seq 30); do
    [ $total -lt 500 ] || break
    exact c ./c
done
[ $total -ge 500 ] || fail "only $total windows were compared"
exit 0
