#!/bin/sh
# Every program and verb has a manual page and completions, and both say all that --help says.
. "$(dirname "$0")/../support/scenario.sh" "$1"
packaging=$(cd "$(dirname "$0")/../../packaging" && pwd)
cd "$work" || exit 1

"$packaging/man/man_pages.sh" "$build" man 0.0.1 2026-01-02 || fail "no manual pages"
"$packaging/completion/completions.sh" "$build" completion || fail "no completions"

# The long options of a command, as --help has them.
options_of() { # COMMAND...
    "$@" --help | sed -n 's/^ \{2,6\}\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u
}
check_page() { # NAME COMMAND...
    page=man/$1.1
    shift
    [ -s "$page" ] || fail "no page $page"
    for part in NAME SYNOPSIS DESCRIPTION EXAMPLES "EXIT STATUS" "SEE ALSO"; do
        grep -q "^\.SH $part\$" "$page" || fail "$page has no $part"
    done
    ! command -v man >/dev/null || MANWIDTH=80 man --warnings -l "$page" 2>warnings >/dev/null
    [ ! -s warnings ] || fail "$page: $(cat warnings)"
    options_of "$@" >options
    while read -r option; do
        sed 's/\\-/-/g' "$page" | grep -q -- "^\.B .*$option" || fail "$page lacks $option"
    done <options
}
check_page cargo-pgoshim "$packaging/cargo-pgoshim"
check_page pgo-record "$record"
[ "$(wc -l <options)" -gt 10 ] || fail "few options of pgo-record: $(cat options)"
for program in pgo-analyze pgo-bolt; do
    grep -q '^\.SH EXAMPLES' "man/$program.1" || fail "no page of $program"
    verbs=$("$build/$program" --help | sed -n '/^Examples:/q; s/^  \([a-z][a-z-]*\)  .*/\1/p')
    [ -n "$verbs" ] || fail "$program has no verbs"
    for verb in $verbs; do
        check_page "$program-$verb" "$build/$program" "$verb"
    done
done
grep -q '^\.B fdata$' man/pgo-analyze-convert.1 || fail "formats are not rows of the page of convert"

# What bash completes, from the words of a command line.
command -v bash >/dev/null || skip "no bash"
completes() { # WANTED WORDS...: among what is offered is WANTED
    wanted=$1
    shift
    bash -c '. completion/pgoshim.bash
        compopt() { :; }
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _pgoshim "$1"
        printf "%s\n" "${COMPREPLY[@]}"' bash "$@" >offered 2>&1
    grep -qxF -- "$wanted" offered || fail "bash offers for '$*': $(cat offered)"
}
completes rebuild pgo-bolt re
completes --toolchain= pgo-bolt rebuild --too
completes rustc pgo-bolt rebuild --toolchain = r
completes llvm-ext pgo-analyze convert -f ll
completes lookahead pgo-record -B lo
touch 'a file.pgoraw'
completes 'a file.pgoraw' pgo-analyze report a
for program in pgo-record pgo-analyze pgo-bolt; do
    grep -q "^complete -c $program .*-l help" "completion/$program.fish" || fail "fish: $program has no --help"
done
! command -v fish >/dev/null || fish -n completion/*.fish || fail "fish does not read the completions"
! command -v zsh >/dev/null || zsh -n completion/_pgoshim || fail "zsh does not read the completions"
exit 0
