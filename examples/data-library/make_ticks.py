"""make_ticks.py FILE TICKS: a price that wanders, in bursts.  The same ticks at every run."""

import random
import sys


def main():
    choose = random.Random("ticks")
    time, price, pace = 1_700_000_000_000, 100.0, 0.01
    with open(sys.argv[1], "w") as output:
        output.write("time,price,volume\n")
        for _ in range(int(sys.argv[2])):
            time += choose.randint(0, 400)
            pace = min(0.05, max(0.002, pace * choose.choice([0.97, 1, 1, 1.031])))
            price = max(1.0, price + choose.gauss(0, pace))
            output.write(f"{time},{price:.{choose.choice([2, 4, 4, 5])}f},{choose.expovariate(0.1):.3f}\n")


main()
