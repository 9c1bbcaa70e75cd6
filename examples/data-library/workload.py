"""workload.py TICKS [SECONDS]: bars of three ranges and the volume profile; once, or again until SECONDS are over."""

import sys
import time

import rangebars

until = time.monotonic() + float(sys.argv[2] if len(sys.argv) > 2 else 0)
while True:
    for span in (0.05, 0.25, 1.0):
        bars = rangebars.bars(sys.argv[1], span)
        print(len(bars), sum(bar[7] for bar in bars), max(bar[3] for bar in bars))
    print(len(rangebars.volume_profile(sys.argv[1], 0.1)))
    if time.monotonic() >= until:
        break
