# The programs of gains.sh; sourced after common.sh and programs.sh.
#   gains_program NAME     sets $language, $files, $compiled_by; writes $directory/build OUTPUT
#                          FLAGS..., which makes it; false: not here, and it says why
#   gains_run COMMAND INPUT   runs it: counted (under valgrind), short (timed), long (recorded),
#                          other (recorded too, where it is something else that is asked of it)
#   $input                 the file or words of INPUT, after gains_input INPUT

# SQLite's source comes with the crate that bundles it.
sqlite_source() {
    find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -path '*libsqlite3-sys-*/sqlite3/sqlite3.c' \
        2>/dev/null | tail -n 1
}
fetch_sqlite() {
    [ -z "$(sqlite_source)" ] || return 0
    command -v cargo >/dev/null || return 1
    mkdir -p "$work/fetch/src" && : >"$work/fetch/src/lib.rs"
    printf '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nlibsqlite3-sys = "*"\n' \
        >"$work/fetch/Cargo.toml"
    (cd "$work/fetch" && cargo fetch -q)
}

# A second of CPU time is 80 MB of documents, so the long runs have them several times.
write_documents() {
    [ ! -s "$directory/other" ] || return 0
    for size in counted:20:1 short:1500:1 long:6000:12; do
        documents=${size#*:}
        mkdir -p "$directory/data" &&
            python3 "$here/../../examples/rust-cli/workloads.py" "$directory/data" \
            "${documents%:*}" || return 1
        for round in $(seq "${size##*:}"); do
            cat "$directory"/data/*.md
        done >"$directory/${size%%:*}"
    done
    for round in $(seq 36); do
        cat "$directory/data/notes.md"
    done >"$directory/other"
    rm -r "$directory/data"
}

gains_program() {
    case $1 in
    sqlite)
        fetch_sqlite || { echo "  sqlite: skipped: no source of it"; return 1; }
        source=$(dirname "$(sqlite_source)")
        language=clang files="$here/../demo/workload.c $source/sqlite3.c"
        build="exec $clang -O2 -Wl,--emit-relocs,-z,now -I$source \"\$@\" $files -lm -o \"\$output\""
        ;;
    shop | json)
        [ "$1" = shop ] || program_has json || return 1
        language=clang files=$here/programs/$1.cpp
        build="exec $(dirname "$clang")/clang++${clang##*/clang} -O2 -Wl,--emit-relocs,-z,now \"\$@\" $files -o \"\$output\""
        ;;
    pages)
        command -v cargo >/dev/null || { echo "  pages: skipped: no cargo"; return 1; }
        write_documents || return 1
        language=rust
        files=$(find "$here/../../examples/rust-cli" -name target -prune -o -type f -print)
        build="cd $here/../../examples/rust-cli || exit 3
RUSTFLAGS=\"-Clink-arg=-Wl,--emit-relocs \$* \${RUSTFLAGS-}\"; export RUSTFLAGS
CARGO_TARGET_DIR=$directory/target cargo build --release --locked -q || exit
cp $directory/target/release/pages \"\$output\""
        ;;
    tally)
        command -v go >/dev/null || { echo "  tally: skipped: no go"; return 1; }
        language=go files=$here/programs/tally.go
        build="cd $here/programs && exec go build \"\$@\" -o \"\$output\" tally.go"
        ;;
    *) echo "  $1: there is no such program"; return 1 ;;
    esac
    case $language in
    clang) compiled_by=$("$clang" --version | head -n 1) ;;
    rust) compiled_by=$(rustc -vV) ;;
    go) compiled_by=$(go version) ;;
    esac
    printf '#!/bin/sh\noutput=$1; shift\n%s\n' "$build" >"$directory/build"
    chmod +x "$directory/build"
}

gains_input() {
    case $name:$1 in
    sqlite:counted) input=6 ;;
    sqlite:short) input=60 ;;
    sqlite:long) input=1700 ;;
    sqlite:other) input="1000 reports" ;;
    shop:counted) input=12 ;;
    shop:short) input=200 ;;
    shop:long) input=6000 ;;
    shop:other) input="6000 sums" ;;
    json:counted) input=1 ;;
    json:short) input=10 ;;
    json:long) input=1000 ;;
    json:other) input="3000 packed" ;;
    tally:counted) input=20 ;;
    tally:short) input=200 ;;
    tally:long) input=3000 ;;
    tally:other) input="3000 prices" ;;
    pages:*) input=$directory/$1 ;;
    esac
}
gains_run() { # COMMAND INPUT
    gains_input "$2"
    case $language in
    rust) $1 <"$input" ;;
    *) $1 $input </dev/null ;;
    esac
}
