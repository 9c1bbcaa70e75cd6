# Profiles of AArch64 programs, from text: llvm-profgen's bytes and perf2bolt's lines, of C and of
# C++ with much inlined, at fixed addresses and position-independent.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
walk=$(cd "$(dirname "$0")/../support" && pwd)/aarch64_walk.py
cd "$work" || exit 1
# The newest clang that has its llvm-objdump and its llvm-profgen beside it.
for compiler in $(versions_of clang); do
    version=${compiler##*-}
    command -v "llvm-objdump-$version" >/dev/null && command -v "llvm-profgen-$version" >/dev/null && break
    version=
done
[ -n "${version:-}" ] || skip "no clang, llvm-objdump and llvm-profgen of one version"
perf2bolt=$(newest perf2bolt)
[ -n "$perf2bolt" ] || skip "no perf2bolt"
for tool in aarch64-linux-gnu-gcc python3; do
    command -v $tool >/dev/null || skip "no $tool"
done
[ -e /usr/aarch64-linux-gnu/include/stdio.h ] || skip "no C library for AArch64"

walked() {
    LLVM_OBJDUMP=llvm-objdump-$version python3 "$walk" "$@"
}

# agrees NAME COMMAND...: a build; all tools are given the same text of a run that was made up
agrees() {
    name=$1
    shift
    "$@" -Wl,--emit-relocs -o "$name" || fail "compiling $name"
    walked "$name" >"$name.input" && walked "$name" script >"$name.hybrid" || fail "no walk over $name"
    grep -q '^B ' "$name.input" || fail "the walk never leaves $name"
    for format in llvm-text unsymbolized fdata; do
        expect_status 0 "$analyze" convert -b "$name" -f $format -o "$name.$format" "$name.input"
    done
    expect_status 0 "llvm-profgen-$version" --unsymbolized-profile="$name.unsymbolized" --use-offset=0 \
        --binary="$name" --format=text --output="$name.theirs"
    [ "$(wc -l <"$name.theirs")" -gt 40 ] || fail "llvm-profgen finds little in $name"
    cmp "$name.llvm-text" "$name.theirs" || fail "$name: not llvm-profgen's profile"
    "$perf2bolt" -pa -p "$name.input" -o "$name.theirs" "$name" >out 2>err || {
        grep -q 'expected B, F or f' err && skip "no perf2bolt that reads traces"
        fail "perf2bolt: $(cat err)"
    }
    [ "$(wc -l <"$name.theirs")" -gt 15 ] || fail "perf2bolt finds little in $name"
    grep -q '@PLT' "$name.fdata" || fail "no entry of the linkage table is named in $name"
    sort "$name.theirs" >theirs
    sort "$name.fdata" | diff - theirs || fail "$name: not perf2bolt's lines"

    # Branch stacks alone; a sample is where its last branch came from.
    sed -n 's/^ 0x\([0-9a-f]*\)/            \1&/p' "$name.hybrid" >"$name.branches"
    expect_status 0 "$analyze" convert -b "$name" -f llvm-text -o "$name.stacks" "$name.branches"
    expect_status 0 "llvm-profgen-$version" --perfscript="$name.branches" --binary="$name" --format=text \
        --output="$name.theirs"
    cmp "$name.stacks" "$name.theirs" || fail "$name: not llvm-profgen's profile of branch stacks"
}
clang="clang-$version --target=aarch64-linux-gnu -O2 -gdwarf-4 -fdebug-info-for-profiling"
fixed="-fno-pie -no-pie"
probes=-fpseudo-probe-for-profiling
# The words of these are arguments.
agrees lines $clang $fixed "$sources/kernel.c"
agrees probes $clang $fixed $probes "$sources/kernel.c"
if command -v aarch64-linux-gnu-g++ >/dev/null; then
    cxx="$clang --driver-mode=g++ -fPIE -pie $sources/shapes.cpp $sources/elsewhere.cpp"
    agrees cxx-lines $cxx
    agrees cxx-probes $cxx $probes
    expect_status 0 "$analyze" convert -b cxx-probes -f llvm-text --context all -o contexts \
        cxx-probes.hybrid
    expect_status 0 "llvm-profgen-$version" --perfscript=cxx-probes.hybrid --binary=cxx-probes \
        --format=text --output=theirs --csspgo-preinliner=0 --gen-cs-nested-profile=0 \
        --infer-missing-frames=0 --csprof-merge-cold-context=0
    cmp contexts theirs || fail "not llvm-profgen's contexts"
fi

# The text does not say what machine it is of; the binary does.
machine() { # FILE
    "$analyze" convert -f json "$1" | python3 -c '
import json, sys
print(json.load(sys.stdin)["recordings"][0]["machine"])'
}
expect_status 0 "$analyze" merge -b lines -o lines.pgoraw lines.input
[ "$(machine lines.pgoraw)" = 183 ] || fail "machine $(machine lines.pgoraw) in the raw profile"
[ "$(machine lines.input)" = 0 ] || fail "machine $(machine lines.input) of text without a binary"

# Rewriting is not for this machine, and that is said.
expect_status 3 "$bolt" relink lines -p lines.input -o new
expect_said "is for a machine that is not supported"
exit 0
