"""Turns what callgrind counted into traces by address for perf2bolt -pa.

    callgrind_profile.py PROGRAM CALLGRIND.OUT > PROFILE

The input is that of valgrind --tool=callgrind --dump-instr=yes --collect-jumps=yes
--compress-pos=no --compress-strings=no: how often each instruction was executed, where each
jump went and how often, and each call.  All of it is exact, and of every function, also
those that llvm-bolt -instrument leaves out.

Output (llvm-bolt's DataAggregator.h): "B FROM TO COUNT MISPREDICTED", a taken branch; and
"F FROM TO COUNT", straight execution: here from each instruction to the next executed one.
Format of the input: valgrind's manual, "Callgrind Format Specification".
"""
import collections
import os
import sys

program, path = os.path.realpath(sys.argv[1]), sys.argv[2]
executed = collections.Counter()  # instruction: times
branches = collections.Counter()  # (from, to): times taken
leaving = collections.Counter()  # instruction: times that it did not go on to the next one
unconditional = set()

ours = target_ours = False
lines = iter(open(path))
for line in lines:
    if line.startswith("ob="):
        ours = target_ours = os.path.realpath(line[3:].strip()) == program
    elif line.startswith("cob="):
        target_ours = os.path.realpath(line[4:].strip()) == program
    elif line.startswith(("jcnd=", "jump=")):
        counts, target = line[5:].split()[:2]
        source = int(next(lines).split()[0], 16)
        if ours:
            taken = int(counts.split("/")[0])
            branches[source, int(target, 16)] += taken
            leaving[source] += taken
            if line.startswith("jump="):
                unconditional.add(source)
    elif line.startswith("calls="):
        count, target = line[6:].split()[:2]
        source = int(next(lines).split()[0], 16)  # and the cost of what was called
        if ours and target_ours:
            branches[source, int(target, 16)] += int(count)
        target_ours = ours
    elif ours and line.startswith("0x"):
        fields = line.split()
        if len(fields) == 3:
            executed[int(fields[0], 16)] += int(fields[2])

for (source, target), count in sorted(branches.items()):
    if count:
        print("B %x %x %d 0" % (source, target, count))
addresses = sorted(executed)
for address, following in zip(addresses, addresses[1:]):
    straight = executed[address] - leaving[address]
    # An instruction has 15 bytes at most: beyond that there is code that never ran.
    if straight > 0 and address not in unconditional and following - address <= 15:
        print("F %x %x %d" % (address, following, min(straight, executed[following])))
