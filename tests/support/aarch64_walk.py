"""Pre-aggregated branches of a made-up run of an AArch64 program: aarch64_walk.py BINARY.

A random walk over what llvm-objdump disassembles of .text, the same each time."""
import random
import re
import subprocess
import sys

binary = sys.argv[1]
random.seed(7)


def lines(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


code = {}
for line in lines("llvm-objdump-22", "-d", "--no-show-raw-insn", "-j", ".text", binary):
    found = re.match(r"\s*([0-9a-f]+):\s+(\S+)\s*(.*)", line)
    if found:
        code[int(found[1], 16)] = (found[2], found[3])
main = next(int(line.split()[0], 16) for line in lines("nm", binary) if line.endswith(" T main"))

traces, leaving = {}, {}
branch = start = None  # how the walk came to where it is
at, callers = main, []


def target_of(operands):
    return int(re.search(r"0x([0-9a-f]+)", operands.split(",")[-1])[1], 16)


def take(target):
    global branch, start, at
    if start is not None:
        key = (branch, start, at)
        traces[key] = traces.get(key, 0) + 1
    branch, start, at = at, target, target


for _ in range(40000):
    name, operands = code.get(at, ("ret", ""))
    if name == "b":
        take(target_of(operands))
    elif name == "bl" and target_of(operands) in code:
        callers.append(at + 4)
        take(target_of(operands))
    elif name == "bl":  # into the linkage table
        key = (at, target_of(operands))
        leaving[key] = leaving.get(key, 0) + 1
        start = None
        at += 4
    elif name.startswith("b.") or name in ("cbz", "cbnz", "tbz", "tbnz"):
        if random.random() < 0.5:
            take(target_of(operands))
        else:
            at += 4
    elif name == "ret" and callers:
        take(callers.pop())
    elif name in ("ret", "br"):
        at, start, callers = main, None, []
    elif name == "blr":
        start = None
        at += 4
    else:
        at += 4

for (branch, start, end), count in sorted(traces.items()):
    print(f"T {branch:x} {start:x} {end:x} {count}")
for (branch, target), count in sorted(leaving.items()):
    print(f"B {branch:x} {target:x} {count} 0")
