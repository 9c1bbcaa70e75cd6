# rebuild asks compilers function by function: of what each took counts of the profile is confirmed, and
# what it took none for, or did not optimise, is named with the cause.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cat >hot.c <<'END'
__attribute__((noinline)) int steady(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i % 3 ? i ^ sum : 1;
    return sum;
}
__attribute__((noinline)) int edited(int n)
{
    int sum = 0;
#ifdef CHANGED
    if (n > 100)
        for (int i = 0; i < n; i += 2)
            if (sum & 1)
                return i;
#endif
    for (int i = 0; i < n; i++)
        sum += i % 5 ? i ^ sum : 1;
    return sum;
}
int main(int count, char **words) { return steady(1000 * count) + edited(count) == 1 && words[0] == 0; }
END

# value KEY...: in "use" of the JSON of the last rebuild
value() {
    python3 -c 'import functools, json, sys
use = json.load(open(sys.argv[1]))["use"]
print(functools.reduce(lambda at, key: at.get(key, {}) if isinstance(at, dict) else at, sys.argv[2:], use) or 0)' \
        "$work/out" "$@"
}
expect_confirmed() {
    [ "$(value counts)" -gt 0 ] && [ "$(value confirmed)" -eq "$(value counts)" ] ||
        fail "$(value confirmed) of $(value counts) are confirmed, with $*: $(cat "$work/out")"
}
# recorded COMMAND...: makes ./app, and a profile of both functions
recorded() {
    expect_status 0 "$@"
    cp app plain
    samples_in plain steady edited >app.preagg
}
# rebuilt STATUS COMMAND...
rebuilt() {
    status_wanted=$1
    shift
    expect_status "$status_wanted" "$bolt" rebuild --json -b plain --result app -p app.preagg -- "$@"
}

by_lines="-gdwarf-4 -fdebug-info-for-profiling"
by_probes="$by_lines -fpseudo-probe-for-profiling"
if command -v clang-22 >/dev/null; then
    recorded clang-22 -O2 $by_lines hot.c -o app
    for more in -gsplit-dwarf -save-temps "-MMD -MF made.d"; do
        rebuilt 0 clang-22 -O2 $by_lines $more hot.c -o app
        expect_confirmed clang "$more"
    done
    # Split debug information in a package is kept with the recorded program, which a build overwrites.
    if command -v llvm-dwp-22 >/dev/null; then
        expect_status 0 clang-22 -O2 $by_lines -gsplit-dwarf -Wl,--build-id hot.c -o app
        expect_status 0 llvm-dwp-22 -e app -o app.dwp
        expect_status 0 "$analyze" merge -b "$work/app" -o app.pgoraw app.preagg
        for _ in 1 2; do
            expect_status 0 "$bolt" rebuild --json -p app.pgoraw -- \
                sh -c "rm -f app.dwp *.dwo; clang-22 -O2 $by_lines -MD -MF made.d hot.c -o app"
            expect_confirmed from the package
        done
    fi
    # What is asked makes nothing of its own.
    [ "$(cat made.d)" = "app: hot.c" ] || fail "the dependencies are other ones: $(cat made.d)"
    # Nothing is gained where nothing is optimised.
    rebuilt 1 clang-22 -O2 $by_lines -O0 hot.c -o app
    expect_said "hot.c was compiled without optimisation"
    # clang takes no profile of the build's own beside ours.
    rebuilt 3 clang-22 -O2 $by_lines -fprofile-generate hot.c -o app
    expect_said "leave out its own -fprofile-use"
    # A result that tells nothing of its sources: the compilers are asked by the names alone.
    for more in -g0 -s "-s -ffile-prefix-map=$work=/elsewhere"; do
        rebuilt 0 clang-22 -O2 $by_lines $more hot.c -o app
        expect_confirmed clang "$more"
    done
    # A build that optimises by itself, without the profile.
    if command -v opt-22 >/dev/null && command -v llc-22 >/dev/null; then
        rebuilt 1 sh -c "clang-22 -O2 $by_lines -Xclang -disable-llvm-passes -emit-llvm -c hot.c && opt-22 -O2 hot.bc -o made.bc &&
            llc-22 -relocation-model=pic -filetype=obj made.bc -o made.o && clang-22 made.o -o app"
        expect_said "hot.c was compiled without taking its counts"
    fi
    # In two steps: the second one takes the counts where the first one leaves optimisation to it.
    two_steps="-emit-llvm -c hot.c -o hot.bc && clang-22 -O2 $by_lines -c hot.bc -o hot.o && clang-22 hot.o -o app"
    rebuilt 0 sh -c "clang-22 -O2 $by_lines -Xclang -disable-llvm-passes $two_steps"
    expect_confirmed in the second step
    rebuilt 0 sh -c "clang-22 -O2 $by_lines $two_steps"
    expect_confirmed in both steps
    expect_said "1 compilations went on from code that clang had optimised with the profile before"
    # A function that was edited since: clang matches it by likeness, and drops it where it is told not to.
    recorded clang-22 -O2 $by_probes hot.c -o app
    rebuilt 0 clang-22 -O2 $by_probes hot.c -o app
    expect_confirmed by probes
    rebuilt 0 clang-22 -O2 $by_probes -DCHANGED hot.c -o app
    expect_confirmed the changed code
    expect_said "only 50.0 % of the profile's counts match the new code, least those of edited"
    rebuilt 0 clang-22 -O2 $by_probes -DCHANGED -mllvm -salvage-stale-profile=false hot.c -o app
    expect_said "hot.c was compiled from other code than was recorded, by its checksum, which has edited"
    expect_said "record the program that these sources make"
    [ "$(value changed hottest)" = edited ] && [ "$(value with_profile functions)" = 1 ] ||
        fail "not edited alone: $(cat out)"
    for kind in thin full; do
        command -v ld.lld-22 >/dev/null || break
        recorded clang-22 -O2 $by_probes -flto=$kind -fuse-ld=lld hot.c -o app
        rebuilt 0 clang-22 -O2 $by_probes -flto=$kind -fuse-ld=lld hot.c -o app
        expect_confirmed $kind
    done
fi
if command -v gcc >/dev/null; then
    recorded gcc -O2 -g hot.c -o app
    for more in -gsplit-dwarf -save-temps -pipe "-O3 -fno-inline" -g0 -s; do
        rebuilt 0 gcc -O2 -g $more hot.c -o app
        expect_confirmed gcc "$more"
    done
    # Where gcc optimises at the link, it is the link that tells.
    for kind in -flto "-flto=auto -fno-fat-lto-objects" "-flto -ffat-lto-objects" "-flto -flto-partition=none"; do
        recorded gcc -O2 -g $kind hot.c -o app
        rebuilt 0 gcc -O2 -g $kind hot.c -o app
        expect_confirmed gcc "$kind"
    done
    recorded gcc -O2 -g hot.c -o app
    for level in -O0 -g; do
        rebuilt 1 gcc $level -g hot.c -o app
        expect_said "hot.c was compiled without optimisation"
        expect_said "build with -O2"
    done
    # gcc leaves its own counters out beside a profile of samples.
    for own in -fprofile-use -fprofile-generate; do
        rebuilt 1 gcc -O2 -g $own hot.c -o app
        expect_said "gcc was called with $own"
    done
    # Some versions fail at that.
    "$bolt" rebuild -b plain --result app -p app.preagg -- gcc -O2 -g --coverage hot.c -o app >out 2>err &&
        fail "gcc's counters beside a profile of samples"
    expect_said "--coverage"
    # The status of the compiler is the status of the compilation.
    echo 'int broken(' >broken.c
    rebuilt 3 gcc -O2 -g broken.c -o app
fi
if command -v cargo >/dev/null && cargo --version >/dev/null 2>&1; then
    mkdir -p crate/src && cd crate || exit 1
    printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[profile.release]\ndebug = 1\n' >Cargo.toml
    cat >src/main.rs <<'END'
#[no_mangle]
#[inline(never)]
pub fn steady(n: u64) -> u64 {
    let mut s = 0u64;
    for i in 0..n {
        s ^= i.wrapping_mul(s | 3);
    }
    s
}
fn main() {
    println!("{}", steady(std::env::args().count() as u64 * 1000));
}
END
    expect_status 0 cargo build --release --offline -q
    cp target/release/app plain
    samples_in plain steady >app.preagg
    expect_status 0 "$bolt" rebuild --json -b plain --result target/release/app -p app.preagg -- \
        cargo build --release --offline -q
    expect_confirmed cargo
    # Incremental units have no crate in their names.
    CARGO_INCREMENTAL=1 expect_status 0 "$bolt" rebuild --json -b plain --result target/inc/release/app \
        -p app.preagg -- cargo build --release --offline -q --target-dir target/inc
    expect_confirmed incremental
    expect_status 1 "$bolt" rebuild -b plain --result target/debug/app -p app.preagg -- cargo build --offline -q
    expect_said "was compiled without optimisation"
    expect_said "cargo build --release"
    cd ..
fi
expect_nothing_left
