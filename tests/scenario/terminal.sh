# What a terminal gets: colour unless NO_COLOR, lines that fit, and no format that is not text.
. "$(dirname "$0")/../support/scenario.sh"
at=$(cd "$(dirname "$0")/../support" && pwd)/terminal.py
cd "$work" || exit 1
export TERM=xterm
unset NO_COLOR COLUMNS
cp "$fixtures/branchy" app
recorded app.pgoraw SAMPLES 30 -F 2000 --budget 50 --stacks 1 -- ./app 20000

for verb in "report app.pgoraw" "annotate classify app.pgoraw"; do
    # shellcheck disable=SC2086 # a verb and its arguments
    expect_status 0 python3 "$at" 70 "$analyze" $verb
    grep -q "$(printf '\033')" out || fail "$verb: no colour"
    sed 's/\x1b\[[0-9;]*m//g' out >plain
    python3 -c 'import sys; sys.exit(max(map(len, open("plain").read().split("\n"))) > 70)' ||
        fail "$verb: wider than 70: $(cat plain)"
    # shellcheck disable=SC2086
    NO_COLOR=1 expect_status 0 python3 "$at" 70 "$analyze" $verb
    cmp out plain || fail "$verb: colour with NO_COLOR, or another text"
done

# Terminals that are not known, or cannot, get no colour; those without UTF-8 no arrows.
for terminal in "env -u TERM" "env TERM=dumb" "env TERM="; do
    # shellcheck disable=SC2086 # a command and its arguments
    expect_status 0 $terminal python3 "$at" 70 "$analyze" report app.pgoraw
    grep -q "$(printf '\033')" out && fail "$terminal: colour"
done
for width in 40 200; do
    NO_COLOR=1 LC_ALL=C.UTF-8 expect_status 0 python3 "$at" $width "$analyze" annotate classify app.pgoraw
    [ $width -lt 80 ] || grep -q '→' out || fail "no arrow in UTF-8"
    for verb in "annotate classify" "report" "report --callers work" "overlap app.pgoraw" "diff app.pgoraw" "check -b app"; do
        # shellcheck disable=SC2086
        NO_COLOR=1 LC_ALL=C.UTF-8 python3 "$at" $width "$analyze" $verb app.pgoraw >shown 2>&1
        python3 -c 'import sys; sys.exit(max(map(len, open("shown", encoding="utf-8").read().split("\n"))) > int(sys.argv[1]))' \
            $width || fail "$verb: wider than $width: $(cat shown)"
    done
    for locale in "env LC_ALL=C" "env -u LC_ALL PYTHONCOERCECLOCALE=0 LC_CTYPE=de_DE.ISO-8859-1 LANG=C.UTF-8" "env -u LC_ALL -u LC_CTYPE -u LANG PYTHONCOERCECLOCALE=0"; do
        for verb in "annotate classify" "annotate --source-only classify" "report"; do
            # shellcheck disable=SC2086
            NO_COLOR=1 expect_status 0 $locale python3 "$at" $width "$analyze" $verb app.pgoraw
            LC_ALL=C grep -q '[^ -~]' out && fail "$locale: other than ASCII at $width: $(cat out)"
        done
    done
done
LC_ALL=C "$analyze" annotate classify app.pgoraw | grep -q '→' || fail "a pipe has another text than a file"

# Functions of one template are told apart, and the head says of each what it has of the samples.
cat >long.s <<'EOF'
    .text
    .globl main
main:
    ret
    .type _ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIlSaIlEEE6insertEv, @function
_ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIlSaIlEEE6insertEv:
    nop
    ret
    .size _ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIlSaIlEEE6insertEv, 2
    .type _ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIlSaIlEEE6removeEv, @function
_ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIlSaIlEEE6removeEv:
    nop
    ret
    .size _ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIlSaIlEEE6removeEv, 2
    .section .note.GNU-stack,"",@progbits
EOF
gcc -no-pie -o long long.s || fail "no program with long names"
nm long | sed -n 's/^\([0-9a-f]*\) t _ZN7company.*/S \1 10/p' >long.preagg
export NO_COLOR=1 LC_ALL=C.UTF-8
expect_status 0 python3 "$at" 80 "$analyze" report -b long long.preagg
for name in insert remove; do
    grep -q "company::.*::$name " out || fail "$name is not told apart: $(cat out)"
done
expect_status 0 python3 "$at" 80 "$analyze" annotate -b long "company::product::Container<...>::insert" long.preagg
grep -q '^company.*::insert in long: 50.00 % of all samples (10)' out || fail "the head of a long name: $(cat out)"
unset LC_ALL NO_COLOR

# Who reads the beginning only gets it, and nothing is said of the rest.
cat >half.py <<'EOF'
import os, signal, subprocess, sys
gone, pipe = os.pipe()
os.close(gone)
done = subprocess.run(sys.argv[1:], stdout=pipe, stderr=subprocess.PIPE, restore_signals=True)
assert not done.stderr and done.returncode == -signal.SIGPIPE, done
EOF
for verb in "annotate --hottest 5" "report --json" "convert -f json"; do
    # shellcheck disable=SC2086
    python3 half.py "$analyze" $verb app.pgoraw || fail "$verb into a pipe that is closed"
done

# These say sentences, or names at the end of a line.
cp app.pgoraw other.pgoraw
for command in "$analyze check -b app app.pgoraw" "$analyze show app.pgoraw" "$bolt doctor ./app" "$bolt flags" \
    "$analyze report -v app.pgoraw" "$analyze report --callers work app.pgoraw" "$analyze overlap app.pgoraw other.pgoraw"; do
    # shellcheck disable=SC2086 # a verb and its arguments
    NO_COLOR=1 python3 "$at" 70 $command >out 2>&1
    [ $? -le 1 ] || fail "$command: $(cat out)"
    # Paths of modules stay whole, to be copied.
    grep -v "^  [* ] [0-9a-f]* */" out >text
    [ -s text ] || fail "$command: nothing"
    python3 -c 'import sys; sys.exit(max(map(len, open("text").read().split("\n"))) > 70)' ||
        fail "$command: wider than 70: $(cat out)"
done

for format in pprof raw llvm-ext gcov; do
    expect_status 2 python3 "$at" 80 "$analyze" convert -b app -f $format app.pgoraw
    grep -q "it is a terminal, and this format is not text" out || fail "$format: $(head -c 300 out)"
    [ "$(wc -c <out)" -lt 1000 ] || fail "$format poured onto the terminal"
    "$analyze" convert -b app -f $format app.pgoraw >piped || fail "$format into a file"
    [ -s piped ] || fail "$format: nothing in the file"
done
for format in fdata preagg folded json; do
    expect_status 0 python3 "$at" 80 "$analyze" convert -b app -f $format app.pgoraw
    "$analyze" convert -b app -f $format app.pgoraw >piped 2>/dev/null || fail "$format into a file"
    grep -v '^pgo-analyze: ' out >shown
    grep -qxFf shown piped || fail "$format: other text at a terminal"
done
