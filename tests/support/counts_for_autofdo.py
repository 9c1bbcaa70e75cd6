"""Counts by address as autofdo's tools take them (--profiler=text): counts_for_autofdo.py FILE BASE

FILE is what `pgo-analyze convert -f unsymbolized` writes; addresses are less the base, and
branches and ranges whose source is not known are left out."""
import re
import sys

base = int(sys.argv[2], 16)
ranges, branches = [], []
for line in open(sys.argv[1]):
    found = re.match("([0-9a-f]+)(->?)([0-9a-f]+):([0-9]+)$", line)
    if found and found[1] != "1":
        places = [format(int(found[i], 16) - base, "x") for i in (1, 3)]
        (ranges if found[2] == "-" else branches).append(found[2].join(places) + ":" + found[4])
print(len(ranges), *ranges, 0, len(branches), *branches, sep="\n")
