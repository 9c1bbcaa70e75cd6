# The tutorial and the pages of docs/howto work as they are typed: their commands, in their order,
# in a project as the page describes it.
. "$(dirname "$0")/../support/scenario.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
unset CFLAGS CXXFLAGS LDFLAGS RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR MAKEFLAGS

# The programs as they are installed.  How many samples come is the machine's affair, and a
# comparison, which takes its time, is one run of each.
mkdir "$work/bin"
ln -s "$build"/pgo-record "$build"/pgo-analyze "$build"/libpgoshim*.so "$root/packaging/cargo-pgoshim" "$work/bin/"
cat >"$work/bin/pgo-bolt" <<EOF
#!/bin/sh
verb=\$1
shift
case \$verb in
rebuild) exec "$bolt" rebuild --force "\$@" ;;
compare)
    before=\$1 after=\$2
    shift 3
    [ "\$(./"\$before" "\$@")" = "\$(./"\$after" "\$@")" ]
    ;;
*) exec "$bolt" "\$verb" "\$@" ;;
esac
EOF
# Meson takes a compiler cache that it finds; sccache's server may not start in time on a busy machine.
printf '#!/bin/sh\nexit 1\n' >"$work/bin/sccache"
chmod 755 "$work/bin/pgo-bolt" "$work/bin/sccache"
ln -s sccache "$work/bin/ccache"
PATH=$work/bin:$PATH

# What a reader of the page has: each in an empty folder.
a_text() {
    awk 'BEGIN { srand(1); for (i = 0; i < 60000; i++) printf "word%d%s", int(rand() * 3000), i % 12 ? " " : "\n" }' >input.txt
}
project_tutorial() {
    :
}
project_cmake() {
    command -v cmake >/dev/null || return 1
    a_text
    cp "$root/tests/programs/lines.c" app.cpp
    printf '%s\n' 'cmake_minimum_required(VERSION 3.18)' 'project(app CXX)' 'add_executable(app app.cpp)' >CMakeLists.txt
}
project_meson() {
    command -v meson >/dev/null && command -v ninja >/dev/null || return 1
    a_text
    cp "$root/tests/programs/lines.c" app.c
    echo "project('app', 'c')
executable('app', 'app.c')" >meson.build
}
project_cargo() {
    command -v cargo >/dev/null || return 1
    a_text
    mkdir src
    printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n' >Cargo.toml
    cat >src/main.rs <<'EOF'
use std::collections::HashMap;
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for _ in 0..60 {
        for word in text.split_whitespace() {
            *counts.entry(word).or_insert(0) += 1;
        }
    }
    println!("{}", counts.values().max().unwrap());
}
EOF
}
project_go() {
    command -v go >/dev/null || return 1
    export GOTOOLCHAIN=local GOFLAGS=-mod=mod
    a_text
    printf 'module app\n\ngo 1.21\n' >go.mod
    cat >main.go <<'EOF'
package main

import (
	"bytes"
	"fmt"
	"os"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		os.Exit(2)
	}
	counts := map[string]int{}
	most := 0
	for round := 0; round < 60; round++ {
		for _, word := range bytes.Fields(text) {
			counts[string(word)]++
			most = max(most, counts[string(word)])
		}
	}
	fmt.Println(most)
}
EOF
}
project_python() {
    python3 -c 'import setuptools, sysconfig, os, sys
sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' 2>/dev/null || return 1
    cat >setup.py <<'EOF'
from setuptools import Extension, setup
setup(name="work", ext_modules=[Extension("work", ["work.c"])])
EOF
    cat >work.c <<'EOF'
#include <Python.h>
static PyObject *steps(PyObject *self, PyObject *argument)
{
    unsigned long count = 0;
    for (unsigned long number = PyLong_AsUnsignedLong(argument); number > 1; count++)
        number = number % 2 ? 3 * number + 1 : number / 2;
    return PyLong_FromUnsignedLong(count);
}
static PyMethodDef methods[] = {{"steps", steps, METH_O, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "work", "", -1, methods};
PyMODINIT_FUNC PyInit_work(void) { return PyModule_Create(&module); }
EOF
    echo 'import work
print(max(work.steps(n) for n in range(1, 700000)))' >workload.py
}
project_server() {
    "$fixtures/spin" 1000000 >/dev/null &
    PID=$!
    export PID
}
project_container() {
    a_text
    gcc -O1 -o app "$root/tests/programs/lines.c"
}
project_stripped() {
    a_text
    cp "$root/tests/programs/lines.c" app.c
}

# What stands between ```sh and ```.
commands_of() { # PAGE
    awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$1"
}

PID=
trap '[ -z "$PID" ] || kill "$PID" 2>/dev/null; rm -rf "$work"' EXIT
for page in "$root/docs/tutorial.md" "$root"/docs/howto/*.md; do
    name=$(basename "$page" .md)
    mkdir "$work/$name"
    cd "$work/$name" || exit 1
    "project_$name" || {
        echo "$name: not tried: a tool that it takes is missing"
        continue
    }
    commands_of "$page" | sed 's/^cargo pgoshim compare .*/true/' >commands
    [ -s commands ] || fail "$name has no commands"
    sh -eux commands >log 2>&1 || fail "$name: $(tail -20 log)"
    echo "$name: $(grep -c '^+ ' log) commands"
    cd "$work" || exit 1
done
for page in "$root"/docs/*.md "$root"/docs/howto/*.md "$root/README.md"; do
    sed -n 's/.*](\([a-zA-Z./-]*\.md\)).*/\1/p' "$page" | while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"
    done
done >"$work/broken"
[ ! -s "$work/broken" ] || fail "links that lead nowhere: $(cat "$work/broken")"
exit 0
