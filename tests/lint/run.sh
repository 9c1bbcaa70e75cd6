#!/bin/sh
# run.sh [quick]: checks all code that git knows.  quick: only what takes no compiler
# and less than a second; `make check` does that too.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/support/tools.sh
status=0
check() { # NAME COMMAND...: one check
    echo "lint: $1"
    shift
    "$@" || status=1
}
# Each FILE of standard input through COMMAND..., as many at once as there are processors.
each_file() {
    xargs -P "${JOBS:-$(nproc)}" -I FILE "$@"
}
c_files() {
    git ls-files '*.c' | grep -v '^tests/bench/programs/'
}

check rooms python3 tests/lint/rooms.py
check words python3 tests/lint/words.py
check comments python3 tests/lint/comments.py
git ls-files '*.sh' .ci | each_file sh -n FILE || status=1
if [ "${1:-}" != quick ]; then
    format=$(newest clang-format)
    tidy=$(newest clang-tidy)
    clang=$(newest clang)
    echo "lint: $format"
    git ls-files '*.c' '*.h' | xargs "$format" --dry-run --Werror || status=1
    for compiler in gcc "$clang"; do
        echo "lint: warnings of $compiler"
        c_files | each_file "$compiler" -std=c17 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE \
            -Iinclude -I. -mno-red-zone -DPGOSHIM_VERSION='"lint"' -fPIC -c -o /dev/null FILE ||
            status=1
    done
    echo "lint: $tidy"
    c_files | grep -v '^tests/' | each_file "$tidy" --quiet FILE -- -std=c17 -D_GNU_SOURCE \
        -Iinclude -I. -DPGOSHIM_VERSION='"lint"' -mno-red-zone 2>/dev/null || status=1
fi
[ $status -eq 0 ] && echo "lint: clean"
exit $status
