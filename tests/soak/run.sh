#!/bin/sh
# run.sh BUILD [PROGRAM...]: real servers and runtimes with the shim and without: what they answer,
# their exit status and what they log are the same.  Each runs three times: plain, preloaded, and
# under perf, whose profile by function is compared with ours; and the share of samples that were
# lost is printed.  Programs that are not installed are skipped, and said.
#
#   PROGRAMS are files of tests/soak/programs without .sh; all without them
#   SCALE=1         how long they work, as a factor
#   RATE=997        samples a second of CPU time        BUDGET=20  percent
#   WITHOUT_PERF=1  no comparison with perf
#
# Bars: no difference; less than 1 % of the samples lost.  The comparison with perf is printed:
# two profiles of a few hundred samples each never have all in common.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- $(basename -s .sh "$here"/programs/*.sh)
work=$(mktemp -d "${TMPDIR:-/tmp}/pgoshim-soak.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"
export build here work
failed=
for program in "$@"; do
    sh "$here/twin.sh" "$program" || {
        [ $? -eq 77 ] || failed="$failed $program"
    }
done
[ -z "$failed" ] || {
    echo "FAILED:$failed"
    exit 1
}
