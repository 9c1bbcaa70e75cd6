#!/bin/sh
# run.sh BUILD: our profiles beside those that other tools make of the same counts,
# over many kinds of builds: a line each.  `same` is line for line.
#   llvm-profgen      all of llvm-text
#   perf2bolt         all lines of fdata, in any order
#   create_llvm_prof  places and counts of llvm-text, where it can read the program:
#                     lines that only it has, and lines that only we have
# Exit status 1 where one of the first two has another profile, or where the counts of a recording are
# neither in the profile nor told with their cause.
set -u
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.." || exit 1
sources=$PWD/tests/programs/sample-profile
support=$PWD/tests/support
walk=$support/aarch64_walk.py
work=$(mktemp -d "${TMPDIR:-/tmp}/pgoshim-oracles.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

has() {
    command -v "$1" >/dev/null
}

# The counts as create_llvm_prof takes them: FILE BINARY
text_for_create_llvm_prof() {
    base=$(readelf -lW "$2" | awk '$1 == "LOAD" { print $3; exit }')
    python3 "$support/counts_for_autofdo.py" "$1" "$base"
}

# Places with their counts, by function; without totals and names of inlined functions.
places() {
    LC_ALL=C awk '/^[^ ]/ { sub(/:[0-9]*:[0-9]*$/, ""); name = $0; next }
        $2 ~ /^[0-9]+$/ { print name, match($0, /[^ ]/), $1, $2 }' "$1" | sort
}

by_create_llvm_prof() { # NAME
    has create_llvm_prof || { echo "not here"; return; }
    grep -q CFGChecksum "$1.llvm-text" && { echo "has no probes"; return; }
    text_for_create_llvm_prof "$1.unsymbolized" "$1" >"$1.text"
    create_llvm_prof --binary="$1" --profiler=text --profile="$1.text" --format=text \
        --out="$1.created" >log 2>&1 && [ -s "$1.created" ] || { echo "cannot read it"; return; }
    # Names of inlined functions are overwritten memory; where bytes of it end lines, all is lost.
    grep -aqvE '^ *[0-9.]+: |^[^ ]+:[0-9]+:[0-9]+$' "$1.created" && { echo "garbles names"; return; }
    places "$1.created" >theirs
    places "$1.llvm-text" >ours
    echo "$(comm -23 theirs ours | wc -l) / $(comm -13 theirs ours | wc -l) of $(wc -l <ours)"
}

by_llvm_profgen() { # NAME
    has llvm-profgen-22 || { echo "not here"; return; }
    llvm-profgen-22 --unsymbolized-profile="$1.unsymbolized" --use-offset=0 --binary="$1" \
        --format=text --output="$1.theirs" >log 2>&1 || { echo "failed"; return; }
    cmp -s "$1.theirs" "$1.llvm-text" && echo same || diff "$1.theirs" "$1.llvm-text" | grep -c '^[<>]'
}

by_perf2bolt() { # NAME
    has perf2bolt-22 || { echo "not here"; return; }
    perf2bolt-22 -pa -p "$1.preagg" -o "$1.bolt" "$1" >log 2>&1 || { echo "failed"; return; }
    sort "$1.bolt" >theirs
    sort "$1.fdata" >ours
    cmp -s theirs ours && echo same || diff theirs ours | grep -c '^[<>]'
}

# A recording of NAME, or what a walk over it makes up where it is not this machine's.
counts_of() { # PROGRAM ROUNDS
    if [ "$2" = walk ]; then
        python3 "$walk" "$1" >"$name.pgoraw"
    else
        "$build/pgo-record" --force -q -F 4000 --budget 50 -o "$name.pgoraw" -- "./$1" "$2"
    fi
}

# convert_to FORMAT...: profiles of NAME; what each conversion tells accounts for all counts
convert_to() {
    all=$("$build/pgo-analyze" convert -b "$name" -f json "$name.pgoraw" 2>log |
        python3 -c 'import json, sys; print(sum(t["count"] for t in json.load(sys.stdin)["traces"]))')
    for format in "$@"; do
        "$build/pgo-analyze" convert -v --force --counts raw -b "$name" -f "$format" \
            -o "$name.$format" "$name.pgoraw" 2>told || { cat told >&2; return 1; }
        awk -v all="$all" -v format="$format" -f "$support/accounts.awk" told >gone ||
            { echo "| $name | counts disappear: $(cat gone told) |"; return 1; }
    done
}

# one NAME ROUNDS COMMAND...: compiles NAME; PROGRAM runs it where it is a library
one() {
    name=$1 rounds=$2
    shift 2
    "$@" -o "$name" >log 2>&1 || { echo "| $name | not compiled: $(head -1 log) |"; return; }
    program=${PROGRAM:-$name}
    counts_of "$program" "$rounds" >log 2>&1 ||
        { echo "| $name | not recorded: $(head -1 log) |"; status=1; return; }
    convert_to unsymbolized llvm-text fdata preagg || { status=1; return; }
    profgen=$(by_llvm_profgen "$name") bolt=$(by_perf2bolt "$name")
    created=$(by_create_llvm_prof "$name")
    echo "| $name | $(wc -l <"$name.llvm-text") | $profgen | $(wc -l <"$name.fdata") | $bolt | $created |"
    [ "${KNOWN_NAMES:-}" ] || case $profgen in same | "not here") ;; *) status=1 ;; esac
    case $bolt in same | "not here") ;; *) status=1 ;; esac
}

# one_rewritten NAME ROUNDS: what BOLT makes of a program above; its fdata is the original's
one_rewritten() {
    name=$1.bolted
    has llvm-bolt-22 && [ -e "$1.fdata" ] || { echo "| $name | no llvm-bolt-22 |"; return; }
    llvm-bolt-22 "$1" -data "$1.fdata" -o "$name" -reorder-blocks=ext-tsp -split-functions -split-all-cold \
        -split-eh -enable-bat >log 2>&1 || { echo "| $name | not rewritten: $(tail -1 log) |"; status=1; return; }
    counts_of "$name" "$2" >log 2>&1 || { echo "| $name | not recorded: $(head -1 log) |"; status=1; return; }
    convert_to fdata preagg || { status=1; return; }
    bolt=$(by_perf2bolt "$name")
    echo "| $name | | | $(wc -l <"$name.fdata") | $bolt | |"
    case $bolt in same | "not here") ;; *) status=1 ;; esac
}

echo "| build | llvm-text | llvm-profgen | fdata | perf2bolt | create_llvm_prof |"
echo "|---|---|---|---|---|---|"
lines="-fdebug-info-for-profiling -Wl,--emit-relocs"
probes="-fpseudo-probe-for-profiling -Wl,--emit-relocs"
c=$sources/kernel.c
cxx="$sources/shapes.cpp $sources/elsewhere.cpp"
# The words of these are arguments.
one c-dwarf-4 10000 clang-22 $c -O2 -gdwarf-4 -fno-pie -no-pie $lines
one c-dwarf-5-pie 10000 clang-22 $c -O2 -gdwarf-5 -fPIE -pie $lines
one c-probes 10000 clang-22 $c -O2 -gdwarf-4 -fno-pie -no-pie $probes
one cxx-dwarf-4 1000000 clang++-22 $cxx -O2 -gdwarf-4 -fno-pie -no-pie $lines
one cxx-dwarf-5-pie 1000000 clang++-22 $cxx -O3 -gdwarf-5 -fPIE -pie $lines
one cxx-thin-lto 1000000 clang++-22 $cxx -O2 -g -flto=thin -fuse-ld=lld $lines
one cxx-fs-discriminators 1000000 clang++-22 $cxx -O2 -g $lines -mllvm -enable-fs-discriminator
one cxx-probes 1000000 clang++-22 $cxx -O2 -g -fPIE -pie $probes
one cxx-probes-only 1000000 clang++-22 $cxx -O2 $probes
one c-crel 10000 clang-22 $c -O2 -gdwarf-4 -Wa,--crel,--allow-experimental-crel -fuse-ld=lld $lines
one cxx-zstd 1000000 clang++-22 $cxx -O2 -g -gz=zstd -fuse-ld=lld $lines
one cxx-folded 1000000 clang++-22 $cxx -O2 -g -ffunction-sections -fuse-ld=lld -Wl,--icf=all $lines
one cxx-huge-pages 1000000 clang++-22 $cxx -O2 -g -Wl,-z,max-page-size=0x200000 $lines
one cxx-huge-pages-lld 1000000 clang++-22 $cxx -O2 -g -fuse-ld=lld $lines \
    -Wl,-z,max-page-size=0x200000,-z,separate-loadable-segments
# llvm-profgen takes each resumption for a call of the coroutine (docs/profile-formats.md).
KNOWN_NAMES=yes
for kind in lines probes; do
    options=$(eval echo \$$kind)
    one coroutine-$kind 5000000 clang++-22 -std=c++20 $sources/coroutine.cpp -O2 -g $options
done
KNOWN_NAMES=
one gcc-c 10000 gcc $c -O2 -gdwarf-4 -fno-pie -no-pie -Wl,--emit-relocs
one gcc-c-lto 10000 gcc $c -O2 -g -flto -Wl,--emit-relocs
one gcc-c-dwarf-5 10000 gcc $c -O2 -gdwarf-5 -fPIE -pie -Wl,--emit-relocs
leaves="$sources/leaves.cpp -O2 -g -Wl,--emit-relocs"
for compiler in g++ clang++-22; do
    # g++ gives local functions no linkage names in its debug information (docs/profile-formats.md).
    [ $compiler = g++ ] && KNOWN_NAMES=yes || KNOWN_NAMES=
    one leaves-$compiler 300000 $compiler $leaves
    one leaves-$compiler-pie-o3 300000 $compiler $leaves -O3 -fPIE -pie
    one_rewritten leaves-$compiler 300000
    one throws-$compiler 600000 $compiler $sources/throws.cpp -O2 -g -Wl,--emit-relocs
done
KNOWN_NAMES=
one throws-large-model 600000 clang++-22 $sources/throws.cpp -O2 -gdwarf-4 -mcmodel=large $lines
one_rewritten c-dwarf-5-pie 10000
one_rewritten cxx-dwarf-5-pie 1000000
one_rewritten gcc-c 10000
one rust 30000 rustc -O -g -C link-args=-Wl,--emit-relocs "$sources/words.rs"
one rust-dwarf-5 30000 rustc -O -g -C dwarf-version=5 -C link-args=-Wl,--emit-relocs "$sources/words.rs"
echo 'int kernel(int, char **); int main(int c, char **v) { return kernel(c, v); }' >host.c
for kind in lines probes; do
    options=$(eval echo \$$kind)
    clang-22 $c -Dmain=kernel -O2 -g -fPIC -shared $options -o libkernel-$kind.so &&
        clang-22 host.c -o host-$kind -L. -lkernel-$kind -Wl,-rpath,'$ORIGIN' || exit 1
    PROGRAM=host-$kind
    one libkernel-$kind.so 10000 clang-22 $c -Dmain=kernel -O2 -g -fPIC -shared $options
done
cat >apart.c <<'EOF'
#define _GNU_SOURCE
#include <dlfcn.h>
int main(int count, char **arguments)
{
    void *library = dlmopen(LM_ID_NEWLM, "./libapart.so", RTLD_NOW);
    int (*kernel)(int, char **) = library ? (int (*)(int, char **))dlsym(library, "kernel") : 0;
    return kernel ? kernel(count, arguments) : 1;
}
EOF
clang-22 apart.c -o apart || exit 1
PROGRAM=apart
one libapart.so 10000 clang-22 $c -Dmain=kernel -O2 -g -fPIC -shared $lines
unset PROGRAM
aarch64="--target=aarch64-linux-gnu -O2 -gdwarf-4"
one aarch64-c walk clang-22 $aarch64 $c -fno-pie -no-pie $lines
one aarch64-cxx-pie walk clang++-22 $aarch64 $cxx -fPIE -pie $lines
one aarch64-cxx-probes walk clang++-22 $aarch64 $cxx -fPIE -pie $probes
exit $status
