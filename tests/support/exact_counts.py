"""How often each instruction of a program runs: exact_counts.py BINARY ARGUMENTS...

Runs the program, which is linked to a fixed address, under valgrind's callgrind.  Prints the counts
as llvm-profgen's unsymbolized profile: each instruction is a range of its own; jumps that were taken
and calls are branches.
Format of the counts: valgrind's manual, "Callgrind Format Specification"."""
import os
import re
import subprocess
import sys
import tempfile

binary, arguments = os.path.realpath(sys.argv[1]), sys.argv[2:]
with tempfile.NamedTemporaryFile(suffix=".callgrind") as file:
    subprocess.run(["valgrind", "-q", "--tool=callgrind", "--dump-instr=yes", "--collect-jumps=yes",
                    # Else what the linkage table runs counts for the jumps and calls that lead there.
                    "--skip-plt=no", "--compress-pos=no", "--compress-strings=no",
                    "--callgrind-out-file=" + file.name, binary, *arguments],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lines = open(file.name).read().splitlines()

executed, branches = {}, {}
ours = calls_ours = False
called = None  # what the next line with an address is the source of: count, target, in this binary
for line in lines:
    if line.startswith("ob="):
        ours = calls_ours = os.path.realpath(line[3:].strip()) == binary
    elif line.startswith("cob="):
        calls_ours = os.path.realpath(line[4:].strip()) == binary
    elif line.startswith("calls="):
        words = line[6:].split()
        called = (int(words[0]), int(words[1], 16), calls_ours)
        calls_ours = ours
    elif line.startswith(("jump=", "jcnd=")):
        words = re.split("[ /]", line[5:])
        called = (int(words[0]), int(words[-3] if words[-1] == "" else words[-2], 16), ours)
    elif line.startswith("0x"):
        words = line.split()
        address = int(words[0], 16)
        if called is None and ours:
            # One address has a line per function that it is counted for: each inlined one, each depth
            # of a recursion.
            executed[address] = executed.get(address, 0) + int(words[-1])
        elif called and ours and called[2] and called[0]:
            key = (address, called[1])
            branches[key] = branches.get(key, 0) + called[0]
        called = None

print(len(executed))
for address, count in sorted(executed.items()):
    print("%x-%x:%d" % (address, address, count))
print(len(branches))
for (start, target), count in sorted(branches.items()):
    print("%x->%x:%d" % (start, target, count))
