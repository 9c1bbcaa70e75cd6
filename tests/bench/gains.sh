#!/bin/sh
# gains.sh BUILD [PROGRAM...]: what a profile by pgo-record is worth to each compiler, and to
# BOLT after it, beside instrumented builds.  Each release is recorded once over a long run and
# built again by `pgo-bolt rebuild`; the instrumented build sees the same long run.
#     gain = 1 - (CPU time / that of the release), interleaved pairs of a short run
#     share = gain / the gain of the instrumented build
# Instructions and taken conditional branches are of a small run, by valgrind --tool=lackey.
# Ours is what docs/rebuilding.md recommends: probes for clang, discriminators for rustc.
# Bars: sample-PGO alone has 92 % of the instrumented gain on each program, and more than all
# of it on average; with BOLT it is ahead of instrumented alone.
# What no tool of ours has a part in (releases, instrumented builds and what they counted) is
# kept beside the table and made again where flags, sources or the compiler changed.
. "$(dirname "$0")/common.sh"
shift
[ $# -gt 0 ] || set -- sqlite shop pages tally
each_least=92
rate=${RATE:-4000} budget=${BUDGET:-5}
lines="-gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names"
probes=-fpseudo-probe-for-profiling
instrumenter=$(newest llvm-bolt)
clang=$(newest clang) profdata=$(newest llvm-profdata)
[ -n "$clang" ] && [ -n "$profdata" ] && [ -n "$instrumenter" ] || skip "no clang, llvm-profdata and llvm-bolt"
unset CC CXX CFLAGS RUSTFLAGS GOFLAGS

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

# program NAME: how it is built ($directory/build OUTPUT FLAGS...) and run; false: not here
program() {
    name=$1 directory=$build/bench/gains-builds/$1
    mkdir -p "$directory"
    case $name in
    sqlite)
        fetch_sqlite || { echo "  sqlite: skipped: no source of it"; return 1; }
        source=$(dirname "$(sqlite_source)")
        language=clang counted=6 short=60 long=1700
        compiler="$clang -O2 -I$source" files="$here/../demo/workload.c $source/sqlite3.c -lm"
        ;;
    shop)
        language=clang counted=12 short=600 long=6000
        compiler="$(dirname "$clang")/clang++${clang##*/clang} -O2" files="$here/programs/shop.cpp"
        ;;
    pages)
        command -v cargo >/dev/null || { echo "  pages: skipped: no cargo"; return 1; }
        files=$(find "$here/../../examples/rust-cli" -name target -prune -o -type f -print)
        language=rust counted=small.md short=short.md long=long.md
        # A second of CPU time is 80 MB of documents, so the long run has them several times.
        for size in small:20:1 short:1500:1 long:6000:12; do
            documents=${size#*:}
            mkdir -p data && python3 "$here/../../examples/rust-cli/workloads.py" data \
                ${documents%:*} || return 1
            for round in $(seq ${size##*:}); do
                cat data/*.md
            done >"$directory/${size%%:*}.md"
        done
        ;;
    tally)
        command -v go >/dev/null && command -v perf >/dev/null ||
            { echo "  tally: skipped: no go and perf"; return 1; }
        language=go files=$here/programs/tally.go short=60 long=900
        ;;
    esac
    {
        echo '#!/bin/sh'
        echo 'output=$1; shift'
        case $language in
        clang) echo "exec $compiler -Wl,--emit-relocs \"\$@\" $files -o \"\$output\"" ;;
        rust)
            echo "cd $here/../../examples/rust-cli || exit 3"
            echo 'RUSTFLAGS="-Clink-arg=-Wl,--emit-relocs $* ${RUSTFLAGS-}"; export RUSTFLAGS'
            echo "CARGO_TARGET_DIR=$directory/target cargo build --release --locked -q || exit"
            echo "cp $directory/target/release/pages \"\$output\""
            ;;
        go)
            echo "cd $here/programs && exec go build \"\$@\" -o \"\$output\" tally.go"
            ;;
        esac
    } >"$directory/build"
    chmod +x "$directory/build"
}

# What it was made of: flags, the profile that they name, how it is built, compiler, sources.
origin_of() { # OUTPUT FLAGS...
    echo "$*" && cat "$directory/build"
    for file in $files; do
        [ ! -f "${file#*=}" ] || cat "${file#*=}"
    done
    shift
    for flag; do
        [ ! -f "${flag#*=}" ] || cat "${flag#*=}"
    done
    case $language in
    clang) "$clang" --version ;;
    rust) rustc -vV ;;
    go) go version ;;
    esac
}
kept() { # OUTPUT FLAGS...: it is there, of the same
    origin_of "$@" | md5sum >"$directory/$1.wanted"
    [ -s "$directory/$1" ] && cmp -s "$directory/$1.wanted" "$directory/$1.origin"
}
made() { # OUTPUT FLAGS...
    ! kept "$@" || return 0
    note "$name: building $1"
    "$directory/build" "$directory/$@" >"$directory/$1.log" 2>&1 ||
        broken "$name does not build: $(tail -n 3 "$directory/$1.log")"
    mv "$directory/$1.wanted" "$directory/$1.origin"
}
run() { # COMMAND LENGTH: its arguments, or its input
    case $language in
    rust) $1 <"$directory/$2" ;;
    *) $1 "$2" ;;
    esac
}
recorded() { # BINARY
    note "$name: recording $1"
    if [ $language = go ]; then
        perf record -q -e cpu-clock -F 999 -g -o "$directory/$1.raw" "$directory/$1" $long \
            >/dev/null 2>"$directory/$1.log" || broken "perf record $1"
    else
        run "$record -q --force -F $rate --budget $budget -o $directory/$1.raw -- $directory/$1" $long \
            >/dev/null || broken "recording $1"
    fi
}
rebuilt() { # RELEASE OUTPUT
    note "$name: rebuilding $2"
    "$bolt" rebuild --profile-dir "$directory/profiles" -p "$directory/$1.raw" -b "$directory/$1" \
        --result "$directory/$2" -- "$directory/build" "$directory/$2" >"$directory/$2.log" 2>&1 ||
        broken "rebuild $2: $(tail -n 3 "$directory/$2.log")"
    echo "  $name: $(tail -n 1 "$directory/$2.log" | sed 's/^[^:]*: //')" >>"$work/said"
}
relinked() { # BINARY PROFILE-OPTIONS...: to BINARY.bolt
    input_binary=$1
    shift
    "$bolt" relink "$directory/$input_binary" -o "$directory/$input_binary.bolt" --force "$@" \
        >"$directory/$input_binary.bolt.log" 2>&1 ||
        broken "relink $input_binary: $(tail -n 3 "$directory/$input_binary.bolt.log")"
}
instrumented() {
    trained="$directory/lines $here/gains.sh" # inputs are what this file says
    kept exact.fdata $trained && kept exact.profdata $trained && [ -s "$directory/pgo" ] && return
    # Cargo does not see that a profile of the same name is another one.
    rm -rf "$directory/exact" "$directory/target"
    case $language in
    clang) made instrumented -fprofile-generate="$directory/exact" ;;
    rust) made instrumented -Cprofile-generate="$directory/exact" ;;
    esac
    note "$name: running the instrumented build"
    run "$directory/instrumented" $long >/dev/null || broken "the instrumented $name"
    "$profdata" merge -o "$directory/exact.profdata" "$directory/exact" || broken "llvm-profdata"
    case $language in
    clang) made pgo -fprofile-use="$directory/exact.profdata" -Wno-profile-instr-unprofiled ;;
    rust) made pgo -Cprofile-use="$directory/exact.profdata" ;;
    esac
    "$instrumenter" "$directory/lines" -instrument -instrumentation-file="$directory/exact.fdata" \
        -o "$directory/lines.counting" >"$directory/instrument.log" 2>&1 ||
        broken "$(tail -n 2 "$directory/instrument.log")"
    run "$directory/lines.counting" $long >/dev/null || broken "BOLT's instrumented $name"
    for exact in exact.profdata exact.fdata; do
        origin_of $exact $trained | md5sum >"$directory/$exact.origin"
    done
}

row() { # KIND WORDS
    kind=$1 counts='- -'
    shift
    [ $language = go ] || {
        valgrind --tool=lackey --basic-counts=yes --log-file="$directory/$kind.lackey" \
            "$directory/$kind" $([ $language = rust ] || echo $counted) \
            <$([ $language = rust ] && echo "$directory/$counted" || echo /dev/null) \
            >"$directory/$kind.output" || broken "valgrind $kind"
        counts=$(sed -n 's/.* guest instrs: *\([0-9,]*\).*/\1/p; s/.* taken: *\([0-9,]*\) .*/\1/p' \
            "$directory/$kind.lackey" | tr -d , | sort -n | tr '\n' ' ')
    }
    if [ $language = rust ]; then
        compared "$directory/$kind.json" --no-noise --stdin "$directory/$short" "$directory/lines" "$directory/$kind"
    else
        compared "$directory/$kind.json" --no-noise "$directory/lines" "$directory/$kind" -- $short
    fi
    python3 - "$directory/$kind.json" "$name" "$kind" "$*" $counts <<'END' || broken "$kind of $name"
import json, sys
file, name, kind, words, taken, instructions = sys.argv[1:7]
row = json.load(open(file))["cpu"]["b_over_a"]
millions = lambda text: "%10.2f" % (int(text) / 1e6) if text != "-" else "%10s" % "-"
print("  %-7s %-34s %s %s   %6.4f  %6.4f ... %6.4f" % (name, words, millions(instructions),
    millions(taken), row["ratio"], row["low"], row["high"]))
open("rows", "a").write(json.dumps([name, kind, row["ratio"]]) + "\n")
END
}

: >rows
: >said
title "Gains of profiles (CPU time against the release; instructions and taken branches in millions)"
load_warning
printf '  %-7s %-34s %10s %10s   %6s  %s\n' program build instr. taken ratio '95 % interval'
for wanted in "$@"; do
    program "$wanted" || continue
    case $language in
    clang) made lines $lines && made probes $lines $probes ;;
    rust) made lines -Cdebuginfo=1 && RUSTC_BOOTSTRAP=1 made discriminated -Cdebuginfo=1 -Zdebug-info-for-profiling ;;
    go) made lines ;;
    esac
    recorded lines
    rebuilt lines lines.pgo
    case $language in
    clang)
        recorded probes
        rebuilt probes probes.pgo
        ;;
    rust)
        recorded discriminated
        rebuilt discriminated discriminated.pgo
        ;;
    go)
        note "$name: Go's own profile"
        CPUPROFILE=$directory/own.pprof "$directory/lines" $long >/dev/null || broken "$name"
        made pgo -pgo="$directory/own.pprof"
        row pgo "its own profile (runtime/pprof)"
        row lines.pgo "ours (perf record)"
        continue
        ;;
    esac
    instrumented
    relinked lines -p "$directory/lines.raw" --yaml "$directory/lines.yaml.new"
    cp "$directory/lines.bolt" "$directory/ours.bolt"
    relinked lines --fdata "$directory/exact.fdata"
    row lines "the release"
    row pgo "instrumented PGO"
    row lines.pgo "ours, by lines"
    [ $language != clang ] || row probes.pgo "ours, by probes"
    [ $language != rust ] || row discriminated.pgo "ours, lines and discriminators"
    row lines.bolt "BOLT, exact profile"
    row ours.bolt "BOLT, ours"
    best=lines.pgo
    [ $language != clang ] || best=probes.pgo
    [ $language != rust ] || best=discriminated.pgo
    recorded $best
    relinked $best -p "$directory/$best.raw"
    row $best.bolt "ours, and BOLT by ours"
done
[ -s rows ] || exit 77
title "What pgo-bolt rebuild said"
cat said
title "Bars"
python3 - $each_least >verdicts <<'END' || broken "the rows"
import json, sys
ratios = {}
for line in open("rows"):
    name, kind, ratio = json.loads(line)
    ratios.setdefault(name, {})[kind] = ratio
shares = []
for name, kinds in ratios.items():
    ours = next(kinds[k] for k in ("probes.pgo", "discriminated.pgo", "lines.pgo") if k in kinds)
    share = 100 * (1 - ours) / (1 - kinds["pgo"]) if kinds["pgo"] < 1 else float("inf")
    shares.append(share)
    print(share >= float(sys.argv[1]), "%s: %.0f %% of the instrumented gain (at least %s %%)" % (name, share, sys.argv[1]))
    both = [kinds[k] for k in kinds if k.endswith(".pgo.bolt")]
    if both:
        print(both[0] < kinds["pgo"], "%s: sample-PGO and BOLT %.4f, instrumented %.4f" % (name, both[0], kinds["pgo"]))
print(sum(shares) / len(shares) > 100, "on average %.0f %% (more than 100 %%)" % (sum(shares) / len(shares)))
END
while read -r good text; do
    verdict "$good" "$text"
done <verdicts
exit $missed
