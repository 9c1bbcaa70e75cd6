#!/bin/sh
# run.sh BUILD [TABLE...]: the tables that sampling is judged by, all or those named.
#
#   cost     microseconds a sample: handler, decoding, delivery, the floor beneath
#   budget   CPU time recorded / plain at 0.5, 1 and 5 %, eight programs
#   lengths  CPU time recorded / plain of runs of 1, 10 and 60 s, ten programs together
#   windows  which length of windows tells most at one budget
#   layout   taken jumps after BOLT: our profile's share of what the exact one saves
#   peers    beside perf record, gperftools and instrumentation: overhead, size, layout
#   attach   what attaching to a running server costs it, and the profile's overlap with the preloaded one
#   hour     file size and memory over an hour's worth of samples
#   counts   how near the counts are to exact ones
#   annotate  counts of single instructions and branches, beside exact ones
#   starts   what of the rest comes from where windows begin
#   inference  what samples without branches keep of the exact gain
#   gains    what profiles are worth to clang, rustc, go and BOLT, beside instrumented builds
#   kinds    which kind of profile is worth what, by counts alone, on the recorded input and another
#   tune     what the options that tune finds are worth, beside the default ones and an exact profile
#   flags    what the flags cost and bring that `pgo-bolt flags --best` adds
#   counters  profiles of counters made of samples, beside real counters and sample profiles
#   compare  what compare says of equal programs, and of one that is 3 % slower
#   check    verdicts on short, long and stale recordings, beside what these have in common
#   conversion  CPU time and memory of a conversion, beside perf2bolt and llvm-profgen
#
# Each table is a script of its own (tests/bench/TABLE.sh BUILD) that says how it measures,
# and can be run alone.  `make exact` has the table of right and wrong paths.
# Status: 0 every bar was met, 1 one was missed, 3 a table could not be measured.
#
#   QUICK=1      everything small: do the scripts work?
#   PAIRS=N      interleaved pairs a row
set -u
build=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- cost start budget layout peers hour compare conversion check $([ ! -e "$here/counts.sh" ] || echo counts)
rm -rf "$build/bench"
mkdir -p "$build/bench" || exit 3
missed= broken= began=$(date +%s)

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs, $(uname -sr), load $(cut -d ' ' -f 1-3 /proc/loadavg)"
for table in "$@"; do
    script=$here/$table.sh
    [ -e "$script" ] || {
        echo "$table: there is no such table" >&2
        broken="$broken $table"
        continue
    }
    printf '\n######## %s (%s %s)\n' "$table" "tests/bench/$table.sh" "$build"
    start=$(date +%s)
    sh "$script" "$build"
    case $? in
    0 | 77) ;;
    1) missed="$missed $table" ;;
    *) broken="$broken $table" ;;
    esac
    echo "   $table took $(($(date +%s) - start)) s"
done
echo
echo "all took $(($(date +%s) - began)) s; bars missed in:${missed:- none}; not measured:${broken:- none}"
[ -z "$broken" ] || exit 3
[ -z "$missed" ]
