"""Counts of `pgo-analyze convert -f unsymbolized` without a program's .cold parts:
counts_outside_cold_parts.py FILE BINARY

create_gcov takes a .cold part for a function of its own, so that counts there are not compared."""
import re
import subprocess
import sys

parts = []
for line in subprocess.check_output(["nm", "-S", sys.argv[2]], text=True).splitlines():
    words = line.split()
    if len(words) == 4 and ".cold" in words[3]:
        parts.append(range(int(words[0], 16), int(words[0], 16) + int(words[1], 16)))
ranges, branches = [], []
for line in open(sys.argv[1]):
    found = re.match("([0-9a-f]+)(->?)([0-9a-f]+):[0-9]+$", line)
    if found and not any(int(found[i], 16) in part for i in (1, 3) for part in parts):
        (ranges if found[2] == "-" else branches).append(line.strip())
print(len(ranges), *ranges, len(branches), *branches, sep="\n")
