# relink: everything that it refuses says so in one line with a remedy, leaves
# nothing behind and does not touch the binary.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cp "$fixtures/branchy" program
cp program original
fake_bolt good-bolt 'echo relinked >"$output"'
LLVM_BOLT=$work/good-bolt
export LLVM_BOLT
echo '1 main 0 1 main 5 0 1' >good.fdata

refuse() { # STATUS WORDS ARGUMENTS...
    wanted_status=$1 words=$2
    shift 2
    expect_status "$wanted_status" "$bolt" relink "$@"
    expect_said "$words"
    # What the system itself says (no such file) needs no remedy.
    grep -qE 'remedy:|cannot be opened|was not found' err || fail "no remedy: $(cat err)"
    [ "$(grep -c '^pgo-bolt: ' err)" -eq 1 ] || fail "not one line: $(cat err)"
    [ -e program.bolt ] && fail "an output was made: $*"
    expect_nothing_left
    cmp -s program original || fail "the binary was touched: $*"
}

refuse 3 "./nosuch was not found" ./nosuch --fdata good.fdata
printf '#!/bin/sh\n' >script && chmod +x script
refuse 3 "is not an ELF program" ./script --fdata good.fdata
strip -o stripped program
refuse 3 "has no symbol table" ./stripped --fdata good.fdata
echo 'int main(void) { return 0; }' >small.c
gcc -o no-relocations small.c
refuse 3 "was linked without relocations" ./no-relocations --fdata good.fdata
expect_said "--emit-relocs"
objcopy --add-section .note.bolt_info=good.fdata program bolted
refuse 3 "was already rewritten by BOLT" ./bolted --fdata good.fdata

refuse 3 "nosuch.pgoraw" program -p nosuch.pgoraw
echo text >text
refuse 3 "is not a profile that is known" program -p text
refuse 3 "nosuch.fdata cannot be opened" program --fdata nosuch.fdata
: >empty.fdata
refuse 1 "empty.fdata has no samples" program --fdata empty.fdata

refuse 2 "never overwritten" program --fdata good.fdata -o program --force
ln program hard-link
refuse 2 "never overwritten" program --fdata good.fdata -o hard-link --force
ln -s program soft-link
refuse 2 "never overwritten" program --fdata good.fdata -o soft-link --force
rm hard-link soft-link
refuse 3 "/no/such/directory/out cannot be written" program --fdata good.fdata \
    -o /no/such/directory/out
mkdir directory
refuse 3 "it is a directory" program --fdata good.fdata -o directory --force
echo precious >taken
refuse 3 "taken already exists" program --fdata good.fdata -o taken
[ "$(cat taken)" = precious ] || fail "an existing output was touched"
TMPDIR=/no/such/directory expect_status 3 "$bolt" relink program --fdata good.fdata
expect_said "/no/such/directory cannot be written"

LLVM_BOLT=$work/nosuch-bolt
refuse 3 "nosuch-bolt was not found: named by LLVM_BOLT" program --fdata good.fdata
