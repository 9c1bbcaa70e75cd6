"""A made-up run of an AArch64 program: aarch64_walk.py BINARY [script].

A random walk over what llvm-objdump disassembles of .text, the same each time. Its branches, added
up, or with `script` perf script's text: samples with their callers and the 32 branches before."""
import collections
import random
import os
import re
import subprocess
import sys

binary = sys.argv[1]
random.seed(7)


def lines(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


code = {}
for line in lines(os.environ.get("LLVM_OBJDUMP", "llvm-objdump-22"), "-d", "--no-show-raw-insn", "-j", ".text", binary):
    found = re.match(r"\s*([0-9a-f]+):\s+(\S+)\s*(.*)", line)
    if found:
        code[int(found[1], 16)] = (found[2], found[3])
main = next(int(line.split()[0], 16) for line in lines("nm", binary) if line.endswith(" T main"))

wants_script = sys.argv[2:] == ["script"]
ELSEWHERE = 0x7f0000001000
recent = collections.deque(maxlen=32)
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
    recent.appendleft((at, target))
    branch, start, at = at, target, target


def call_elsewhere(entry):
    """Goes on after a call of code that is not walked over."""
    global start, at
    recent.appendleft((at, entry))
    recent.appendleft((ELSEWHERE, at + 4))
    start = None
    at += 4


def print_sample():
    print(f"\t{at:16x}")
    for caller in reversed(callers):
        print(f"\t{caller:16x}")
    print("", *(f"{source:#x}/{target:#x}/P/-/-/0" for source, target in recent), end="\n\n")


for step in range(40000):
    if wants_script and step % 7 == 0 and recent:
        print_sample()
    name, operands = code.get(at, ("ret", ""))
    if name == "b":
        take(target_of(operands))
    elif name == "bl" and target_of(operands) in code:
        callers.append(at + 4)
        take(target_of(operands))
    elif name == "bl":  # into the linkage table
        key = (at, target_of(operands))
        leaving[key] = leaving.get(key, 0) + 1
        call_elsewhere(target_of(operands))
    elif name.startswith("b.") or name in ("cbz", "cbnz", "tbz", "tbnz"):
        if random.random() < 0.5:
            take(target_of(operands))
        else:
            at += 4
    elif name == "ret" and callers:
        take(callers.pop())
    elif name in ("ret", "br"):
        at, start, callers = main, None, []
        recent.clear()
    elif name == "blr":
        call_elsewhere(ELSEWHERE)
    else:
        at += 4

if wants_script:
    sys.exit()
for (branch, start, end), count in sorted(traces.items()):
    print(f"T {branch:x} {start:x} {end:x} {count}")
for (branch, target), count in sorted(leaving.items()):
    print(f"B {branch:x} {target:x} {count} 0")
