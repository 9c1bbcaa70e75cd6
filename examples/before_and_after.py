"""before_and_after.py [--quick] JSON...: the table of reports of pgo-bolt compare --json, each named after
what was compared.  Status 1 where a build behaves differently, or (not --quick) is slower.
"""

import json
import pathlib
import sys

HEAD = ["build", "workload", "before", "after", "CPU time", "95 % interval", "file", "verdict"]


def percent(ratio, digits=1):
    return f"{100 * (ratio - 1):+.{digits}f} %"


def row(build, workload, report, size=""):
    ratio = report["cpu"]["b_over_a"]
    return [
        build,
        workload,
        f"{report['cpu']['a_seconds'] * 1000:.1f} ms",
        f"{report['cpu']['b_seconds'] * 1000:.1f} ms",
        percent(ratio["ratio"]),
        f"{percent(ratio['low'])} … {percent(ratio['high'])}",
        size,
        "below the noise" if ratio["below_noise"] else ratio["verdict"],
    ]


def rows(path):
    report = json.loads(path.read_text())
    if not report["same_behaviour"]:
        return [[path.stem] + [""] * (len(HEAD) - 2) + ["behaves differently"]]
    parts = [row(path.stem, one["name"], one) for one in report.get("workloads", [])]
    size = report.get("file_bytes")  # not of shell commands
    together = "by weight" if parts else ""
    return parts + [row(path.stem, together, report, percent(size["b"] / size["a"], 0) if size else "")]


def main():
    quick = sys.argv[1] == "--quick"
    lines = [line for path in sys.argv[1 + quick :] for line in rows(pathlib.Path(path))]
    widths = [max(len(line[column]) for line in [HEAD] + lines) for column in range(len(HEAD))]
    for line in [HEAD, ["-" * width for width in widths]] + lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
    refused = ["behaves differently"] if quick else ["behaves differently", "slower"]
    sys.exit(any(line[-1] in refused for line in lines))


main()
