# What the tables of layouts do to a program; sourced after programs.sh.
#   layout_program NAME          all of the below that a table needs, in $layouts/NAME, once:
#     ours.pgoraw ours.seconds     recorded over the long run, with the default budget
#     instrumented.fdata           exact: llvm-bolt -instrument, the same run
#     callgrind.fdata              exact: callgrind, on the counted run
#   layout_jumps NAME KIND       taken jumps on the counted run (jumps.sh) of the program relinked
#                                by NAME/KIND.fdata or KIND.pgoraw (kind "plain": as it is)
#   layout_lines NAME KIND       of the same: lines of code that it touched
layouts=$build/bench/layouts
instrumenter=$(instrumenter)
aggregator=$(newest perf2bolt)

layout_needs() {
    [ -n "$instrumenter" ] && [ -n "$aggregator" ] || skip "no llvm-bolt and perf2bolt: install bolt-22"
    command -v valgrind >/dev/null || skip "no valgrind"
}

layout_program() {
    name=$1 directory=$layouts/$1
    [ ! -e "$directory/done" ] || return 0
    rm -rf "$directory" && mkdir -p "$directory"
    program_build "$name"
    long=$(program_run "$name" long)
    note "$name: recording $long"
    cpu_seconds "$directory/ours.seconds" "$record" -q -o "$directory/ours.pgoraw" -- $long ||
        broken "recording $name"
    note "$name: the same, instrumented by llvm-bolt"
    "$instrumenter" "$programs/$name" -instrument \
        -instrumentation-file="$directory/instrumented.fdata" -o "$directory/instrumented" \
        >"$directory/instrument.log" 2>&1 || broken "$(tail -n 2 "$directory/instrument.log")"
    "$directory/instrumented" ${long#* } >/dev/null || broken "the instrumented $name"
    note "$name: callgrind, on $(program_run "$name" counted)"
    valgrind --tool=callgrind --dump-instr=yes --collect-jumps=yes --compress-pos=no \
        --compress-strings=no --callgrind-out-file="$directory/callgrind.out" \
        $(program_run "$name" counted) >/dev/null 2>"$directory/callgrind.log" ||
        broken "$(tail -n 2 "$directory/callgrind.log")"
    python3 "$here/callgrind_profile.py" "$programs/$name" "$directory/callgrind.out" \
        >"$directory/callgrind.preagg" || broken "callgrind's profile of $name"
    layout_aggregate "$name" callgrind -pa
    rm -f "$directory/callgrind.out"
    touch "$directory/done"
}

# layout_aggregate NAME KIND OPTIONS...: KIND.preagg to KIND.fdata
layout_aggregate() {
    name=$1 kind=$2
    shift 2
    "$aggregator" "$@" -p "$layouts/$name/$kind.preagg" -o "$layouts/$name/$kind.fdata" \
        "$programs/$name" >"$layouts/$name/$kind.log" 2>&1 ||
        broken "perf2bolt, $kind, $name: $(tail -n 2 "$layouts/$name/$kind.log")"
}

layout_jumps() {
    layout_count "$1" "$2" && cut -d ' ' -f 1 "$layouts/$1/$2.counts"
}
layout_lines() {
    layout_count "$1" "$2" && cut -d ' ' -f 2 "$layouts/$1/$2.counts"
}
layout_count() {
    directory=$layouts/$1
    [ ! -e "$directory/$2.counts" ] || return 0
    program=$directory/$2.relinked
    case $2 in
    plain) program=$programs/$1 ;;
    *)
        source="-p $directory/$2.pgoraw"
        [ ! -e "$directory/$2.fdata" ] || source="--fdata $directory/$2.fdata"
        "$bolt" relink "$programs/$1" --force -o "$program" $source >"$directory/$2.relink" 2>&1 ||
            broken "relinking $1 by $2: $(tail -n 2 "$directory/$2.relink")"
        ;;
    esac
    command=$(program_run "$1" counted)
    count_jumps "$directory/$2.counting" "$program" ${command#* } >"$directory/$2.output" ||
        broken "valgrind $program: $(tail -n 2 "$directory/$2.counting.log")"
    [ -e "$directory/expected" ] || cp "$directory/$2.output" "$directory/expected"
    cmp -s "$directory/$2.output" "$directory/expected" || broken "$program computes something else"
    mv "$directory/$2.counting" "$directory/$2.counts"
}
