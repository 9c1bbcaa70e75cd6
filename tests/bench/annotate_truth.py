"""Compares `annotate --json` with what callgrind counted, and with that of a second recording.

    annotate_truth.py NAME PROGRAM CALLGRIND.OUT ANNOTATED.JSON SECOND.JSON

Prints a line: rank correlation, overlap, and the row of the table.  Instructions that neither saw
are left out.  Branches count where both recordings saw them 100 times at least: the mean of what
the taken shares differ by from the exact ones, and of what sampling alone makes of them.
"""
import json
import sys

sys.dont_write_bytecode = True
import callgrind_code  # noqa: E402

name, program, callgrind, annotated, second = sys.argv[1:]


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


def instructions(file):
    for function in json.load(open(file, encoding="utf-8"))["functions"]:
        yield from function["instructions"]


def taken_share(instruction):
    seen = instruction.get("taken", 0) + instruction.get("not_taken", 0)
    return instruction["taken"] / seen if seen >= 100 else None


executed, taken = callgrind_code.counts(callgrind, program)
again = {one["address"]: taken_share(one) for one in instructions(second)}
ours, theirs, differences, chances = [], [], [], []
for instruction in instructions(annotated):
    address = instruction["address"]
    runs, times = instruction["runs"], executed[address]
    if runs or times:
        ours.append(runs)
        theirs.append(times)
    share, other = taken_share(instruction), again.get(address)
    if share is not None and other is not None and times:
        exact_share = min(taken[address] / times, 1)
        differences += [abs(share - exact_share), abs(other - exact_share)]
        chances.append(abs(share - other) / 2 ** 0.5)
overlap = sum(min(a / sum(ours), b / sum(theirs)) for a, b in zip(ours, theirs))
rank = correlation(ours, theirs)
print("%.3f %.3f   %-10s %13d %16.3f %8.3f %9d %12.2f %% %13.2f %%" % (
    rank, overlap, name, len(ours), rank, overlap, len(chances),
    100 * sum(differences) / max(len(differences), 1), 100 * sum(chances) / max(len(chances), 1)))
