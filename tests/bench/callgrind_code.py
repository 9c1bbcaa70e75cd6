"""What callgrind counted in a program's own code: `executed, taken = counts(FILE, PROGRAM)`, by
link-time address of a position-independent program's instructions, as callgrind names them."""
import collections
import os


def counts(file, program):
    """Executions of instructions, and how often each branch was taken."""
    executed, taken = collections.Counter(), collections.Counter()
    program = os.path.realpath(program)
    ours = False
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("ob="):
                ours = os.path.realpath(line[3:].strip()) == program
            elif line.startswith("jcnd="):
                count = int(line[5:].split("/")[0])
                source = int(next(lines).split()[0], 16)
                if ours:
                    taken[source] += count
            elif line.startswith(("jump=", "calls=")):
                next(lines)
            elif ours and line.startswith("0x") and len(line.split()) == 3:
                executed[int(line.split()[0], 16)] += int(line.split()[2])
    return executed, taken
