"""Every run of straight code of a static program, exactly: stepped.py PROGRAM [ARGUMENT...]

Executes it an instruction at a time and prints, for perf2bolt -pa, "T FROM TO END COUNT": a taken
branch and the run after it, which ends with the next one.  The first run comes from "X:0".
Exit status 77 where processes cannot be traced.  Source: ptrace(2)."""
import collections
import ctypes
import os
import re
import subprocess
import sys

TRACE_ME, PEEK_USER, SINGLE_STEP = 0, 3, 9
RIP = 16 * 8  # its place in the registers, which struct user begins with (x86-64)
MOST_STEPS = 3000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

if os.uname().machine != "x86_64":
    sys.exit(77)
child = os.fork()
if child == 0:
    if libc.ptrace(TRACE_ME, 0, None, None) != 0:
        os._exit(77)
    os.execv(sys.argv[1], sys.argv[1:])
_, status = os.waitpid(child, 0)
if not os.WIFSTOPPED(status):
    sys.exit(77)

code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", sys.argv[1]], capture_output=True,
                      text=True, check=True).stdout
found = re.findall(r"^ *([0-9a-f]+):\t(?:bnd |notrack |repz? )*([a-z]*)", code, re.MULTILINE)
addresses = [int(address, 16) for address, _ in found]
# A step to anywhere but the next instruction is a branch; behind these every step is.
follower = {at: behind for at, behind, (_, name) in zip(addresses, addresses[1:], found)
            if not name.startswith(("jmp", "call", "ret"))}
counts = collections.Counter()
branch, start, last = None, None, None
for _ in range(MOST_STEPS):
    at = libc.ptrace(PEEK_USER, child, RIP, None)
    if start is None:
        start = at
    elif at != follower.get(last):
        counts[branch, start, last] += 1
        branch, start = last, at
    last = at
    libc.ptrace(SINGLE_STEP, child, None, None)
    _, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status):
        break
else:
    sys.exit(f"{sys.argv[1]} does not end")
counts[branch, start, last] += 1
for (source, target, end), count in counts.items():
    print("T", "X:0" if source is None else f"{source:x}", f"{target:x} {end:x} {count}")
