# rebuild beside a compiler cache: an ordinary build afterwards is ordinary, a second profile makes a
# second build, and what was compiled before is compiled again.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
export CCACHE_DIR="$work/cache" CCACHE_CONFIGPATH="$work/ccache.conf"
: >ccache.conf
cat >hot.c <<'END'
int cold(int a), warm(int a);
int hot(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i % 7 ? warm(i) : cold(i);
    return sum;
}
END
cat >main.c <<'END'
#include <stdio.h>
int hot(int n);
__attribute__((noinline)) int cold(int a) { return a * 3 + 1; }
__attribute__((noinline)) int warm(int a) { return a ^ 5; }
int main(void) { return printf("%d\n", hot(1000)) < 0; }
END

# cached CACHE COMPILER FLAGS: builds, rebuilds and builds again, all through the cache
cached() {
    cache=$1 compiler=$2 flags=$3
    command -v "$compiler" >/dev/null || return
    tried=yes
    rm -rf cache
    cat >build.sh <<END
for source in hot main; do $cache $compiler -O2 $flags -c \$source.c || exit 1; done
$compiler -o app hot.o main.o
END
    expect_status 0 sh build.sh
    cp app plain
    samples_in plain hot warm >one.preagg
    samples_in plain cold >two.preagg
    expect_status 0 "$bolt" rebuild --json -b plain --result app -p one.preagg -- sh build.sh
    used out
    one=$(code_digest app)
    ran=$(./app)
    expect_status 0 sh build.sh
    [ "$(code_digest app)" = "$(code_digest plain)" ] || fail "$compiler: the cache has code with the profile"
    [ "$(./app)" = "$ran" ] || fail "$compiler: another program"
    expect_status 0 "$bolt" rebuild --json -b plain --result app -p two.preagg -- sh build.sh
    used out
    [ "$(code_digest app)" != "$one" ] || fail "$compiler: the second profile made the first one's code"
    expect_status 0 "$bolt" rebuild --json -b plain --result app -p one.preagg -- sh build.sh
    [ "$(code_digest app)" = "$one" ] || fail "$compiler: the first profile makes other code now"
}
tried=
for cache in ccache sccache distcc icecc; do
    command -v $cache >/dev/null || continue
    case $cache in
    sccache)
        # A server of our own, which does not outlive us.
        SCCACHE_DIR=$work/sccache SCCACHE_SERVER_PORT=$((20000 + $$ % 20000))
        export SCCACHE_DIR SCCACHE_SERVER_PORT
        sccache --start-server >/dev/null 2>&1 || continue
        trap 'sccache --stop-server >/dev/null 2>&1; rm -rf "$work"' EXIT
        ;;
    distcc) export DISTCC_HOSTS=localhost DISTCC_DIR="$work/distcc" ;;
    esac
    cached $cache gcc "-g"
    case $cache in ccache | sccache) cached $cache clang-22 "-gdwarf-4 -fdebug-info-for-profiling -fpseudo-probe-for-profiling" ;; esac
done
[ -z "$tried" ] || [ -z "$(command -v ccache)" ] ||
    cached ccache clang-22 "-gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names"
[ -n "$tried" ] || skip "no cache of compilers"

# go, which keeps what cgo compiles: another cache, told apart by the profile, and the user's flags stay.
if command -v go >/dev/null && command -v gcc >/dev/null; then
    gcc -O2 -g hot.c main.c -o plain || fail "gcc"
    samples_in plain hot >one.preagg
    export GOENV="$work/settings"
    echo 'CGO_CPPFLAGS=-DIN_A_FILE' >"$GOENV"
    for flags in -DIN_A_FILE -DIN_THE_ENVIRONMENT; do
        expect_status 0 "$bolt" rebuild --dry-run -b plain --result app -p one.preagg -- true
        expect_printed "export GOCACHE='$work/.pgo/go-cache-"
        printed=$(cat out)
        eval "$(grep '^export \(GOENV\|CGO_CPPFLAGS\)=' out)"
        go env CGO_CPPFLAGS | grep -q PGO_BOLT_PROFILE || fail "no mark of the profile: $printed"
        go env CGO_CPPFLAGS | grep -q -e "$flags" || fail "$flags is lost: $printed"
        export GOENV="$work/settings" CGO_CPPFLAGS=-DIN_THE_ENVIRONMENT
    done
    unset GOENV CGO_CPPFLAGS
fi

# sccache before rustc: called behind our wrapper, and what it keeps is told apart by the profile.
if command -v sccache >/dev/null && [ -n "${SCCACHE_DIR-}" ] && command -v cargo >/dev/null && cargo --version >/dev/null 2>&1; then
    mkdir -p crate/src && cd crate || exit 1
    printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[profile.release]\ndebug = 1\n' >Cargo.toml
    cat >src/main.rs <<'END'
#[no_mangle]
#[inline(never)]
pub fn work(n: u64) -> u64 {
    let mut s = 0u64;
    for i in 0..n {
        s ^= i.wrapping_mul(s | 3);
    }
    s
}
fn main() {
    println!("{}", work(std::env::args().count() as u64 * 1000));
}
END
    export RUSTC_WRAPPER=sccache CARGO_INCREMENTAL=0
    expect_status 0 cargo build --release --offline -q
    cp target/release/app plain
    samples_in plain work >app.preagg
    for _ in 1 2; do
        rm -r target
        expect_status 0 "$bolt" rebuild --json -b plain --result target/release/app -p app.preagg -- \
            cargo build --release --offline -q
        used "$work/out"
    done
    rm -r target
    expect_status 0 cargo build --release --offline -q
    [ "$(code_digest target/release/app)" = "$(code_digest plain)" ] || fail "sccache has rustc's code with the profile"
    cd ..
fi
expect_nothing_left
