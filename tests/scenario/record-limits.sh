# Limits on file size and processes end neither the program nor pgo-record, at the start or while the file grows.
. "$(dirname "$0")/../support/scenario.sh"
cd "$work" || exit 1

expect_status 0 "$record" -q -o "child-%p.pgoraw" -- sh -c "ulimit -f 20; exec '$fixtures/spin' 100"
grep -qx done out || fail "limited by its parent: $(cat out)"
(
    ulimit -f 20
    expect_status 3 "$record" -q -o own.pgoraw -- "$fixtures/spin" 100
) || exit 1
expect_said "limit on file size"
expect_said "remedy: raise it with ulimit -f"

# In blocks of 512 bytes: more than the first tables take, less than a compiler's need.
for i in $(seq 300); do
    echo "int f$i(int a, char *c) { int s = $i; while (a--) s += c[a] % (s | 1); return s; }"
done >many.c
(
    ulimit -f 400
    expect_status 0 env PGOSHIM_FILE="$work/grows.pgoraw" PGOSHIM_RATE=4000 PGOSHIM_BUDGET=100 \
        LD_PRELOAD="$build/libpgoshim.so" "$(gcc -print-prog-name=cc1)" -quiet -O2 many.c -o /dev/null
) || exit 1
# No process more is allowed: that is what is said, and nothing of samples.
mkdir open && chmod 777 open
as_user() { [ "$(id -u)" -ne 0 ] || set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; "$@"; }
if command -v prlimit >/dev/null && command -v setpriv >/dev/null && as_user test -x "$record"; then
    expect_status 3 as_user prlimit --nproc=1 "$record" -o open/raw -- "$fixtures/spin" 100
    expect_said "was not started: fork: "
    grep -q "no samples" err && fail "fork was refused: $(cat err)"
fi
[ ! -e grows.pgoraw ] || [ "$(wc -c <grows.pgoraw)" -le 204800 ] || fail "larger than the limit"
exit 0
