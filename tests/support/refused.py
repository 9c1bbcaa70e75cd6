"""refused.py NUMBER[,NUMBER...] COMMAND...: runs it where these system calls fail with EPERM, as
security modules and containers have it (seccomp, x86-64)."""
import ctypes
import os
import struct
import sys

ALLOW, EPERM = 0x7FFF0000, 0x00050001
numbers = [int(number) for number in sys.argv[1].split(",")]
program = struct.pack("HBBI", 0x20, 0, 0, 0)  # the number
for number in numbers:
    program += struct.pack("HBBI", 0x15, 0, 1, number) + struct.pack("HBBI", 6, 0, 0, EPERM)
program += struct.pack("HBBI", 6, 0, 0, ALLOW)


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]


libc, memory = ctypes.CDLL(None), ctypes.create_string_buffer(program)
filters = Filter(len(program) // 8, ctypes.addressof(memory))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(filters), 0, 0):
    sys.exit(77)
os.execv(sys.argv[2], sys.argv[2:])
