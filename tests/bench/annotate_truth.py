"""Compares `annotate --json` with what callgrind counted.

    annotate_truth.py NAME PROGRAM CALLGRIND.OUT ANNOTATED.JSON

Prints a line: rank correlation, overlap, and the row of the table.  Instructions that neither saw
are left out.  Branches count where the recording saw them 100 times at least.
"""
import collections
import json
import os
import sys

name, program, callgrind, annotated = sys.argv[1:]
program = os.path.realpath(program)


def exact():
    """Executions of instructions, and how often each branch was taken."""
    executed, taken = collections.Counter(), collections.Counter()
    ours = False
    lines = iter(open(callgrind, encoding="utf-8"))
    for line in lines:
        if line.startswith("ob="):
            ours = os.path.realpath(line[3:].strip()) == program
        elif line.startswith("jcnd="):
            count = int(line[5:].split("/")[0])
            source = int(next(lines).split()[0], 16)
            if ours:
                taken[source] += count
        elif line.startswith("jump="):
            next(lines)
        elif line.startswith("calls="):
            next(lines)
        elif ours and line.startswith("0x") and len(line.split()) == 3:
            executed[int(line.split()[0], 16)] += int(line.split()[2])
    return executed, taken


def ranks(values):
    """Those of equal values are their mean."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    result, first = [0.0] * len(values), 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for i in range(first, last + 1):
            result[order[i]] = (first + last) / 2
        first = last + 1
    return result


def correlation(left, right):
    left, right = ranks(left), ranks(right)
    mean_left, mean_right = sum(left) / len(left), sum(right) / len(right)
    both = sum((a - mean_left) * (b - mean_right) for a, b in zip(left, right))
    spread = (sum((a - mean_left) ** 2 for a in left) * sum((b - mean_right) ** 2 for b in right)) ** 0.5
    return both / spread if spread else 1.0


executed, taken = exact()
ours, theirs, differences = [], [], []
for function in json.load(open(annotated, encoding="utf-8"))["functions"]:
    for instruction in function["instructions"]:
        runs, times = instruction["runs"], executed[instruction["address"]]
        if runs or times:
            ours.append(runs)
            theirs.append(times)
        seen = instruction.get("taken", 0) + instruction.get("not_taken", 0)
        if seen >= 100 and times:
            differences.append(abs(instruction["taken"] / seen -
                                   min(taken[instruction["address"]] / times, 1)))
overlap = sum(min(a / sum(ours), b / sum(theirs)) for a, b in zip(ours, theirs))
rank = correlation(ours, theirs)
print("%.3f %.3f   %-10s %13d %16.3f %8.3f %9d %20.2f %%" % (
    rank, overlap, name, len(ours), rank, overlap, len(differences),
    100 * sum(differences) / max(len(differences), 1)))
