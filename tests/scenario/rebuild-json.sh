# rebuild --json: standard output is JSON alone, whatever the build prints.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
command -v gcc >/dev/null || skip "no gcc"
cd "$work" || exit 1
printf 'int step(int n) { int s = 0; while (n--) s ^= n * 3; return s; }\nint main(int n, char **w) { return step(n) == (w != 0); }\n' >app.c
expect_status 0 gcc -O1 -g app.c -o app
cp app plain
samples_in plain step >app.preagg
expect_status 0 "$bolt" rebuild --json -b plain --result app -p app.preagg -- \
    sh -c "echo noise of the build; gcc -O1 app.c -o app"
json_is_documented out
python3 -c "import json; json.load(open('out'))" || fail "not JSON: $(head -3 out)"
expect_said "noise of the build"
expect_status 3 "$bolt" rebuild --json -b plain --result app -p app.preagg -- sh -c "echo noise; exit 4"
python3 -c "import json; assert json.load(open('out'))['build_status'] == 4" || fail "not JSON: $(head -3 out)"
# Names of any bytes.
name=$(printf 'a"b\\c \351')
cp app.c "$name.c"
expect_status 0 gcc -O1 -g "$name.c" -o "$name"
cp "$name" "$name.plain"
is_json() { python3 -c "import json; json.load(open('out'))" || fail "not JSON: $(head -3 out; cat err)"; }
expect_status 0 "$bolt" rebuild --json -b "$name.plain" --result "$name" -p app.preagg -- gcc -O1 "$name.c" -o "$name"
is_json
"$bolt" doctor --json "$name" >out 2>err
is_json
expect_nothing_left
