# What goes wrong inside other people's processes: every situation, sampled at
# 4,000 a second with a call stack every other sample, ends as without the shim.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1

for row in $("$fixtures/hazards"); do
    plain=$("$fixtures/hazards" "$row") || fail "$row: not even without the shim: $plain"
    rm -f raw*
    shimmed=$(env PGOSHIM_FILE="$work/raw" PGOSHIM_RATE=4000 PGOSHIM_STACKS=2 PGOSHIM_BUDGET=100 \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/hazards" "$row") ||
        fail "$row: status $?: $shimmed"
    [ "$plain" = "$shimmed" ] || fail "$row: $shimmed"
    samples=$(counter raw SAMPLES)
    [ "$samples" -gt 0 ] || fail "$row: no samples"
    echo "$row: $samples samples"
done

# userfault: from there on, no window and no call stack looks at memory.  By look-ahead
# also where the processor has branch stacks, which need no memory.
env PGOSHIM_BRANCHES=lookahead PGOSHIM_FILE="$work/userfault" PGOSHIM_RATE=4000 PGOSHIM_STACKS=2 PGOSHIM_BUDGET=100 \
    LD_PRELOAD="$build/libpgoshim.so" "$fixtures/hazards" userfault >out || fail "userfault: $?"
windows=$(counter userfault WINDOWS)
samples=$(counter userfault SAMPLES)
[ $((windows * 10)) -lt "$samples" ] || fail "userfault: $windows windows, $samples samples"

# full-disk: there is room for the file at its start, and then no more.
if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=96k none full 2>/dev/null; then
    for i in $(seq 300); do
        echo "int f$i(int a, char *c) { int s = $i; while (a--) s += c[a] % (s | 1); return s; }"
    done >many.c
    env PGOSHIM_FILE="$work/full/raw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=1 \
        LD_PRELOAD="$build/libpgoshim.so" "$(gcc -print-prog-name=cc1)" -quiet -O2 many.c -o out 2>err
    status=$?
    dropped=$(counter full/raw DROP_CANNOT_GROW)
    samples=$(counter full/raw SAMPLES)
    umount full
    [ $status -eq 0 ] && [ -s out ] && [ ! -s err ] || fail "full-disk: status $status"
    [ "$samples" -gt 0 ] && [ "$dropped" -gt 0 ] ||
        fail "full-disk: $samples samples, $dropped times no room"
    echo "full-disk: $samples samples"
fi

# dlstress: the dynamic linker's lock and its list, by four threads at once.
out=$(env PGOSHIM_FILE="$work/dlstress" PGOSHIM_RATE=4000 PGOSHIM_STACKS=1 PGOSHIM_BUDGET=100 \
    LD_PRELOAD="$build/libpgoshim.so" "$fixtures/dlstress" "$fixtures" 2000) ||
    fail "dlstress: status $?"
[ "$out" = done ] || fail "dlstress: $out"
hot_functions dlstress >hot
grep -q plugin_one_hot hot && grep -q plugin_two_hot hot || fail "dlstress: plug-ins not seen"
exit 0
