# What the two objects take from others, and what others may take from them: nothing of theirs is put
# in place of the program's, and a handler meets nothing that waits, allocates or aborts.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
command -v nm >/dev/null && command -v readelf >/dev/null || skip "no binutils here"
preload=$build/libpgoshim.so core=$build/libpgoshim-core.so

names() { nm -D "$@" | awk '{ sub(/@.*/, "", $NF); print $NF }'; }
none_of() { # WHAT PATTERN NAMES
    ! grep -E "$2" "$3" || fail "$1: see above"
}

# unwinder-interposes, dlopen-wrap: libc alone is needed, and what is exported is what is interposed.
readelf -d "$preload" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -v '^libc\.so\.6$\|^ld-linux' >needs
[ ! -s needs ] || fail "the preloaded object needs $(cat needs)"
names --defined-only "$preload" >exported
none_of "unwinder-interposes" '^_Unwind|^unw_|^_U' exported
none_of "dlopen-wrap" '^dl(m?open|v?sym|_iterate_phdr)$' exported
none_of "interposed-libc" '^(malloc|calloc|realloc|free|mmap|munmap|brk|sbrk|fork|vfork|read|write)$' exported
names --defined-only "$core" >exported
grep -vx 'pgoshim_core\|pgoshim_core_symbols' exported && fail "the core exports more than its table"

# phdr-lock, interposed-libc, old-kernel-names: what the core asks libc for.
names --undefined-only "$core" >asked
none_of "phdr-lock" '^dl_|^dl(open|sym)' asked
none_of "interposed-libc" '^(malloc|calloc|realloc|free|mmap|sigprocmask|pthread_sigmask|sigaction|pthread_mutex_lock)$' asked
names --undefined-only "$preload" >>asked
none_of "old-kernel-names" '_chk$|^__stack_chk|^__fortify' asked

# first-tls: no variable of a thread is made at its first use.
for object in "$preload" "$core"; do
    readelf -rW "$object" | grep -E 'DTPMOD|DTPOFF|TLSDESC' && fail "first-tls: $object"
    names --undefined-only "$object" | grep -x '__tls_get_addr' && fail "first-tls: $object"
done

# ioc-refresh: events are switched on and off (0x2400 is PERF_EVENT_IOC_ENABLE), never by PERF_EVENT_IOC_REFRESH.
if objdump -d "$core" | grep -o '\$0x240[0-9]\>' | sort -u >requests && grep -q '0x2400' requests; then
    none_of "ioc-refresh" '0x2402' requests
fi

# inherit-mmap: one event for each thread, which its children do not have.  Those that threads make would be
# mapped by nobody, or cost each of their own.
if command -v strace >/dev/null && strace -f -v -s 0 -e trace=perf_event_open -o events env PGOSHIM_FILE="$work/raw" \
    PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 LD_PRELOAD="$preload" "$fixtures/threads" >out 2>&1; then
    none_of "inherit-mmap" 'inherit(_stat|_thread)?=[1-9]' events
    grep ' = [0-9]' events | sed 's/.*}, \(-\{0,1\}[0-9]*\), -\{0,1\}[0-9]*, -1, .*/\1/' >threads
    ! grep -vx '[1-9][0-9]*' threads || fail "inherit-mmap: an event that is not of one thread"
    echo "inherit-mmap: $(sort -u threads | wc -l) threads with events of their own"
fi

# itimer: the process's timers are the program's.
none_of "itimer" '^(setitimer|alarm|ualarm)$' asked
exit 0
