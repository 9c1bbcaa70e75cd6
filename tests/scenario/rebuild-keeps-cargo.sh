# rebuild with cargo takes nothing away: flags and wrappers of rustc stay, wherever cargo finds them.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
command -v cargo >/dev/null && cargo --version >/dev/null 2>&1 || skip "no cargo"
mkdir -p "$work/project/src" "$work/elsewhere" && cd "$work/project" || exit 1
cat >Cargo.toml <<'END'
[package]
name = "app"
version = "0.1.0"
edition = "2021"
[profile.release]
debug = 1
END
cat >src/main.rs <<'END'
#[no_mangle]
#[inline(never)]
pub fn work(n: u64) -> u64 {
    let mut sum = 0u64;
    for i in 0..n {
        sum = sum.wrapping_add(i ^ sum);
    }
    sum
}
#[inline(never)]
fn inner(n: u64) -> u64 {
    (1..n).fold(0, |sum, i| sum ^ n / i)
}
fn main() {
    println!("{} {} {}", work(1000), inner(1000), if cfg!(kept) { "kept" } else { "lost" });
}
#[allow(unexpected_cfgs)]
fn _unused() {}
END
cargo build --release --offline -q 2>/dev/null || fail "cargo"
cp target/release/app "$work/recorded"
samples_in "$work/recorded" work >"$work/app.preagg"
cat >"$work/own" <<'END'
#!/bin/sh
echo "$1" >>"$OWN_LOG"
exec "$@"
END
chmod +x "$work/own"
export OWN_LOG="$work/own.log"

rebuild() { # COMMAND...
    rm -rf "$work/project/target" "$OWN_LOG"
    expect_status 0 "$bolt" rebuild --force --profile-dir "$work/profiles" -b "$work/recorded" -p "$work/app.preagg" \
        --result "$work/project/target/release/app" -- "$@"
    expect_printed "1 of 1 runs of rustc had the profile"
}
kept() { "$work/project/target/release/app" | grep -q kept || fail "a flag is lost: $1"; }
called() { [ -s "$OWN_LOG" ] || fail "the wrapper is passed over: $1"; }
build="cargo build --release --offline -q"

# Flags.
rebuild cargo --config 'build.rustflags=["--cfg=kept"]' build --release --offline -q
kept "--config"
CARGO_BUILD_RUSTFLAGS=--cfg=kept rebuild $build
kept "CARGO_BUILD_RUSTFLAGS"
RUSTFLAGS=--cfg=kept rebuild $build
kept "RUSTFLAGS"
CARGO_ENCODED_RUSTFLAGS=--cfg=kept rebuild $build
kept "CARGO_ENCODED_RUSTFLAGS"
CARGO_ENCODED_RUSTFLAGS='' rebuild $build
mkdir .cargo
for flags in '"--cfg=kept"' '["--cfg", "kept"]'; do
    printf '[build]\nrustflags = %s\n' "$flags" >.cargo/config.toml
    rebuild $build
    kept "build.rustflags = $flags"
    cd ../elsewhere || exit 1
    rebuild sh -c "cd ../project && $build"
    kept "the configuration where the command goes"
    cd ../project || exit 1
done
printf "[target.'cfg(unix)']\nrustflags = \"--cfg=kept\"\n" >.cargo/config.toml
rebuild $build
kept "the flags of a target"
rm -r .cargo
printf 'export RUSTFLAGS ?= --cfg=kept\nall:\n\t%s\n' "$build" >Makefile
rebuild make -s all
kept "RUSTFLAGS ?= in a makefile"

# Wrappers, for all of the workspace or one of its members.
RUSTC_WRAPPER="$work/own" rebuild $build
called RUSTC_WRAPPER
CARGO_BUILD_RUSTC_WRAPPER="$work/own" rebuild $build
called CARGO_BUILD_RUSTC_WRAPPER
RUSTC_WORKSPACE_WRAPPER="$work/own" rebuild $build
called RUSTC_WORKSPACE_WRAPPER
grep -v '/rustc$' "$OWN_LOG" && fail "the workspace's wrapper gets something else than rustc first"
RUSTC_WRAPPER="$work/own" RUSTC_WORKSPACE_WRAPPER="$work/own" rebuild $build
called "both wrappers"
# Cargo gives functions of the workspace other names for it: the profile takes those.
mangled=$(nm "$work/recorded" | awk '$3 ~ /app.*5inner/ { print $3; exit }')
samples_in "$work/recorded" "$mangled" >"$work/inner.preagg"
rm -rf target
RUSTC_WORKSPACE_WRAPPER="$work/own" expect_status 0 "$bolt" rebuild --force --profile-dir "$work/profiles" \
    -b "$work/recorded" -p "$work/inner.preagg" --result target/release/app -- $build
nm target/release/app | grep -q "$mangled" || expect_said "they took its names, and it was run again"
expect_printed "1 of 1 functions with samples, with 100.0 % of the counts, were compiled with the profile"
mkdir .cargo tools && cp "$work/own" tools/own
printf '[build]\nrustc-wrapper = "tools/own"\n' >.cargo/config.toml
rebuild $build
called "a relative path in the configuration"
cd ../elsewhere || exit 1
rebuild sh -c "cd ../project && $build"
called "the configuration where the command goes"
rebuild cargo --config 'build.rustc-wrapper="../own"' build --manifest-path ../project/Cargo.toml --release --offline -q
called "--config"
cd ../project || exit 1
RUSTC_WRAPPER='' rebuild $build
[ ! -e "$OWN_LOG" ] || fail "an empty RUSTC_WRAPPER means none"
rm -r .cargo

# Without cleaning: another profile is another build, and an ordinary one is ordinary.
rebuild $build
expect_status 0 $build
[ "$(code_digest target/release/app)" = "$(code_digest "$work/recorded")" ] || fail "a profile in an ordinary build"
sed 's/100000/7/' "$work/app.preagg" >"$work/second.preagg"
for profile in second app; do
    expect_status 0 "$bolt" rebuild --force --profile-dir "$work/profiles" -b "$work/recorded" \
        -p "$work/$profile.preagg" --result target/release/app -- $build
    expect_printed "1 of 1 runs of rustc had the profile"
done
# The same where flags under a condition stand in place of those of every build; and where cargo takes none of
# our marks, since they come with its command, what an ordinary build needs is told to it.
mkdir .cargo
printf "[target.'cfg(unix)']\nrustflags = [\"--cfg=kept\"]\n" >.cargo/config.toml
rm -rf target
expect_status 0 $build
cp target/release/app "$work/conditional"
rebuild_again() { # COMMAND: rebuilds, and is ordinary afterwards
    expect_status 0 "$bolt" rebuild --force --profile-dir "$work/profiles" -b "$work/conditional" \
        -p "$work/app.preagg" --result target/release/app -- $1
    expect_status 0 $1
    [ "$(code_digest target/release/app)" = "$(code_digest "$work/conditional")" ] ||
        fail "a profile in an ordinary build by $1"
}
rebuild_again "$build"
rm -rf .cargo target
rebuild_again "$build --config target.$(rustc -vV | sed -n 's/^host: //p').rustflags=[\"--cfg=kept\"]"
expect_nothing_left
