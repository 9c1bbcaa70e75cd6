# rebuild refuses a program that lost a flag of the recorded one, where compilers write their flags into it,
# and names the flag; what a build with a profile changes by intent is not lost.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cat >hot.c <<'END'
__attribute__((noinline)) int step(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i % 3 ? i ^ sum : 1;
    return sum;
}
int main(int count, char **words) { return step(1000 * count) == 1 && words[0] == 0; }
END
rebuilt() { # STATUS COMMAND...
    wanted_here=$1
    shift
    expect_status "$wanted_here" "$bolt" rebuild --json -b plain --result app -p app.preagg -- "$@" -o app
}
# loses FLAG COMMAND...: a build without the flag is refused, and one with it and more is not
loses() {
    flag=$1
    shift
    expect_status 0 "$@" "$flag" hot.c -o app
    cp app plain
    samples_in plain step >app.preagg
    rebuilt 1 "$@" hot.c
    expect_said "step of app was compiled without $flag, which the recorded program has"
    expect_said "give the build the flags of the recorded program"
    rebuilt 0 "$@" "$flag" -fno-math-errno -O3 hot.c
}
if command -v gcc >/dev/null; then
    for flag in -fwrapv -mpopcnt -fno-strict-aliasing; do
        loses $flag gcc -O2 -g
    done
    loses -fwrapv gcc -O2 -g -flto
    # Another path is not a loss, nor is the profile of a release that was made with one.
    expect_status 0 gcc -O2 -g "-ffile-prefix-map=$work=." -frandom-seed=1 hot.c -o app
    cp app plain
    rebuilt 0 gcc -O2 -g "-ffile-prefix-map=$work=/elsewhere" -frandom-seed=2 hot.c
    samples_in app step >app.preagg
    cp app plain
    rebuilt 0 gcc -O2 -g hot.c
fi
if command -v clang-22 >/dev/null; then
    loses -mpopcnt clang-22 -O2 -gdwarf-4 -fdebug-info-for-profiling -grecord-command-line
    # It tells nothing without that flag, and what is not known is not lost.
    expect_status 0 clang-22 -O2 -gdwarf-4 -fdebug-info-for-profiling -mpopcnt hot.c -o app
    cp app plain
    samples_in plain step >app.preagg
    rebuilt 0 clang-22 -O2 -gdwarf-4 -fdebug-info-for-profiling hot.c
fi
if command -v ldc2 >/dev/null; then
    echo 'extern (C) pragma(inline, false) int step(int n) { int s; foreach (i; 0 .. n) s += i % 7; return s; }
void main(string[] words) { step(cast(int) words.length); }' >hot.d
    expect_status 0 ldc2 -O2 -g hot.d -of=app
    cp app plain
    samples_in plain step >app.preagg
    expect_status 2 "$bolt" rebuild -b plain --result app -p app.preagg -- ldc2 -O2 -g hot.d -of=app
    expect_said "it was compiled by LDC"
fi
if command -v go >/dev/null; then
    export GOCACHE="${GOCACHE:-$(go env GOCACHE)}" GOTOOLCHAIN=local GOENV=off
    mkdir m && cd m || exit 1
    printf 'module example.org/m\n\ngo 1.21\n' >go.mod
    cat >main.go <<'END'
package main

var version = "none"

//go:noinline
func run(n uint64) (sum uint64) {
	for i := uint64(0); i < n; i++ {
		sum += i ^ sum
	}
	return
}

func main() { println(run(1000), version) }
END
    expect_status 0 go build -ldflags=-X=main.version=1 -o ../plain .
    samples_in ../plain main.run >../app.preagg
    expect_status 1 "$bolt" rebuild -b ../plain --result ../app -p ../app.preagg -- go build -o ../app .
    expect_said "was built without -ldflags, which the recorded program has"
    expect_status 0 "$bolt" rebuild -b ../plain --result ../app -p ../app.preagg -- \
        go build -ldflags=-X=main.version=2 -o ../app .
    for lost in -trimpath -gcflags=-l; do
        expect_status 0 go build $lost -o ../plain .
        samples_in ../plain main.run >../app.preagg
        expect_status 1 "$bolt" rebuild -b ../plain --result ../app -p ../app.preagg -- go build -o ../app .
        expect_said "was built without $lost"
        # With -trimpath, Go writes the profile's name without its path.
        expect_status 0 "$bolt" rebuild -b ../plain --result ../app -p ../app.preagg -- go build $lost -o ../app .
    done
    # More flags are not a loss, but without optimisation the profile is of no use.
    expect_status 0 go build -o ../plain .
    samples_in ../plain main.run >../app.preagg
    expect_status 0 "$bolt" rebuild -b ../plain --result ../app -p ../app.preagg -- go build -trimpath -o ../app .
    expect_status 1 "$bolt" rebuild -b ../plain --result ../app -p ../app.preagg -- go build "-gcflags=-l -N" -o ../app .
    expect_said "was compiled without optimisation"
    cd ..
fi
# Flags of rustc for a target, in the environment: kept, and a second profile is a second build.
if command -v cargo >/dev/null && cargo --version >/dev/null 2>&1; then
    mkdir -p crate/src && cd crate || exit 1
    printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[profile.release]\ndebug = 1\n' >Cargo.toml
    cat >src/main.rs <<'END'
#![allow(unexpected_cfgs)]
#[no_mangle]
#[inline(never)]
pub fn step(n: u64) -> u64 {
    let mut s = 0u64;
    for i in 0..n {
        s ^= i.wrapping_mul(s | 3);
    }
    s
}
#[no_mangle]
#[inline(never)]
pub fn other(n: u64) -> u64 {
    n / 3 ^ n
}
fn main() {
    let n = std::env::args().count() as u64;
    println!("{} {} {}", step(n), other(n), cfg!(kept));
}
END
    host=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
    export "CARGO_TARGET_${host}_RUSTFLAGS=--cfg=kept"
    expect_status 0 cargo build --release --offline -q
    cp target/release/app plain
    twice_rebuilt() {
        for function in step other; do
            samples_in plain $function >app.preagg
            expect_status 0 "$bolt" rebuild -b plain --result target/release/app -p app.preagg -- \
                cargo build --release --offline -q
            target/release/app | grep -q true || fail "the target's flags are lost: $1"
        done
        expect_status 0 cargo build --release --offline -q
        [ "$(code_digest target/release/app)" = "$(code_digest plain)" ] ||
            fail "an ordinary build is not ordinary: $1"
    }
    twice_rebuilt "in the environment"
    # The same in a file.
    unset "CARGO_TARGET_${host}_RUSTFLAGS"
    mkdir .cargo
    printf '[target.%s]\nrustflags = ["--cfg=kept"]\n' "$(rustc -vV | sed -n 's/^host: //p')" >.cargo/config.toml
    twice_rebuilt "in a file"
    cd ..
fi
expect_nothing_left
