"""replace_in_wheel.py WHEEL NAME FILE OUT: the wheel with another file as NAME, and its RECORD set right."""

import base64
import csv
import hashlib
import io
import pathlib
import sys
import zipfile


def main():
    wheel, name, file, out = sys.argv[1:]
    contents = pathlib.Path(file).read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(contents).digest()).rstrip(b"=").decode()
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == name:
                data = contents
            elif member.filename.endswith(".dist-info/RECORD"):
                rows = list(csv.reader(io.StringIO(data.decode())))
                rows = [[name, f"sha256={digest}", len(contents)] if row[0] == name else row for row in rows]
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows(rows)
                data = text.getvalue().encode()
            target.writestr(member, data)


main()
