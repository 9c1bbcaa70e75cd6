# Stacks that are as small as the program needs are large enough for it with the shim too: those of its coroutines,
# and its first one (ulimit -s).
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1

# The recorder starts in a call of the program (with this budget hardly ever by itself before that).
for call in thread signal-stack user unshare; do
    rm -f log
    plain=$("$fixtures/small_stack" $call 2>plain.used) || fail "$call: not even without the shim: $plain"
    shimmed=$(env PGOSHIM_FILE="$work/$call.raw" PGOSHIM_BUDGET=0.01 PGOSHIM_LOG="$work/log" \
        LD_PRELOAD="$build/libpgoshim.so" "$fixtures/small_stack" $call 2>used) || fail "$call: status $?"
    [ "$plain" = "$shimmed" ] || fail "$call: $shimmed"
    grep -q "up to" log || fail "$call: the recorder did not start: $(cat log)"
    echo "$call: $(cat used), without the shim $(cat plain.used)"
done

# pgo-record, and the recorder that starts with its command.
command -v prlimit >/dev/null || exit 0
env -i prlimit --stack=$((48 << 10)) "$record" --budget 100 -F 4000 -o small.raw -- "$fixtures/spin" 100 >out 2>err ||
    fail "pgo-record with a stack of 48 KiB: status $?: $(cat err)"
grep -qx done out || fail "pgo-record with a stack of 48 KiB: $(cat out err)"
exit 0
