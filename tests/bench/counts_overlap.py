"""One row of the table of counts: how near a profile's counts are to callgrind's exact ones.

    counts_overlap.py PROGRAM CALLGRIND.OUT RAW-A CORRECTED-A RAW-B CORRECTED-B

Profiles are those of `pgo-analyze convert -f json --counts raw|corrected`, A and B two
recordings that know nothing of each other; CALLGRIND.OUT is one that callgrind_code.py reads, of
--skip-plt=no.

What is compared: taken jumps and calls, by instruction and target, inside the program's own
code.  Returns are left out, since callgrind does not count them as branches, and so is what
leads into the linkage table, which callgrind counts as calls of another file.

    overlap of counts a and b = sum over all branches of min(a / sum of a, b / sum of b)

of the whole program; and within each function, the mean of these by the function's exact count.
Printed, as JSON: [whole, function] of A and B against the exact counts, of A against B.
"""
import collections
import json
import os
import re
import subprocess
import sys

import callgrind_code

program = os.path.realpath(sys.argv[1])


def lines_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


jumps = set()  # addresses of jumps and calls
for line in lines_of("objdump", "-d", "--no-show-raw-insn", program):
    found = re.match(r"\s*([0-9a-f]+):\s+(?:bnd |notrack )*(?:j|call)", line)
    if found:
        jumps.add(int(found.group(1), 16))
linkage = []
for line in lines_of("readelf", "-SW", program):
    found = re.match(r"\s*\[\s*\d+\]\s+\.plt\S*\s+\S+\s+(\w+)\s+\w+\s+(\w+)", line)
    if found:
        start = int(found.group(1), 16)
        linkage.append(range(start, start + int(found.group(2), 16)))
starts = sorted(
    int(fields[0], 16)
    for fields in (line.split(None, 2) for line in lines_of("nm", program))
    if len(fields) == 3 and fields[1] in "tTwWi"
)


def function_of(address):
    low, high = 0, len(starts)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if starts[middle] <= address else (low, middle)
    return starts[low - 1] if low else 0


def counted(source, target):
    return source in jumps and not any(source in part or target in part for part in linkage)


def exact_counts(path):
    taken = callgrind_code.branches(path, program)
    return collections.Counter({branch: n for branch, n in taken.items() if counted(*branch)})


def recorded_counts(path):
    with open(path) as file:
        profile = json.load(file)
    main = [i for i, m in enumerate(profile["modules"]) if os.path.realpath(m["path"]) == program]
    counts = collections.Counter()
    for trace in profile["traces"]:
        source, target = trace["from"], trace["to"]
        if source and source["module"] in main and target["module"] in main:
            branch = int(source["address"], 16), int(target["address"], 16)
            if counted(*branch):
                counts[branch] += trace["count"]
    return counts


def overlap(a, b):
    total_a, total_b = sum(a.values()), sum(b.values())
    whole = sum(min(n / total_a, b[branch] / total_b) for branch, n in a.items())
    function_a, function_b = collections.Counter(), collections.Counter()
    for counts, sums in ((a, function_a), (b, function_b)):
        for branch, n in counts.items():
            sums[functions[branch]] += n
    within = 0
    for branch, n in a.items():
        if b[branch]:
            name = functions[branch]
            within += min(n / function_a[name], b[branch] / function_b[name]) * function_b[name]
    return [whole, within / total_b]


exact = exact_counts(sys.argv[2])
raw_a, corrected_a, raw_b, corrected_b = map(recorded_counts, sys.argv[3:7])
functions = {}
for counts in (exact, raw_a, raw_b):
    for branch in counts:
        functions[branch] = function_of(branch[0])
json.dump(
    {
        "branches": sum(exact.values()),
        "raw": [overlap(raw_a, exact), overlap(raw_b, exact)],
        "corrected": [overlap(corrected_a, exact), overlap(corrected_b, exact)],
        "raw_twice": overlap(raw_a, raw_b),
        "corrected_twice": overlap(corrected_a, corrected_b),
    },
    sys.stdout,
)
print()
