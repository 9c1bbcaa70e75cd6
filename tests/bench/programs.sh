# The programs that are measured; sourced after common.sh.
#   program_build NAME      builds $programs/NAME, linked so that BOLT can move its code;
#                           optimise=OPTION in place of -O2
#   program_has NAME        its libraries are here (otherwise says what is missing)
#   program_run NAME LENGTH its command line: counted (under valgrind), short (timed),
#                           long (recorded: 20 seconds of CPU time and more)
#   big_source FUNCTIONS    C code of FUNCTIONS functions, for compilers
#   python_work ROWS        a Python program that writes ROWS as JSON and reads them, as often as its argument says
program_libraries() {
    case $1 in
    sqlite) echo "sqlite3:libsqlite3-dev" ;;
    lua) echo "lua5.4:liblua5.4-dev" ;;
    xz) echo "lzma:liblzma-dev" ;;
    bzip2) echo "bz2:libbz2-dev" ;;
    regex) echo "re2:libre2-dev" ;;
    esac
}

program_has() {
    [ "$1" != json ] || echo '#include <nlohmann/json.hpp>' | g++ -E -x c++ - >/dev/null 2>&1 || {
        echo "  json: skipped: install nlohmann-json3-dev"
        return 1
    }
    for wanted in $(program_libraries "$1"); do
        [ "$(gcc -print-file-name="lib${wanted%%:*}.a")" != "lib${wanted%%:*}.a" ] || {
            echo "  $1: skipped: install ${wanted##*:}"
            return 1
        }
    done
}

program_build() {
    name=$1
    library=$(program_libraries "$name")
    library=${library%%:*}
    [ -z "$library" ] || library=$(gcc -print-file-name="lib$library.a")
    set -- "${optimise:--O2}" -g -Wall -Wextra -Wl,--emit-relocs -o "$programs/$name"
    case $name in
    sqlite) gcc "$@" "$here/../demo/workload.c" "$library" -lm ;;
    lua) gcc "$@" -Wl,--wrap=luaS_hash -I/usr/include/lua5.4 "$here/programs/lua.c" "$library" -lm -ldl ;;
    xz) gcc "$@" -DPACK_XZ "$here/programs/pack.c" "$library" -lpthread ;;
    bzip2) gcc "$@" -DPACK_BZIP2 "$here/programs/pack.c" "$library" ;;
    shop) g++ "$@" "$here/programs/shop.cpp" ;;
    # The library's own code goes into the program.
    regex | json) g++ "$@" -static-libstdc++ -static-libgcc -pthread "$here/programs/$name.cpp" $library ;;
    crowd) gcc "$@" "$here/programs/crowd.c" -lpthread ;;
    signal_floor | delivery | starts) gcc "$@" "$here/programs/$name.c" ;;
    esac || broken "$name does not build"
}

program_run() {
    case $1 in
    # Counted: smaller, and what is done once, which no sample of a long run sees, is a tenth of it.
    sqlite) command=$programs/sqlite sizes="40 200 1700" ;;
    lua) command="$programs/lua $here/programs/work.lua" sizes="3 500 9000" ;;
    xz) command=$programs/xz sizes="1 40 640" ;;
    bzip2) command=$programs/bzip2 sizes="1 60 1100" ;;
    shop) command=$programs/shop sizes="12 600 11000" ;;
    regex) command=$programs/regex sizes="15 600 7000" ;;
    json) command=$programs/json sizes="6 80 1000" ;;
    threads) command="$programs/crowd threads 16" sizes="1 40 2000" ;;
    workers) command="$programs/crowd workers 8" sizes="1 80 1000" ;;
    turns) command="$programs/crowd turns 4" sizes="1 160 4000" ;;
    *) broken "no program is called $1" ;;
    esac
    set -- "$2" $sizes
    [ -z "$quick" ] || set -- "$1" $(($2 > 12 ? $2 / 10 : $2)) $(($3 / 8 + 1)) $(($4 / 80 + 1))
    case $1 in
    counted) echo "$command $2" ;;
    short) echo "$command $3" ;;
    long) echo "$command $4" ;;
    esac
}

python_work() {
    cat <<PY
import json, re, sys
rows = [{"a": i, "b": str(i), "c": i / 7} for i in range($1)]
for _ in range(int(sys.argv[1])):
    text = json.dumps(rows)
    assert json.loads(text) == rows
    total = sum(map(len, re.findall("[0-9]+", text)))
print(total)
PY
}

big_source() {
    for number in $(seq "$1"); do
        echo "int f$number(int n, const char *c) {
    int s = n / ($number + 1);
    for (int i = 0; i < n; i++)
        switch (c[i] & 7) {
        case 0: s += c[i] * $number; break;
        case 3: s -= n / (c[i] | 1); break;
        case 5: if (s & 8) s ^= i * c[n - i]; else s += f${number}_less(i, c); break;
        default: s ^= i;
        }
    return s;
}" | sed "s/f${number}_less/f$((number > 1 ? number - 1 : 1))/"
    done
}
