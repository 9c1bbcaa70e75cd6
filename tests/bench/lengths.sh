#!/bin/sh
# lengths.sh BUILD [PROGRAM...]: what recording costs runs of a second, of ten and of a minute, all programs together.
# CPU time, user and system, of `pgo-record -o FILE -- PROGRAM` with the defaults beside that of the program: the launcher, the start of
# the recorder and the burst of its first samples are in it.  Each triple is plain, recorded, plain again, all three at once on
# one CPU, each for 50 ms in turns (SIGSTOP, SIGCONT): one after the other they differ by 10 to 20 % in virtual machines, for what the
# host does, and in turns by one.  Pooled is the mean over the programs of what their triples say, with its 95 % interval.
#   LENGTHS="1 10 60"   seconds of CPU time      PAIRS="30 10 1"   triples of each; of one, the interval is that over programs
# Bar, for each length: the pooled ratio is at most the budget of 1 %, and 6 ms for the start, within its interval, which is half
# a percent wide to each side.
. "$(dirname "$0")/common.sh"
. "$here/programs.sh"
shift
[ $# -gt 0 ] || set -- sqlite lua xz bzip2 regex json shop python3 perl cc1
lengths=${LENGTHS:-$([ -n "$quick" ] && echo 1 || echo 1 10 60)}
triples=${PAIRS:-$([ -n "$quick" ] && echo 3 || echo 30 10 1)}
python_work 5000 >work.py
cat >work.pl <<'PL'
my %seen;
for my $i (1 .. 10000 * $ARGV[0]) { $seen{ $i % 5000 } .= 'x' if $i =~ /7/; %seen = () if $i % 1000000 == 0; }
PL
for functions in 20 40 80 160 320 640 1280 2560 5120 10240; do
    big_source $functions >"big$functions.c"
done

# A command, whose last word is a size, which time goes by.
command_of() {
    case $1 in
    python3) echo "$(python3 -c 'import sys; print(sys.executable)') work.py 20" ;;
    perl) command -v perl >/dev/null && echo "perl work.pl 50" ;;
    cc1) echo "$(gcc -print-prog-name=cc1) -quiet -O2 -o /dev/null big80.c" ;;
    *) program_has "$1" >&2 && program_build "$1" && program_run "$1" short ;;
    esac
}
: >commands
for program in "$@"; do
    command=$(command_of "$program") && echo "$program $command" >>commands
done
[ -s commands ] || skip "no program to measure"

load_warning
python3 "$here/lengths.py" "$record" commands "$lengths" "$triples" || missed=1
exit $missed
