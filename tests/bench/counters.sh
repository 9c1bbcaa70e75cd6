# counters.sh BUILD [PROGRAM...]: what profiles of counters that were made of samples are worth
# (docs/ir-profiles.md), beside sample profiles by lines of the same recording, and beside the real
# counters of an instrumented build that saw the same run: callgrind's estimate of cycles of
# a small run, as gains.sh counts them.  Beside it how much of the real counts ours have.
#     KEPT=DIR       keeps builds and recordings there, and makes again only what is missing
#     ONLY=overlap   prints that part alone: no build with a profile, nothing counted
#     MORE=FLAGS     more flags of the release and of the instrumented build
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
. "$here/gains_programs.sh"
shift
[ $# -gt 0 ] || set -- sqlite shop json pages
clang=$(newest clang) profdata=$(newest llvm-profdata)
[ -n "$clang" ] && [ -n "$profdata" ] || skip "no clang and llvm-profdata"
command -v valgrind >/dev/null || skip "no valgrind"
unset CC CXX CFLAGS RUSTFLAGS
pass=ctx-instr-gen,pgo-instr-gen

made() { # OUTPUT FLAGS...
    [ ! -s "$directory/$1" ] || return 0
    "$directory/build" "$directory/$@" >"$directory/$1.log" 2>&1 ||
        broken "$name does not build: $(tail -n 3 "$directory/$1.log")"
}
converted() { # FORMAT OUTPUT OPTIONS...
    format=$1 output=$directory/$2
    shift 2
    [ -s "$output" ] || "$analyze" convert -v -b "$directory/plain" -f "$format" "$@" -o "$output" \
        "$directory/raw" 2>"$output.log" || broken "$(tail -n 3 "$output.log")"
}
cycles() { # BUILD
    [ -s "$directory/$1.cycles" ] || {
        gains_run "valgrind -q --tool=callgrind --callgrind-out-file=$directory/$1.callgrind --cache-sim=yes
            --branch-sim=yes --I1=32768,8,64 --D1=32768,8,64 --LL=8388608,16,64 $directory/$1" counted \
            >/dev/null 2>&1 || broken "counting $1"
        awk -v weights="Ir 1 Bcm 10 Bim 10 I1mr 10 D1mr 10 D1mw 10 ILmr 100 DLmr 100 DLmw 100" '
            BEGIN { for (i = split(weights, word, " "); i > 0; i -= 2) weight[word[i - 1]] = word[i] }
            $1 == "events:" { for (i = 2; i <= NF; i++) event[i] = $i }
            $1 == "totals:" { for (i = 2; i <= NF; i++) all += weight[event[i]] * $i }
            END { printf "%.0f\n", all }' "$directory/$1.callgrind" >"$directory/$1.cycles"
    }
    cat "$directory/$1.cycles"
}
broken() {
    echo "  $name: $*"
    exit 1
}

one() {
    directory=${KEPT:-$work}/$name
    mkdir -p "$directory/dumps"
    gains_program "$name" || return 0
    case $language in
    clang)
        plain="-gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names $MORE"
        generate="-fprofile-generate -mllvm -print-after=$pass -mllvm -print-module-scope -mllvm -ir-dump-directory=$directory/dumps"
        sampled=-fprofile-sample-use= counted=-fprofile-use=
        ;;
    rust)
        plain="-Cdebuginfo=1 $MORE"
        generate="-Cprofile-generate -Cllvm-args=-print-after=$pass -Cllvm-args=-print-module-scope -Cllvm-args=-ir-dump-directory=$directory/dumps"
        sampled= counted=-Cprofile-use=
        ;;
    *) return 0 ;;
    esac
    # The words of these are arguments.
    made plain $plain
    made instrumented $plain $generate
    [ -s "$directory/raw" ] || gains_run "$record -q --force -F 4000 --budget 50 -o $directory/raw $directory/plain" learnt \
        >/dev/null || broken "recording"
    [ -s "$directory/real" ] || {
        LLVM_PROFILE_FILE=$directory/counts/%m.profraw gains_run "$directory/instrumented" learnt >/dev/null &&
            "$profdata" merge -o "$directory/real" "$directory/counts"
    } || broken "the instrumented run"
    converted profdata ours --ir "$directory/dumps"
    [ "${ONLY-}" = overlap ] || worth
    for profile in real ours; do
        "$profdata" merge --text -o "$directory/$profile.text" "$directory/$profile"
    done
    counters "$directory/raw" >"$directory/raw.counters"
    echo "  $name: $(value "$directory/raw.counters" 'r["WINDOWS"]') windows; $(python3 "$here/../support/counters_agree.py" "$directory/real.text" \
        "$directory/ours.text" 0 2>&1 | tail -n 1)"
    sed -n 's/^pgo-analyze: /      /p' "$directory/ours.log"
}
# What builds by these profiles save.
worth() {
    made by-instrumented $plain "$counted$directory/real" ${sampled:+-Wno-profile-instr-unprofiled}
    made by-counters $plain "$counted$directory/ours"
    builds="by-instrumented by-counters"
    [ -z "$sampled" ] || {
        converted llvm-ext lines
        made by-lines $plain "$sampled$directory/lines"
        builds="$builds by-lines"
    }
    before=$(cycles plain) best=$(cycles by-instrumented)
    for build_name in $builds; do
        after=$(cycles "$build_name")
        awk -v name="$name" -v build="$build_name" -v before="$before" -v best="$best" -v after="$after" \
            'BEGIN { printf "  %-8s %-16s %12.0f cycles, %5.1f %% fewer, %5.1f %% of the instrumented saving\n",
                     name, build, after, 100 * (1 - after / before), 100 * (before - after) / (before - best) }'
    done
}
MORE=${MORE-}
for name; do
    (one)
done
