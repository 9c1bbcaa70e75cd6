#!/bin/sh
# man_pages.sh BUILD OUT VERSION DATE: a manual page for each program and each verb, from their --help.
set -eu
build=$1 out=$2 version=$3 date=$4
here=$(dirname "$0")
mkdir -p "$out"

# The rows before the examples that name a verb: "VERB  what it does".
verbs() { # PROGRAM
    "$build/$1" --help | sed -n '/^Examples:/q; s/^  \([a-z][a-z-]*\)  *\([a-z].*\)/\1 \2/p'
}
# page NAME SUMMARY ALSO COMMAND...
page() {
    name=$1 summary=$2 also=$3
    shift 3
    "$@" --help >"$out/help.txt"
    awk -f "$here/man_page.awk" -v page="$name" -v summary="$summary" -v also="$also" \
        -v version="$version" -v date="$date" "$out/help.txt" >"$out/$name.1"
    rm "$out/help.txt"
}

programs="pgo-record pgo-analyze pgo-bolt"
for program in $programs; do
    others=$(for other in $programs; do [ "$other" = "$program" ] || echo "$other"; done)
    pages=$(verbs "$program" | while read -r verb rest; do echo "$program-$verb"; done)
    case $program in
    pgo-record) summary="record what an unmodified program really does" ;;
    pgo-analyze) summary="show and convert the profiles that pgo-record makes" ;;
    pgo-bolt) summary="give recorded profiles to compilers and to BOLT" ;;
    esac
    page "$program" "$summary" "$(echo $pages $others)" "$build/$program"
    verbs "$program" | while read -r verb summary; do
        page "$program-$verb" "$summary" "$program pgo-record" "$build/$program" "$verb"
    done
done
page cargo-pgoshim "a faster release of a cargo project, from recordings" "$programs" "$here/../cargo-pgoshim"
