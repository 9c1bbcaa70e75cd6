"""Compares `annotate --json` with what callgrind counted, and with that of other recordings.

    annotate_truth.py NAME PROGRAM CALLGRIND.OUT ANNOTATED.JSON OTHER.JSON...

Prints a line: rank correlation, overlap, the share of branches within their interval and how much
of that is enough, and the row of the table.  Instructions that neither saw are left out.  Branches
count where all recordings saw them 100 times at least: the mean of what the taken shares differ by
from the exact ones, and of what recordings differ by from each other, divided by the square root of
two.  A share is within its 95 % interval if it differs from the exact one by Student's t times the
standard deviation of the other recordings' shares at most; shares of 0 and 1, by 3 counts.
Where sampling is all that differs, 95 % are; enough is two standard errors less than that.
"""
import itertools
import json
import statistics
import sys

sys.dont_write_bytecode = True
import callgrind_code  # noqa: E402

name, program, callgrind, annotated = sys.argv[1:5]
recordings = sys.argv[4:]
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228}


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
    """With how often it was seen."""
    seen = instruction.get("taken", 0) + instruction.get("not_taken", 0)
    return (instruction["taken"] / seen, seen) if seen >= 100 else None


def is_within(shares, chosen, exact):
    share, seen = shares[chosen]
    others = [other for i, (other, _) in enumerate(shares) if i != chosen]
    half = STUDENT[len(others) - 1] * statistics.stdev(others)
    if share in (0, 1):
        half = max(half, 3 / seen)
    return abs(share - exact) <= half


executed, taken = callgrind_code.counts(callgrind, program)
seen = [{one["address"]: taken_share(one) for one in instructions(file)} for file in recordings]
ours, theirs, differences, chances, within, branches = [], [], [], [], [], 0
for instruction in instructions(annotated):
    address = instruction["address"]
    runs, times = instruction["runs"], executed[address]
    if runs or times:
        ours.append(runs)
        theirs.append(times)
    shares = [recording.get(address) for recording in seen]
    if times and all(shares):
        exact = min(taken[address] / times, 1)
        branches += 1
        differences += [abs(share - exact) for share, _ in shares]
        chances += [abs(a[0] - b[0]) / 2 ** 0.5 for a, b in itertools.combinations(shares, 2)]
        within += [is_within(shares, chosen, exact) for chosen in range(len(shares))]
overlap = sum(min(a / sum(ours), b / sum(theirs)) for a, b in zip(ours, theirs))
rank = correlation(ours, theirs)
inside = statistics.mean(within) if within else 1
enough = 0.95 - 2 * (0.95 * 0.05 / max(branches, 1)) ** 0.5
print("%.3f %.3f %.3f %.3f   %-10s %13d %16.3f %8.3f %9d %12.2f %% %13.2f %% %8.1f %%" % (
    rank, overlap, inside, enough, name, len(ours), rank, overlap, branches,
    100 * statistics.mean(differences or [0]), 100 * statistics.mean(chances or [0]), 100 * inside))
