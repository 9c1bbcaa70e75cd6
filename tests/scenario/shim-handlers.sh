# Handlers of the program have the stacks that they have without the shim, and no switch of
# the CPU that the program sets reaches ours.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/rows.sh"
cd "$work" || exit 1
rows_end_as_without_the_shim "$fixtures/handlers"
exit 0
