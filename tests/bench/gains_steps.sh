# How gains.sh, kinds.sh and tune.sh build, record, rebuild, relink and count their programs; sourced
# after gains_programs.sh, or what has gains_input and gains_run as that does.  What is made is kept in $directory with what it was made of: what is the same
# is not made again, so that a run that was broken off goes on where it was.
#   $kept       the directory of all of it; what is done, and when, is in its file log
#   $directory  that of program $name
# --- what is kept ---------------------------------------------------------------
step() {
    note "$name: $*"
    echo "$(date '+%F %T') $name: $*" >>"$kept/log"
}
# OUTPUT WORDS...: it is there, made of the same words, and of files that are the same
fresh() {
    output=$directory/$1
    shift
    {
        for word; do
            echo "$word"
            [ ! -f "${word#*=}" ] || cat "${word#*=}"
        done
    } | md5sum >"$output.wanted"
    [ -s "$output" ] && cmp -s "$output.wanted" "$output.origin"
}
keep() { # OUTPUT
    mv "$directory/$1.wanted" "$directory/$1.origin"
}

# --- steps ----------------------------------------------------------------------
made() { # OUTPUT FLAGS...
    made_of="$compiled_by $directory/build $files"
    ! fresh "$@" $made_of || return 0
    step "building $1"
    "$directory/build" "$directory/$@" >"$directory/$1.log" 2>&1 ||
        broken "$name does not build: $(tail -n 3 "$directory/$1.log")"
    keep "$1"
}
recorded() { # OUTPUT BINARY INPUT OPTIONS...
    raw=$1 recorded_binary=$directory/$2 recorded_input=$3
    shift 3
    gains_input "$recorded_input"
    # Go's programs are static, and recorded from outside.
    [ $language = go ] && recorder=$record || recorder=$build/libpgoshim-core.so
    ! fresh "$raw" "$recorded_binary" "$input" "$recorder" "$*" || return 0
    step "recording $raw"
    # The file grows for a while, and `fresh` must not see half of one.
    gains_run "$record -q --force $* -o $directory/$raw.part -- $recorded_binary" "$recorded_input" \
        >/dev/null || broken "recording $raw"
    mv "$directory/$raw.part" "$directory/$raw"
    keep "$raw"
}
rebuilt() { # OUTPUT BINARY RAW OPTIONS...: $more_flags are given to that build too
    made_anew=$1 rebuilt_of=$directory/$2 rebuilt_by=$directory/$3
    shift 3
    ! fresh "$made_anew" "$rebuilt_of" "$rebuilt_by" "$bolt" "$compiled_by" "$directory/build" $files "$*" \
        ${more_flags-} || return 0
    step "rebuilding $made_anew"
    "$bolt" rebuild "$@" --profile-dir "$directory/profiles" -p "$rebuilt_by" -b "$rebuilt_of" \
        --result "$directory/$made_anew" -- "$directory/build" "$directory/$made_anew" ${more_flags-} \
        >"$directory/$made_anew.log" 2>&1
    status=$?
    # Where no profile is worth it, auto leaves the plain build and says no.
    [ $status -eq 0 ] || { [ $status -eq 1 ] && [ "${1-}" = --as=auto ]; } ||
        broken "rebuild $made_anew: $(tail -n 3 "$directory/$made_anew.log")"
    keep "$made_anew"
}
chosen() { # OUTPUT BINARY RAW: the best of its kinds on the small run
    gains_input counted
    case $language in
    rust) rebuilt "$@" --as=auto --stdin "$input" ;;
    *) rebuilt "$@" --as=auto -w "$input" ;;
    esac
}
# OUTPUT BINARY: of input learnt, as many runs as it takes to have WINDOWS windows (4000)
windows=${WINDOWS:-4000}
learn() {
    gains_input learnt
    ! fresh "$1" "$directory/$2" "$input" "$build/libpgoshim-core.so" "$windows" || return 0
    step "recording $1"
    learnt=0 runs=0
    rm -f "$directory/$1".run.*
    while [ "$learnt" -lt "$windows" ]; do
        runs=$((runs + 1))
        [ $runs -le 50 ] || broken "$learnt windows of 50 runs"
        gains_run "$record -q --force -F 4000 --budget 50 -o $directory/$1.run.$runs -- $directory/$2" \
            learnt >/dev/null || broken "recording $1"
        counters "$directory/$1".run.* >"$directory/$1.counters"
        learnt=$(value "$directory/$1.counters" 'r["WINDOWS"]')
    done
    "$analyze" merge -q --force -o "$directory/$1" "$directory/$1".run.* || broken "merging $1"
    rm "$directory/$1".run.*
    keep "$1"
}
relinked() { # OUTPUT BINARY PROFILE OPTIONS...: the options with which it is given come last
    bolted=$1 bolt_binary=$directory/$2 bolt_profile=$directory/$3
    shift 3
    ! fresh "$bolted" "$bolt_binary" "$bolt_profile" "$bolt" "$*" || return 0
    step "relinking $bolted"
    "$bolt" relink "$bolt_binary" -o "$directory/$bolted" --force "$@" \
        >"$directory/$bolted.log" 2>&1 ||
        broken "relink $bolted: $(tail -n 3 "$directory/$bolted.log")"
    keep "$bolted"
}
instrumented() { # OUTPUT INPUT
    counted_profile=$1.profdata
    gains_input "$2"
    case $language in
    clang) made instrumented -fprofile-generate ;;
    rust) made instrumented -Cprofile-generate ;;
    esac
    fresh "$counted_profile" "$directory/instrumented" "$input" || {
        step "running the instrumented build for $1"
        rm -rf "$directory/counts"
        LLVM_PROFILE_FILE=$directory/counts/%m.profraw gains_run "$directory/instrumented" "$2" >/dev/null ||
            broken "the instrumented $name"
        # Cargo does not see that a profile of the same name is another one.
        rm -rf "$directory/target"
        "$profdata" merge -o "$directory/$counted_profile" "$directory/counts" || broken "llvm-profdata"
        keep "$counted_profile"
    }
    case $language in
    clang) made "$1" "-fprofile-use=$directory/$counted_profile" -Wno-profile-instr-unprofiled ;;
    rust) made "$1" "-Cprofile-use=$directory/$counted_profile" ;;
    esac
}
counted_by_bolt() { # OUTPUT BINARY INPUT
    gains_input "$3"
    ! fresh "$1" "$directory/$2" "$input" || return 0
    step "running $2 instrumented by BOLT"
    "$instrumenter" "$directory/$2" -instrument -instrumentation-file="$directory/$1" \
        -o "$directory/$2.counting" >"$directory/instrument.log" 2>&1 ||
        broken "$(tail -n 2 "$directory/instrument.log")"
    gains_run "$directory/$2.counting" "$3" >/dev/null || broken "BOLT's instrumented $name"
    keep "$1"
}

# --- counts ---------------------------------------------------------------------
# KIND [INPUT]: its instructions, taken jumps and estimated cycles, once, where `pgo-bolt compare
# --counts` would count the release anew for each row.  Go's collector runs when it likes, so
# it is off.  KIND.counts has those of the input `counted`, KIND.INPUT.counts those of another.
counted() {
    counted_input=${2:-counted}
    counts=$1${2:+.$2}.counts
    gains_input "$counted_input"
    ! fresh "$counts" "$directory/$1" "$input" || return 0
    step "counting $1${2:+ on $2}"
    callgrind=$directory/$1.callgrind
    GOGC=off GOMAXPROCS=1 gains_run "valgrind --tool=callgrind --callgrind-out-file=$callgrind --cache-sim=yes
        --branch-sim=yes --I1=32768,8,64 --D1=32768,8,64 --LL=8388608,16,64 --collect-jumps=yes
        --dump-instr=yes --log-file=$callgrind.log $directory/$1" "$counted_input" \
        >"$directory/$1.output" || broken "valgrind $1"
    {
        awk '
            /^jcnd=/ { split(substr($1, 6), part, "/"); jumps += part[1] }
            /^jump=/ { jumps += substr($1, 6) }
            $1 == "totals:" { instructions = $2 }
            END { printf "%.0f\n%.0f\n", jumps, instructions }' "$callgrind"
        awk -v weights="Ir 1 Bcm 10 Bim 10 I1mr 10 D1mr 10 D1mw 10 ILmr 100 DLmr 100 DLmw 100" '
            BEGIN { for (i = split(weights, word, " "); i > 0; i -= 2) weight[word[i - 1]] = word[i] }
            $1 == "events:" { for (i = 2; i <= NF; i++) event[i] = $i }
            $1 == "totals:" { for (i = 2; i <= NF; i++) cycles += weight[event[i]] * $i }
            END { printf "%.0f\n", cycles }' "$callgrind"
    } | tr '\n' ' ' >"$directory/$counts"
    keep "$counts"
}

# --- programs -------------------------------------------------------------------

# every_program DONE NAME...: program_rows of each, alone, so that one that fails stops no other.
# The directories of those that were DONE are in $measured.
every_program() {
    what=$1
    shift
    measured= failed=
    for name; do
        (program_rows)
        case $? in
        0) measured="$measured $kept/$name" ;;
        77) ;;
        *) failed="$failed $name" ;;
        esac
    done
    [ -z "$failed" ] || echo "not $what:$failed"
}
