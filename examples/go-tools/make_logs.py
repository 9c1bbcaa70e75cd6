"""make_logs.py DIR LINES: three days of a web server's log, JSON a line, a day a file: plain, gzip, and zstd
where there is a zstd.  The same lines at every run."""

import gzip
import json
import pathlib
import random
import shutil
import subprocess
import sys

PATHS = ["/", "/login", "/search", "/cart", "/api/items", "/api/orders", "/static/app.js", "/static/app.css"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", "Mozilla/5.0 (iPhone)", "backup-check/2.1"]


def line(choose, second):
    path = choose.choices(PATHS, weights=[8, 2, 4, 2, 9, 3, 5, 5])[0]
    if path.startswith("/api") or path == "/search":
        path += f"?q={choose.randint(1, 10**6)}&page={choose.randint(1, 9)}"
    return json.dumps(
        {
            "time": second,
            "host": f"web{choose.randint(1, 6)}",
            "client": f"10.{choose.randint(0, 3)}.{choose.randint(0, 255)}.{choose.randint(1, 254)}",
            "method": choose.choices(["GET", "POST", "HEAD"], weights=[20, 4, 1])[0],
            "path": path,
            "status": choose.choices(["200", "304", "404", "500"], weights=[40, 8, 3, 1])[0],
            "bytes": choose.randint(200, 60000),
            "ms": round(choose.expovariate(0.05), 3),
            "agent": choose.choice(AGENTS),
        }
    )


def main():
    directory, lines = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    for day in range(3):
        choose = random.Random(day)
        text = "".join(line(choose, day * 86400 + number) + "\n" for number in range(lines)).encode()
        plain = directory / f"day{day}.json"
        if day == 0:
            plain.write_bytes(text)
        elif day == 2 and shutil.which("zstd"):
            with open(plain.with_suffix(".json.zst"), "wb") as output:
                subprocess.run(["zstd", "-q", "-c"], input=text, stdout=output, check=True)
        else:
            plain.with_suffix(".json.gz").write_bytes(gzip.compress(text, mtime=0))


main()
