# Limits of the process end nothing, and what the shim does not get, the program does not miss.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
command -v prlimit >/dev/null || skip "no prlimit here"

# limited WANTED OPTION...: the same output and status as without the shim, and WANTED in the log
limited() {
    wanted=$1
    shift
    rm -f raw log
    plain=$(prlimit "$@" "$fixtures/spin" 50 2>&1) || fail "$*: not even without the shim: $plain"
    shimmed=$(prlimit "$@" env PGOSHIM_FILE="$work/raw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=1 \
        PGOSHIM_LOG="$work/log" LD_PRELOAD="$build/libpgoshim.so" "$fixtures/spin" 50 2>&1) ||
        fail "$*: status $?: $shimmed"
    [ "$plain" = "$shimmed" ] || fail "$*: $shimmed"
    grep -q "$wanted" log || fail "$*: $(cat log)"
}

limited "ulimit -v" --as=$((300 << 20))
limited "up to 4000" --as=$((4000 << 20))
limited "ulimit -d" --data=$((20 << 20))
limited "up to 4000" --stack=65536
limited "up to 4000" --memlock=0
limited "up to 4000" --sigpending=0
limited "up to 4000" --nproc=1
limited "limit on file size" --fsize=20480
limited "pgoshim" --nofile=6
limited "pgoshim" --cpu=100

# A directory that cannot be written to.
mkdir read-only
if mount -t tmpfs -o ro,size=1m none read-only 2>/dev/null; then
    rm -f log
    out=$(env PGOSHIM_FILE="$work/read-only/raw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_LOG="$work/log" \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/spin" 50 2>&1)
    status=$?
    umount read-only
    [ $status -eq 0 ] && [ "$out" = done ] || fail "read-only disk: $status, $out"
    grep -q "Read-only file system" log || fail "read-only disk: $(cat log)"
fi
exit 0
