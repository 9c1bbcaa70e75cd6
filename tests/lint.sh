#!/bin/sh
# Format and static checks over all C files that git knows; both compilers.
set -u
cd "$(dirname "$0")/.." || exit 1
first_of() {
    for one in "$@"; do
        command -v "$one" && return
    done
    echo "$1"
}
format=$(first_of clang-format-22 clang-format-19 clang-format-16)
tidy=$(first_of clang-tidy-22 clang-tidy-19 clang-tidy-16)
clang=$(first_of clang-22 clang-19 clang-16)
status=0

echo "format: $format"
git ls-files '*.c' '*.h' | xargs "$format" --dry-run --Werror || status=1
echo "tidy: $tidy"
git ls-files 'shim/*.c' 'analyzer/*.c' 'bolt-bridge/*.c' |
    xargs -P 2 -I FILE "$tidy" --quiet FILE -- -std=c17 -D_GNU_SOURCE -Iinclude -I. \
        -DPGOSHIM_VERSION='"lint"' -mno-red-zone 2>/dev/null || status=1
for compiler in gcc "$clang"; do
    echo "warnings: $compiler"
    for file in $(git ls-files 'shim/*.c' 'analyzer/*.c' 'bolt-bridge/*.c'); do
        "$compiler" -std=c17 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -Iinclude -I. -mno-red-zone \
            -DPGOSHIM_VERSION='"lint"' -fPIC -c -o /dev/null "$file" || status=1
    done
done
[ $status -eq 0 ] && echo "lint: clean"
exit $status
