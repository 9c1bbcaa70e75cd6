# Other objects that are preloaded, before us or behind us: allocators of their own, a clock that tells another
# time, files that are not synchronized.  The program does what it does, and is recorded.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
export FAKETIME=-15d # to faketime

# The first file of that name in a place where packages put such objects.
object() {
    for place in "$(dirname "$(gcc -print-file-name=libc.so.6)")" /usr/lib/*-linux-gnu /usr/lib64 /usr/lib; do
        [ ! -e "$place/$1" ] || {
            echo "$place/$1"
            return
        }
    done
}

# runs_with PRELOAD PROGRAM [ARGUMENT...]: as without any
runs_with() {
    preload=$1
    shift
    plain=$("$fixtures/$@" 2>&1)
    out=$(env PGOSHIM_FILE="$work/%m.pgoraw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=2 \
        LD_PRELOAD="$preload" "$fixtures/$@" 2>&1) || fail "$preload: $1: status $?: $out"
    [ "$out" = "$plain" ] || fail "$preload: $1: $out, not $plain"
}

found=0
for name in libjemalloc.so.2 libtcmalloc_minimal.so.4 faketime/libfaketimeMT.so.1 libeatmydata.so; do
    other=$(object "$name")
    [ -n "$other" ] || continue
    found=$((found + 1))
    runs_with "$build/libpgoshim.so $other" dlopens "$fixtures"
    runs_with "$other $build/libpgoshim.so" forks
    for milliseconds in 60 240 960 3840; do
        rm -f ./*.pgoraw
        runs_with "$other $build/libpgoshim.so" spin $milliseconds
        samples=$(counter ./*.pgoraw SAMPLES)
        [ "$samples" -eq 0 ] || break
    done
    [ "$samples" -gt 0 ] || fail "$name: nothing was sampled"
    rm -f ./*.pgoraw
    echo "$name: $samples samples"
done
[ $found -gt 0 ] || skip "no other object to preload is installed"
exit 0
