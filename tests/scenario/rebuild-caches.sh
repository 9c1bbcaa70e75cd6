# rebuild beside a compiler cache: an ordinary build afterwards is ordinary, a second profile makes a
# second build, and what was compiled before is compiled again.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
command -v ccache >/dev/null || skip "no ccache"
cd "$work" || exit 1
unset CC CXX CFLAGS COMPILER_PATH CCC_OVERRIDE_OPTIONS CCACHE_DISABLE CCACHE_RECACHE
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

# cached COMPILER FLAGS: builds, rebuilds and builds again, all through the cache
cached() {
    compiler=$1 flags=$2
    command -v "$compiler" >/dev/null || return
    rm -rf cache
    cat >build.sh <<END
for source in hot main; do ccache $compiler -O2 $flags -c \$source.c || exit 1; done
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
cached gcc "-g"
cached clang-22 "-gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names"
cached clang-22 "-gdwarf-4 -fdebug-info-for-profiling -fpseudo-probe-for-profiling"
expect_nothing_left
