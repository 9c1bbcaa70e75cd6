#!/usr/bin/env python3
"""comments.py: files and functions that comments and documents name exist.

A file is a word that ends in .c, .h, .sh, .py or .md; the tree must have that file, and
its directories where the word has some.  A function (or another identifier) is a word
with an underscore, or one before (); the code must have it, or a file be called so.
What is of the system or of other projects is listed in outside.txt.  Words with
a part in capitals (fuzz_READER.c) are patterns, and pass.  Commands that a page has its
reader type (```sh) name the reader's own files.
"""
import os
import re
import sys

from source_text import line_of, parted, read, report, tree_files

OUTSIDE = "tests/lint/outside.txt"
FILE = re.compile(r"(?<![\w/<.-])[\w./-]*\w\.(?:c|h|sh|py|md)\b(?!\.\w)")
NAME = re.compile(r"(?<![\w.$-])(?:[a-z]\w*_\w+|\w+(?=\(\)))(?![\w.-])")
COMMANDS = re.compile(r"^```sh\n.*?^```$", re.M | re.S)
CODE = (".c", ".h", ".cpp", ".sh", ".py", "Makefile")


def is_pattern(word):
    return re.search(r"[A-Z]{2}", word) is not None


def main():
    paths = [path for path in tree_files() if not path.startswith("tests/fuzz/seeds/")]
    outside = {word for line in read(OUTSIDE).split("\n") for word in line.split("#")[0].split()}
    known_files = {"/" + path for path in paths}
    known_names = {os.path.basename(path).split(".")[0] for path in paths} | outside
    comments = {}
    for path in paths:
        text = read(path) if path.endswith(CODE + (".md",)) else ""
        comments[path] = COMMANDS.sub(lambda block: re.sub(r"[^\n]", " ", block.group()), text)
        if path.endswith(CODE):
            comments[path], code = parted(path, text)
            known_names.update(re.findall(r"[A-Za-z_]\w*", code))
    faults = []
    for path, text in comments.items():
        for match in FILE.finditer(text):
            word = re.sub(r"^(\.\.?/)+", "", match.group())
            if not is_pattern(word) and word not in outside and \
                    not any(known.endswith("/" + word) for known in known_files):
                faults.append((path, line_of(text, match.start()), "no such file: %s" % word))
        for match in NAME.finditer(text):
            if not is_pattern(match.group()) and match.group() not in known_names:
                faults.append((path, line_of(text, match.start()), "no such name: %s"
                               % match.group()))
    return report("comments", sorted(faults))


if __name__ == "__main__":
    sys.exit(main())
