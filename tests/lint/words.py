#!/usr/bin/env python3
"""words.py: no comment, document, message or script has what words.txt lists."""
import os
import re
import sys

from source_text import line_of, read, report, tree_files

LIST = "tests/lint/words.txt"
# What a line of a comment may begin with: where a phrase goes over the end of a line.
GAP = re.compile(r"[ \t]*\n[ \t]*(?:\*(?!/)|//|#|>)?[ \t]*|[ \t]+")


def patterns():
    for line in read(LIST).split("\n"):
        line = line.rstrip()
        if not line or line.startswith("#"):
            continue
        pattern, _, instead = line.partition(" => ")
        yield re.compile(pattern, re.I), instead


def flattened(text):
    """The text with one space for each gap, and where each of its characters stood."""
    flat, places, last = [], [], 0
    for gap in GAP.finditer(text):
        flat.append(text[last:gap.start()] + " ")
        places.extend(range(last, gap.start() + 1))
        last = gap.end()
    return "".join(flat) + text[last:], places + list(range(last, len(text) + 1))


def main():
    wanted, faults = list(patterns()), []
    for path in tree_files():
        if not path.endswith((".c", ".h", ".cpp", ".sh", ".py", ".md", "Makefile")) or \
                path.startswith(("tests/fuzz/seeds/", "tests/lint/", "CHANGELOG")):
            continue
        text = read(path)
        flat, places = flattened(text)
        for pattern, instead in wanted:
            for match in pattern.finditer(flat):
                faults.append((path, line_of(text, places[match.start()]),
                               '"%s": %s' % (match.group(), instead)))
    return report("words", sorted(faults))


if __name__ == "__main__":
    sys.exit(main())
