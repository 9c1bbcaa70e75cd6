"""A recording with branches and callers in every sample: hybrid_script.py BINARY EVERY ARGUMENTS...

Runs the program under valgrind's lackey, which tells every instruction, and prints what
`perf script -F ip,brstack --show-mmap-events` prints of `perf record -b --call-graph fp`: each
EVERY-th instruction is a sample, with the 32 branches taken before it and its callers."""
import bisect
import collections
import os
import re
import subprocess
import sys

ENTRIES = 32
LOADED_AT = 0x108000  # where valgrind puts position-independent programs

binary, every, arguments = os.path.abspath(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


headers = output("readelf", "-hlW", binary)
bias = LOADED_AT if re.search(r"Type:\s+DYN", headers) else 0
entry = bias + int(re.search(r"Entry point address:\s+0x([0-9a-f]+)", headers)[1], 16)
segment = next(line.split() for line in headers.splitlines() if re.match(r"\s+LOAD.* R E ", line))
offset, start, size = (int(segment[i], 16) for i in (1, 2, 4))
page = start % 4096
low, high = bias + start - page, bias + start + size
kinds = {}
for line in output("llvm-objdump-22", "-d", "--no-show-raw-insn", "-j", ".text", binary).splitlines():
    found = re.match(r"\s*([0-9a-f]+):\s+(\S+)", line)
    if found:
        kinds[bias + int(found[1], 16)] = found[2]
functions = sorted({bias + int(line.split()[0], 16) for line in output("nm", binary).splitlines()
                    if re.search(r" [tT] ", line)})

print(f"PERF_RECORD_MMAP2 1/1: [{low:#x}({high - low:#x}) @ {offset - page:#x} 08:01 1 1]: "
      f"r-xp {binary}")
run = subprocess.Popen(["valgrind", "--tool=lackey", "--trace-mem=yes", "--log-fd=2", binary,
                        *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

branches = collections.deque(maxlen=ENTRIES)
callers = []  # where they go on
at = after = 0
count = None  # instructions since the program began; before that, the dynamic linker's are not told


def function_of(address):
    return bisect.bisect_right(functions, address)


def follow(source, following, target):
    """What a taken branch does to the callers."""
    is_inside = low <= target < high
    if callers and callers[-1] == target:
        callers.pop()
    elif kinds.get(source, "").startswith("call"):
        callers.append(following)
    elif is_inside and not low <= source < high:
        if target in functions_begin:
            callers.append(following)
            return
        # A landing pad: an exception has left all frames up to this one.
        while callers and function_of(callers[-1]) != function_of(target):
            callers.pop()
        if callers:
            callers.pop()


functions_begin = set(functions)
jumps = {place for place, kind in kinds.items() if kind.startswith("jmp")}  # taken wherever to
for line in run.stderr:
    if not line.startswith("I "):
        continue
    address, length = line[3:].split(",")
    address, length = int(address, 16), int(length)
    if count is None:
        if address == entry:
            count = 0
        at, after = address, address + length
        continue
    if (address != after and address != at) or (address == after and at in jumps):
        branches.append((at, address))
        follow(at, after, address)
    at, after = address, address + length
    count += 1
    if count % every == 0 and low <= at < high and branches:
        print(f"\t{at:16x}")
        for caller in reversed(callers):
            print(f"\t{caller:16x}")
        print("", *(f"{source:#x}/{target:#x}/P/-/-/0" for source, target in reversed(branches)))
        print()
sys.exit(f"{binary} failed, or valgrind has it elsewhere" if run.wait() != 0 or not count else 0)
