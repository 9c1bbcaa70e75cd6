# Debug information in other forms than a section of the binary gives the same
# profiles, byte for byte: split DWARF in .dwo files and packages, dwz alone and
# shared by several binaries, files from a debuginfod cache.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
for tool in objcopy strip readelf gcc clang-22 clang++-22; do
    command -v $tool >/dev/null || skip "no $tool"
done

# build NAME COMPILER OPTIONS...: a directory with the binary, compiled in it unit by unit
build() {
    directory=$1
    shift
    mkdir "$directory" && cp "$sources/shapes.cpp" "$sources/elsewhere.cpp" "$directory"
    (cd "$directory" && for file in *.cpp; do "$@" -O2 -c "$file" || exit 1; done &&
        "$@" -no-pie -Wl,--build-id -o app ./*.o) || fail "building $directory"
}

# known BUILD PREFIX: records its app, and keeps its profiles as PREFIX.FORMAT
known() {
    recorded "$2.pgoraw" SAMPLES 50 -F 2000 --budget 50 -- "$1/app" $rounds
    expect_status 0 "$analyze" convert -b "$1/app" -f preagg -o "$2.preagg" "$2.pgoraw"
    for format in llvm-text gcov; do
        expect_status 0 "$analyze" convert -b "$1/app" -f $format -o "$2.$format" "$2.preagg"
        [ -s "$2.$format" ] || fail "$2.$format is empty"
    done
    [ -s "$2.llvm-text" ] && [ "$(wc -l <"$2.llvm-text")" -gt 20 ] || fail "$2.llvm-text is short"
}

# same PREFIX BINARY OPTIONS...: the profiles that are known
same() {
    prefix=$1 binary=$2
    shift 2
    for format in llvm-text gcov; do
        expect_status 0 "$analyze" convert -b "$binary" "$@" -f $format --force -o got \
            "$prefix.preagg"
        [ -s err ] && fail "$binary $*: $(cat err)"
        cmp got "$prefix.$format" || fail "$format of $binary $*"
    done
}

same_code() {
    objcopy -O binary --only-section=.text "$1/app" text.1 &&
        objcopy -O binary --only-section=.text "$2/app" text.2 || fail "objcopy"
    cmp text.1 text.2 || fail "the code of $1 and $2 differs"
}

# --- split DWARF --------------------------------------------------------------------
# split NAME PACKER COMPILER OPTIONS...: whole and split, as .dwo files, elsewhere, packed
split() {
    name=$1 packer=$2
    shift 2
    build "$name-whole" "$@"
    build "$name-split" "$@" -gsplit-dwarf
    same_code "$name-whole" "$name-split"
    readelf -SW "$name-split/app" | grep -q '\.debug_addr' || fail "$name-split is not split"
    known "$name-whole" "$name"
    same "$name" "$name-split/app"
    mkdir elsewhere && mv "$name-split"/*.dwo elsewhere
    expect_status 3 "$analyze" convert -b "$name-split/app" -f llvm-text -o none "$name.preagg"
    expect_said ".dwo is not found"
    expect_said "--debug-dir"
    same "$name" "$name-split/app" --debug-dir elsewhere
    cp "$name-split/app" elsewhere/
    same "$name" elsewhere/app
    if command -v "$packer" >/dev/null; then
        (cd elsewhere && timeout 300 "$packer" ./*.dwo -o "../$name-split/app.dwp") || fail "$packer"
        rm -r elsewhere
        same "$name" "$name-split/app"
        ln -s "$name-split/app" link
        same "$name" link
        rm link
        mkdir elsewhere && mv "$name-split/app.dwp" elsewhere
        same "$name" "$name-split/app" --debug-dir elsewhere
    fi
    rm -r elsewhere
    # Of another compilation: the file is there, and its unit is not the one.
    (cd "$name-split" && for file in *.cpp; do "$@" -gsplit-dwarf -O1 -c "$file"; done)
    expect_status 3 "$analyze" convert -b "$name-split/app" -f llvm-text -o none "$name.preagg"
    expect_said ".dwo is not found"
}
rounds=100000
split clang-4 llvm-dwp-22 clang++-22 -gdwarf-4 -fdebug-info-for-profiling
split clang-5 llvm-dwp-22 clang++-22 -gdwarf-5 -fdebug-info-for-profiling -ffunction-sections
split gcc-4 dwp g++ -gdwarf-4
# Of gcc 12's .dwo files of DWARF 5 no packer makes a package that could be used: llvm-dwp 22 does
# not come to an end, dwp of binutils 2.40 leaves out ranges and all units but one, and says nothing.
split gcc-5 none g++ -gdwarf-5
if command -v dwp >/dev/null; then
    build gcc-5-packed g++ -gdwarf-5 -gsplit-dwarf
    (cd gcc-5-packed && timeout 300 dwp ./*.dwo -o app.dwp) || rm -f gcc-5-packed/app.dwp
    # Such a package is passed over where the .dwo files are there, and no source without them.
    same gcc-5 gcc-5-packed/app
    rm gcc-5-packed/*.dwo
    expect_status 3 "$analyze" convert -b gcc-5-packed/app -f llvm-text -o none gcc-5.preagg
    expect_said ".dwo is not found"
fi

# One of several missing is said, and the rest is there.
build part clang++-22 -g -gsplit-dwarf -fdebug-info-for-profiling
known part part
rm part/elsewhere.dwo
expect_status 0 "$analyze" convert -b part/app -f llvm-text --force -o part.prof part.preagg
expect_said "elsewhere.dwo is not found"

# --- dwz ----------------------------------------------------------------------------
if command -v dwz >/dev/null; then
    cp -r gcc-4-whole alone && dwz alone/app || fail "dwz"
    same gcc-4 alone/app
    # What two binaries have in common goes to a file of its own.
    mkdir shared && cp gcc-4-whole/app shared/app && cp gcc-4-whole/app shared/other &&
        (cd shared && dwz -m common.debug -M common.debug app other) || fail "dwz -m"
    readelf -SW shared/app | grep -q gnu_debugaltlink || fail "dwz -m shared nothing"
    readelf --debug-dump=info shared/app 2>/dev/null | grep -q 'abstract_origin.*alt' ||
        fail "dwz -m moved no function"
    same gcc-4 shared/app
    shared_id=$(readelf -n shared/common.debug | sed -n 's/.*Build ID: //p')
    common=debug/$(echo "$shared_id" | cut -c 1-2)
    mkdir -p "$common" && mv shared/common.debug "$common/${shared_id#??}.debug"
    expect_status 3 "$analyze" convert -b shared/app -f llvm-text -o none gcc-4.preagg
    expect_said "$shared_id"
    same gcc-4 shared/app --debug-dir debug
else
    echo "no dwz"
fi

# --- compressed: each section with zlib and with zstd, in the binary, its debug file and .dwo files ---
if command -v llvm-objcopy-22 >/dev/null; then
    for kind in zlib zstd; do
        mkdir packed-$kind
        llvm-objcopy-22 --compress-debug-sections=$kind gcc-4-whole/app packed-$kind/app ||
            fail "compressing with $kind"
        readelf -SW packed-$kind/app | grep -q '\.debug_info.* C ' || fail "$kind: not compressed"
        same gcc-4 packed-$kind/app
        strip -o packed-$kind/bare gcc-4-whole/app
        objcopy --only-keep-debug gcc-4-whole/app plain.debug &&
            llvm-objcopy-22 --compress-debug-sections=$kind plain.debug packed-$kind/app.debug ||
            fail "compressing the debug file with $kind"
        same gcc-4 packed-$kind/bare --debug-file packed-$kind/app.debug
        build packed-$kind-split clang++-22 -g -fdebug-info-for-profiling -gsplit-dwarf -gz=$kind
        build packed-$kind-whole clang++-22 -g -fdebug-info-for-profiling
        known packed-$kind-whole packed-$kind
        same packed-$kind packed-$kind-split/app
    done
else
    echo "no llvm-objcopy-22"
fi

# --- debuginfod: what its client has in its cache; the server is one that nobody runs -----
ls /usr/lib/*/libdebuginfod.so.1 >/dev/null 2>&1 || skip "the rest: no libdebuginfod"
mkdir bare cache && strip -o bare/app gcc-4-whole/app || fail "strip"
build_id=$(readelf -n bare/app | sed -n 's/.*Build ID: //p')
mkdir "cache/$build_id"
objcopy --only-keep-debug gcc-4-whole/app "cache/$build_id/debuginfo" || fail "objcopy"
expect_status 3 env -u DEBUGINFOD_URLS DEBUGINFOD_CACHE_PATH="$work/cache" \
    "$analyze" convert -b bare/app -f llvm-text -o none gcc-4.preagg
export DEBUGINFOD_CACHE_PATH="$work/cache" DEBUGINFOD_URLS=http://127.0.0.1:9
same gcc-4 bare/app
exit 0
