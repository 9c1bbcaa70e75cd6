# rebuild with gcc: its compilers get the profile whatever the build calls them by, C and
# C++, and no other flag of the build is changed.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
command -v gcc >/dev/null && command -v g++ >/dev/null || skip "no gcc and g++"

# one PROGRAM ROUNDS COMMAND...
one() {
    name=$1 rounds=$2
    shift 2
    expect_status 0 "$@" -g -o "$name"
    cp "$name" "$name.plain"
    recorded "$name.pgoraw" SAMPLES 300 -F 2000 --budget 50 -- "./$name" "$rounds"
    # The build itself says nothing of debug information or profiles.
    expect_status 0 "$bolt" rebuild --json --force -p "$name.pgoraw" -- "$@" -o "$name"
    python3 - out <<'END' || fail "the profile was not used well: $(cat out)"
import json, sys
said = json.load(open(sys.argv[1]))
assert said["toolchain"] == "gcc" and said["used"], said
assert said["with_profile"] == said["compilations"] > 0, said
match = said["match"]
assert match["in_functions"] >= 0.95 * match["counts"] > 0, match
assert match["in_places"] >= 0.7 * match["counts"], match
END
    [ "$("./$name" 1000)" = "$("./$name.plain" 1000)" ] || fail "$name computes something else"
}
one kernel 10000 "$(command -v gcc)" -O2 "$sources/kernel.c"
one shapes 300000 g++ -O2 "$sources/shapes.cpp" "$sources/elsewhere.cpp"
# Of samples without branches counts are inferred, a thousand times as many at least; what is
# found again is counted by those, too.
recorded off.pgoraw SAMPLES 300 -B off -F 2000 --budget 50 -- ./kernel.plain 10000
expect_status 0 "$bolt" rebuild --json --force -b kernel.plain --result kernel -p off.pgoraw -- \
    gcc -O2 "$sources/kernel.c" -o kernel
python3 - out "$("$analyze" convert -b kernel.plain --infer off -f preagg off.pgoraw |
    awk '{ samples += $NF } END { print samples }')" <<'END' || fail "not by inferred counts: $(cat out)"
import json, sys
match = json.load(open(sys.argv[1]))["match"]
assert match["counts"] > 100 * int(sys.argv[2]) > 0, (match, sys.argv[2])
END
expect_status 1 "$bolt" rebuild --force -p kernel.pgoraw -- touch kernel
expect_said "the build did not run gcc"
# Somebody's own compilers stay in use behind ours.
mkdir own && cat >own/cc1 <<'END'
#!/bin/sh
echo own >>"$OWN_LOG"
exec "$(env -u COMPILER_PATH gcc -print-prog-name=cc1)" "$@"
END
chmod +x own/cc1
OWN_LOG=$work/own.log COMPILER_PATH=$work/own expect_status 0 "$bolt" rebuild --force -p kernel.pgoraw -- \
    gcc -O2 "$sources/kernel.c" -o kernel
[ -s own.log ] || fail "the compiler in COMPILER_PATH was passed over"

expect_status 0 gcc -O2 "$sources/kernel.c" -o bare
recorded bare.pgoraw SAMPLES 300 -F 2000 --budget 50 -- ./bare 10000
expect_status 3 "$bolt" rebuild --profile-dir fresh -p bare.pgoraw -- true
expect_said "CFLAGS += -g"
expect_nothing_left
