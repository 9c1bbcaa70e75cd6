#!/bin/sh
# `cargo pgoshim` builds a release that can be recorded, records it, builds it anew by the recording,
# and leaves the flags that the user set.
. "$(dirname "$0")/../support/scenario.sh" "$1"
packaging=$(cd "$(dirname "$0")/../../packaging" && pwd)
command -v cargo >/dev/null || skip "no cargo"
command -v bash >/dev/null || skip "no bash"
mkdir -p "$work/bin" "$work/crate/src" "$work/crate/.cargo"
ln -s "$packaging/cargo-pgoshim" "$build"/pgo-* "$work/bin/"
PATH=$work/bin:$PATH
export CARGO_NET_OFFLINE=true
unset CARGO_TARGET_DIR RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET
cd "$work/crate" || exit 1
cat >Cargo.toml <<'EOF'
[package]
name = "steps"
version = "0.1.0"
edition = "2021"
EOF
cat >src/main.rs <<'EOF'
fn steps(mut n: u64) -> u64 {
    let mut steps = 0;
    while n != 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}
fn main() {
    let most = std::env::args().nth(1).unwrap().parse().unwrap();
    println!("{}", (1..most).map(steps).max().unwrap());
}
EOF
printf '[build]\nrustflags = ["--cfg", "of_the_build"]\n' >.cargo/config.toml

expect_status 1 cargo pgoshim rebuild
expect_said "there are no recordings"
expect_status 2 cargo pgoshim frobnicate
expect_said "unknown verb 'frobnicate'"

# The settings' flags stay, whichever table has them, and so do the variables'.
built_with() { # FLAG
    touch src/main.rs
    expect_status 0 cargo pgoshim build -v
    for flag in "$1" -Cdebuginfo=1 --emit-relocs; do
        expect_said "$flag"
    done
}
built_with of_the_build
printf "[target.'cfg(unix)']\nrustflags = ['--cfg', 'of_the_target']\n" >>.cargo/config.toml
built_with of_the_target
export RUSTFLAGS="--cfg of_the_variable"
built_with of_the_variable
unset RUSTFLAGS
rm .cargo/config.toml

# Recordings add up until there are enough samples, on a machine however busy.
numbers=300000
until expect_status 0 cargo pgoshim run -- $numbers &&
    "$bolt" rebuild --dry-run -b target/pgoshim/recorded/steps \
        $(printf -- '-p %s ' target/pgoshim/recordings/*.pgoraw) -- true >/dev/null 2>&1; do
    numbers=$((numbers * 2))
    [ $numbers -lt 20000000 ] || fail "too few samples: $(cat "$work/err")"
done
expect_status 0 cargo pgoshim rebuild
grep -q "were compiled with the profile" "$work/err" "$work/out" || fail "not said what was used: $(cat "$work/out" "$work/err")"
[ "$(target/pgoshim/rebuilt/release/steps 1000)" = "$(target/pgoshim/recorded/steps 1000)" ] ||
    fail "the rebuilt program prints something else"
# Another build of the program has no recordings yet.
sed -i 's/max()/min()/' src/main.rs
expect_status 0 cargo pgoshim build
expect_status 1 cargo pgoshim rebuild
expect_said "there are no recordings"
expect_status 0 cargo pgoshim clean
[ ! -e target/pgoshim ] || fail "clean leaves something"
exit 0
