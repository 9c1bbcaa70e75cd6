"""Plain samples that are the same on every machine: counted_samples.py BINARY EVERY ARGUMENTS...

Runs the program, which is linked to a fixed address, under valgrind's callgrind, which counts how
often each instruction is executed.  Prints that as samples in llvm-bolt's pre-aggregated text
(DataAggregator.h): the executions are laid out in order of address, and each EVERY-th one
is a sample.  Format of the counts: valgrind's manual, "Callgrind Format Specification"."""
import os
import subprocess
import sys
import tempfile

binary, every, arguments = os.path.realpath(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
with tempfile.NamedTemporaryFile(suffix=".callgrind") as file:
    subprocess.run(["valgrind", "-q", "--tool=callgrind", "--dump-instr=yes", "--compress-pos=no",
                    "--compress-strings=no", "--callgrind-out-file=" + file.name, binary, *arguments],
                   check=True, stdout=subprocess.DEVNULL)
    lines = open(file.name).read().splitlines()

executed = {}
ours = is_cost_of_call = False
for line in lines:
    if line.startswith("ob="):
        ours = os.path.realpath(line[3:].strip()) == binary
    elif line.startswith("calls="):
        is_cost_of_call = True
    elif line.startswith("0x"):
        fields = line.split()
        if ours and not is_cost_of_call:
            address = int(fields[0], 16)
            executed[address] = executed.get(address, 0) + int(fields[-1])
        is_cost_of_call = False

print("E cpu-clock")
passed = 0
for address in sorted(executed):
    before = passed // every
    passed += executed[address]
    if passed // every > before:
        print("S %x %d" % (address, passed // every - before))
