"""A made-up profile of the two programs of annotate.sh, and what has to be told of it.

    crafted_loop.py BINARY MACHINE          prints BOLT's pre-aggregated form
    crafted_loop.py BINARY MACHINE check    reads `annotate --json` and compares

main is entered 100 times and turns 1,000 times round its loop, 900 times of them through the body;
there is one way out.  The addresses are those of the binary's labels.
"""
import json
import subprocess
import sys

binary, machine = sys.argv[1:3]
address = {}
for line in subprocess.run(["nm", binary], check=True, capture_output=True, text=True).stdout.split("\n"):
    if len(line.split()) == 3:
        address[line.split()[2]] = int(line.split()[0], 16)

# The sizes of the instructions between the labels.
if machine == "aarch64":
    sizes = {"main": [4], "head": [4, 4, 4, 4, 4], "indirect": [4], "back": [4, 4], "done": [4, 4]}
else:
    sizes = {"main": [5], "head": [2, 2, 3, 2, 1], "indirect": [2], "back": [2, 2], "done": [2, 1]}
at = {}  # (label, number): address
for label, lengths in sizes.items():
    place = address[label]
    for number, length in enumerate(lengths):
        at[label, number] = place
        place += length

leave, unequal, call, again = at["head", 1], at["head", 3], at["indirect", 0], at["back", 1]
if len(sys.argv) == 3:
    main, head, back, done = (at[label, 0] for label in ("main", "head", "back", "done"))
    other, third = address["other"], address["third"]
    print(f"T X:10 {main:x} {leave:x} 10")  # of 100 entries, ten leave at once
    print(f"T X:10 {main:x} {unequal:x} 90")
    print(f"T {leave:x} {done:x} {at['done', 1]:x} 100")
    print(f"T {unequal:x} {call:x} {call:x} 720")
    print(f"T {again:x} {head:x} {unequal:x} 630")
    print(f"T {again:x} {head:x} {call:x} 180")  # went on behind both branches
    print(f"T {again:x} {head:x} {leave:x} 90")
    print(f"T {call:x} {other:x} {other:x} 600")
    print(f"T {call:x} {third:x} {third:x} 300")
    print(f"T {other:x} {back:x} {again:x} 600")
    print(f"T {third:x} {back:x} {again:x} 300")
    print(f"S {leave:x} 20")
    print(f"S {call:x} 40")
    sys.exit()

function = json.load(sys.stdin)["functions"][0]
found = {i["address"]: i for i in function["instructions"]}
runs = {("main", 0): 100, ("head", 0): 1000, ("head", 1): 1000, ("head", 2): 900, ("head", 3): 900,
        ("head", 4): 180, ("indirect", 0): 900, ("back", 0): 900, ("back", 1): 900, ("done", 0): 100,
        ("done", 1): 100}
assert function["name"] == "main" and len(found) == len(runs), function["name"]
for place, count in runs.items():
    assert found[at[place]]["runs"] == count, (place, count, found[at[place]])
assert (found[leave]["taken"], found[leave]["not_taken"]) == (100, 900), found[leave]
assert (found[unequal]["taken"], found[unequal]["not_taken"]) == (720, 180), found[unequal]
targets = [(t["function"], t["count"]) for t in found[call]["targets"]]
assert targets == [("other", 600), ("third", 300)], targets
assert [t["address"] for t in found[again]["targets"]] == [at["head", 0]]
assert function["samples"] == 60 and found[leave]["samples"] == 20 and found[call]["samples"] == 40
assert not function["inferred"]

# Blocks: main, head, the compare, the nop, the body, the end.
block = {place: found[at[place]]["block"] for place in runs}
assert len(function["blocks"]) == 6, function["blocks"]
edges = {(e["from"], e["to"]): e["count"] for e in function["edges"]}
expected = {(("main", 0), ("head", 0)): 100, (("head", 0), ("head", 2)): 900,
            (("head", 0), ("done", 0)): 100, (("head", 2), ("head", 4)): 180,
            (("head", 2), ("indirect", 0)): 720, (("head", 4), ("indirect", 0)): 180,
            (("indirect", 0), ("head", 0)): 900}
assert edges == {(block[a], block[b]): count for (a, b), count in expected.items()}, edges
[loop] = function["loops"]
assert loop["header"] == block["head", 0] and loop["depth"] == 1, loop
assert (loop["turns"], loop["entries"]) == (1000, 100), loop
hot = [b["hot"] for b in function["blocks"]]
assert all(hot[block[place]] for place in (("head", 0), ("head", 2), ("indirect", 0))), hot
assert not hot[block["head", 4]], hot
