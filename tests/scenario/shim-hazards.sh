# What goes wrong inside other people's processes: every situation, sampled hard, ends as without
# the shim.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/rows.sh"
cd "$work" || exit 1
rows_end_as_without_the_shim "$fixtures/hazards"
rows_end_as_without_the_shim "$fixtures/situations"
rows_end_as_without_the_shim "$fixtures/allocator"
rows_end_as_without_the_shim "$fixtures/holes"
rows_end_as_without_the_shim "$fixtures/locks"

# userfault: from there on, no window and no call stack looks at memory.  By look-ahead
# also where the processor has branch stacks, which need no memory.
looks() { echo "$(counter "$1" WINDOWS) windows, $(counter "$1" STACKS) call stacks"; }
memory_is_avoided() { # ROW
    rm -f log
    (
        export PGOSHIM_BRANCHES=lookahead PGOSHIM_LOG="$work/log"
        sampled_instead "$work/$1.raw" "$fixtures/hazards" "$1" 600000
    ) >out &
    program=$!
    trap 'kill $program 2>/dev/null; rm -rf "$work"' EXIT
    for tenth in $(seq 3000); do
        grep -qs "uses userfaultfd" log && break
        sleep 0.1
    done
    grep -q "uses userfaultfd" log || fail "$1: not noticed: $(cat log)"
    samples=$(counter "$1.raw" SAMPLES)
    before=$(looks "$1.raw")
    wait_for_count "$1.raw" SAMPLES $((samples + 20))
    [ "$(looks "$1.raw")" = "$before" ] || fail "$1: $before became $(looks "$1.raw")"
    kill $program
    wait $program 2>/dev/null
}
memory_is_avoided userfault
memory_is_avoided userfault-device

# full-disk: there is room for the file at its start, and then no more.  A larger program where
# few samples came: how many fill the file depends on the machine's clocks.
if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=96k none full 2>/dev/null; then
    stacks=1
    for functions in 40 160 640 2560; do
        for i in $(seq $functions); do
            echo "int f$i(int a, char *c) { int s = $i; while (a--) s += c[a] % (s | 1); return s; }"
        done >many.c
        rm -f full/*
        sampled "$work/full/raw" "$(gcc -print-prog-name=cc1)" -quiet -O2 many.c -o out 2>err
        status=$?
        dropped=$(counter full/raw DROP_CANNOT_GROW)
        samples=$(counter full/raw SAMPLES)
        [ $status -eq 0 ] && [ -s out ] && [ ! -s err ] && [ "$dropped" -eq 0 ] || break
    done
    umount full
    unset stacks
    [ $status -eq 0 ] && [ -s out ] && [ ! -s err ] || fail "full-disk: status $status"
    [ "$samples" -gt 0 ] && [ "$dropped" -gt 0 ] ||
        fail "full-disk: $samples samples, $dropped times no room"
    echo "full-disk: $samples samples"
fi

# address-reuse: what is counted in a plug-in is of that plug-in, also where another of the same layout was
# at its address before, and whoever closed that one: a function that was never called in it has nothing.
[ "$(nm "$fixtures/turns_one.so" | grep ' T ')" = "$(nm "$fixtures/turns_two.so" | grep ' T ')" ] ||
    fail "address-reuse: the plug-ins are not laid out alike"
for way in linked libc; do
    for milliseconds in 200 1000 5000 20000; do
        rm -f reuse
        out=$(sampled "$work/reuse" "$fixtures/reuse" $way "$fixtures" $milliseconds) ||
            fail "address-reuse: $way: status $?: $out"
        one=$(hot_functions reuse turns_one.so) two=$(hot_functions reuse turns_two.so)
        for wrong in "$one:turns_back" "$two:turns_front"; do
            ! echo "${wrong%:*}" | grep -qx "${wrong#*:}" || fail "address-reuse: $way: ${wrong#*:} is another's"
        done
        case "$one $two" in *turns_front*turns_back*) break ;; esac
    done
    case "$one $two" in
    *turns_front*turns_back*) echo "address-reuse: $way: each has its own" ;;
    *) fail "address-reuse: $way: not seen: $one, $two" ;;
    esac
done

# dlstress, unwinder-cache: the dynamic linker's lock and its list, by four threads at once;
# plug-ins that come and go where the other has been are each seen.
for milliseconds in 40 160 640 2560; do
    rm -f dlstress
    out=$(sampled "$work/dlstress" "$fixtures/dlstress" "$fixtures" $milliseconds) ||
        fail "dlstress: status $?"
    [ "$out" = done ] || fail "dlstress: $out"
    hot_functions dlstress >hot
    grep -q plugin_one_hot hot && grep -q plugin_two_hot hot && exit 0
done
fail "dlstress: plug-ins not seen: $(cat hot)"
