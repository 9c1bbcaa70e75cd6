# rebuild says what was compiled with the profile by the compilers' own notes, source by source: hot code
# that is older than the build, that was compiled without the profile, or linked without it, is named.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cat >hot.c <<'END'
static int step(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i % 3 ? i ^ sum : 1;
    return sum;
}
__attribute__((noinline)) static int twice(int n) { return step(n) + step(n + 1); }
__attribute__((noinline)) int hot(int n) { return twice(n) + twice(n / 2); }
END
cat >main.c <<'END'
#include <stdio.h>
int hot(int n);
__attribute__((noinline)) int other(int n) { return n * 7 + (n >> 2); }
int main(int count, char **words) { return printf("%d %s\n", hot(1000 * count) + other(count), words[0]) < 0; }
END
# named_like PROGRAM WORD: the function of that name, whatever compilers make of it
named_like() { nm "$1" | awk -v word="$2" '$2 ~ /[tT]/ && $3 ~ word { print $3; exit }'; }

# share KIND: of the counts, in the JSON of the last rebuild, a whole percentage
share() {
    python3 -c 'import json, sys
use = json.load(open("out"))["use"]
print(round(100 * use.get(sys.argv[1], {"counts": 0})["counts"] / use["counts"]))' "$1"
}
expect_share() { # KIND PERCENTAGE [MOST]
    [ "$(share "$1")" -ge "$2" ] && [ "$(share "$1")" -le "${3:-100}" ] ||
        fail "$1: $(share "$1") %, not $2: $(cat out)"
}

partly() { # COMPILER FLAGS
    compiler=$1 flags=$2
    command -v "$compiler" >/dev/null || return
    printf 'app: hot.o main.o\n\t%s -o $@ hot.o main.o\n%%.o: %%.c\n\t%s -O2 %s -c $<\n' \
        "$compiler" "$compiler" "$flags" >Makefile
    rm -rf ./*.o .pgo
    expect_status 0 make -s
    cp app plain
    # Most counts in what is not compiled again: the profile was hardly used.
    samples_in plain hot "$(named_like plain twice)" >app.preagg
    samples_in plain other | sed 's/100000/1000/' >>app.preagg
    rm main.o
    expect_status 1 "$bolt" rebuild --json -b plain --result app -p app.preagg -- make -s
    expect_said "hot.c was not compiled again"
    expect_said "clean first"
    expect_share not_compiled 80
    expect_share with_profile 0 20
    # A small part: it is used, and the rest is named.
    { samples_in plain hot; samples_in plain other | sed 's/100000/10000/'; } >app.preagg
    rm hot.o
    expect_status 0 "$bolt" rebuild -b plain --result app -p app.preagg -- make -s
    expect_said "main.c was not compiled again"
    expect_printed "1 of 2 functions with samples"
    expect_printed "% not compiled again (main.c: other)"
    # All of it.
    expect_status 0 "$bolt" rebuild --json -b plain --result app -p app.preagg -- make -s -B
    expect_share with_profile 100
    # By what is in an archive of before.
    rm -f libhot.a && ar rc libhot.a hot.o
    samples_in plain hot >app.preagg
    expect_status 1 "$bolt" rebuild -b plain --result app -p app.preagg -- \
        sh -c "touch libhot.a; $compiler -O2 $flags -c main.c && $compiler -o app main.o -L. -lhot"
    rm -f libhot.a
}
partly gcc "-g"
partly clang-22 "-gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names"
partly clang-22 "-gdwarf-4 -fdebug-info-for-profiling -fpseudo-probe-for-profiling"

# Whatever path and form the source has for the compiler.
formed() { # COMPILER FLAGS...
    command -v "$1" >/dev/null || return
    mkdir -p below && cp hot.c below
    for form in below/hot.c ./below/../below/hot.c "$work/below/hot.c" "-save-temps below/hot.c" \
        "-gsplit-dwarf below/hot.c" "-pipe below/hot.c" "-x c - -x none"; do
        expect_status 0 sh -c '"$@" main.c -o app <below/hot.c' sh "$@" $form
        cp app plain
        samples_in plain hot >app.preagg
        expect_status 0 "$bolt" rebuild --json -b plain --result app -p app.preagg -- \
            sh -c '"$@" main.c -o app <below/hot.c' sh "$@" $form
        expect_share with_profile 100
    done
}
formed gcc -O2 -g
formed clang-22 -O2 -gdwarf-4 -fdebug-info-for-profiling

if command -v gcc >/dev/null; then
    # Linked by gcc's own optimiser, where a unit is of many sources.
    expect_status 0 sh -c 'gcc -O2 -g -flto -c hot.c && gcc -O2 -g -flto -c main.c && gcc -O2 -g -flto hot.o main.o -o app'
    cp app plain
    samples_in plain "$(named_like plain twice)" "$(named_like plain other)" >app.preagg
    expect_status 0 "$bolt" rebuild --json -b plain --result app -p app.preagg -- gcc -O2 -g -flto hot.c main.c -o app
    expect_share with_profile 100
    "$bolt" rebuild --json -b plain --result app -p app.preagg -- \
        sh -c 'gcc -O2 -g -flto -c main.c && gcc -O2 -g -flto hot.o main.o -o app' >out 2>err
    expect_said "hot.c was not compiled again"
    expect_share not_compiled 1
fi

if command -v gcc >/dev/null; then
    # The cause is said where gcc ran and took nothing: it has a cc1 of its own, or is another compiler.
    expect_status 0 gcc -O2 -g hot.c main.c -o app
    cp app plain
    samples_in plain hot >app.preagg
    expect_status 1 "$bolt" rebuild -b plain --result app -p app.preagg -- \
        gcc -B"$(dirname "$(gcc -print-prog-name=cc1)")/" -O2 -g hot.c main.c -o app
    expect_said "the build did not run gcc with what was set for it, though it made app anew"
    expect_said "no -B DIRECTORY in which gcc's cc1 is"
    if command -v clang-22 >/dev/null; then
        expect_status 1 "$bolt" rebuild -b plain --result app -p app.preagg -- clang-22 -O2 -g hot.c main.c -o app
        expect_said "the build did not run gcc: app was made by clang"
        # Part of it by another compiler than before.
        expect_status 1 "$bolt" rebuild --json -b plain --result app -p app.preagg -- \
            sh -c 'clang-22 -O2 -g -c hot.c && gcc -O2 -g hot.o main.c -o app'
        expect_said "hot.c was compiled without the profile"
        expect_share without_profile 100
    fi
fi

if command -v clang-22 >/dev/null; then
    flags="-O2 -gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names"
    # Compiled again, without the profile.
    expect_status 0 clang-22 $flags hot.c main.c -o app
    cp app plain
    samples_in plain hot >app.preagg
    samples_in plain other | sed 's/100000/1000/' >>app.preagg
    expect_status 1 "$bolt" rebuild --json -b plain --result app -p app.preagg -- \
        sh -c "env -u CCC_OVERRIDE_OPTIONS clang-22 $flags -c hot.c && clang-22 $flags -c main.c && clang-22 hot.o main.o -o app"
    expect_said "hot.c was compiled without the profile"
    expect_share without_profile 80
    # The linker optimises, and has to have the profile, too.
    if command -v ld.lld-22 >/dev/null; then
        for kind in thin full; do
            expect_status 0 clang-22 $flags -flto=$kind -fuse-ld=lld hot.c main.c -o app
            cp app plain
            samples_in plain hot other >app.preagg
            expect_status 0 "$bolt" rebuild --json -b plain --result app -p app.preagg -- \
                clang-22 $flags -flto=$kind -fuse-ld=lld hot.c main.c -o app
            expect_share with_profile 100
            cat >build.sh <<END
clang-22 $flags -flto=$kind -c hot.c && clang-22 $flags -flto=$kind -c main.c || exit 1
END
            cp build.sh direct.sh
            echo 'clang-22 -fuse-ld=lld $EXTRA hot.o main.o -o app' >>build.sh
            echo 'clang-22 -fuse-ld=lld hot.o main.o -o app "-###" 2>&1 | tail -1 >link && sh link' >>direct.sh
            for script in build direct; do
                expect_status 1 "$bolt" rebuild -b plain --result app -p app.preagg -- sh $script.sh
                expect_said "app was linked without the profile"
                expect_said "-flto"
            done
            profile=$("$bolt" rebuild --dry-run -b plain --result app -p app.preagg |
                sed -n 's/^# profile for clang: //p')
            EXTRA=-Wl,--lto-sample-profile=$profile expect_status 0 "$bolt" rebuild --json -b plain --result app \
                -p app.preagg -- sh build.sh
            expect_share with_profile 100
        done
    fi
    # The same sources elsewhere: names of static functions have the path in them.
    mkdir one two && cp hot.c main.c one && cp hot.c main.c two
    expect_status 0 clang-22 $flags "$work/one/hot.c" "$work/one/main.c" -o app
    cp app plain
    samples_in plain "$(named_like plain twice)" other >app.preagg
    expect_status 0 "$bolt" rebuild --json -b plain --result two/app -p app.preagg -- \
        clang-22 $flags "$work/two/hot.c" "$work/two/main.c" -o two/app
    expect_said "named by another path"
    expect_said "they took its names, and it was run again"
    expect_said "-ffile-prefix-map=DIRECTORY=."
    expect_share with_profile 100
    # Where two of them differ by the path alone, nothing tells which is which.
    for place in one two; do
        sed 's/other(/twice(/; s/int twice/static &/' main.c >$place/main.c
    done
    expect_status 0 clang-22 $flags "$work/one/hot.c" "$work/one/main.c" -o app
    cp app plain
    samples_in plain "$(named_like plain twice)" >app.preagg
    expect_status 1 "$bolt" rebuild -b plain --result two/app -p app.preagg -- \
        clang-22 $flags "$work/two/hot.c" "$work/two/main.c" -o two/app
    expect_said "named by another path"
    expect_said "-ffile-prefix-map=DIRECTORY=."
    cp main.c one && cp main.c two
    expect_status 0 clang-22 $flags -ffile-prefix-map="$work/one=." "$work/one/hot.c" "$work/one/main.c" -o app
    cp app plain
    samples_in plain "$(named_like plain twice)" other >app.preagg
    expect_status 0 "$bolt" rebuild --json -b plain --result two/app -p app.preagg -- \
        clang-22 $flags -ffile-prefix-map="$work/two=." "$work/two/hot.c" "$work/two/main.c" -o two/app
    expect_share with_profile 100
fi

# rustc, called with a file of arguments as cargo does where there are many.
if command -v cargo >/dev/null && cargo --version >/dev/null 2>&1; then
    mkdir -p crate/src && cd crate || exit 1
    printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[profile.release]\ndebug = 1\n' >Cargo.toml
    printf '#[no_mangle]\n#[inline(never)]\npub fn work(n: u64) -> u64 { (0..n).fold(0, |s, i| s ^ i.wrapping_mul(s | 3)) }\n' >src/main.rs
    printf 'fn main() { println!("{}", work(1000)); }\n' >>src/main.rs
    cat >in-a-file <<'END'
#!/bin/sh
rustc=$1
shift
case " $* " in *' --crate-name app '*) ;; *) exec "$rustc" "$@" ;; esac
printf '%s\n' "$@" >"$FILE.$$"
exec "$PROFILED" "$rustc" @"$FILE.$$"
END
    chmod +x in-a-file
    expect_status 0 cargo build --release --offline -q
    cp target/release/app plain
    samples_in plain work >app.preagg
    rm -r target
    mv "$work/out" "$work/err" . 2>/dev/null
    # Our wrapper stands behind this one, which writes the file.
    FILE=$work/arguments expect_status 0 "$bolt" rebuild --json -b plain --result target/release/app -p app.preagg -- \
        sh -c 'PROFILED=$RUSTC_WRAPPER RUSTC_WRAPPER=$PWD/in-a-file cargo build --release --offline -q'
    cp "$work/out" out
    expect_share with_profile 100
    # A rustc that is too old to say what it took is not asked.
    cat >older <<'END'
#!/bin/sh
case " $* " in
*remark-dir*) echo "error: unknown debugging option" >&2 && exit 1 ;;
' -vV ') rustc -vV | sed 's/^release: .*/release: 1.72.1/' ;;
*) exec rustc "$@" ;;
esac
END
    chmod +x older
    rm -r target
    RUSTC=$PWD/older expect_status 0 "$bolt" rebuild --json -b plain --result target/release/app -p app.preagg -- \
        cargo build --release --offline -q
    cp "$work/out" out
    expect_share with_profile 100
    grep -qE '"confirmed": 0,?$' out || fail "confirmed by a compiler that tells nothing: $(cat out)"
    cd ..
fi
expect_nothing_left
