"""What the checks of comments share: the files of the tree, and their text parted
into comments and code."""
import os
import re
import subprocess

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# A string or character constant, or a comment; of C, and of what begins comments with #.
C_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S)
HASH_TOKEN = re.compile(r"(?:^|(?<=\s))#[^\n]*")


def tree_files():
    """All files that git knows or would take, from the root."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\n")
    return sorted(path for path in listed if path and os.path.isfile(os.path.join(ROOT, path)))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def blank(text):
    """The same number of characters and lines, with nothing in them."""
    return re.sub(r"[^\n]", " ", text)


def parted(path, text):
    """(comments, code): each as long as the text, so that places agree."""
    token = C_TOKEN if path.endswith((".c", ".h", ".cpp")) else HASH_TOKEN
    comments, code, last = [], [], 0
    for match in token.finditer(text):
        between = text[last:match.start()]
        comments.append(blank(between))
        code.append(between)
        is_comment = match.group().startswith(("/", "#"))
        comments.append(match.group() if is_comment else blank(match.group()))
        code.append(blank(match.group()) if is_comment else match.group())
        last = match.end()
    comments.append(blank(text[last:]))
    code.append(text[last:])
    return "".join(comments), "".join(code)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def report(check, faults):
    """Prints the faults, a list of (path, line, text); the exit status."""
    for path, line, text in faults:
        print("%s:%d: %s" % (path, line, text))
    print("%s: %d faults" % (check, len(faults)))
    return 1 if faults else 0
