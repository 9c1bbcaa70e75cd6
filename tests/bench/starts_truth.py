"""A row of starts.sh: shares of branches in N.json (recordings 1 to N), the exact ones, and those that
window_starts found in a trace.

    starts_truth.py WINDOW PROGRAM CALLGRIND.OUT TRACED N

Branches count that were seen 100 times, and 500 times in the windows of the trace.
"""
import json
import sys

sys.dont_write_bytecode = True
import callgrind_code  # noqa: E402

window, program, callgrind, traced, recordings = sys.argv[1:]
executed, taken = callgrind_code.counts(callgrind, program)


def branches(file):
    with open(file, encoding="utf-8") as stream:
        functions = json.load(stream)["functions"]
    return {one["address"]: (one["taken"], one["taken"] + one["not_taken"])
            for function in functions for one in function["instructions"] if "taken" in one}


def share(pairs):
    return sum(pair[0] for pair in pairs) / max(sum(pair[1] for pair in pairs), 1)


ours = [branches(f"{number + 1}.json") for number in range(int(recordings))]
rows = []
with open(traced, encoding="utf-8") as lines:
    for line in lines:
        place, times, went, seen, seen_taken = line.split()
        address = int(place, 16)
        pairs = [one.get(address, (0, 0)) for one in ours]
        counted = sum(pair[1] for pair in pairs)
        if counted < 100 or int(seen) < 500 or not executed[address]:
            continue
        # Each recording left out in turn; a share that was always the same has a binomial error at least.
        without = [share(pairs[:i] + pairs[i + 1:]) for i in range(len(pairs))]
        mean = sum(without) / len(without)
        error = ((len(pairs) - 1) / len(pairs) * sum((one - mean) ** 2 for one in without)) ** 0.5
        about = (sum(pair[0] for pair in pairs) + 0.5) / (counted + 1)
        error = max(error, (about * (1 - about) / counted) ** 0.5)
        recorded = share(pairs) - min(taken[address] / executed[address], 1)
        foretold = int(seen_taken) / int(seen) - int(went) / int(times)
        rows.append((recorded, foretold, error))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


left, right = mean(row[0] for row in rows), mean(row[1] for row in rows)
both = sum((row[0] - left) * (row[1] - right) for row in rows)
spread = (sum((row[0] - left) ** 2 for row in rows) * sum((row[1] - right) ** 2 for row in rows)) ** 0.5
print("  %-8s %9d %15.2f %% %14.2f %% %7.2f %% %7.2f %% %12.2f" % (
    window, len(rows), 100 * mean(abs(row[0]) for row in rows), 100 * mean(abs(row[1]) for row in rows),
    100 * mean(abs(row[0] - row[1]) for row in rows),
    # The mean of what is distributed normally around 0 is sqrt(2 / pi) of its standard deviation.
    100 * mean(row[2] for row in rows) * (2 / 3.141592653589793) ** 0.5, both / spread if spread else 0))
