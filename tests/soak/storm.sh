#!/bin/sh
# storm.sh BUILD: an hour with 64 threads, forks, dlopen, exec storms, signal stacks and closed
# descriptors at once (tests/programs/storm.c), under the preload: no crash, nothing wrong in what the
# program checks, memory and file bounded.
#   MINUTES=60   SHARE=50   percent of one CPU   RATE=997  BUDGET=20
# Bars: resident memory and mappings in the last quarter are at most a tenth (and 2 MiB, 40 mappings)
# above those in the second; all files can be read, and none is larger than its limit.
set -u
build=$(cd "$1" && pwd)
minutes=${MINUTES:-60}
work=$(mktemp -d "${TMPDIR:-/tmp}/pgoshim-storm.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

PGOSHIM_FILE="$work/%m.pgoraw" PGOSHIM_RATE="${RATE:-997}" PGOSHIM_BUDGET="${BUDGET:-20}" PGOSHIM_STACKS=2 \
    env LD_PRELOAD="$build/libpgoshim.so" "$build/fixtures/storm" $((minutes * 60)) "$build/fixtures" "${SHARE:-50}" >lines
status=$?
tail -n 3 lines
[ $status -eq 0 ] && [ "$(tail -n 1 lines)" = done ] || {
    echo "FAILED: storm: status $status"
    exit 1
}
for file in *.pgoraw; do
    "$build/pgo-analyze" show --json "$file" >shown || {
        echo "FAILED: storm: $file cannot be read"
        exit 1
    }
    [ "$(wc -c <"$file")" -le 16777216 ] || {
        echo "FAILED: storm: $file has $(wc -c <"$file") bytes"
        exit 1
    }
done
grep -v done lines | awk '
    function median(from, to, column,    n, i, j, swap, values) {
        for (i = from; i <= to; i++)
            values[++n] = table[i, column]
        for (i = 1; i <= n; i++)
            for (j = i + 1; j <= n; j++)
                if (values[j] < values[i]) {
                    swap = values[i]; values[i] = values[j]; values[j] = swap
                }
        return values[int((n + 1) / 2)]
    }
    { for (i = 1; i <= NF; i++) table[NR, i] = $i; descriptors = $4 }
    END {
        early = median(int(NR / 4) + 1, int(NR / 2), 2); late = median(int(3 * NR / 4) + 1, NR, 2)
        maps = median(int(NR / 4) + 1, int(NR / 2), 3); maps_late = median(int(3 * NR / 4) + 1, NR, 3)
        printf "storm: %d rounds; resident %d KiB, then %d; %d mappings, then %d; %d descriptors\n", table[NR, 6], early, late,
            maps, maps_late, descriptors
        exit late > early * 1.1 + 2048 || maps_late > maps * 1.1 + 40
    }' || {
    echo "FAILED: storm: it grows"
    exit 1
}
