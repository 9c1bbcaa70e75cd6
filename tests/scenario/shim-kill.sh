# sudden-death: SIGKILL at random instants, 20 or more: the file parses every time, and its counts
# never go backwards while the program runs.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1
with_samples=0
# Later instants from round to round: where the machine is busy, the first come before any sample.
for round in $(seq 200); do
    [ "$round" -le 20 ] || [ $with_samples -lt 10 ] || break
    rm -f raw
    PGOSHIM_FILE=$work/raw PGOSHIM_RATE=2000 PGOSHIM_BUDGET=100 PGOSHIM_STACKS=2 \
        LD_PRELOAD=$build/libpgoshim.so "$fixtures/spin" 20000 &
    pid=$!
    before=0
    delay=$(awk -v seed=$$$round -v round=$round \
        'BEGIN { srand(seed); printf "%.3f", rand() * 0.1 * (1 + round / 20) }')
    for look in 1 2; do
        sleep "$delay"
        [ -e raw ] || continue
        samples=$(counter raw SAMPLES) || fail "round $round: the file of a running program"
        [ "$samples" -ge "$before" ] || fail "round $round: $samples samples after $before"
        before=$samples
    done
    kill -KILL $pid
    wait $pid 2>/dev/null
    [ -e raw ] || continue
    samples=$(counter raw SAMPLES) || fail "round $round: the file of a killed program"
    [ "$samples" -ge "$before" ] || fail "round $round: killed with $samples after $before"
    "$analyze" convert -b "$fixtures/spin" -f preagg -o - raw >preagg 2>convert.err ||
        grep -q "no samples" convert.err || fail "round $round: $(cat convert.err)"
    [ "$samples" -gt 0 ] && with_samples=$((with_samples + 1))
done
[ $with_samples -ge 10 ] || fail "only $with_samples of $round files had samples"
exit 0
