# What the workflows share.  Sourced first, by the script in an example's folder.
#   QUICK=1     little data, few pairs: shows that it works; its figures say nothing
#   CACHE=DIR   where builds, data and profiles are kept, absolute (examples/.cache)
#   TIME=1m     what each measurement may take
#   KIND=ir     what rustc gets: counters, by options of stable rustc alone (the default with QUICK),
#               or sample: one build less, with options of the nightly one
# pgo-record, pgo-analyze and pgo-bolt come from PATH.
set -u
quick=${QUICK:-}
name=$(basename "$PWD")
cache=${CACHE:-$(cd .. && pwd)/.cache}
work=$cache/$name${quick:+-quick}
# A quick recording may have too few samples to be taken otherwise.
few_samples=${quick:+--force}
mkdir -p "$work" || exit 3

fail() {
    echo "$name: FAILED: $*" >&2
    exit 1
}
skip() {
    echo "skip: $*"
    exit 77
}
step() {
    printf '\n== %s\n' "$*"
}
# need COMMAND WHY
need() {
    command -v "$1" >/dev/null || skip "no $1: $2"
}
# sized FULL QUICK: how much of something
sized() {
    echo "${quick:+$2}" | grep . || echo "$1"
}

# A release build as it is shipped, and what a profile needs of it: relocations for
# BOLT, and lines, for rustc.  Cargo.toml says debug = "limited"; samples need lines that tell apart
# what is inlined, too, by an option that stable rustc has behind RUSTC_BOOTSTRAP.
# A target is named so that build scripts and macros are compiled without them, once, and
# what is built on the way is in one place for all builds (cargo older than 1.91 keeps it apart).
need_rust() {
    need cargo "install Rust from https://rustup.rs"
    cargo fetch --locked --quiet --offline 2>/dev/null || cargo fetch --locked --quiet ||
        skip "this cargo ($(cargo --version)) cannot fetch the crates of Cargo.lock"
    kind=${KIND:-$(sized sample ir)}
    unset RUSTC_BOOTSTRAP
    RUSTFLAGS=-Clink-arg=-Wl,--emit-relocs
    if [ "$kind" = ir ]; then
        RUSTFLAGS="$RUSTFLAGS $(pgo-bolt flags --best -t rustc)"
    else
        RUSTFLAGS="$RUSTFLAGS -Zdebug-info-for-profiling"
        export RUSTC_BOOTSTRAP=1
    fi
    export RUSTFLAGS CARGO_TARGET_DIR="$cache/cargo" CARGO_BUILD_BUILD_DIR="$cache/cargo-build"
    export CARGO_BUILD_TARGET=x86_64-unknown-linux-gnu
    release=$CARGO_TARGET_DIR/$CARGO_BUILD_TARGET/release
    rebuilt=$work/cargo-pgo/$CARGO_BUILD_TARGET/release
}
# nox, in an environment of its own where there is none; at the versions that are known to work.
need_python() {
    need python3 "install Debian's python3"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "Python is older than 3.11"
    [ -x "$cache/python/bin/nox" ] || {
        rm -rf "$cache/python"
        python3 -m venv "$cache/python" 2>/dev/null || skip "no venv: install Debian's python3-venv"
        "$cache/python/bin/pip" install --quiet --disable-pip-version-check nox==2026.10.20 2>/dev/null ||
            skip "pip cannot fetch nox"
    }
    PATH=$cache/python/bin:$PATH
}
# rebuild PROFILE BINARY RESULT COMMAND...: COMMAND, a build by cargo, uses what PROFILE
# knows of BINARY, and makes RESULT in $rebuilt: cargo would keep what it has in $release
rebuild() {
    profile=$1 recorded=$2 result=$3
    shift 3
    rm -rf "${rebuilt%/release}"
    CARGO_TARGET_DIR=$work/cargo-pgo pgo-bolt rebuild --as=$kind $few_samples -p "$profile" -b "$recorded" \
        --result "$rebuilt/$result" --profile-dir "$work/pgo" -- "$@" || fail "rebuild"
}

# record FILES COMMAND...: FILES is a pattern of pgo-record; as exact as a test bed may be
record() {
    pattern=$1
    shift
    pgo-record --quiet --force -F 1000 --budget 50 -o "$pattern" -- "$@"
}

# measure BUILD BEFORE AFTER [OPTIONS]: pgo-bolt compare, a row of the table
measured=
measure() {
    report=$work/$1.json
    shift
    pgo-bolt compare --json ${quick:+-n 6} --time "${TIME:-1m}" "$@" >"$report"
    status=$?
    [ $status -le 1 ] || fail "compare $*"
    measured="$measured $report"
}
# The table of all that was measured; the answer is no where a build is slower or behaves otherwise.
before_and_after() {
    step "Before and after${quick:+ (too short to mean anything)}"
    python3 "$PWD/../before_and_after.py" ${quick:+--quick} $measured || exit 1
}
