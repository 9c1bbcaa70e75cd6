# Ordinary programs do the same with the shim as without it: output, errors, exit
# status; and what a program sees of its own descriptors, signals and masks.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
mkdir plain shimmed input
seq 20000 >input/numbers
cp /usr/include/*.h input/ 2>/dev/null
cat >input/program.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void) { for (int i = 0; i < 10; i++) printf("%d %zu\n", i, strlen("twin")); return 3; }
C
ran=0

# twin NAME SHELL-COMMAND: in two directories alike, its traces are compared
twin() {
    command -v "$1" >/dev/null || {
        echo "no $1 here"
        return
    }
    for place in plain shimmed; do
        rm -rf "$place" && mkdir "$place" && cp -r input/. "$place"
    done
    (cd plain && sh -c "$2" >../plain.out 2>../plain.err </dev/null)
    echo $? >plain.status
    (cd shimmed && PGOSHIM_FILE=$work/raw.%p.%m LD_PRELOAD=$build/libpgoshim.so PGOSHIM_RATE=1000 \
        PGOSHIM_STACKS=4 sh -c "$2" >../shimmed.out 2>../shimmed.err </dev/null)
    echo $? >shimmed.status
    for trace in out err status; do
        cmp plain.$trace shimmed.$trace || {
            diff plain.$trace shimmed.$trace | head -20
            fail "$1: $trace differs with the shim"
        }
    done
    diff -r plain shimmed >differences || {
        head -20 differences
        fail "$1: files differ with the shim"
    }
    ran=$((ran + 1))
}

twin sh 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $i; trap; kill -l; exit 7'
twin bash 'x=$(for i in {1..2000}; do echo $i; done | sort -rn | head -3); echo $x; false'
twin python3 'python3 -c "
import hashlib, json, re, signal, os, threading
print(hashlib.sha256(json.dumps([re.sub(\"1\", \"x\", str(i)) for i in range(100000)]).encode()).hexdigest())
print([s for s in range(1, 65) if s not in (9, 19, 32, 33) and signal.getsignal(s) not in (signal.SIG_DFL,)])
print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
print(sorted(int(f) for f in os.listdir(\"/proc/self/fd\")))
t = threading.Thread(target=lambda: print(sum(range(1000000)))); t.start(); t.join()
raise SystemExit(5)"'
twin gcc 'gcc -O2 -c program.c -o program.o && gcc program.o -o program && ./program'
twin gcc 'gcc -O2 -S -fsyntax-only nosuch.c'
twin sort 'sort -rn numbers | sort -R --random-source=numbers | sha256sum'
twin xz 'xz -9 -k numbers && xz -dc numbers.xz | cksum'
twin tar 'tar -cf - --sort=name --mtime=@0 --owner=0 --group=0 *.h numbers | cksum; tar -xf numbers'
twin sqlite3 'sqlite3 :memory: "with recursive c(x) as (select 1 union all select x+1 from c where x<200000) select sum(x), count(distinct x%7) from c; select nosuch;"'
twin git 'git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -q --date=@0 -m x; git diff --stat HEAD; git rev-parse HEAD^{tree}; git fsck 2>&1; rm -rf .git'
twin perl 'perl -e "my %h; \$h{\$_ % 1000} .= \$_ for 1..200000; print join(\",\", map { length \$h{\$_} } sort keys %h); exit 4"'
twin curl 'curl -s file://$PWD/numbers | cksum; curl -s file:///nosuch'
twin awk 'awk "{s += \$1 * \$1; n[\$1 % 97]++} END {print s, length(n)}" numbers'
twin make 'printf "all: a b\na b:\n\t@echo \$@ > \$@\n" > Makefile; make --no-print-directory -j2 2>&1 | sort; cat a b'
twin openssl 'openssl dgst -sha512 numbers; openssl enc -aes-128-cbc -K 00 -iv 00 -in numbers 2>/dev/null | cksum'
[ $ran -ge 10 ] || fail "only $ran programs were here to be run"

"$fixtures/process_state" >plain.out || fail "process_state: status $?"
# Each run is to look the same; that it was sampled meanwhile is seen in one of a hundred.
sampled=
for attempt in $(seq 100); do
    rm -f state.*
    PGOSHIM_FILE=$work/state.%p.%m PGOSHIM_RATE=4000 PGOSHIM_STACKS=1 PGOSHIM_BUDGET=100 \
        LD_PRELOAD=$build/libpgoshim.so "$fixtures/process_state" >shimmed.out ||
        fail "process_state: status $?"
    diff plain.out shimmed.out || fail "a process looks different to itself with the shim"
    for state in state.*; do
        [ ! -e "$state" ] || [ "$(counter "$state" SAMPLES)" -eq 0 ] || sampled=yes
    done
    [ -z "$sampled" ] || break
done
[ -n "$sampled" ] || fail "process_state was not sampled in $attempt runs"
exit 0
