#!/usr/bin/env python3
"""rooms.py: checks that the includes of the code keep to the table of rooms.txt.

A room is a directory.  It fails, with file and line, on
  - an include of a file that does not exist, or of a room that the table does not allow;
  - a table in which a room names one that stands below it: so rooms have no circle;
  - a circle of includes and calls between files (a .c and its .h are one unit): a header may
    declare what another file defines, so a call counts as an include of the file behind it;
  - a struct tag that two files define.
"""
import collections
import os
import re
import sys

from source_text import parted

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TREES = ("include", "shim", "analyzer", "bolt-bridge")
TABLE = "tests/lint/rooms.txt"
INCLUDE = re.compile(r'^#\s*include\s+"([^"]+)"')
# A definition: the brace may stand behind attributes.
STRUCT = re.compile(r"\bstruct\s+(?:__attribute__\(\(.*?\)\)\s*)?(\w+)\s*\{")

# A function that other files may call begins a line; its body stands behind its parameters.
FUNCTION = re.compile(r"^(?!static\b|typedef\b)[a-z_][\w \t*]*?[\s*](\w+)\([^;{}]*\)\s*\{", re.M)
CALL = re.compile(r"\b([a-z_]\w*)\(")

faults = []


def fault(place, text):
    faults.append("%s: %s" % (place, text))


def read_table():
    """The rooms allowed to each room."""
    allowed = {}
    for number, line in enumerate(open(TABLE), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        place = "%s:%d" % (TABLE, number)
        room, _, uses = line.partition(":")
        uses = uses.split()
        for used in uses:
            if used not in allowed:
                fault(place, "%s may not use %s: that room does not stand above it" % (room, used))
        allowed[room] = set(uses)
    return allowed


def sources():
    for tree in TREES:
        for directory, _, names in os.walk(tree):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.join(directory, name)


def read_sources(allowed):
    """The includes between units, and the files that define each struct tag."""
    files = set(sources())
    includes, tags = collections.defaultdict(dict), collections.defaultdict(set)
    arrows = set()
    for path in sorted(files):
        room = os.path.dirname(path)
        if room not in allowed:
            fault(path, "the room %s is not in %s" % (room, TABLE))
            continue
        text = open(path, encoding="utf-8").read()
        for tag in STRUCT.findall(text):
            tags[tag].add(path)
        for number, line in enumerate(text.split("\n"), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            place = "%s:%d" % (path, number)
            target = match.group(1)
            if target not in files and "include/" + target in files:
                target = "include/" + target
            if target not in files:
                fault(place, "%s does not exist (paths are from the root)" % target)
                continue
            used = os.path.dirname(target)
            arrows.add((room, used))
            if used != room and used not in allowed[room]:
                fault(place, "%s may not use %s (%s)" % (room, used, TABLE))
            unit, other = path[:-2], target[:-2]
            if unit != other:
                includes[unit].setdefault(other, place)
    for room, uses in allowed.items():
        for used in sorted(uses):
            if (room, used) not in arrows:
                fault(TABLE, "%s does not use %s: take it out" % (room, used))
    return includes, tags


def add_calls(includes):
    """Calls of functions which one file alone defines, and which the caller does not."""
    codes = {path: parted(path, open(path, encoding="utf-8").read())[1] for path in sources()}
    homes = collections.defaultdict(set)
    for path, code in codes.items():
        for name in FUNCTION.findall(code):
            homes[name].add(path[:-2])
    for path, code in codes.items():
        unit = path[:-2]
        own = set(re.findall(r"\b(\w+)\(", "\n".join(re.findall(r"^static .*", code, re.M))))
        for number, line in enumerate(code.split("\n"), 1):
            for name in CALL.findall(line) if path.endswith(".c") else ():
                home = homes.get(name, ())
                if len(home) == 1 and name not in own and unit not in home:
                    includes[unit].setdefault(next(iter(home)), "%s:%d" % (path, number))


def circles(includes):
    """The strongly connected components of more than one unit (Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(unit):
        index[unit] = low[unit] = len(index)
        stack.append(unit)
        for other in includes.get(unit, ()):
            if other not in index:
                visit(other)
                low[unit] = min(low[unit], low[other])
            elif other in stack:
                low[unit] = min(low[unit], index[other])
        if low[unit] == index[unit]:
            circle = set()
            while unit not in circle:
                circle.add(stack.pop())
            if len(circle) > 1:
                found.append(circle)

    for unit in sorted(includes):
        if unit not in index:
            visit(unit)
    return found


def shortest_circle(includes, circle):
    """The shortest way through CIRCLE back to its start."""
    best = None
    for start in sorted(circle):
        ways, seen = [[start]], {start}
        for way in ways:
            for other in sorted(circle & set(includes[way[-1]])):
                if other == start and (not best or len(way) < len(best) - 1):
                    best = way + [start]
                if other not in seen:
                    seen.add(other)
                    ways.append(way + [other])
    return best


def main():
    os.chdir(ROOT)
    allowed = read_table()
    includes, tags = read_sources(allowed)
    add_calls(includes)
    for circle in circles(includes):
        path = shortest_circle(includes, circle)
        fault(includes[path[0]][path[1]], "a circle of files: %s" % " -> ".join(path))
    for tag, paths in sorted(tags.items()):
        if len(paths) > 1:
            fault(sorted(paths)[1], "struct %s is defined in %s" % (tag, ", ".join(sorted(paths))))
    for line in faults:
        print(line)
    print("rooms: %d rooms, %d units, %d faults" % (len(allowed), len(includes), len(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    sys.exit(main())
