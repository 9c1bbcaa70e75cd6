"""alike.py WHAT OLDER NEWER: whether an answer of a newer build is the older build's but for what
CHANGELOG.md says of it.  Exits with 0 if so.

WHAT is json, check, check-json, folded, pprof or text.  What CHANGELOG.md names is below, beside the
code that lets it pass.
"""

import collections
import gzip
import json
import re
import sys

# Verdicts are ok, weak and fail; they were ok, fair and poor.
VERDICTS = {"poor": "fail", "fair": "weak"}
# Where no count is in a function that has a symbol, that is what is asked for.
SYMBOLS = "give the build with its symbols (-b)"


def read_varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """The (number, value) pairs of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        if key & 7 == 2:
            length, at = read_varint(data, at)
            yield key >> 3, data[at : at + length]
            at += length
        else:
            value, at = read_varint(data, at)
            yield key >> 3, value


def numbers(value):
    """A repeated number, packed or alone."""
    if isinstance(value, int):
        return [value]
    at, found = 0, []
    while at < len(value):
        number, at = read_varint(value, at)
        found.append(number)
    return found


def stacks_of_pprof(data):
    """How often each stack of functions was sampled; without those that say there was no stack."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    strings, functions, locations, samples = [], {}, {}, []
    for number, value in fields(data):
        if number == 6:
            strings.append(value.decode())
        elif number == 5:
            function = dict(fields(value))
            functions[function[1]] = function.get(2, 0)
        elif number == 4:
            location = dict(fields(value))
            locations[location[1]] = location
        elif number == 2:
            samples.append(list(fields(value)))

    def name(location):
        line = dict(fields(location[4])) if 4 in location else {}
        return strings[functions[line[1]]] if line else "%#x" % location.get(3, 0)

    counts = collections.Counter()
    for sample in samples:
        stack = [name(locations[id]) for n, v in sample if n == 1 for id in numbers(v)]
        values = [number for n, v in sample if n == 2 for number in numbers(v)]
        if "[no stack]" not in stack:
            counts[tuple(stack)] += values[0]
    return counts


def stacks_of_folded(data):
    # Samples without a call stack are there too now.
    return [line for line in data.decode().splitlines() if not line.startswith("[no_stack];")]


def contains(newer, older, path=()):
    """JSON: what was there has stayed; more may be there."""
    if isinstance(older, dict):
        return isinstance(newer, dict) and all(
            key in newer and contains(newer[key], older[key], path + (key,)) for key in older
        )
    if isinstance(older, list):
        if path == ("functions",) and isinstance(newer, list):
            # report: functions that only called others are listed too; those with as many samples of their
            # own stand in the order of `total_samples`.
            order = lambda one: (-one["samples"], str(one["name"]), one["module"])
            older = sorted(older, key=order)
            newer = sorted((one for one in newer if one["samples"] != 0), key=order)
        return (
            isinstance(newer, list)
            and len(newer) == len(older)
            and all(contains(n, o, path) for n, o in zip(newer, older))
        )
    return newer == (VERDICTS.get(older, older) if path[-1:] == ("verdict",) else older)


def json_lines(data):
    text = data.decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


def without_judged_samples(checks):
    """Few samples that agree are weak, not a failure: that line, and the verdict that it can turn."""
    if not isinstance(checks, dict):
        return checks
    kept = dict(checks)
    kept.pop("verdict", None)
    kept["checks"] = [
        {key: value for key, value in one.items() if (one["name"], key) != ("samples", "verdict")}
        for one in checks.get("checks", [])
    ]
    return kept


def singular(text):
    """One is no longer several."""
    return re.sub(r"\b1 functions are\b", "1 function is", re.sub(r"\b1 samples\b", "1 sample", text))


def without_what_symbols_tell(older, newer):
    """The older checks without what the newer ones say cannot be known without symbols."""
    if not isinstance(older, dict) or not isinstance(newer, dict):
        return older
    for old, new in zip(older.get("checks", []), newer.get("checks", [])):
        if new.get("remedy") == SYMBOLS:
            old.pop("remedy", None)
            if old["name"] == "staleness":
                old.pop("text", None)
        if "text" in old:
            old["text"] = singular(old["text"])
    return older


def text_of_check(data, asks_for_symbols):
    lines = []
    for line in singular(data.decode()).splitlines():
        if asks_for_symbols and re.match(r" +remedy: |[a-z]+ +staleness ", line):
            continue
        line = re.sub(r"^(verdict: )?(poor|fair)\b( *)", lambda m: (m[1] or "") + VERDICTS[m[2]] + m[3], line)
        if not line.startswith("verdict: "):
            lines.append(re.sub(r"^(weak|fail)(  samples )", r"few \2", line))
    return lines


def message(data):
    # Straight code is a range everywhere, where it was a run; usage errors have no verdict before the reason.
    data = re.sub(rb"\brun of (\d+ bytes at)", rb"range of \1", data)
    # That the recorded program is gone, or another build, was not said.
    data = re.sub(rb"[^\n]*: its code is not named\n", b"", data)
    # A binary for another machine is named with the machines.
    data = re.sub(rb"( does not occur in the profile: )(build-id [0-9a-f]+|it is for [^\n]* was recorded)", rb"\1", data)
    # What cannot be opened has its remedy; of a program that is another one, the cause is that.
    data = re.sub(rb"\n  remedy: (check its name, and|give the binary that)[^\n]*", b"", data)
    data = data.replace(b" is not the binary that the profile is of: it is not", b" cannot be opened: it is not")
    # Addresses of no mapped file are counted aloud.
    data = re.sub(rb"[^\n]* addresses are in no file that was mapped: [^\n]*\n", b"", data)
    # Addresses without mappings: how to print these is said.
    data = data.replace(b", which is at any address when it runs: perf script tells where with --show-mmap-events", b"")
    return data.replace(b" cannot be used" b" so: ", b": ")


def alike(what, older, newer):
    if what == "json":
        return contains(json_lines(newer), json_lines(older))
    if what == "check-json":
        checks = without_judged_samples(json_lines(newer))
        return contains(checks, without_what_symbols_tell(without_judged_samples(json_lines(older)), checks))
    if what == "check":
        asks = SYMBOLS.encode() in newer
        return text_of_check(older, asks) == text_of_check(newer, asks)
    if what == "folded":
        return stacks_of_folded(older) == stacks_of_folded(newer)
    if what == "pprof":
        return bool(older) == bool(newer) and (
            not older or stacks_of_pprof(older) == stacks_of_pprof(newer)
        )
    return message(older) == message(newer)


older, newer = (open(file, "rb").read() for file in sys.argv[2:4])
sys.exit(0 if alike(sys.argv[1], older, newer) else 1)
