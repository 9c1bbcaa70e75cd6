"""Runs a command and watches it: CPU time, resident memory, and the profile that it writes.

    watch.py LOG RAW ANALYZE COMMAND...

LOG gets a JSON line every half second, and every 50 ms in the first second: "cpu" and "wall"
in seconds, "rss" in KiB, "file" (the size of RAW) in bytes, and "samples" in it by then (in
every fourth line).  RAW may be "-": none.  Status: that of the command.
"""
import json
import os
import subprocess
import sys
import time

log, raw, analyze = sys.argv[1:4]
ticks = os.sysconf("SC_CLK_TCK")
page = os.sysconf("SC_PAGE_SIZE") // 1024


def state(process):
    with open("/proc/%d/stat" % process) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / ticks, int(fields[21]) * page


def samples():
    shown = subprocess.run([analyze, "show", "--json", raw], capture_output=True, text=True)
    if shown.returncode != 0:
        return None
    return json.loads(shown.stdout)["recordings"][0]["counters"].get("SAMPLES", 0)


start = time.time()
child = subprocess.Popen(sys.argv[4:], stdout=subprocess.DEVNULL)
with open(log, "w") as out:
    number = 0
    while child.poll() is None:
        try:
            cpu, rss = state(child.pid)
        except (FileNotFoundError, ProcessLookupError):
            break
        row = {"wall": time.time() - start, "cpu": cpu, "rss": rss, "file": 0, "samples": None}
        if raw != "-" and os.path.exists(raw):
            row["file"] = os.path.getsize(raw)
            if number % 4 == 0:
                row["samples"] = samples()
        if rss:
            out.write(json.dumps(row) + "\n")
        number += 1
        time.sleep(0.5 if number > 20 else 0.05)
sys.exit(child.wait())
