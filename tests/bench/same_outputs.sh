#!/bin/sh
# same_outputs.sh BUILD OTHER_BUILD: whether two builds answer alike.  Every format, report, show,
# check and their JSON, of recordings that BUILD makes of small programs and of the inputs that
# fuzzing begins with; standard output, messages and exit status.  What differs is named, and kept
# in BUILD/same-outputs; the exit status is 1 then.  Differences that CHANGELOG.md names are counted
# apart: alike.py knows them.
#   BINARIES='tiny.*'   which of tests/fuzz/seeds/binary the inputs are asked about with -b; by default
#                       one of each machine and form of debug information
set -u
alike=$(cd "$(dirname "$0")" && pwd)/alike.py
build=$(cd "$1" && pwd) other=$(cd "$2" && pwd)
seeds=$(cd "$(dirname "$0")/../fuzz/seeds" && pwd)
binaries=${BINARIES:-tiny.aarch64-4 tiny.lines tiny.probes tiny.rewritten}
kept=$build/same-outputs
rm -rf "$kept"
mkdir -p "$kept/corpus" "$kept/differ" || exit 3
cd "$kept/corpus" || exit 3

# What both are asked about: FILE and the binary it is of, or "-".
for program in branchy threads turns execs; do
    for branches in lookahead off; do
        "$build/pgo-record" -q -F 4000 --budget 100 --stacks 2 --branches $branches -o "$program-$branches.pgoraw" -- \
            "$build/fixtures/$program" >/dev/null 2>&1
        [ -s "$program-$branches.pgoraw" ] && echo "$program-$branches.pgoraw $build/fixtures/$program"
    done
done >questions
for seed in "$seeds"/raw/* "$seeds"/perf_data/* "$seeds"/perf_script/* "$seeds"/preagg/* "$seeds"/unsymbolized/* \
    "$seeds"/fdata/* "$seeds"/llvm_text/* "$seeds"/llvm_ext/*; do
    echo "$seed -"
    # shellcheck disable=SC2086 # a pattern
    (cd "$seeds/binary" && ls $binaries) | sed "s|.*|$seed $seeds/binary/&|"
done >>questions

formats=$("$other/pgo-analyze" convert --help | awk '/^Formats:/ { table = 1; next } /^$/ { table = 0 } table && /^  [a-z]/ { print $1 }')
# An older build has its formats in a sentence.
[ -n "$formats" ] || formats="fdata preagg unsymbolized llvm-text llvm-ext llvm-ext-md5 gcov gcov-1 order order-gold propeller folded pprof json raw"
asked=0 different=0 named=0

# ask KIND NAME VERB ARGUMENTS...: both
ask() {
    kind=$1 name=$2
    shift 2
    for one in build other; do
        eval "program=\$$one"
        "$program/pgo-analyze" "$@" >"$one.out" 2>"$one.err"
        echo $? >"$one.status"
    done
    asked=$((asked + 1))
    for part in out err status; do
        cmp -s build.$part other.$part && continue
        if is_named $part; then
            named=$((named + 1))
            continue
        fi
        different=$((different + 1))
        echo "$name: $part differs"
        cp build.$part "$kept/differ/$asked.$part.build"
        cp other.$part "$kept/differ/$asked.$part.other"
    done
}

# is_named PART: whether CHANGELOG.md names how that part of the answers differs
is_named() {
    # Reads of data in fdata, thread names with blanks, and threads' own numbers, alone too, in perf
    # script's text, more choices of its fields, traced branches, and what simpleperf's inject writes
    # are understood now.
    case $name in data.fdata* | fields.txt* | traced.txt* | threads.txt* | thread.txt* | simpleperf.txt*) return 0 ;; esac
    # A program for another machine is not called another build.
    case $kind in check*) grep -q 'it is for .*, .* was recorded' build.err && return 0 ;; esac
    case $1,$kind in
    # A merged profile keeps which recordings are in it: all else has to be the same.
    out,raw)
        for one in other build; do
            cp $one.out merged.out
            "$build/pgo-analyze" convert --force -q -f json -o $one.json merged.out || return 1
        done
        cmp -s other.json build.json
        ;;
    out,*) python3 "$alike" "$kind" other.out build.out ;;
    err,*) python3 "$alike" text other.err build.err ;;
    # Few samples that agree are weak, no failure.
    status,check*) [ "$(cat other.status build.status | xargs)" = "1 0" ] && python3 "$alike" "$kind" other.out build.out ;;
    *) false ;;
    esac
}

while read -r file binary; do
    with=
    label=${file##*/}
    [ "$binary" = - ] || {
        with="-b $binary"
        label="$label of ${binary##*/}"
    }
    for format in $formats; do
        # shellcheck disable=SC2086 # options
        case $format in json | folded | pprof | raw) kind=$format ;; *) kind=text ;; esac
        ask $kind "$label, convert -f $format" convert --force -q $with -f "$format" -o - "$file"
    done
    for verb in "check" "check --json" "report --json -q" "show --json"; do
        # shellcheck disable=SC2086 # options
        case $verb in
        show*) [ "$binary" = - ] && ask json "$label, $verb" $verb "$file" ;;
        check) ask check "$label, $verb" $verb $with "$file" ;;
        check*) ask check-json "$label, $verb" $verb $with "$file" ;;
        *) ask json "$label, $verb" $verb $with "$file" ;;
        esac
    done
done <questions
echo "$asked questions; $named answers differ as CHANGELOG.md says, $different otherwise"
[ $different -eq 0 ]
