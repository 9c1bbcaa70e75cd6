# What readers of the tutorial and of docs/howto have before they begin, a function for each page, which
# makes it in the current folder; and the commands of a page.
#   sources   those of pgoshim        fixtures   the programs of tests/programs
#   words     how long a typical input is
a_text() {
    awk -v words="${words:-60000}" 'BEGIN { srand(1); for (i = 0; i < words; i++) printf "word%d%s", int(rand() * 3000), i % 12 ? " " : "\n" }' >input.txt
}
project_tutorial() {
    :
}
project_cmake() {
    a_text
    cp "$sources/tests/programs/lines.c" app.cpp
    printf '%s\n' 'cmake_minimum_required(VERSION 3.18)' 'project(app CXX)' 'add_executable(app app.cpp)' >CMakeLists.txt
}
project_meson() {
    a_text
    cp "$sources/tests/programs/lines.c" app.c
    echo "project('app', 'c')
executable('app', 'app.c')" >meson.build
}
project_cargo() {
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
    gcc -O1 -o app "$sources/tests/programs/lines.c"
}
project_stripped() {
    a_text
    cp "$sources/tests/programs/lines.c" app.c
}

# What stands between ```sh and ```.
commands_of() { # PAGE
    awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$1"
}
