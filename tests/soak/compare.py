"""compare.py PROGRAM PGO-ANALYZE DIRECTORY PERF-DATA: the row of one program of the soak.

Of all raw files of the directory: the samples, the share of them that was lost (and why), and how much
the profile by function has in common with perf's, where there is one.  Status 1: too many were lost, or
there is no sample.
"""

import glob
import json
import os
import subprocess
import sys

MOST_LOST = 0.01
# A timer's signal that waits for the end of a system call tells nothing of user code.  One that fell due while the sample before
# was taken (a host that takes the CPU away makes that long) is of time in the recorder, not in the program, which has run for
# less than 20 microseconds since; their number is printed.  The others are of threads, entries or branches, not of samples.
NO_SAMPLES = {
    "DROP_SYSTEM_CALL", "DROP_THREAD", "DROP_TABLE_FULL", "DROP_CANNOT_GROW", "DROP_MODULES",
    "DROP_STACK_TABLE", "DROP_STACK_BUSY", "DROP_PAUSED", "DROP_TOO_SOON", "DROP_REPLACED",
}


def analyze(tool, *arguments):
    done = subprocess.run([tool, *arguments], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout else None


def function_shares(report):
    """By name and file, without the version in the file's; code that has no name is one function a file."""
    shares, samples = {}, max(1, report["samples"])
    for function in report["functions"]:
        key = (function["name"] or "?", os.path.basename(function["module"] or "?").split(".so")[0])
        shares[key] = shares.get(key, 0) + function["samples"] / samples
    return shares


def counters_of(tool, files):
    sums = {}
    for file in files:
        shown = analyze(tool, "show", "--json", file)
        for recording in shown["recordings"] if shown else []:
            for name, value in recording["counters"].items():
                sums[name] = sums.get(name, 0) + value
    return sums


def main():
    program, tool, directory, perf_data = sys.argv[1:]
    files = glob.glob(directory + "/*.pgoraw*")
    sums = counters_of(tool, files)
    samples = sums.get("SAMPLES", 0)
    drops = {n: v for n, v in sums.items() if n.startswith("DROP_") and n not in NO_SAMPLES and v}
    lost = sum(drops.values()) / max(1, samples + sum(drops.values()))
    line = f"{program}: the same, {samples} samples, {lost:.2%} lost"
    if drops:
        line += " (" + ", ".join(f"{n[5:].lower()} {v}" for n, v in sorted(drops.items())) + ")"
    if sums.get("DROP_TOO_SOON"):
        line += f", {sums['DROP_TOO_SOON']} more fell due while one was taken"
    merged = directory + "/merged"
    own = perf = None
    if files and subprocess.run([tool, "merge", "-o", merged, *files], capture_output=True).returncode == 0:
        own = analyze(tool, "report", "--json", "--top", "10000", merged)
    if os.path.exists(perf_data):
        perf = analyze(tool, "report", "--json", "--top", "10000", perf_data)
    if own and perf:
        ours, theirs = function_shares(own), function_shares(perf)
        common = sum(min(share, theirs.get(key, 0)) for key, share in ours.items())
        first = [k for k, _ in sorted(theirs.items(), key=lambda item: -item[1])[:5]]
        ranks = [k for k, _ in sorted(ours.items(), key=lambda item: -item[1])[:10]]
        found = sum(key in ranks for key in first)
        line += f"; {common:.0%} in common with perf, {found} of its {len(first)} hottest functions among our 10"
    print(line, flush=True)
    if samples == 0:
        sys.exit(f"{program}: FAILED: no samples")
    if lost >= MOST_LOST and samples > 500:
        sys.exit(f"{program}: FAILED: {lost:.2%} of the samples are lost")


main()
