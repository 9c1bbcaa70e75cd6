# not-loadable: programs that the shim must not be preloaded into run as without it, as commands and as
# children, in whatever way they are started; commands of the kind are recorded from outside.
. "$(dirname "$0")/../support/scenario.sh"
header=$(cd "$(dirname "$0")/../.." && pwd)/shim/program/fit.h
cd "$work" || exit 1

# The versions of glibc that the preloaded object needs are those that programs are judged by.
newest=$(objdump -T "$build/libpgoshim.so" | grep -o 'GLIBC_2[.0-9]*' | sort -Vu | tail -1)
grep -q "FIT_GLIBC \"$newest\"" "$header" || fail "the shim needs $newest"

outside() { # COMMAND...: whether processes may be sampled from outside here
    "$record" -o trial.pgoraw -- "$@" >out 2>err
    ! grep -q "may not be sampled" err
}

# Prints what a program sees: its arguments, and what became of its environment.
cat >sees.c <<'C'
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **arguments)
{
    const char *preload = getenv("LD_PRELOAD"), *other = getenv("OTHER");
    for (int i = 1; i < count; i++)
        printf("%s ", arguments[i]);
    printf("preload=%s other=%s\n", preload ? preload : "", other ? other : "");
    return 5;
}
C

# AddressSanitizer's library ends a program where it is not the first; musl's dynamic linker has
# other names in its libc.
unsuited=
gcc -fsanitize=address -o asan sees.c 2>/dev/null && ./asan >/dev/null
[ $? -eq 5 ] && unsuited="asan"
command -v musl-gcc >/dev/null && musl-gcc -o musl sees.c && unsuited="$unsuited musl"
for program in $unsuited; do
    for way in $("$fixtures/starts"); do
        expect_status 5 env OTHER=kept PGOSHIM_FILE="$work/never.%p" \
            LD_PRELOAD="$build/libpgoshim.so" "$fixtures/starts" "$way" "./$program"
        grep -qx "one two preload= other=kept" out || fail "$program by $way: $(cat out)"
        [ ! -s err ] || fail "$program by $way: $(cat err)"
    done
    if outside "./$program"; then
        expect_status 5 "$record" -o "$program.pgoraw" -- "./$program" three
        expect_said "it is recorded from outside"
        grep -q "^three " out || fail "$program: $(cat out)"
    fi
done

# Others that are preloaded stay, in front and behind; a program that suits keeps ours.
gcc -shared -fPIC -o libother.so -x c - <<'C'
int other;
C
[ -z "$unsuited" ] || {
    expect_status 5 env LD_PRELOAD="$work/libother.so:$build/libpgoshim.so $work/libother.so" \
        PGOSHIM_FILE="$work/never.%p" "$fixtures/starts" execvp "./${unsuited##* }"
    grep -q "preload=$work/libother.so:$work/libother.so " out || fail "others: $(cat out)"
}
gcc -o suits sees.c || fail "compiling"
for way in $("$fixtures/starts"); do
    expect_status 5 env PGOSHIM_FILE="$work/never.%p" LD_PRELOAD="$build/libpgoshim.so" \
        "$fixtures/starts" "$way" ./suits
    grep -qx "one two preload=$build/libpgoshim.so other=" out || fail "suits by $way: $(cat out)"
done

# In another root, the dynamic linker would complain of an object that is not there.
if [ "$(id -u)" -eq 0 ]; then
    mkdir root
    for file in $(ldd ./suits | grep -o '/[^ ]*'); do cp --parents "$file" root/; done
    cp suits root/
    expect_status 5 "$record" -q -o root.pgoraw -- chroot "$work/root" /suits
    [ ! -s err ] || fail "another root: $(cat err)"
fi

# Go without cgo has a dynamic linker and no libc, and takes signals past it.
if command -v go >/dev/null; then
    mkdir go && cd go || exit 1
    printf 'module example.com/pie\n\ngo 1.21\n' >go.mod
    cat >main.go <<'GO'
package main

import "os"

func main() {
	sum := 0
	for i := 0; i < 300000000; i++ {
		sum = sum*3 + i
	}
	if sum == 1 {
		os.Exit(9)
	}
	os.Exit(6)
}
GO
    export GOFLAGS=-mod=mod GOCACHE="${GOCACHE:-$(go env GOCACHE)}" GOTOOLCHAIN=local
    CGO_ENABLED=0 go build -buildmode=pie -o ../pie . || fail "go build"
    cd .. || exit 1
    if outside ./pie; then
        expect_status 6 "$record" -o pie.pgoraw -- ./pie
        expect_said "uses no library: it is recorded from outside"
        [ -e pie.pgoraw ] || fail "Go was not recorded: $(cat err)"
    fi
    for budget in 1 100; do
        expect_status 6 "$record" -q --budget $budget -o "child-%p.pgoraw" -- sh -c './pie; exit $?'
        expect_status 6 env PGOSHIM_FILE="$work/never.%p" PGOSHIM_LOG="$work/log" \
            LD_PRELOAD="$build/libpgoshim.so" ./pie
        grep -q "not profiled: it uses no library" log || fail "Go by hand: $(cat log)"
    done
fi

# A library path with another library of a name that the core needs.
mkdir libraries
gcc -shared -fPIC -Wl,-soname,libZydis.so.4.0 -o libraries/libZydis.so.4.0 libother.so
LD_LIBRARY_PATH="$work/libraries" expect_status 0 env PGOSHIM_FILE="$work/own.pgoraw" PGOSHIM_BUDGET=100 \
    PGOSHIM_LOG="$work/log" LD_PRELOAD="$build/libpgoshim.so" "$fixtures/spin" 1
grep -q "own.pgoraw: up to" log || fail "another libZydis: $(cat log)"

# A debugger would stop at each sample: a program that it starts has none.
cat >tracer.c <<'C'
#include <signal.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int count, char **arguments)
{
    int status, samples = 0;
    pid_t child = fork();
    (void)count;
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(arguments[1], arguments + 1);
        _exit(127);
    }
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        int signal = WSTOPSIG(status);
        samples += signal == SIGSTKFLT;
        ptrace(PTRACE_CONT, child, NULL, (void *)(uintptr_t)(signal == SIGTRAP ? 0 : signal));
    }
    return status ? 1 : samples ? 2 : 0;
}
C
gcc -o gdb tracer.c || fail "compiling"
rm -f log
expect_status 0 env PGOSHIM_FILE="$work/debugged.pgoraw" PGOSHIM_LOG="$work/log" PGOSHIM_BUDGET=100 \
    LD_PRELOAD="$build/libpgoshim.so" ./gdb "$fixtures/spin" 300
grep -q "not profiled: gdb debugs it" log || fail "debugged: $(cat log)"
# Valgrind has its own CPU, and would find fault with the recorder.
if command -v valgrind >/dev/null && valgrind -q /bin/true; then
    rm -f log
    expect_status 0 env PGOSHIM_FILE="$work/judged.pgoraw" PGOSHIM_LOG="$work/log" PGOSHIM_BUDGET=100 PGOSHIM_STACKS=1 \
        PGOSHIM_RATE=4000 LD_PRELOAD="$build/libpgoshim.so" valgrind -q "$fixtures/spin" 1
    grep -q "not profiled: it runs in valgrind" log || fail "valgrind: $(cat log)"
    [ ! -s err ] || fail "valgrind: $(cat err)"
fi
exit 0
