"""Whether JSON has the version that docs/json.md gives, and no field that is not named there.

    json_documented.py FILE...
"""
import json
import os
import re
import sys

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with open(os.path.join(root, "docs", "json.md"), encoding="utf-8") as page:
    text = page.read()
named = set(re.findall(r"`([a-z_]+)`", text))
version = int(re.search(r"Its `version` is (\d+)", text).group(1))


def fields(value):
    if isinstance(value, list):
        for one in value:
            yield from fields(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            if key != "counters":  # these are of include/pgoshim/raw.h
                yield from fields(one)


for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as stream:
        answer = json.load(stream)
    assert answer["version"] == version, (file, answer["version"])
    unknown = sorted(set(fields(answer)) - named)
    assert not unknown, (file, unknown)
