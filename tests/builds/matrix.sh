#!/bin/sh
# matrix.sh BUILD [ROWS]: pgo-bolt rebuild over compilers, build tools and kinds of builds, a line each, for the
# rows "COMPILER TOOL KIND" that match the pattern ROWS (all: '*'; 'gcc make *').  In each row:
#   release   instructions of the program as it was recorded (valgrind --tool=callgrind)
#   rebuilt   of the rebuilt one; fewer, since what is called often is inlined and laid out by then
#   confirmed of the counts, functions of which the compiler says that it took counts, per cent
#   again     a second run of the build without changes makes no other program, or is refused
#   second    a second profile makes a second program, and the first one's comes back
#   after     an ordinary build afterwards makes the program that was recorded
# A row is right where all of that holds; what is not installed is left out and said.  Status 1: one is wrong.
#   BAZEL_FLAGS=...   for bazel build: where its rules lie, without a network (--override_repository=NAME=DIRECTORY)
set -u
build=$(cd "$1" && pwd)
rows=${2:-*}
bolt=$build/pgo-bolt record=$build/pgo-record
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/pgoshim-matrix.XXXXXX")
trap 'sccache --stop-server >/dev/null 2>&1; stop_bazel; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
unset CC CXX CFLAGS CXXFLAGS LDFLAGS COMPILER_PATH CCC_OVERRIDE_OPTIONS GOFLAGS GOENV MAKEFLAGS RUSTFLAGS \
    CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_TARGET_DIR
export CCACHE_DIR="$work/ccache" SCCACHE_DIR="$work/sccache" SCCACHE_SERVER_PORT=$((20000 + $$ % 20000))
export CARGO_INCREMENTAL=0 GOTOOLCHAIN=local GOENV=off GOCACHE="${GOCACHE:-$work/gocache}"
status=0 missing=

stop_bazel() { [ ! -d "$work/bazel" ] || (cd "$work/tree" && bazel --output_user_root="$work/bazel" shutdown) >/dev/null 2>&1; }
has() { command -v "$1" >/dev/null 2>&1; }
lacks() { # TOOL: notes it where it is not here
    has "$1" && return 1
    case " $missing " in *" $1 "*) ;; *) missing="$missing $1" ;; esac
}
# What tells one profile's program from another's: the code; of Go, which may make the same code of two profiles, the
# profile that it says it was built with.
profile_of() { if [ "$compiler" = go ]; then go version -m "$1" | grep -o 'pgo=.*'; else digest "$1"; fi; }
digest() { objcopy -O binary --only-section=.text "$1" "$work/text" && md5sum <"$work/text"; }
# instructions PROGRAM ARGS...: without debug information, since valgrind 3.19 gives up at gcc's split one, and
# without the signals by which Go's threads stop each other, at which callgrind gives up
instructions() {
    objcopy --strip-debug "$1" "$work/counted"
    shift
    GODEBUG=asyncpreemptoff=1 GOGC=off GOMAXPROCS=1 \
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/counted" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}
told() { # KEY...: of the last rebuild's JSON
    python3 -c 'import functools, json, sys
root = json.load(open(sys.argv[1]))
print(functools.reduce(lambda at, key: (at.get(key) or {}) if isinstance(at, dict) else at, sys.argv[2:], root) or 0)' \
        "$work/told" "$@"
}
confirmed() {
    python3 -c 'import json, sys
use = json.load(open(sys.argv[1])).get("use")
others = ("library", "other_compiler", "untold")
of = use and use["counts"] - sum(use.get(other, {"counts": 0})["counts"] for other in others)
print(round(100 * use["confirmed"] / of) if of else "-")' "$work/told"
}
rebuild() { # PROFILE COMMAND
    "$bolt" rebuild --json --force --profile-dir "$work/profiles" -b "$work/plain" --result "$program" -p "$1" -- \
        sh -c "$2" >"$work/told" 2>"$work/said"
}

# keep_split: what the next build overwrites is packaged beside the recorded program
keep_split() {
    rm -f "$work/plain.dwp"
    [ "$kind_of_build" = split ] || return 0
    if [ -f "$program.dwp" ]; then cp "$program.dwp" "$work/plain.dwp"; else llvm-dwp-22 -e "$work/plain" -o "$work/plain.dwp"; fi
}

# judge: the row of the tree in the current directory, by $program, $again and $anew
judge() {
    wrong=
    sh -c "$anew" >"$work/said" 2>&1 || { answer "the release cannot be built"; return; }
    cp "$program" "$work/plain"
    keep_split || { answer "the split debug information cannot be kept"; return; }
    rm -f "$work"/*.pgoraw
    for kind in 0 3; do
        "$record" -q -F 2000 --budget 50 -o "$work/$kind.pgoraw" -- "$work/plain" "$long" $kind >"$work/said" 2>&1 ||
            { answer "cannot be recorded"; return; }
    done
    release=$(instructions "$work/plain" "$short" 0)
    rebuild "$work/0.pgoraw" "$anew" || { answer "not rebuilt: $(told reason)"; return; }
    first=$(digest "$program") first_profile=$(profile_of "$program")
    rebuilt=$(instructions "./$program" "$short" 0)
    share=$(confirmed)
    [ "$rebuilt" -lt "$release" ] || wrong="$wrong, no fewer instructions"
    [ "$share" = - ] || [ "$share" -ge 95 ] || wrong="$wrong, not confirmed"
    [ "$("./$program" "$short" 5)" = "$("$work/plain" "$short" 5)" ] || wrong="$wrong, another result"
    rebuild "$work/0.pgoraw" "$again"
    second_status=$?
    [ "$(digest "$program")" = "$first" ] || wrong="$wrong, another program from the same build"
    [ $second_status -le 1 ] || wrong="$wrong, status $second_status without changes"
    repeated=$([ $second_status -eq 0 ] && echo same || echo refused)
    rebuild "$work/3.pgoraw" "$anew" || wrong="$wrong, second profile: $(told reason)"
    [ "$(profile_of "$program")" != "$first_profile" ] || wrong="$wrong, the second profile made the first one's program"
    rebuild "$work/0.pgoraw" "$anew" || wrong="$wrong, the first profile again: $(told reason)"
    [ "$(digest "$program")" = "$first" ] && [ "$(profile_of "$program")" = "$first_profile" ] ||
        wrong="$wrong, the first profile makes other code now"
    sh -c "$anew" >"$work/said" 2>&1
    [ "$(digest "$program")" = "$(digest "$work/plain")" ] || wrong="$wrong, an ordinary build is not ordinary"
    answer "${wrong#, }" "$release | $rebuilt | $share | $repeated"
}
answer() { # WRONG [FIGURES]
    echo "| $compiler | $tool | $kind_of_build | ${2:- | | | } | ${1:-right} |"
    [ -z "$1" ] || { status=1; tail -3 "$work/said" >&2; }
}
wanted() { # COMPILER TOOL KIND
    compiler=$1 tool=$2 kind_of_build=$3
    case "$compiler $tool $kind_of_build" in $rows) ;; *) return 1 ;; esac
}
# enter NAME: an empty tree
enter() {
    cd "$work" && rm -rf tree 'a tree' && mkdir "$1" && cd "$1" || exit 1
}
directory_for() { [ "$1" = blanks ] && echo "a tree" || echo tree; }

# --- C ---------------------------------------------------------------------------------------------
c_flags() { # COMPILER KIND: sets flags, links and cache; false: not here
    cache= links=
    case $1 in
    gcc) flags="-O2 -g" ;;
    *) flags="-O2 -gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names -fpseudo-probe-for-profiling" ;;
    esac
    case $1.$2 in
    gcc.thin) return 1 ;; # has no such kind
    gcc.full) flags="$flags -flto" links="-flto -O2 -g" ;;
    *.thin | *.full) flags="$flags -flto=$2" links="-flto=$2 -fuse-ld=lld -O2" ;;
    *.split) flags="$flags -gsplit-dwarf" ;;
    *.ccache | *.sccache)
        lacks "$2" && return 1
        cache=$2
        ;;
    esac
}
c_tree() { # TOOL COMPILER: writes it, and sets program, again and anew
    cp "$here"/*.[ch] .
    case $1 in
    make)
        printf 'app: mix.o main.o\n\t%s %s -o $@ mix.o main.o\n%%.o: %%.c\n\t%s %s %s -c $<\nclean:\n\trm -f *.o app\n' \
            "$2" "$links" "$cache" "$2" "$flags" >Makefile
        program=app again="make -s" anew="make -s clean && make -s"
        ;;
    cmake-make | cmake-ninja)
        printf 'cmake_minimum_required(VERSION 3.10)\nproject(app C)\nadd_executable(app mix.c main.c)\n' >CMakeLists.txt
        generator="Unix Makefiles"
        [ "$1" = cmake-make ] || generator=Ninja
        cmake -G "$generator" -S . -B out -DCMAKE_C_COMPILER="$2" -DCMAKE_C_FLAGS="$flags" \
            -DCMAKE_EXE_LINKER_FLAGS="$links" -DCMAKE_C_COMPILER_LAUNCHER="$cache" >"$work/said" 2>&1 || return 1
        program=out/app again="cmake --build out" anew="cmake --build out --target clean && cmake --build out"
        ;;
    meson)
        printf "project('app', 'c')\nexecutable('app', 'mix.c', 'main.c')\n" >meson.build
        CC="$cache $2" CFLAGS=$flags LDFLAGS=$links meson setup --buildtype=plain out >"$work/said" 2>&1 || return 1
        program=out/app again="ninja -C out" anew="ninja -C out -t clean && ninja -C out"
        ;;
    autotools)
        printf 'AC_INIT([app],[1])\nAM_INIT_AUTOMAKE([foreign])\nAC_PROG_CC\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n' >configure.ac
        printf 'bin_PROGRAMS = app\napp_SOURCES = mix.c main.c mix.h\n' >Makefile.am
        { autoreconf -i && ./configure CC="$cache $2" CFLAGS="$flags" LDFLAGS="$links"; } >"$work/said" 2>&1 || return 1
        program=app again="make -s" anew="make -s clean && make -s"
        ;;
    bazel)
        touch WORKSPACE
        echo 'cc_binary(name = "app", srcs = ["mix.c", "main.c", "mix.h"])' >BUILD
        bazel_options="--noshow_progress --repo_env=CC=$2 -c opt --strip=never ${BAZEL_FLAGS:-}"
        for option in $flags; do bazel_options="$bazel_options --copt=$option"; done
        for option in $links; do bazel_options="$bazel_options --linkopt=$option"; done
        # Compilers get no variable that is not named.
        for variable in CCC_OVERRIDE_OPTIONS CC_PRINT_OPTIONS CC_PRINT_OPTIONS_FILE COMPILER_PATH PGO_BOLT_LOG; do
            bazel_options="$bazel_options --action_env=$variable"
        done
        start="bazel --output_user_root=$work/bazel"
        $start build --nobuild $bazel_options //:app >"$work/said" 2>&1 || return 1
        program=bazel-bin/app again="$start build $bazel_options //:app"
        anew="$start clean && $again"
        ;;
    esac
}
long=100000000 short=20000
for compiler_here in gcc clang-22; do
    lacks $compiler_here && continue
    for tool_here in make cmake-make cmake-ninja meson autotools bazel; do
        case $tool_here in
        cmake-make) lacks cmake && continue ;;
        cmake-ninja) { lacks cmake || lacks ninja; } && continue ;;
        meson) lacks meson && continue ;;
        autotools) { lacks autoreconf || lacks automake; } && continue ;;
        bazel) lacks bazel && continue ;;
        esac
        for kind_here in plain thin full split ccache sccache blanks; do
            case $tool_here.$kind_here in
            bazel.plain | bazel.full) ;;
            bazel.*) continue ;; # has a way of its own for that, or none
            esac
            wanted $compiler_here $tool_here $kind_here && c_flags $compiler_here $kind_here || continue
            enter "$(directory_for $kind_here)"
            if c_tree $tool_here $compiler_here; then judge; else answer "cannot be configured"; fi
        done
    done
done

# --- Rust ------------------------------------------------------------------------------------------
if ! lacks cargo && cargo --version >/dev/null 2>&1; then
    for kind_here in plain thin full split sccache blanks workspace; do
        wanted rustc cargo $kind_here || continue
        [ $kind_here != sccache ] || ! lacks sccache || continue
        enter "$(directory_for $kind_here)"
        mkdir src
        cp "$here/mix.rs" src/main.rs
        printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[profile.release]\ndebug = 1\n' >Cargo.toml
        case $kind_here in
        thin) echo 'lto = "thin"' >>Cargo.toml ;;
        full) echo 'lto = "fat"' >>Cargo.toml ;;
        split) echo 'split-debuginfo = "packed"' >>Cargo.toml ;;
        workspace)
            mkdir member && mv src member && sed '/profile/,$d' Cargo.toml >member/Cargo.toml
            printf '[workspace]\nmembers = ["member"]\nresolver = "2"\n[profile.release]\ndebug = 1\n' >Cargo.toml
            ;;
        esac
        program=target/release/app again="cargo build --release --offline -q" anew=$again
        [ $kind_here != sccache ] || anew="rm -rf target; $again"
        if [ $kind_here = sccache ]; then
            export RUSTC_WRAPPER=sccache
            judge
            unset RUSTC_WRAPPER
        else
            judge
        fi
    done
fi

# --- Go --------------------------------------------------------------------------------------------
if ! lacks go; then
    long=60000000
    for tool_here in go make; do
        for kind_here in plain tags blanks; do
            wanted go $tool_here $kind_here || continue
            enter "$(directory_for $kind_here)"
            cp "$here/mix.go.txt" main.go
            printf 'module example.org/app\n\ngo 1.21\n' >go.mod
            again="go build -o app ."
            [ $kind_here != tags ] || again="go build -tags=netgo -trimpath -o app ."
            [ $tool_here = go ] || printf 'app:\n\t%s\n.PHONY: app\n' "$again" >Makefile
            [ $tool_here = go ] || again="make -s"
            program=app anew=$again
            judge
        done
    done
fi
# --- C that go or cargo has compiled ------------------------------------------------------------------
# mixed_tree TOOL: the same C, called by a program in Go or Rust
mixed_tree() {
    cp "$here"/mix.[ch] .
    sed '/^int main/,$d' "$here/main.c" >rare.c
    case $1 in
    go)
        printf 'module example.org/app\n\ngo 1.21\n' >go.mod
        cat >main.go <<'END'
package main

// #include "mix.h"
import "C"
import (
	"os"
	"strconv"
)

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	kind, _ := strconv.Atoi(os.Args[2])
	os.Stdout.WriteString(strconv.Itoa(int(C.work(C.uint(rounds), C.uint(kind)))) + "\n")
}
END
        program=app again="go build -o app ." anew=$again
        ;;
    cargo)
        mkdir src
        printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\nbuild = "build.rs"\n[profile.release]\ndebug = 1\n' >Cargo.toml
        cat >src/main.rs <<'END'
extern "C" {
    fn work(rounds: u32, kind: u32) -> u32;
}
fn main() {
    let words: Vec<u32> = std::env::args().skip(1).map(|word| word.parse().unwrap()).collect();
    println!("{}", unsafe { work(words[0], words[1]) });
}
END
        cat >build.rs <<'END'
use std::process::Command;
fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    let flags = std::env::var("CFLAGS").unwrap();
    for source in ["mix", "rare"] {
        let object = format!("{out}/{source}.o");
        let compiled = Command::new(std::env::var("CC").unwrap())
            .args(flags.split(' '))
            .args(["-fPIC", "-c", &format!("{source}.c"), "-o", &object])
            .status();
        assert!(compiled.unwrap().success());
        let archived = Command::new("ar").args(["rcs", &format!("{out}/libmix.a"), &object]).status();
        assert!(archived.unwrap().success());
    }
    println!("cargo:rustc-link-search=native={out}\ncargo:rustc-link-lib=static=mix");
}
END
        program=target/release/app again="cargo build --release --offline -q" anew="rm -rf target; $again"
        ;;
    esac
}
long=100000000
for compiler_here in gcc clang-22; do
    lacks $compiler_here && continue
    for tool_here in go cargo; do
        lacks $tool_here && continue
        wanted $compiler_here $tool_here mixed && c_flags $compiler_here plain || continue
        enter tree
        mixed_tree $tool_here
        export CC=$compiler_here CFLAGS="$flags" CGO_CFLAGS="$flags"
        judge
        unset CC CFLAGS CGO_CFLAGS
    done
done
[ -z "$missing" ] || echo "not here:$missing"
exit $status
