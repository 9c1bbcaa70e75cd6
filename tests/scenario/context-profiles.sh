# Profiles whose functions are told apart by their callers: of samples with call stacks and
# branches ours is llvm-profgen's, and clang uses it.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
script=$(cd "$(dirname "$0")/../support" && pwd)/hybrid_script.py
cd "$work" || exit 1
for tool in clang-22 llvm-profgen-22 llvm-profdata-22 llvm-objdump-22 valgrind python3; do
    command -v $tool >/dev/null || skip "no $tool"
done

# theirs OUTPUT OPTIONS...: llvm-profgen's, without what we do not do
theirs() {
    output=$1
    shift
    expect_status 0 llvm-profgen-22 --perfscript=$name.script --binary=$name --format=text \
        --output="$output" --csspgo-preinliner=0 --gen-cs-nested-profile=0 \
        --infer-missing-frames=0 "$@"
    grep -q '^\[[^ ]*:[0-9]* @ ' "$output" || fail "llvm-profgen finds no callers in $name"
}

# agrees NAME EVERY ROUNDS COMPILER...: a build and its samples
agrees() {
    name=$1 every=$2 rounds=$3
    shift 3
    "$@" -gdwarf-4 -fpseudo-probe-for-profiling -o $name || fail "compiling $name"
    python3 "$script" $name "$every" "$rounds" >$name.script || fail "no samples of $name"
    theirs $name.all.theirs --csprof-merge-cold-context=0
    theirs $name.on.theirs
    for which in all on; do
        expect_status 0 "$analyze" convert -b $name -f llvm-text --context $which \
            -o $name.$which $name.script
        cmp $name.$which $name.$which.theirs || fail "$name, $which: not llvm-profgen's profile"
        expect_status 0 "$analyze" convert -b $name -f llvm-ext --context $which \
            -o $name.$which.ext $name.script
        expect_status 0 llvm-profdata-22 merge --sample --text $name.$which.ext -o again
        cmp $name.$which again || fail "$name, $which: llvm-ext is another profile"
        expect_status 0 "$analyze" merge -f llvm-text --force -o again $name.$which.ext
        cmp $name.$which again || fail "$name, $which: not read as it was written"
    done
    theirs $name.deep.theirs --csprof-max-context-depth=1
    expect_status 0 "$analyze" convert -b $name -f llvm-text --context on --context-depth 1 \
        -o $name.deep $name.script
    cmp $name.deep $name.deep.theirs || fail "$name: not llvm-profgen's profile of one caller"
}
agrees c 97 2 clang-22 "$sources/kernel.c" -O2 -fno-pie -no-pie
agrees cxx 97 24 clang++-22 "$sources/shapes.cpp" "$sources/elsewhere.cpp" -O1 -fPIE -pie
cmp -s cxx.all cxx.on && fail "cxx has no cold functions"

# clang inlines by it, alike from text and the binary form.
for profile in cxx.on cxx.on.ext; do
    expect_status 0 clang++-22 "$sources/shapes.cpp" "$sources/elsewhere.cpp" -O1 -fPIE -pie \
        -fpseudo-probe-for-profiling -fprofile-sample-use=$profile -o optimised
    [ -s err ] && fail "clang says of $profile: $(cat err)"
    [ "$(./optimised 100)" = "$(./cxx 100)" ] || fail "the program computes something else"
    objcopy -O binary --only-section=.text optimised $profile.code || fail "objcopy"
done
cmp cxx.on.code cxx.on.ext.code || fail "clang makes other code of llvm-ext"
objcopy -O binary --only-section=.text cxx cxx.code
cmp -s cxx.code cxx.on.code && fail "clang made the same code with the profile"

# What cannot be done is said.
expect_status 2 "$analyze" convert -b c -f fdata --context on -o new c.script
expect_said "does not tell functions apart"
expect_status 2 "$analyze" convert -b c -f llvm-text --context most -o new c.script
grep -v '^	' c.script >branches.script
expect_status 1 "$analyze" convert -b c -f llvm-text --context on -o new branches.script
expect_said "perf record -b --call-graph fp"
mkdir lines
objcopy --remove-section=.pseudo_probe c lines/c || fail "objcopy"
expect_status 3 "$analyze" convert -b lines/c -f llvm-text --context on -o new c.script
expect_said "-fpseudo-probe-for-profiling"
[ ! -e new ] || fail "a refused conversion left a file"
exit 0
