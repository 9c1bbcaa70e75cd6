"""counters_agree.py REAL OURS LEAST: whether two profiles of counters in llvm-profdata's text agree:
all functions with their hashes, at least LEAST per cent of the counts, and what each function calls
by address most.  Prints how many they are, and what agrees within functions: the mean of each one's
own overlap by its real count.  LEAST 0 checks none of that."""
import sys


def read(path):
    functions, lines = {}, [line.strip() for line in open(path) if not line.startswith("#")]
    at = 0
    while at < len(lines):
        if not lines[at] or lines[at].startswith(":"):
            at += 1
            continue
        name, hash_, count = lines[at], int(lines[at + 1]), int(lines[at + 2])
        counters = [int(line) for line in lines[at + 3:at + 3 + count]]
        values = {}
        at += 3 + count
        while at < len(lines) and lines[at]:
            if ";" in lines[at] or not lines[at].isdigit():
                target, _, seen = lines[at].rpartition(":")
                values[target] = values.get(target, 0) + int(seen)
            at += 1
        functions[name.rsplit("/", 1)[-1], hash_] = counters, values
    return functions


real, ours, least = read(sys.argv[1]), read(sys.argv[2]), float(sys.argv[3])
missing = set(real) - set(ours)
assert not least or not missing, "functions that are missing: %s" % missing
all_real = sum(sum(counters) for counters, _ in real.values())
all_ours = sum(sum(counters) for counters, _ in ours.values())
shared = sum(min(a / all_real, b / all_ours) for key in set(real) & set(ours)
             for a, b in zip(real[key][0], ours[key][0]))
within = sum(min(a * sum(ours[key][0]) / all_real, b * sum(real[key][0]) / all_real) / sum(ours[key][0])
             for key in set(real) & set(ours) if sum(ours[key][0])
             for a, b in zip(real[key][0], ours[key][0]))
print("%d of %d functions, %.1f %% of the counts, %.1f %% within functions" % (
    len(set(real) & set(ours)), len(real), 100 * shared, 100 * within))
if not least:
    sys.exit()
assert 100 * shared >= least, (real, ours)
for key, (_, values) in real.items():
    named = {target: seen for target, seen in values.items() if not target.isdigit()}
    if named:
        hottest = max(named, key=named.get)
        found = ours[key][1]
        assert found and max(found, key=found.get) == hottest, (key, named, found)
