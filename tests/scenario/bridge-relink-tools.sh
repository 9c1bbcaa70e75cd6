# relink with an llvm-bolt that fails, crashes, hangs, or lies: its last words
# are quoted, and nothing half-written is left behind.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cp "$fixtures/branchy" program
chmod 711 program
echo '1 main 0 1 main 5 0 1' >good.fdata

relink() { # STATUS BODY [ARGUMENTS...]: with an llvm-bolt that does BODY
    wanted_status=$1
    fake_bolt fake "$2"
    shift 2
    expect_status "$wanted_status" "$bolt" relink program --fdata good.fdata --bolt "$work/fake" "$@"
    expect_nothing_left
}
none_made() {
    [ ! -e program.bolt ] || fail "an output was made"
}

relink 3 'echo half >"$output"; echo "BOLT-ERROR: cannot do it" >&2; exit 1'
expect_said "fake failed: it exited with status 1; it said:"
expect_said "BOLT-ERROR: cannot do it"
none_made
relink 3 'echo half >"$output"; echo "PLEASE submit a bug report" >&2; kill -SEGV $$'
expect_said "was killed by signal 11 (Segmentation fault)"
expect_said "PLEASE submit a bug report"
none_made
relink 3 'exit 4'
expect_said "it exited with status 4 and said nothing"
none_made
relink 3 'exit 0'
expect_said "wrote nothing"
none_made
relink 3 'echo half >"$output"; sleep 1000' --timeout 0.3
expect_said "was killed"
none_made
relink 3 'rm -f "$output"; exit 0'
none_made

# Only the last lines of a long story, without control characters.
relink 3 'i=0; while [ $i -lt 1000 ]; do echo "line $i" >&2; i=$((i+1)); done; printf "a\033[2Jb\n" >&2; exit 1'
expect_said "line 999"
grep -q "line 10\$" err && fail "the whole story is quoted"
grep -q "$(printf '\033')" err && fail "a control character got through"

printf '#!/bin/sh\nexit 9\n' >mute && chmod +x mute
expect_status 3 "$bolt" relink program --fdata good.fdata --bolt "$work/mute"
expect_said "status 9"

# What it says is read: what was used of the profile, and what did not fit.
says='echo relinked >"$output"; echo "BOLT-INFO: 5 out of 12 functions in the binary (41.7%) have non-empty execution profile"'
relink 0 "$says"
expect_printed "by llvm-bolt 99.0.1, 5 of 12 functions have a profile"
[ "$(stat -c %a program.bolt)" = 711 ] || fail "permissions $(stat -c %a program.bolt), not 711"
[ "$(cat program.bolt)" = relinked ] || fail "the output is not what llvm-bolt wrote"
relink 3 "$says"
expect_said "already exists"
relink 0 "$says" --force --json
python3 -c '
import json
report = json.load(open("out"))
assert report["output"] == "program.bolt" and (report["version"], report["llvm_bolt_version"]) == (1, "99.0.1")
assert report["profiled_functions"] == 5 and report["functions"] == 12' || fail "JSON: $(cat out)"
relink 0 "$says; echo 'BOLT-WARNING: 3 (60.0% of all profiled) functions have invalid (possibly stale) profile.' >&2" --force
expect_said "warning: the profile does not fit 3 functions"
relink 0 'echo relinked >"$output"; echo "BOLT-INFO: 0 out of 12 functions in the binary (0.0%) have non-empty execution profile"' --force
expect_said "warning: BOLT used nothing of the profile"

# Our options, those of the user, and that his replace ours.
cat >recorder <<'END'
#!/bin/sh
case $1 in
--version) echo "LLVM version 16.0.6"; exit 0 ;;
--help) echo "    =hfsort"; exit 0 ;;
esac
printf '%s\n' "$@" >"$(dirname "$0")/arguments"
while [ $# -gt 0 ]; do [ "$1" = -o ] && echo relinked >"$2"; shift; done
END
chmod +x recorder
expect_status 0 "$bolt" relink program --fdata good.fdata --bolt "$work/recorder" --force \
    -- --reorder-blocks=cache -update-debug-sections 'a b'
grep -qx -- '-reorder-functions=hfsort' arguments || fail "an old BOLT needs hfsort"
grep -qx -- '--reorder-blocks=cache' arguments || fail "the user's option was not handed on"
grep -qx -- '-update-debug-sections' arguments || fail "the user's option was not handed on"
grep -qx -- 'a b' arguments || fail "an argument was split"
grep -q -- 'ext-tsp' arguments && fail "the user's option did not replace ours"
grep -qx -- '-split-functions' arguments || fail "our other options are gone"
cp program setuid && chmod 4755 setuid
expect_status 0 "$bolt" relink ./setuid --fdata good.fdata --bolt "$work/recorder"
expect_said "set it yourself"
[ "$(stat -c %a setuid.bolt)" = 755 ] || fail "set-user-ID was given to a new binary"
