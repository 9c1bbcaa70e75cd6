# annotate shows the instructions that objdump shows: the largest function of whatever is installed
# here, all of whose code is taken for hot.
. "$(dirname "$0")/../support/scenario.sh"
check=$(cd "$(dirname "$0")/../support" && pwd)/disassembly.py
cd "$work" || exit 1
command -v objdump >/dev/null || skip "no objdump"
libraries=/usr/lib/$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)

# same BINARY OBJDUMP NM
same() {
    binary=$(realpath "$1")
    python3 "$check" functions "$binary" 1 "$3" >made-up
    [ -s made-up ] || return
    expect_status 0 "$analyze" annotate --json -b "$binary" --hottest 1 made-up
    python3 "$check" compare "$binary" "$2" <out 2>differences || {
        head -20 differences
        fail "$1 is shown otherwise than by objdump"
    }
    compared=$((compared + 1))
}

compared=0
for binary in "$libraries"/libc.so.6 "$libraries"/libm.so.6 "$libraries"/libcrypto.so.3 \
    "$libraries"/libstdc++.so.6 "$libraries"/libsqlite3.so.0 "$libraries"/libz.so.1 \
    "$libraries"/libelf.so.1 "$libraries"/libdw.so.1 /usr/bin/perl /usr/bin/python3 /usr/bin/bash \
    "$analyze"; do
    [ -e "$binary" ] && same "$binary" objdump nm
done
[ $compared -ge 2 ] || skip "only $compared binaries here"
if command -v aarch64-linux-gnu-objdump >/dev/null && [ -e /usr/aarch64-linux-gnu/lib/libc.so.6 ]; then
    same /usr/aarch64-linux-gnu/lib/libc.so.6 aarch64-linux-gnu-objdump aarch64-linux-gnu-nm
fi
