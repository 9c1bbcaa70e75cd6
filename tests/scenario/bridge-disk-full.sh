# Outputs and temporary files on a full or read-only file system.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
[ "$(id -u)" -eq 0 ] || skip "only root can mount a small file system"
mkdir small
mount -t tmpfs -o size=16k tmpfs small 2>/dev/null || skip "mounting is not allowed here"
trap 'umount "$work/small"; rm -rf "$work"' EXIT
cp "$fixtures/branchy" program
echo '1 main 0 1 main 5 0 1' >good.fdata

fake_bolt writer 'head -c 1000000 /dev/zero >"$output" || { echo "IO failure on output stream: no space" >&2; exit 1; }'
expect_status 3 "$bolt" relink program --fdata good.fdata --bolt "$work/writer" -o small/out
expect_said "no space"
[ -z "$(ls -A small)" ] || fail "left on the full disk: $(ls small)"
for tool in $(real_bolts); do
    exact_profile ./program "$work/exact.fdata" 100
    expect_status 3 "$bolt" relink program --fdata exact.fdata --bolt "$tool" -o small/out
    expect_said "llvm-bolt"
    [ -z "$(ls -A small)" ] || fail "left on the full disk: $(ls small)"
done
expect_nothing_left

# A file system that may only be read, for the output and for our temporary files.
mount -o remount,ro "$work/small" || exit 0
expect_status 3 "$bolt" relink program --fdata good.fdata --bolt "$work/writer" -o small/out
expect_said "cannot be written"
TMPDIR=$work/small expect_status 3 "$bolt" relink program --fdata good.fdata --bolt "$work/writer"
expect_said "cannot be written"
