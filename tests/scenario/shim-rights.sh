# Daemons that drop their privileges or change their root go on being recorded, and their
# file goes on growing.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
mkdir root
chmod 777 .

run() { # NAME PREFIX... -- KIND...
    name=$1
    shift
    rm -f "$name.pgoraw"
    env PGOSHIM_FILE="$work/$name.pgoraw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=1 \
        LD_PRELOAD="$build/libpgoshim.so" "$@" >out 2>&1
    status=$?
    cat out
    [ $status -eq 0 ] || [ $status -eq 77 ] || fail "$name: status $status"
}

run stay "$fixtures/rights" stay
[ $status -eq 0 ] || fail "not even without a change"

# A file system that reserves no space in a file, as some over a network: it grows all the same.
if "$fixtures/filtered" -285:95 /bin/true; then
    rm -f unreserved.pgoraw
    "$fixtures/filtered" -285:95 /usr/bin/env PGOSHIM_FILE="$work/unreserved.pgoraw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 \
        PGOSHIM_STACKS=1 LD_PRELOAD="$build/libpgoshim.so" "$fixtures/rights" stay || fail "without fallocate: status $?"
    [ "$(counter unreserved.pgoraw DROP_CANNOT_GROW)" -eq 0 ] || fail "without fallocate, it could not grow"
fi

[ "$(id -u)" -eq 0 ] || skip "only root can give up rights"
for kind in user call thread space toggle landlock capset "root $work/root"; do
    # shellcheck disable=SC2086 # two words
    run "${kind%% *}" "$fixtures/rights" $kind
    [ $status -eq 0 ] || continue
    "$analyze" report "${kind%% *}.pgoraw" >report || fail "$kind: no report"
    [ "$(counter "${kind%% *}.pgoraw" DROP_CANNOT_GROW)" -eq 0 ] || fail "$kind: could not grow"
done

# In a user namespace, whose root is not the machine's: without the shim around the namespace.
env -u LD_PRELOAD "$fixtures/rights" in-namespace /usr/bin/env true || skip "no user namespaces here"
run namespace "$fixtures/rights" in-namespace /usr/bin/env PGOSHIM_FILE="$work/inner.pgoraw" "$fixtures/rights" user
[ $status -eq 0 ] || echo "no namespace was tried"

# A disk without space costs samples, and does not end the program.
if mkdir full && mount -t tmpfs -o size=96k none full 2>/dev/null; then
    chmod 777 full
    env PGOSHIM_FILE="$work/full/raw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=1 \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/rights" user >out 2>&1
    status=$?
    umount full
    [ $status -eq 3 ] || fail "without disk space: status $status, $(cat out)"
fi
exit 0
