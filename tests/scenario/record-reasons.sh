# Where nothing was recorded, the reason that is said is the one that there was.
. "$(dirname "$0")/../support/scenario.sh"
refused=$(cd "$(dirname "$0")/../support" && pwd)/refused.py
cd "$work" || exit 1
chmod 777 .

# spawn-env: what was lost is named.
expect_status 0 "$record" -o clean.pgoraw -- env -i "$fixtures/spin" 1
expect_said "spin (process "
expect_said "was started without LD_PRELOAD: its environment was cleaned"
expect_said "remedy: env -i, sudo, su and ssh clean the environment"
expect_said "and ended with status 0"

cat >ends.c <<'C'
#include <signal.h>
#include <stdlib.h>
int main(int count, char **arguments)
{
    return count > 1 ? raise(atoi(arguments[1])) : 7;
}
C
gcc -o ends ends.c || fail "compiling"
expect_status 7 "$record" -o ended.pgoraw -- ./ends
expect_said "no samples: the command used too little CPU time"
expect_said "and ended with status 7"
expect_said "remedy: run it longer"
expect_said "a sandbox or a"
expect_status 134 "$record" -o ended.pgoraw -- ./ends 6
expect_said "was ended by signal 6 (Aborted)"
[ ! -e ended.pgoraw ] || fail "a file without samples was left"

# More branches than a file has room for: how many is said, and what gives room.
awk 'BEGIN {
    functions = 6000
    print "static volatile int x;"
    for (i = 0; i < functions; i++)
        print "static void f" i "(void) { if (x) x = 0; else x = 1; }"
    print "static void (*const all[])(void) = {"
    for (i = 0; i < functions; i++)
        print "f" i ","
    print "};\n#include <stdlib.h>\nint main(int count, char **arguments) {"
    print "for (long i = atol(arguments[count - 1]); i > 0; i--)"
    print "for (int f = 0; f < " functions "; f++) all[f](); return 0; }" }' >many.c
gcc -O0 -o many many.c || fail "compiling"
for rounds in 1000 4000 16000 64000; do
    rm -f full.pgoraw
    "$record" --limit 0.25 -F 4000 --budget 100 -o full.pgoraw -- ./many $rounds 2>err || fail "recording: $(cat err)"
    [ -e full.pgoraw ] || skip "nothing could be recorded here"
    [ "$(counter full.pgoraw SAMPLES)" -lt 400 ] || break
done
lost=$(($(counter full.pgoraw DROP_TABLE_FULL) + $(counter full.pgoraw DROP_STACK_TABLE)))
[ "$lost" -gt 0 ] || fail "the file was not full: $(cat err)"
expect_said "the file was full, and $lost branches and call stacks found no room: give more (--limit)"

# A program that another user runs cannot make the file here.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    mkdir own && chmod 755 own
    ln -s "$build" build 2>/dev/null
    expect_status 7 "$record" --budget 100 -o own/other.pgoraw -- \
        setpriv --reuid=65534 --clear-groups "$work/ends"
    if setpriv --reuid=65534 --clear-groups test -r "$build/libpgoshim.so"; then
        expect_said "ends (process "
        expect_said "cannot be created: Permission denied"
        expect_said "remedy: an output (-o) in a directory that the process's user may write to"
    else
        expect_said "runs where libpgoshim.so is not there or cannot be read"
    fi
fi

# A name that is too long is not mended by another directory.
expect_status 7 "$record" --budget 100 -o "$(printf 'x%.0s' $(seq 300)).pgoraw" -- ./ends
expect_said "cannot be created: File name too long"
expect_said "remedy: a shorter name"

# Programs that the shim cannot follow, by name, once each.
if gcc -static -o static ends.c 2>/dev/null; then
    expect_status 7 "$record" -o "children-%p.pgoraw" -- sh -c './static; ./static; exit 7'
    expect_said "not recorded: ./static (process "
    expect_said "is linked statically"
fi

if [ "$(id -u)" -eq 0 ] && cp ends gains && chown 65534 gains && chmod 4755 gains; then
    expect_status 7 "$record" -o "children-%p.pgoraw" -- sh -c './gains; exit 7'
    expect_said "not recorded: ./gains (process "
    expect_said "is set-user-ID or set-group-ID: preloading is ignored for it"
fi

# The same by capabilities of the file, which root has anyway.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null && cp ends capable && setcap cap_net_raw+ep capable 2>/dev/null; then
    mkdir -m 777 open && cp "$record" "$build"/libpgoshim*.so open/
    expect_status 7 setpriv --reuid=65534 --clear-groups open/pgo-record -o "open/%p.pgoraw" -- sh -c './capable; exit 7'
    expect_said "not recorded: ./capable (process "
    expect_said "has file capabilities: preloading is ignored for it"
fi

# A core that is not there; the file for notes is gone afterwards.
mkdir lone && cp "$record" "$build/libpgoshim.so" lone/
expect_status 7 lone/pgo-record --budget 100 -o lone.pgoraw -- ./ends
expect_said "its core cannot be loaded: "
expect_said "libpgoshim-core.so"
expect_status 7 "$record" -o notes.pgoraw -- sh -c 'echo "$PGOSHIM_NOTES" >named; exit 7'
[ -s named ] && [ ! -e "$(cat named)" ] || fail "the file for notes: $(cat named)"
expect_status 7 "$record" -q -o notes.pgoraw -- sh -c 'echo "$PGOSHIM_NOTES" >named; exit 7'
[ "$(cat named)" = "" ] || fail "with -q, a file for notes: $(cat named)"

# What processes write there reaches the terminal as text only.
expect_status 7 "$record" -o text.pgoraw -- \
    sh -c 'printf "1\tname\033[2J\treason\033]0;x\007\n2\n\n" >"$PGOSHIM_NOTES"; exit 7'
expect_said "name?[2J"
expect_said "reason?]0;x?"

# A filter that is put in place before the first sample.
cat >filters.c <<'C'
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
    syscall(SYS_exit, 7);
}
C
gcc -o filters filters.c || fail "compiling"
expect_status 7 "$record" -o filters.pgoraw -- ./filters
expect_said "a system call filter is put in place"

# The main process of a server waits, and its children do the work.
cat >server.c <<'C'
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    pid_t child = fork();
    if (child > 0)
        printf("%d %d\n", (int)getpid(), (int)child);
    fflush(stdout);
    pause();
    return 0;
}
C
gcc -o server server.c || fail "compiling"
./server >numbers &
server=$!
until [ -s numbers ]; do sleep 0.05; done
read -r main child <numbers
"$record" -o attached.pgoraw -p "$main" --duration 0.3 >out 2>err
status=$?
kill $server "$child"
wait $server 2>/dev/null
if [ $status -eq 0 ]; then
    expect_said "process $main used 0.00 s of CPU time; its children were there before"
    expect_said "remedy: -p $main,$child"
else
    expect_said "remedy:"
fi

# A filter that takes away what no sample can do without: said, and the program runs.
expect_status 0 python3 "$refused" 310 "$record" -o refused.pgoraw -- "$fixtures/spin" 300
expect_said "process_vm_readv"

# Dropped samples are counted as the report counts them.
expect_status 0 "$record" -o dropped.pgoraw --budget 100 -- "$fixtures/spin" 300
said=$(sed -n 's/.* branches, \([0-9]*\) dropped.*/\1/p' err)
counted=$("$analyze" show --json dropped.pgoraw | python3 -c '
import json, sys
print(sum(n for r in json.load(sys.stdin)["recordings"]
          for name, n in r["counters"].items() if name.startswith("DROP_")))')
[ "$said" = "$counted" ] || fail "$said dropped, and $counted in the file"
exit 0
