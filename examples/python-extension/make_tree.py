"""make_tree.py DIR FILES: a tree as people have them: source code, logs, JSON, tables and images' bytes.
The same bytes at every run."""

import json
import pathlib
import random
import sys

WORDS = """archive buffer cache channel client config count cursor data entry error event field file frame handle
header index input item key length level limit line list map memory message name node offset option output page parse
path pool queue range reader record request result row scan server session size state stream string table task thread
time token total tree type value window writer""".split()


def name(choose):
    return "_".join(choose.choices(WORDS, k=choose.randint(1, 3)))


def source(choose):
    lines = []
    for _ in range(choose.randint(20, 150)):
        lines.append(f"def {name(choose)}({', '.join(name(choose) for _ in range(choose.randint(0, 3)))}):")
        for _ in range(choose.randint(1, 8)):
            lines.append(f"    {name(choose)} = {name(choose)}.{name(choose)}({choose.randint(0, 99)})")
        lines.append("")
    return "\n".join(lines).encode()


def log(choose):
    second = choose.randrange(10**9)
    lines = []
    for _ in range(choose.randint(100, 1500)):
        second += choose.randint(0, 3)
        level = choose.choice(["INFO", "INFO", "DEBUG", "WARN"])
        lines.append(f"{second} {level} {name(choose)}: {name(choose)}={choose.randint(0, 10**6)}")
    return "\n".join(lines).encode()


def records(choose):
    rows = [{name(choose): choose.random(), "name": name(choose)} for _ in range(choose.randint(50, 500))]
    return json.dumps(rows, indent=1).encode()


def table(choose):
    return "\n".join(",".join(f"{choose.gauss(100, 15):.2f}" for _ in range(8)) for _ in range(400)).encode()


def image(choose):
    return choose.randbytes(choose.randint(2000, 40000))


KINDS = {"py": source, "log": log, "json": records, "csv": table, "png": image}


def main():
    root, files = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    choose = random.Random("tree")
    for number in range(files):
        suffix = choose.choices(list(KINDS), weights=[8, 3, 3, 2, 2])[0]
        path = root / choose.choice(WORDS) / choose.choice(WORDS) / f"{number}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(KINDS[suffix](choose))


main()
