# The programs of gains.sh; sourced after common.sh and programs.sh.
#   gains_program NAME     sets $language, $files, $compiled_by; writes $directory/build OUTPUT
#                          FLAGS..., which makes it; false: not here, and it says why
#   gains_run COMMAND INPUT   runs it: counted (under valgrind), short (timed), long (recorded),
#                          other (recorded too, where it is something else that is asked of it);
#                          for kinds.sh learnt (recorded) and held (counted: asks what other does)
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

# CRATE-VERSION: the directory of its source, which cargo has fetched
crate_source() {
    find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -maxdepth 2 -name "$1" 2>/dev/null | tail -n 1
}
fetch_crate() { # CRATE VERSION
    [ -z "$(crate_source "$1-$2")" ] || return 0
    command -v cargo >/dev/null || return 1
    mkdir -p "$work/fetch/src" && : >"$work/fetch/src/lib.rs"
    printf '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n%s = "=%s"\n' \
        "$1" "$2" >"$work/fetch/Cargo.toml"
    (cd "$work/fetch" && cargo fetch -q)
}

# Tables of sales, and of days: CSV of several kinds of fields
write_rows() {
    [ ! -s "$directory/held" ] || return 0
    for size in counted:1500 learnt:600000 held:4000; do
        awk -v rows="${size#*:}" -v kind="${size%%:*}" 'BEGIN {
            srand(7)
            print kind == "held" ? "day,a,b,c" : "customer,product,count,price,note"
            for (i = 0; i < rows; i++)
                if (kind == "held")
                    printf "2026-%02d-%02d,%.3f,%d,%s\n", rand() * 12 + 1, rand() * 28 + 1, rand() * 100, rand() * 9999, rand() < 0.1 ? "" : "1e3"
                else
                    printf "%s%d,%s,%d,%d.%02d,%s\n", rand() < 0.1 ? " Customer " : "customer ", rand() * 300,
                        rand() < 0.3 ? "\"Thing, large\"" : "Thing " int(rand() * 20), rand() * 99,
                        rand() * 500, rand() * 100, rand() < 0.2 ? "\"he said \"\"again\"\", and left\"" : rand() < 0.05 ? "more,than wanted" : ""
        }' >"$directory/${size%%:*}"
    done
}

# JSON, a document a line: orders of many fields, and tables of measured numbers
write_values() {
    [ ! -s "$directory/held" ] || return 0
    for size in counted:700 learnt:150000 held:120; do
        awk -v rows="${size#*:}" -v kind="${size%%:*}" 'BEGIN {
            srand(7)
            for (i = 0; i < rows; i++) {
                if (kind != "held") {
                    printf "{\"order\":%d,\"customer\":{\"name\":\"customer %d\",\"since\":%d,\"note\":%s},\"paid\":%s,\"lines\":[",
                        i, rand() * 300, 1990 + rand() * 30, rand() < 0.3 ? "null" : "\"said \\\"yes\\\",\\n and left\"", rand() < 0.9 ? "true" : "false"
                    for (j = rand() * 4; j > 0; j--)
                        printf "{\"product\":\"thing %d\",\"count\":%d,\"price\":%.2f},", rand() * 20, rand() * 99, rand() * 500
                    printf "%s}\n", rand() < 0.02 ? "" : "null]"
                } else {
                    printf "[\"day %d\"", i
                    for (j = 0; j < 40; j++)
                        printf ",[%d,%.9f,-%.3e]", j, rand(), rand() * 1e9
                    printf ",\"\\u00e4\\u00f6\"]\n"
                }
            }
        }' >"$directory/${size%%:*}"
    done
}

# A second of CPU time is 80 MB of documents, so the long runs have them several times.
write_documents() {
    [ ! -s "$directory/other" ] || return 0
    for size in counted:20:1 learnt:2000:4 short:1500:1 long:6000:12; do
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
    head -c 600000 "$directory/data/notes.md" >"$directory/held"
    rm -r "$directory/data"
}

gains_program() {
    # A build that sets RUSTFLAGS hides what cargo would add from its settings, the mark of a
    # rebuild among them.
    rust_environment="RUSTFLAGS=\"-Clink-arg=-Wl,--emit-relocs \$* \${RUSTFLAGS-} \${CARGO_BUILD_RUSTFLAGS-}\"
CARGO_TARGET_DIR=\${CARGO_TARGET_DIR:-$directory/target}
export RUSTFLAGS CARGO_TARGET_DIR"
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
$rust_environment
cargo build --release --locked -q || exit
cp \"\$CARGO_TARGET_DIR/release/pages\" \"\$output\""
        ;;
    toml)
        echo '#include <toml++/toml.h>' | g++ -E -x c++ - >/dev/null 2>&1 || {
            echo "  toml: skipped: install libtomlplusplus-dev"
            return 1
        }
        language=clang files=$here/programs/toml.cpp
        build="exec $(dirname "$clang")/clang++${clang##*/clang} -O2 -Wl,--emit-relocs,-z,now \"\$@\" $files -o \"\$output\""
        ;;
    zstd)
        fetch_crate zstd-sys 2.1.3+zstd.1.5.7 || { echo "  zstd: skipped: no source of it"; return 1; }
        source=$(crate_source zstd-sys-2.1.3+zstd.1.5.7)/zstd/lib
        language=clang files="$here/programs/pack.c $(echo "$source"/common/*.c "$source"/compress/*.c "$source"/decompress/*.c)"
        build="exec $clang -O2 -DPACK_ZSTD -DZSTD_DISABLE_ASM -Wl,--emit-relocs,-z,now -I$source \"\$@\" $files -o \"\$output\""
        ;;
    lua)
        fetch_crate lua-src 551.1.0 || { echo "  lua: skipped: no source of it"; return 1; }
        source=$(crate_source lua-src-551.1.0)/lua-5.4.9
        language=clang files="$here/programs/lua.c $(echo "$source"/*.c)"
        # Its hash tables have the same seed at every run.
        build="exec $clang -O2 '-Dluai_makeseed(state)=42' -DLUA_USE_POSIX -Wl,--emit-relocs,-z,now -I$source \"\$@\" $files -lm -o \"\$output\""
        ;;
    rows | values)
        command -v cargo >/dev/null || { echo "  $1: skipped: no cargo"; return 1; }
        write_$1 || return 1
        language=rust
        files=$(find "$here/programs/$1" -name target -prune -o -type f -print)
        build="cd $here/programs/$1 || exit 3
$rust_environment
cargo build --release --locked -q || exit
cp \"\$CARGO_TARGET_DIR/release/$1\" \"\$output\""
        ;;
    bzip2)
        fetch_crate bzip2-sys 0.1.13+1.0.8 || { echo "  bzip2: skipped: no source of it"; return 1; }
        source=$(crate_source bzip2-sys-0.1.13+1.0.8)/bzip2-1.0.8
        language=clang files=$here/programs/pack.c
        for part in blocksort bzlib compress crctable decompress huffman randtable; do
            files="$files $source/$part.c"
        done
        build="exec $clang -O2 -DPACK_BZIP2 -Wl,--emit-relocs,-z,now -I$source \"\$@\" $files -o \"\$output\""
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
    sqlite:learnt) input=60 ;;
    sqlite:held) input="2 reports" ;;
    shop:learnt) input=200 ;;
    shop:held) input="6 sums" ;;
    json:learnt) input=10 ;;
    json:held) input="1 packed" ;;
    toml:counted) input=3 ;;
    toml:learnt) input=400 ;;
    toml:held) input="1 converted" ;;
    zstd:counted) input=2 ;;
    zstd:learnt) input=100 ;;
    zstd:held) input="1 numbers" ;;
    lua:counted) input="$here/programs/work.lua 3" ;;
    lua:learnt) input="$here/programs/work.lua 100" ;;
    lua:held) input="$here/programs/other.lua 4" ;;
    tally:counted) input=20 ;;
    tally:short) input=200 ;;
    tally:long) input=3000 ;;
    tally:other) input="3000 prices" ;;
    bzip2:counted) input=1 ;;
    bzip2:learnt) input=30 ;;
    bzip2:held) input="1 numbers" ;;
    pages:* | rows:* | values:*) input=$directory/$1 ;;
    esac
}
gains_run() { # COMMAND INPUT
    gains_input "$2"
    case $language in
    rust) $1 <"$input" ;;
    *) $1 $input </dev/null ;;
    esac
}
