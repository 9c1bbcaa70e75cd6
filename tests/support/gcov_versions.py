"""Version 3 of a GCC AutoFDO profile says what version 2 does: gcov_versions.py VERSION2 VERSION3

Reads both as google/autofdo's profile_reader.cc does, and compares names, functions and the
working set; the summary has to be that of the counts."""
import struct
import sys

SUMMARY, NAMES, FUNCTIONS, MODULES, WORKING_SET = 0xA8000000, 0xAA000000, 0xAC000000, 0xAE000000, 0xAF000000


class Profile:
    def __init__(self, path):
        self.bytes, self.at = open(path, "rb").read(), 0
        assert self.word() == 0x67636461
        self.version, _ = self.word(), self.word()
        self.counts, self.heads = [], []
        self.summary = self.read_summary() if self.version >= 3 else None
        self.names = self.read_names()
        self.section(FUNCTIONS)
        self.functions = [self.function(True) for _ in range(self.word())]
        self.section(MODULES)
        assert self.word() == 0
        self.section(WORKING_SET)
        self.working_set = [(self.word(), self.count()) for _ in range(128)]
        assert self.at == len(self.bytes), "bytes are left"

    def word(self):
        self.at += 4
        return struct.unpack_from("<I", self.bytes, self.at - 4)[0]

    def count(self):
        low = self.word()
        return low | self.word() << 32

    def section(self, tag):
        assert self.word() == tag, hex(tag)
        self.word()

    def string(self):
        size = self.word()
        self.at += size
        return self.bytes[self.at - size:self.at].rstrip(b"\0").decode()

    def read_summary(self):
        assert self.word() == SUMMARY
        head = [self.count() for _ in range(5)]
        return head, [(self.word(), self.count(), self.count()) for _ in range(self.count())]

    def read_names(self):
        self.section(NAMES)
        files = [self.string() for _ in range(self.word())] if self.version >= 3 else []
        names = []
        for _ in range(self.word()):
            names.append(self.string())
            if self.version >= 3:
                file = self.word()
                assert file == 0xFFFFFFFF or file < len(files)
        return names

    def function(self, is_top):
        head = self.count() if is_top else None
        if is_top:
            self.heads.append(head)
        if is_top and self.version >= 3:
            self.count()
        name, places, inlined = self.names[self.word()], self.word(), self.word()
        return head, name, [self.place() for _ in range(places)], \
            [(self.word(), self.function(False)) for _ in range(inlined)]

    def place(self):
        place, targets, count = self.word(), self.word(), self.count()
        self.counts.append(count)
        return place, count, [(self.word(), self.names[self.count()], self.count()) for _ in range(targets)]


two, three = Profile(sys.argv[1]), Profile(sys.argv[2])
assert (two.version, three.version) == (2, 3)
assert two.names == three.names and two.functions == three.functions
assert two.working_set == three.working_set
(total, most, most_head, number, functions), shares = three.summary
counts = sorted(three.counts, reverse=True)
assert (total, most, number) == (sum(counts), counts[0], len(counts))
assert (most_head, functions) == (max(three.heads), len(three.functions))
assert len(shares) == 16 and [cutoff for cutoff, _, _ in shares] == sorted(cutoff for cutoff, _, _ in shares)
for cutoff, least, seen in shares:
    # The fewest of the largest that make up the share, with all that are equal.
    assert sum(counts[:seen]) >= total * cutoff // 1000000
    assert seen == 0 or counts[seen - 1] == least and least not in counts[seen:]
    assert sum(count for count in counts if count > least) < max(total * cutoff // 1000000, 1)
