"""workloads.py DIR PAGES: what pages is used for, as three files of PAGES documents each.

articles.md   prose: emphasis, links, quotes, a heading now and then
reference.md  tables, code, definitions
notes.md      nested lists of tasks

The same bytes at every run.
"""

import pathlib
import random
import sys

WORDS = """a about after again all and another any are as at back be because before between but by can
could day do down each even find first for from get give go good great have how if in into is it its just
know large last life like little long look made make many may more most must never new no not now of off
old on one only or other our out over own part people place point right same see should small some still
such take than that the their them then there these they thing think this those through time to too under
up use very want was way well were what when where which while who will with work world would year you
branch compiler counter function instruction layout memory predictor profile sample window""".split()


def words(choose, least, most):
    return " ".join(choose.choices(WORDS, k=choose.randint(least, most)))


def sentence(choose):
    parts = []
    for _ in range(choose.randint(3, 9)):
        part = words(choose, 1, 4)
        kind = choose.random()
        if kind < 0.06:
            part = f"*{part}*"
        elif kind < 0.10:
            part = f"**{part}**"
        elif kind < 0.15:
            part = f"`{part}`"
        elif kind < 0.20:
            part = f"[{part}](https://example.org/{choose.randint(1, 999)})"
        elif kind < 0.24:
            part += choose.choice([" & more", ' "so to speak"', " (x < y)", "...", " -- well"])
        parts.append(part)
    return ", ".join(parts).capitalize() + "."


def paragraph(choose):
    return "\n".join(sentence(choose) for _ in range(choose.randint(2, 6)))


def article(choose):
    blocks = [f"# {words(choose, 2, 6)}"]
    for _ in range(choose.randint(8, 20)):
        kind = choose.random()
        if kind < 0.1:
            blocks.append(f"## {words(choose, 2, 6)}")
        elif kind < 0.17:
            blocks.append("> " + paragraph(choose).replace("\n", "\n> "))
        else:
            blocks.append(paragraph(choose))
    return "\n\n".join(blocks)


def table(choose):
    columns = choose.randint(2, 5)
    rows = [[words(choose, 1, 2) for _ in range(columns)], ["---"] * columns]
    for _ in range(choose.randint(4, 14)):
        rows.append([f"`{words(choose, 1, 1)}`"] + [words(choose, 1, 5) for _ in range(columns - 1)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def code(choose):
    lines = [" " * 4 * choose.randint(0, 3) + words(choose, 2, 8) + " = <value>;" for _ in range(choose.randint(3, 15))]
    return "```c\n" + "\n".join(lines) + "\n```"


def reference(choose):
    blocks = [f"# {words(choose, 1, 3)}"]
    for _ in range(choose.randint(4, 10)):
        blocks += [f"## `{words(choose, 1, 1)}()`", sentence(choose), choose.choice([table, code])(choose)]
    return "\n\n".join(blocks)


def notes(choose):
    lines = [f"# {words(choose, 1, 3)}", ""]
    depth = 0
    for _ in range(choose.randint(20, 60)):
        depth = max(0, min(3, depth + choose.choice([-1, 0, 0, 1])))
        lines.append("  " * depth + f"- [{choose.choice(' x')}] {sentence(choose)}")
    return "\n".join(lines)


def main():
    directory, pages = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    for name, document in ("articles", article), ("reference", reference), ("notes", notes):
        choose = random.Random(name)
        text = "\n\f".join(document(choose) + "\n" for _ in range(pages))
        (directory / f"{name}.md").write_text(text)


main()
