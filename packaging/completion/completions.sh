#!/bin/sh
# completions.sh BUILD OUT: completion for bash, zsh and fish of each program's verbs, options and
# values, from --help: OUT/pgoshim.bash, OUT/_pgoshim and, for fish, OUT/PROGRAM.fish.
set -eu
build=$1 out=$2
here=$(dirname "$0")
mkdir -p "$out"

rows() { # PROGRAM [VERB]
    "$build/$1" ${2:+"$2"} --help | awk -f "$here/options.awk" -v program="$1" -v verb="${2:--}"
}
for program in pgo-record pgo-analyze pgo-bolt; do
    rows "$program" >"$out/program.rows"
    cat "$out/program.rows"
    awk -F '\t' '$1 == "verb" { print $3 }' "$out/program.rows" | while read -r verb; do
        rows "$program" "$verb"
    done
done >"$out/rows"
rm "$out/program.rows"

# Each shell: a table made of the rows, and what reads it.
{
    awk -F '\t' -f "$here/table.bash.awk" "$out/rows"
    cat "$here/complete.bash"
} >"$out/pgoshim.bash"
{
    echo '#compdef pgo-record pgo-analyze pgo-bolt'
    awk -F '\t' -f "$here/table.zsh.awk" "$out/rows"
    cat "$here/complete.zsh"
} >"$out/_pgoshim"
for program in pgo-record pgo-analyze pgo-bolt; do
    {
        cat "$here/complete.fish"
        awk -F '\t' -f "$here/table.fish.awk" -v program="$program" "$out/rows"
    } >"$out/$program.fish"
done
rm "$out/rows"
