# rebuild knows gcc by all the names that it gives itself, reaches it by whatever name a build calls it,
# and leaves alone what a build compiles for other machines.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cat >kernel.c <<'END'
#ifndef __riscv
#include <stdlib.h>
__attribute__((noinline)) int step(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i ^ sum;
    return sum;
}
int main(int count, char **words) { return count > 1 && step(atoi(words[1])) == 1; }
#else
int step(int n) { return n + 1; }
#endif
END

# rebuilt FUNCTION COMPILER WORDS...: with the compiler that is told by the binary alone
rebuilt() {
    function=$1
    shift
    expect_status 0 "$@" -o app
    cp app plain
    samples_in plain "$function" >app.preagg
    expect_status 0 "$bolt" rebuild --json --profile-dir profiles -b plain --result app -p app.preagg -- "$@" -o app
    used out
    grep -q "\"toolchain\": \"$toolchain\"" out || fail "not for $toolchain: $(cat out)"
}

toolchain=gcc
if command -v gcc >/dev/null; then
    # Linked by gcc itself, which calls its language GIMPLE.
    rebuilt step gcc -O2 -g -flto kernel.c
    grep -q 'none of the code' err && fail "it has debug information: $(cat err)"
    rebuilt step "$(gcc -dumpmachine)-gcc" -O2 -g kernel.c
    rebuilt step "$(command -v gcc)" -O2 -g kernel.c
    CC=$(gcc -dumpmachine)-gcc rebuilt step sh -c '$CC -O2 -g "$@"' sh kernel.c
    ln -s "$(command -v gcc)" cc
    cp kernel.c kernel.inc
    mkdir "some tools" && ln -s "$(command -v as)" "some tools/as"
    COMPILER_PATH="$work/some tools" rebuilt step ./cc -O2 -g -x c kernel.inc
    # A directory that gcc cannot be told of.
    mkdir a:b && cp kernel.c a:b && cd a:b || exit 1
    expect_status 0 gcc -O2 -g kernel.c -o app
    samples_in app step >app.preagg
    cp app plain
    expect_status 2 "$bolt" rebuild -b plain --result app -p app.preagg -- gcc -O2 kernel.c -o app
    expect_said "choose another --profile-dir"
    expect_status 0 "$bolt" rebuild --profile-dir ../profiles -b plain --result app -p app.preagg -- \
        gcc -O2 kernel.c -o app
    cd .. || exit 1
fi
for fortran in gfortran gfortran-12; do
    command -v $fortran >/dev/null || continue
    cat >sum.f90 <<'END'
program sum
  integer :: i, total
  total = 0
  do i = 1, 1000
    total = total + mod(i, 7)
  end do
  print *, total
end program
END
    rebuilt MAIN__ $fortran -O2 -g sum.f90
    break
done

toolchain=clang
flags="-O2 -gdwarf-4 -fdebug-info-for-profiling -fpseudo-probe-for-profiling"
if command -v clang-22 >/dev/null; then
    for target in riscv64 aarch64 spirv64 bpf wasm32; do
        clang-22 --target=$target -O2 -D__riscv -c kernel.c -o other.hand 2>/dev/null || continue
        rebuilt step sh -c "clang-22 -Werror --target=$target -O2 -D__riscv -c kernel.c -o other.o && clang-22 \"\$@\"" \
            sh $flags kernel.c
        grep -q '"compilations": 1,' out || fail "$target: other code is counted: $(cat out)"
        cmp other.o other.hand || fail "$target: its code is not what it is without a profile"
    done
fi
# Whatever stands before the source, and in whatever language it is.
if command -v clang-22 >/dev/null; then
    rebuilt step sh -c 'clang-22 "$@" -- kernel.c' sh $flags
    cp kernel.c kernel.m
    rebuilt step clang-22 $flags kernel.m
    cp kernel.c kernel.inc
    rebuilt step clang-22 $flags -x c kernel.inc
fi
# Older versions, which take no flags for one machine alone, and tell of probes by another name.
for version in 14 15 16 17 18 19 20 21; do
    command -v clang-$version >/dev/null || continue
    for more in -g "$flags"; do
        rebuilt step clang-$version -O2 -gdwarf-4 -fdebug-info-for-profiling $more kernel.c
        python3 -c 'import json; use = json.load(open("out"))["use"]; exit(use["confirmed"] != use["counts"])' ||
            fail "clang $version says nothing of $more: $(cat out)"
    done
done
expect_nothing_left
