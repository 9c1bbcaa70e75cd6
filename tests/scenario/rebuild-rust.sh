# rebuild with cargo and a stable rustc: a program of several crates, one with a build
# script that tries the compiler out, uses the profile of its own release.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
command -v cargo >/dev/null && cargo --version >/dev/null 2>&1 || skip "no cargo"
cd "$work" || exit 1
mkdir -p src measure/src
cat >Cargo.toml <<'END'
[package]
name = "words"
version = "0.1.0"
edition = "2021"
[dependencies]
measure = { path = "measure" }
[profile.release]
debug = 1
END
cat >measure/Cargo.toml <<'END'
[package]
name = "measure"
version = "0.1.0"
edition = "2021"
build = "build.rs"
END
# What a build script finds out of the compiler must stay the same.
cat >measure/build.rs <<'END'
use std::{env, fs, path::Path, process::Command};
fn main() {
    let out = env::var("OUT_DIR").unwrap();
    let probe = Path::new(&out).join("probe.rs");
    fs::write(&probe, "#![feature(core_intrinsics)]\n").unwrap();
    let mut command = match env::var("RUSTC_WRAPPER") {
        Ok(wrapper) => {
            let mut command = Command::new(wrapper);
            command.arg(env::var("RUSTC").unwrap());
            command
        }
        Err(_) => Command::new(env::var("RUSTC").unwrap()),
    };
    let nightly = command
        .args(["--crate-name", "probe", "--crate-type", "lib", "--emit", "metadata", "--out-dir", &out])
        .arg(&probe).output().unwrap().status.success();
    println!("cargo:rustc-env=COMPILER_IS_NIGHTLY={nightly}");
}
END
{
    echo 'pub const NIGHTLY: &str = env!("COMPILER_IS_NIGHTLY");'
    sed -n '/^trait Measure/,/^fn next/p' "$sources/words.rs" | sed '$d' |
        sed 's/^trait/pub trait/; s/^struct/pub struct/; s/^    extra:/    pub extra:/'
} >measure/src/lib.rs
{
    echo 'use measure::{Length, Measure, Vowels};'
    sed '/^trait Measure/,/^fn next/{/^fn next/!d}' "$sources/words.rs" |
        sed 's/^fn main() {/&\n    println!("nightly: {}", measure::NIGHTLY);/'
} >src/main.rs

expect_status 0 cargo build --release --offline
cp target/release/words plain
recorded words.pgoraw SAMPLES 300 -F 2000 --budget 50 -- target/release/words 4000
expect_status 0 "$bolt" rebuild --json --force -p words.pgoraw -- cargo build --release --offline -q
python3 - out <<'END' || fail "the profile was not used well: $(cat out)"
import json, sys
said = json.load(open(sys.argv[1]))
assert said["toolchain"] == "rustc" and said["used"], said
assert said["with_profile"] == said["compilations"] == 2, said
match = said["match"]
assert match["in_functions"] >= 0.95 * match["counts"] > 0, match
assert match["in_places"] >= 0.7 * match["counts"], match
END
./plain 3 >before && target/release/words 3 >after || fail "the programs do not run"
cmp before after || fail "the rebuilt program computes something else"
cmp -s plain target/release/words && fail "the same program with a profile"

# Ordinary builds are as they were, and the next rebuild knows what was recorded.
expect_status 0 cargo build --release --offline
objcopy -O binary --only-section=.text plain one
objcopy -O binary --only-section=.text target/release/words two
cmp one two || fail "the profile is in an ordinary build"
expect_status 0 "$bolt" rebuild --force -p words.pgoraw -- cargo build --release --offline -q
# Flags that cargo's configuration has are not lost.
mkdir -p .cargo && printf '[build]\nrustflags = ["-Ctarget-cpu=x86-64-v2"]\n' >.cargo/config.toml
expect_status 0 "$bolt" rebuild --force -p words.pgoraw --dry-run
grep -q '^export RUSTFLAGS' out && fail "RUSTFLAGS would undo cargo's configuration"
expect_printed "export CARGO_BUILD_RUSTFLAGS='--cfg="
grep -q "target-cpu" out && fail "target-cpu is none of ours"
rm -r .cargo
RUSTFLAGS=-Copt-level=2 expect_status 0 "$bolt" rebuild --force -p words.pgoraw --dry-run
expect_printed "export RUSTFLAGS='-Copt-level=2 --cfg="

# As most releases are: stripped, without debug information.
sed -i 's/^debug = 1/strip = true/' Cargo.toml
expect_status 0 cargo build --release --offline
recorded bare.pgoraw SAMPLES 300 -F 2000 --budget 50 -- target/release/words 2000
expect_status 3 "$bolt" rebuild --profile-dir fresh -p bare.pgoraw -- cargo build --release
expect_said '[profile.release] debug = 1, strip = "none"'
expect_nothing_left
