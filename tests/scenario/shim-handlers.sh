# Handlers of the program have the stacks that they have without the shim, and no switch of
# the CPU that the program sets reaches ours; what it has closed by protection keys is left alone.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/rows.sh"
cd "$work" || exit 1
rows_end_as_without_the_shim "$fixtures/handlers"
rows_end_as_without_the_shim "$fixtures/keys"

# The same with the recorder's usual start, which is in a signal handler, with the keys that the kernel gives those.
for row in $("$fixtures/keys"); do
    rm -f raw*
    out=$(PGOSHIM_FILE="$work/raw" LD_PRELOAD="$build/libpgoshim.so" "$fixtures/keys" "$row" 60) || fail "$row, started late: status $?"
    [ "$out" = "$row: good" ] || fail "$row, started late: $out"
done
exit 0
