"""Whether `pgo-analyze annotate` shows the instructions that objdump does.

    disassembly.py functions BINARY COUNT [NM]     a made-up profile of its COUNT largest functions
    disassembly.py compare BINARY OBJDUMP <JSON    of `annotate --json`; prints what differs

Addresses, sizes and mnemonics have to be the same.  Operands are compared by what they name:
numbers and registers; how they are set differs from tool to tool.
"""
import json
import re
import subprocess
import sys

# objdump's word: Capstone's.  Prefixes that it writes as words of their own go.
SAME = {
    "movabs": "movabs", "ret": "ret", "xchg": "nop", "retq": "ret", "cqo": "cqo", "b.hs": "b.cs",
    "b.lo": "b.cc", "sal": "shl", "fwait": "wait", "movz": "mov", "movn": "mov", "data16": "", "ud2a": "ud2",
}
PREFIXES = {"cs", "ds", "es", "ss", "fs", "gs", "bnd", "notrack", "data16", "addr32", "rex", "rex.w",
            "rex.r", "rex.x", "rex.b", "rex.wrxb", "lock", "rep", "repz", "repnz", "repe", "repne",
            "xacquire", "xrelease"}


def largest(binary, count, nm):
    """Functions by size: (address, size)."""
    found = {}
    for options in (["-D"], []):
        out = subprocess.run([nm, "-S", "--defined-only", *options, binary], capture_output=True,
                             text=True).stdout
        for line in out.split("\n"):
            fields = line.split()
            if len(fields) == 4 and fields[2] in "tTwWiI":
                found[int(fields[0], 16)] = int(fields[1], 16)
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:count]


def mnemonic(text):
    words = text.split()
    while len(words) > 1 and words[0].lower() in PREFIXES:
        words = words[1:]
    word = words[0].lower() if words else ""
    string = re.fullmatch(r"(stos|movs|cmps|scas|lods|ins|outs)[bwdq]?", word)
    if string and "[" in text and "xmm" not in text.lower():
        return string[1]
    return SAME.get(word, word)


def numbers(text):
    """What the operands name, in order."""
    text = re.sub(r"\b([0-9a-f]+) <", r"0x\1 <", text)  # where a branch leads to
    text = re.sub(r"<[^>]*>|#(?!-?[0-9])\s.*|//.*", "", text.split(None, 1)[1] if " " in text else "")
    text = re.sub(r"\b(ptr|byte|word|dword|qword|xmmword|ymmword|zmmword|tbyte|fword|oword|bcst)\b", "",
                  text.lower())
    text = re.sub(r"\*1\b|\+0x0\b|\b[cdefgs]s:", "", text)
    values = []
    for sign, word in re.findall(r"(-?)\s*\b(0x[0-9a-f]+|\d+|[a-z][a-z0-9]*)\b", text):
        if re.fullmatch(r"0x[0-9a-f]+|\d+", word):
            value = int(word, 0)
            values.append((-value if sign else value) & (2**32 - 1))
        else:
            values.append(word)
    return values


def objdump(program, binary, start, end):
    machine = ["-M", "intel"] if "aarch64" not in program else []
    out = subprocess.run([program, "-d", "-w", "--no-show-raw-insn", *machine,
                          f"--start-address={start:#x}", f"--stop-address={end:#x}", binary],
                         check=True, capture_output=True, text=True).stdout
    found = []
    for line in out.split("\n"):
        fields = re.match(r"\s*([0-9a-f]+):\s+(.*)", line)
        if fields:
            found.append((int(fields[1], 16), fields[2].strip()))
    return found


def compare(binary, program):
    functions = json.load(sys.stdin)["functions"]
    instructions = differing = operands = 0
    for function in functions:
        ours = [(i["address"], i["size"], i["text"]) for i in function["instructions"]]
        end = ours[-1][0] + ours[-1][1]
        theirs = dict(objdump(program, binary, ours[0][0], end))
        for address, size, text in ours:
            instructions += 1
            their = theirs.pop(address, None)
            if text == "lock" and their and their.startswith("lock "):
                theirs[address + size] = their  # a prefix alone: the C library jumps over it
                continue
            if text is None and (their is None or "(bad)" in their or their.startswith(".")):
                continue
            if their is None or text is None or mnemonic(text) != mnemonic(their):
                differing += 1
                print(f"  {function['name']} {address:x}: {text} / {their}")
            elif numbers(text) != numbers(their):
                operands += 1
                print(f"  operands: {address:x}: {text} / {their}", file=sys.stderr)
        if theirs and ours[-1][2] is not None:
            differing += len(theirs)
            print(f"  {function['name']}: not shown: {len(theirs)} instructions")
    print(f"{binary.rsplit('/', 1)[-1]}: {len(functions)} functions, {instructions} instructions, "
          f"{differing} differ, {operands} with operands that are set in another way")
    # Of AArch64, constants and shifts are written in several ways.
    sys.exit(differing > 0 or operands * (10 if "aarch64" in program else 100) > instructions)


if sys.argv[1] == "functions":
    for number, (address, size) in enumerate(largest(sys.argv[2], int(sys.argv[3]),
                                                     sys.argv[4] if len(sys.argv) > 4 else "nm")):
        print(f"S {address:x} {1000 - number}")
else:
    compare(sys.argv[2], sys.argv[3])
