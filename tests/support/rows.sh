# Programs of rows (tests/programs/rows.h).  Sourced after scenario.sh.

# sampled FILE COMMAND...: by the shim, hard, with a call stack every other sample.
# sampled_instead does so in place of the shell: with & behind it, $! is the command.
sampled_instead() {
    export PGOSHIM_FILE="$1" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS="${stacks:-2}"
    shift
    exec env LD_PRELOAD="$build/libpgoshim.so" "$@"
}
sampled() { (sampled_instead "$@"); }

# rows_end_as_without_the_shim PROGRAM: each of its rows, which works for longer where a machine is
# so slow, or its clocks tick so rarely, that no sample came.
rows_end_as_without_the_shim() {
    program=$1
    for row in $("$program"); do
        plain=$("$program" "$row") || fail "$row: not even without the shim: $plain"
        for milliseconds in 60 240 960 3840; do
            rm -f raw*
            shimmed=$(sampled "$work/raw" "$program" "$row" $milliseconds) ||
                fail "$row: status $?: $shimmed"
            [ "$plain" = "$shimmed" ] || fail "$row: $shimmed"
            samples=$(counter raw SAMPLES)
            [ "$samples" -eq 0 ] || break
        done
        [ "$samples" -gt 0 ] || fail "$row: no samples in $milliseconds milliseconds"
        echo "$row: $samples samples"
    done
}
