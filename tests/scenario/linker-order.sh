# Orders of functions that linkers take: the functions come to be in that order,
# hot code first, in a program that computes the same.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
cd "$work" || exit 1
command -v clang++-22 >/dev/null || skip "no clang++-22"
command -v ld.lld-22 ld.lld >/dev/null || skip "no ld.lld"

compile() { # NAME OPTIONS...
    out=$1
    shift
    expect_status 0 clang++-22 -O2 -ffunction-sections "$sources/shapes.cpp" \
        "$sources/elsewhere.cpp" -o "$out" "$@"
    # Functions that are not there any more, or that cannot be moved.
    grep -i 'warning' err && fail "the linker is not content with the order"
}

# in_order NAME FILE: the functions of the file, in the order that they have in the program
in_order() {
    nm -n "$1" | awk '{ print $3 }' | grep -Fx -f "$2" | awk '!seen[$0]++'
}

compile app -fuse-ld=lld
recorded app.pgoraw SAMPLES 300 -F 2000 --budget 50 -- ./app 500000
for format in order order-gold; do
    expect_status 0 "$analyze" convert -b app -f $format -o app.$format app.pgoraw
done
[ "$(wc -l <app.order)" -ge 4 ] || fail "an order of $(wc -l <app.order) functions"
in_order app app.order >was
cmp -s was app.order && fail "the program was in that order before"
hot_functions app.pgoraw app | grep -qx "$(grep -m 1 scale_elsewhere app.order)" ||
    fail "scale_elsewhere is not hot"

compile app.lld -fuse-ld=lld -Wl,--symbol-ordering-file=app.order
in_order app.lld app.order | diff - app.order || fail "ld.lld made another order"
first=$(nm -n app.lld | awk 'tolower($2) == "t" && $3 != "_init" { print $3; exit }')
[ "$first" = "$(head -1 app.order)" ] || fail "$first is before the hottest code"
[ "$(./app.lld 1000)" = "$(./app 1000)" ] || fail "app.lld computes something else"

command -v ld.gold >/dev/null || exit 0
sed 's/^[.]text[*][.]//' app.order-gold | diff - app.order || fail "gold gets another order"
compile app.gold -fuse-ld=gold -Wl,--section-ordering-file=app.order-gold
in_order app.gold app.order | diff - app.order || fail "gold made another order"
[ "$(./app.gold 1000)" = "$(./app 1000)" ] || fail "app.gold computes something else"
