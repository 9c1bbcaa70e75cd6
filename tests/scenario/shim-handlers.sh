# Handlers of the program have the stacks that they have without the shim, and no switch of
# the CPU that the program sets reaches ours.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1

for row in $("$fixtures/handlers"); do
    plain=$("$fixtures/handlers" "$row") || fail "$row: not even without the shim: $plain"
    rm -f raw*
    shimmed=$(env PGOSHIM_FILE="$work/raw" PGOSHIM_RATE=4000 PGOSHIM_STACKS=2 PGOSHIM_BUDGET=100 \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/handlers" "$row") ||
        fail "$row: status $?: $shimmed"
    [ "$plain" = "$shimmed" ] || fail "$row: $shimmed"
    [ "$(counter raw SAMPLES)" -gt 0 ] || fail "$row: no samples"
    echo "$row: $(counter raw SAMPLES) samples"
done
exit 0
