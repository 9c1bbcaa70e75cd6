# annotate: a made-up profile of known code, x86-64 and AArch64; sources, widths, choice, refusals.
. "$(dirname "$0")/../support/scenario.sh"
crafted=$(cd "$(dirname "$0")/../support" && pwd)/crafted_loop.py
source=$(cd "$(dirname "$0")/../programs" && pwd)/branchy.c
cd "$work" || exit 1

# Two functions and a loop of known instructions, with counts that are made up.
cat >loop.s <<'EOF'
    .text
    .globl main, other, third
    .type main, @function
main:
    mov $10, %ecx
head:
    test %ecx, %ecx
    je done
    cmp $5, %ecx
    jne skip
    nop
skip:
indirect:
    call *%rax
back:
    dec %ecx
    jmp head
done:
    xor %eax, %eax
    ret
    .size main, . - main
    .type other, @function
other:
    ret
    .size other, . - other
    .type third, @function
third:
    ret
    .size third, . - third
    .section .note.GNU-stack,"",@progbits
EOF
gcc -no-pie -o loop loop.s || fail "assembling"
python3 "$crafted" loop x86-64 >loop.preagg || fail "no profile"
expect_status 0 "$analyze" annotate --json -b loop main loop.preagg
python3 "$crafted" loop x86-64 check <out || fail "the counts are others than were made up"

# What people see of it.
expect_status 0 "$analyze" annotate -b loop main loop.preagg
for words in "loop: 10.0 turns an entry (1,000 turns, 100 entries)" "→ 10.0% of 1,000" \
    "→ 80.0% of 900" "→ other 67%, third 33%" "66.67% "; do
    grep -qF -- "$words" out || fail "not said: $words: $(cat out)"
done
for width in 50 80 120; do
    COLUMNS=$width expect_status 0 "$analyze" annotate -b loop main loop.preagg
    python3 -c 'import sys; sys.exit(max(map(len, open("out").read().split("\n"))) > int(sys.argv[1]))' $width ||
        fail "wider than $width: $(cat out)"
done

if command -v aarch64-linux-gnu-as >/dev/null && command -v aarch64-linux-gnu-ld >/dev/null; then
    cat >loop64.s <<'EOF'
    .text
    .globl main, other, third
    .type main, %function
main:
    mov w1, #10
head:
    cmp w1, #0
    b.eq done
    cmp w1, #5
    b.ne skip
    nop
skip:
indirect:
    blr x0
back:
    sub w1, w1, #1
    b head
done:
    mov w0, #0
    ret
    .size main, . - main
    .type other, %function
other:
    ret
    .size other, . - other
    .type third, %function
third:
    ret
    .size third, . - third
EOF
    aarch64-linux-gnu-as -o loop64.o loop64.s && aarch64-linux-gnu-ld -e main -o loop64 loop64.o ||
        fail "assembling for AArch64"
    python3 "$crafted" loop64 aarch64 >loop64.preagg || fail "no profile for AArch64"
    expect_status 0 "$analyze" annotate --json -b loop64 main loop64.preagg
    python3 "$crafted" loop64 aarch64 check <out || fail "AArch64: the counts are others"
else
    echo "not tried: AArch64 (no cross assembler)"
fi

# A recording: the source beside it, found by what the debug information says or where we say.
mkdir away && cp "$source" away/branchy.c && cp "$(dirname "$source")/work.h" . 2>/dev/null
cp "$source" gone.c
gcc -O1 -g -I"$(dirname "$source")" -I"$(dirname "$source")/../.." -o app "$PWD/gone.c" || fail "compiling"
rm gone.c
recorded app.pgoraw SAMPLES 30 -F 2000 --budget 50 -- ./app 20000
expect_status 0 "$analyze" annotate classify app.pgoraw
expect_said "--source-dir says where to look"
grep -q "gone.c:" out || fail "no lines: $(cat out)"
grep -q "return (sum << 1)" out && fail "a source that is not there was read"
mv away/branchy.c away/gone.c
expect_status 0 "$analyze" annotate --source-dir away classify app.pgoraw
grep -qF "return (sum << 1)" out || fail "no source: $(cat out)"
expect_status 0 "$analyze" annotate --source-only --source-dir away classify app.pgoraw
grep -qF "return (sum << 1)" out || fail "no source with --source-only: $(cat out)"
grep -q "lea" out && fail "code with --source-only"
expect_status 0 "$analyze" annotate --hottest 2 app.pgoraw
[ "$(grep -c ' of all samples' out)" -eq 2 ] || fail "--hottest 2: $(cat out)"
grep -q "$(printf '\033')" out && fail "colour without a terminal"
"$analyze" report --json app.pgoraw >report.json || fail "report"
expect_status 0 "$analyze" annotate --json classify app.pgoraw
python3 - <<'EOF' || fail "annotate and report differ"
import json
function = json.load(open("out"))["functions"][0]
reported = next(f for f in json.load(open("report.json"))["functions"] if f["name"] == "classify")
assert function["samples"] == reported["samples"]
assert sum(i["samples"] for i in function["instructions"]) == function["samples"]
EOF

expect_status 1 "$analyze" annotate frobnicate app.pgoraw
expect_said "no function of that name ran"
expect_status 2 "$analyze" annotate
expect_said "no FUNCTION was given"
expect_status 2 "$analyze" annotate --hottest 0 app.pgoraw
