#!/usr/bin/env python3
"""coverage.py BUILD: which lines the tests have run, room by room, and the files with the
most lines that they have not; from what gcc's --coverage left in BUILD, by gcov's JSON."""
import collections
import json
import os
import subprocess
import sys

ROOMS = ("include/", "shim/", "analyzer/", "bolt-bridge/")
FILES_SHOWN = 15


def reports(build):
    """What gcov says of each object; those of one object are one line of JSON."""
    notes = [os.path.abspath(os.path.join(directory, name)) for directory, _, names in os.walk(build)
             for name in sorted(names) if name.endswith(".gcno")]
    for note in notes:
        said = subprocess.run(["gcov", "--json-format", "--stdout", note], check=False,
                              capture_output=True, text=True).stdout
        for line in said.splitlines():
            yield json.loads(line)


def main():
    runs = collections.defaultdict(dict)  # file: line: how often it was run
    for report in reports(sys.argv[1]):
        for file in report["files"]:
            path = os.path.relpath(file["file"])
            if not path.startswith(ROOMS):
                continue
            for line in file["lines"]:
                number = line["line_number"]
                runs[path][number] = runs[path].get(number, 0) + line["count"]
    rooms = collections.defaultdict(lambda: [0, 0])
    left = []
    for path, lines in runs.items():
        done = sum(1 for count in lines.values() if count)
        rooms[os.path.dirname(path)][0] += done
        rooms[os.path.dirname(path)][1] += len(lines)
        left.append((len(lines) - done, len(lines), path))
    if not rooms:
        sys.exit("coverage: no counts in %s" % sys.argv[1])
    rooms["all"] = [sum(done for done, _ in rooms.values()), sum(all_ for _, all_ in rooms.values())]
    print("\n%-32s %8s %8s %7s" % ("room", "lines", "run", ""))
    for room, (done, lines) in sorted(rooms.items(), key=lambda item: (item[0] == "all", item[0])):
        print("%-32s %8d %8d %6.1f%%" % (room, lines, done, 100 * done / lines))
    print("\nfiles with the most lines that no test has run")
    for missing, lines, path in sorted(left, reverse=True)[:FILES_SHOWN]:
        print("  %5d of %5d  %s" % (missing, lines, path))


if __name__ == "__main__":
    main()
