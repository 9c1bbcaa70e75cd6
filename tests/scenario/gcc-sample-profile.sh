# From a recording to gcc's AutoFDO profile: gcc uses it, and from the same counts
# it is that of create_gcov, as far as create_gcov's reader of programs goes.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
support=$(cd "$(dirname "$0")/../support" && pwd)
cd "$work" || exit 1
command -v gcc >/dev/null && command -v g++ >/dev/null || skip "no gcc and g++"

# A dump as FUNCTION PLACE COUNT and FUNCTION PLACE TARGET, without calls from outside and totals.
flat() {
    dump_gcov --gcov_version=1 "$1" | awk '
        /^[^ ]/ { sub(/ total:.*/, ""); name = $0; next }
        { sub(/ total:[0-9]*$/, ""); depth = match($0, /[^ ]/)
          print name, depth, $1, $2; for (i = 3; i <= NF; i++) print name, depth, $1, $i }' | sort -u
}

# one NAME ROUNDS BASE COMPILER...
one() {
    name=$1 rounds=$2 base=$3
    shift 3
    expect_status 0 "$@" -o "$name"
    recorded "$name.pgoraw" SAMPLES 300 -F 2000 --budget 50 -- "./$name" "$rounds"
    for format in unsymbolized gcov gcov-3; do
        expect_status 0 "$analyze" convert -b "$name" -f $format -o "$name.$format" "$name.pgoraw"
    done
    python3 "$support/gcov_versions.py" "$name.gcov" "$name.gcov-3" || fail "$name: version 3 is another profile"
    expect_status 0 "$@" -fauto-profile="$name.gcov" -fopt-info-optimized -o "$name.optimised"
    cp err "$name.said"
    [ "$("./$name.optimised" 1000)" = "$("./$name" 1000)" ] || fail "$name computes something else"
    objcopy -O binary --only-section=.text "$name" before &&
        objcopy -O binary --only-section=.text "$name.optimised" after || fail "objcopy"
    cmp -s before after && fail "gcc made the same code of $name with a profile"
    command -v create_gcov dump_gcov >/dev/null || return 0
    python3 "$support/counts_outside_cold_parts.py" "$name.unsymbolized" "$name" >"$name.both"
    expect_status 0 "$analyze" convert -b "$name" -f gcov-1 -o "$name.gcov-1" "$name.both"
    python3 "$support/counts_for_autofdo.py" "$name.both" "$base" >"$name.counts"
    expect_status 0 create_gcov --binary="$name" --profiler=text --profile="$name.counts" \
        --gcov="$name.theirs" --gcov_version=1
    flat "$name.gcov-1" >"$name.ours.flat"
    flat "$name.theirs" >"$name.theirs.flat"
    [ "$(wc -l <"$name.theirs.flat")" -gt 50 ] || fail "create_gcov found nothing of $name"
    comm -13 "$name.ours.flat" "$name.theirs.flat" >missing
    [ ! -s missing ] || { cat missing; fail "$name: create_gcov has more"; }
}

one c 10000 400000 gcc "$sources/kernel.c" -O2 -gdwarf-4 -fno-pie -no-pie
[ ! -e c.theirs ] || diff c.ours.flat c.theirs.flat || fail "c: more than create_gcov's profile"
grep -q 'Indirect call -> direct call.*pick' c.said || fail "gcc does not see whom main calls"
# Two files have a local function of one name, and create_gcov takes only one of them.
expect_status 0 g++ -O2 -gdwarf-4 -Dlocal_step=other_step -c "$sources/elsewhere.cpp" -o elsewhere.o
one cxx 500000 0 g++ "$sources/shapes.cpp" elsewhere.o -O2 -gdwarf-4 -fPIE -pie
