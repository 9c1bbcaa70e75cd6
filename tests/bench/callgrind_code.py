"""What callgrind counted in a program's own code, by link-time address of a position-independent
program's instructions, as callgrind names them.  The file is one of `--dump-instr=yes
--collect-jumps=yes --compress-pos=no --compress-strings=no` (format: valgrind's manual, "Callgrind
Format Specification")."""
import collections
import os


def records(file, program):
    """What the program's own code did: ("executed", address, None, times), and "jcnd", "jump" and
    "calls" with the branch's address, its target, None where that is in another file, and how
    often it was taken."""
    program = os.path.realpath(program)
    ours = False
    called = None

    def is_program(line):
        return os.path.realpath(line.split("=", 1)[1].strip()) == program

    with open(file, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("ob="):
                ours = is_program(line)
            elif line.startswith("cob="):
                called = is_program(line)
            elif line.startswith(("calls=", "jump=", "jcnd=")):
                kind, what = line.split("=", 1)
                times, target = what.split()[:2]
                source = int(next(lines).split()[0], 16)
                stays = ours if called is None else called
                called = None
                if ours:
                    yield kind, source, int(target, 16) if stays else None, int(times.split("/")[0])
            elif ours and line.startswith("0x") and len(line.split()) == 3:
                address, _, times = line.split()
                yield "executed", int(address, 16), None, int(times)


def counts(file, program):
    """Executions of instructions, and how often each conditional branch was taken."""
    executed, taken = collections.Counter(), collections.Counter()
    for kind, source, _, times in records(file, program):
        if kind == "executed":
            executed[source] += times
        elif kind == "jcnd":
            taken[source] += times
    return executed, taken


def branches(file, program):
    """How often each (branch, target) inside the program was taken: jumps and calls."""
    taken = collections.Counter()
    for kind, source, target, times in records(file, program):
        if kind != "executed" and target is not None:
            taken[source, target] += times
    return +taken
