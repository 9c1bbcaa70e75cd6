"""Turns a profile of gperftools' CPU profiler into addresses for perf2bolt -pa --basic-events.

    gperftools_profile.py PROGRAM PROFILE > ADDRESSES

The profile holds call stacks; what a layout can use of them is the innermost address.
Format (gperftools' cpuprofile-fileformat.html): 64-bit words 0 3 0 PERIOD 0; then COUNT DEPTH
and DEPTH addresses, innermost first; 0 1 0 ends them; then the text of /proc/self/maps.
Output: "S ADDRESS COUNT", link-time addresses of a position-independent PROGRAM.
"""
import collections
import os
import struct
import sys

program, path = os.path.realpath(sys.argv[1]), sys.argv[2]
data = open(path, "rb").read()
words = struct.unpack("<%dQ" % (len(data) // 8), data[: len(data) // 8 * 8])
position = 2 + words[1]
samples = collections.Counter()
while True:
    count, depth = words[position : position + 2]
    stack = words[position + 2 : position + 2 + depth]
    position += 2 + depth
    if count == 0 and depth == 1 and stack == (0,):
        break
    samples[stack[0]] += count
ranges = []
for line in data[position * 8 :].decode(errors="replace").splitlines():
    fields = line.split()
    if len(fields) >= 6 and fields[5] == program:
        low, high = (int(end, 16) for end in fields[0].split("-"))
        ranges.append((low, high))
if not ranges:
    sys.exit("gperftools_profile.py: %s is not among the profile's mappings" % program)
base = min(low for low, _ in ranges)
for address, count in sorted(samples.items()):
    if any(low <= address < high for low, high in ranges):
        print("S %x %d" % (address - base, count))
