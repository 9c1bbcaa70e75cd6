"""How often each instruction of a program runs: exact_counts.py BINARY ARGUMENTS...

Runs the program, which is linked to a fixed address, under valgrind's callgrind.  Prints the counts
as llvm-profgen's unsymbolized profile: each instruction is a range of its own, calls are branches.
Format of the counts: valgrind's manual, "Callgrind Format Specification"."""
import os
import subprocess
import sys
import tempfile

binary, arguments = os.path.realpath(sys.argv[1]), sys.argv[2:]
with tempfile.NamedTemporaryFile(suffix=".callgrind") as file:
    subprocess.run(["valgrind", "-q", "--tool=callgrind", "--dump-instr=yes", "--compress-pos=no",
                    "--compress-strings=no", "--callgrind-out-file=" + file.name, binary, *arguments],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lines = open(file.name).read().splitlines()

executed, calls = {}, {}
ours = calls_ours = False
called = None
for line in lines:
    if line.startswith("ob="):
        ours = calls_ours = os.path.realpath(line[3:].strip()) == binary
    elif line.startswith("cob="):
        calls_ours = os.path.realpath(line[4:].strip()) == binary
    elif line.startswith("calls="):
        words = line[6:].split()
        called = (int(words[0]), int(words[1], 16), calls_ours)
        calls_ours = ours
    elif line.startswith("0x") and ours:
        words = line.split()
        address = int(words[0], 16)
        if called is None:
            executed[address] = max(executed.get(address, 0), int(words[-1]))
        elif called[2]:
            key = (address, called[1])
            calls[key] = calls.get(key, 0) + called[0]
        called = None

print(len(executed))
for address, count in sorted(executed.items()):
    print("%x-%x:%d" % (address, address, count))
print(len(calls))
for (start, target), count in sorted(calls.items()):
    print("%x->%x:%d" % (start, target, count))
