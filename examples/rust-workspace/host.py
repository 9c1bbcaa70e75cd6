"""host.py LIBRARY FILE...: a host of the plug-in, for which any program that loads it would do."""

import ctypes
import pathlib
import sys


class Summary(ctypes.Structure):
    _fields_ = [("notes", ctypes.c_uint64), ("polyphony", ctypes.c_uint64), ("seconds", ctypes.c_double)]


def main():
    summarise = ctypes.CDLL(str(pathlib.Path(sys.argv[1]).resolve())).score_summarise
    summarise.restype = ctypes.c_bool
    summarise.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(Summary)]
    for path in sys.argv[2:]:
        file, summary = pathlib.Path(path).read_bytes(), Summary()
        if not summarise(file, len(file), summary):
            sys.exit(f"{path}: no MIDI file")
        print(f"{path}: {summary.notes} notes, {summary.seconds:.1f} s, {summary.polyphony} at once")


main()
