# rebuild where the build has a profile of its own, or flags against profiles: what the user has set holds, it
# is not taken for ours, and it is named; a profile ends no build that takes warnings for errors.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cat >hot.c <<'END'
__attribute__((noinline)) int hot(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i % 3 ? i ^ sum : 1;
    return sum;
}
END
cat >main.c <<'END'
int hot(int n);
#ifndef HIDDEN
#define HIDDEN
#endif
HIDDEN __attribute__((noinline)) int other(int n) { return n * 7 + (n >> 2); }
int main(int count, char **words) { return hot(count) + other(count) == 1 && words[0] == 0; }
END
# recorded COMPILER FLAGS...: makes ./app of both sources, and a profile of hot
recorded() {
    expect_status 0 "$@" hot.c main.c -o app
    cp app plain
    samples_in plain hot >app.preagg
}
rebuilt() { # STATUS COMMAND...
    wanted_here=$1
    shift
    expect_status "$wanted_here" "$bolt" rebuild --profile-dir profiles -b plain --result app -p app.preagg -- "$@"
}

if command -v gcc >/dev/null; then
    recorded gcc -O2 -g
    rebuilt 0 gcc -O2 -g hot.c main.c -o app
    cp profiles/*.afdo own.afdo
    rebuilt 1 gcc -O2 -g -fauto-profile=own.afdo hot.c main.c -o app
    expect_said "gcc was called with -fauto-profile=own.afdo, which it takes in place of this profile"
    expect_said "leave -fauto-profile"
    rebuilt 1 gcc -O2 -g -fno-auto-profile hot.c main.c -o app
    expect_said "leave -fno-auto-profile out of this build"
    rebuilt 1 sh -c 'gcc -O2 -g -c -fno-auto-profile hot.c && gcc -O2 -g hot.o main.c -o app'
    expect_said "hot.c was compiled without the profile"
    expect_said "without -fno-profile-sample-use or -fno-auto-profile"
    # The header was compiled before, and the build takes it for an error that it cannot be used.
    echo 'int hot(int n);' >early.h
    gcc -O2 early.h || fail "gcc"
    rebuilt 3 gcc -O2 -include early.h -Winvalid-pch -Werror hot.c main.c -o app
    expect_said "clean first (a precompiled header of before does not fit)"
    rm early.h.gch
fi
if command -v clang-22 >/dev/null; then
    flags="-O2 -gdwarf-4 -fdebug-info-for-profiling"
    recorded clang-22 $flags
    printf 'hot:1:1\n 1: 1\n' >own.prof
    rebuilt 1 clang-22 $flags -fprofile-sample-use=own.prof hot.c main.c -o app
    expect_said "clang was called with -fprofile-sample-use=own.prof, which it takes in place of this profile"
    expect_said "leave its own -fprofile-sample-use"
    rebuilt 1 clang-22 $flags -fno-profile-sample-use hot.c main.c -o app
    expect_said "leave -fno-profile-sample-use out"
    rebuilt 1 sh -c "clang-22 $flags -c -fno-profile-sample-use hot.c && clang-22 $flags hot.o main.c -o app"
    expect_said "hot.c was compiled without the profile"
    # Of a function without debug information clang warns.
    samples_in plain other >>app.preagg
    "$bolt" rebuild --profile-dir profiles -b plain --result app -p app.preagg -- \
        clang-22 $flags -Wall -Werror '-DHIDDEN=__attribute__((nodebug))' hot.c main.c -o app >out 2>err
    [ $? -le 1 ] || fail "a warning of the profile ended the build: $(cat err)"
    expect_said "No debug information found in function other"
    # A profile by lines for a release that has probes, and keeps the flag for them.
    recorded clang-22 $flags -fpseudo-probe-for-profiling
    expect_status 0 "$bolt" rebuild --as=lines -b plain --result app -p app.preagg -- \
        clang-22 $flags -fpseudo-probe-for-profiling hot.c main.c -o app
    expect_printed "100.0 % of its counts are in functions of app"
    expect_printed "function by function, of 100.0 %"
    if command -v ld.lld-22 >/dev/null; then
        flags="$flags -flto=thin -fuse-ld=lld"
        recorded clang-22 $flags
        rebuilt 1 clang-22 $flags "-Wl,--lto-sample-profile=$work/own.prof" hot.c main.c -o app
        expect_said "app was linked without the profile"
    fi
fi
if command -v cargo >/dev/null && cargo --version >/dev/null 2>&1; then
    mkdir -p crate/src && cd crate || exit 1
    printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[profile.release]\ndebug = 1\n' >Cargo.toml
    printf '#[no_mangle]\n#[inline(never)]\npub fn hot(n: u64) -> u64 { (0..n).fold(0, |s, i| s ^ i.wrapping_mul(s | 3)) }\n' >src/main.rs
    printf 'fn main() { println!("{}", hot(1000)); }\n' >>src/main.rs
    expect_status 0 cargo build --release --offline -q
    cp target/release/app plain
    samples_in plain hot >app.preagg
    printf 'hot:1:1\n 1: 1\n' >own.prof
    RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zprofile-sample-use=$PWD/own.prof" expect_status 1 "$bolt" rebuild -b plain \
        --result target/release/app -p app.preagg -- cargo build --release --offline -q
    expect_said "rustc was called with -Zprofile-sample-use=$PWD/own.prof, which it takes in place of this profile"
    cd ..
fi
expect_nothing_left
