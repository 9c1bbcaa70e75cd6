"""Profiles by callers as llvm-text has them: context_sums.py WITH PLAIN

Prints each context of WITH as `NAME: per call of the function, how often its most frequent place
ran`, and exits with 1 where a place of PLAIN, which has no callers, does not count what all contexts
of its function do together."""
import collections
import re
import sys


def read(path):
    """{name or [context]: (head, {place: count})}, with the places of all of a function."""
    functions = {}
    for line in open(path):
        found = re.match(r"(\[.*\]|[^\s:]+):(\d+):(\d+)$", line)
        if found:
            places = {}
            functions[found[1]] = (int(found[3]), places)
            continue
        found = re.match(r" (\d+(?:\.\d+)?): (\d+)(.*)$", line)
        if found:
            places[found[1]] = (int(found[2]), bool(found[3].strip()))
    return functions


contexts, plain = read(sys.argv[1]), read(sys.argv[2])
sums = collections.defaultdict(collections.Counter)
for name, (head, places) in contexts.items():
    function = name.strip("[]").split(" @ ")[-1]
    for place, (count, _) in places.items():
        sums[function][place] += count
    print(f"{name}: {max(count for count, _ in places.values()) / max(head, 1):.1f}")
wrong = [f"{function} at {place}: {count}, in all contexts {sums[function][place]}"
         for function, (_, places) in plain.items()
         for place, (count, calls) in places.items() if not calls and sums[function][place] != count]
sys.exit("\n".join(wrong) or 0)
