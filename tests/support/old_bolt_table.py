#!/usr/bin/env python3
"""old_bolt_table.py NEW OLD: a .note.bolt_bat section of llvm-bolt 19 and later, as llvm-bolt
16 would have written it: the same places in numbers of fixed sizes, without hashes."""
import struct
import sys

note = open(sys.argv[1], "rb").read()
name_size, size, kind = struct.unpack_from("<III", note)
begin = 12 + (name_size + 3) // 4 * 4
at, end = begin, begin + size


def unsigned():
    global at
    value = shift = 0
    while True:
        byte = note[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value


def signed():
    before = at
    value = unsigned()
    return value - (1 << 7 * (at - before)) if note[at - 1] & 64 else value


def skip(count):
    global at
    at += count
    return note[at - count:at]


address, fragments, parts, hot = 0, {}, [], []
for is_cold in False, True:
    index = 0
    for _ in range(unsigned()):
        address += unsigned()
        fragment, skew, entries = address, 0, 0
        if is_cold:
            index += unsigned()
            parts.append((fragment, hot[index]))
            skew = unsigned()
        else:
            hot.append(fragment)
            skip(8)
            unsigned()
            entries = unsigned()
        count, equal = unsigned(), unsigned()
        branches = skip((equal + 7) // 8)
        places, known = [], 0
        for i in range(count):
            address += unsigned()
            output = address - fragment
            if i < equal:
                known = output + skew << 1 | branches[i // 8] >> i % 8 & 1
            else:
                known += signed()
            if not known & 1:
                skip(8)
                unsigned()
            places.append((output, known >> 1 | (known & 1) << 31))
        for _ in range(entries):
            unsigned()
        fragments[fragment] = places
table = struct.pack("<I", len(fragments))
for fragment, places in sorted(fragments.items()):
    table += struct.pack("<QI", fragment, len(places))
    table += b"".join(struct.pack("<II", *place) for place in places)
table += struct.pack("<I", len(parts))
table += b"".join(struct.pack("<QQ", *part) for part in parts)
with open(sys.argv[2], "wb") as output:
    output.write(struct.pack("<III", name_size, len(table), kind) + note[12:begin] + table)
