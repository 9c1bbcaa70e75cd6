#!/bin/sh
# stress.sh BUILD [STRESSOR...]: stress-ng's stressors, which check their own results (--verify),
# with the shim and without: each that passes without passes with.
#   SECONDS_EACH=2   at most; most end sooner, by their number of operations
#   OPERATIONS=300
#   LIMIT=600        seconds, after which one has failed
set -u
build=$(cd "$1" && pwd)
shift
command -v stress-ng >/dev/null || {
    echo "stress-ng is not installed"
    exit 77
}
[ $# -gt 0 ] || set -- sigabrt sigbus sigchld sigfd sigfpe sigio sigpending sigpipe sigq sigrt sigsegv sigsuspend \
    sigtrap sigxcpu sigxfsz itimer timer timerfd alarm pthread fork vfork vforkmany clone daemon exec spawn context \
    funccall longjmp mmap mmapfork mprotect mremap madvise mincore userfaultfd seccomp poll epoll eventfd futex mutex sem \
    pipe sock dup close fd-race stack stackmmap rlimit session setuid schedpolicy affinity switch cpu matrix memcpy str \
    qsort tree zlib vecmath prctl ptrace dynlib rseq tsc x86syscall vdso
work=$(mktemp -d "${TMPDIR:-/tmp}/pgoshim-stress.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1
passed=0 failed='' left_out=''

stressor() { # NAME PREFIX...
    name=$1
    shift
    timeout -k 5 "${LIMIT:-600}" "$@" stress-ng --"$name" 1 --"$name"-ops "${OPERATIONS:-300}" --verify -t "${SECONDS_EACH:-2}" \
        --temp-path "$work" >"$work/said" 2>&1
}

for name in "$@"; do
    stressor "$name" env || {
        left_out="$left_out $name"
        continue
    }
    mkdir -p raw
    if stressor "$name" env PGOSHIM_FILE="$work/raw/%m-%p" PGOSHIM_RATE=997 PGOSHIM_BUDGET=50 PGOSHIM_STACKS=2 \
        LD_PRELOAD="$build/libpgoshim.so"; then
        passed=$((passed + 1))
    else
        failed="$failed $name"
        echo "$name: FAILED with the shim:"
        tail -n 5 "$work/said"
    fi
    rm -rf raw
done
echo "stress-ng --verify: $passed stressors pass with the shim; not even without it:${left_out:- none}"
[ -z "$failed" ] || {
    echo "FAILED:$failed"
    exit 1
}
