"""workload.py TREE: what a nightly backup does.  Prints what was packed, for comparisons."""

import hashlib
import pathlib
import sys
import tempfile

import packtree

with tempfile.TemporaryDirectory() as directory:
    archive = pathlib.Path(directory, "archive")
    print(packtree.pack(sys.argv[1], archive, skip=["*.tmp", "cache*"]))
    print(packtree.check(archive))
    print(hashlib.sha256(archive.read_bytes()).hexdigest())
