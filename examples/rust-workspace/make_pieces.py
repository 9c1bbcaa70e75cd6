"""make_pieces.py DIR PIECES: MIDI files of a piano, strings, a controller that sweeps, and drums.
The same bytes at every run."""

import pathlib
import random
import struct
import sys

TICKS = 480


def length(value):
    digits = bytes([value & 0x7F])
    while value := value >> 7:
        digits = bytes([value & 0x7F | 0x80]) + digits
    return digits


def track(events):
    """Of (tick, message); running status, as most programs write it."""
    data, now, status = b"", 0, None
    parts = []
    for tick, message in sorted(events, key=lambda event: event[0]):
        parts.append(length(tick - now))
        now = tick
        parts.append(message[1:] if message[0] == status else message)
        status = message[0] if message[0] < 0xF0 else None
    data = b"".join(parts) + b"\x00\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(data)) + data


def melody(choose, channel, bars, chord):
    events = [(0, bytes([0xC0 | channel, choose.randrange(96)]))]
    tick = 0
    while tick < bars * 4 * TICKS:
        held = choose.choice([120, 240, 240, 480, 960])
        for _ in range(choose.randint(1, chord)):
            key, start = choose.randint(40, 90), tick + choose.randint(0, 15)
            events.append((start, bytes([0x90 | channel, key, choose.randint(30, 120)])))
            events.append((start + held - 5, bytes([0x90 | channel, key, 0])))
        if choose.random() < 0.3:
            events.append((tick, bytes([0xB0 | channel, 64, choose.choice([0, 127])])))
        tick += held
    return track(events)


def sweeps(choose, channel, bars):
    events = []
    for tick in range(0, bars * 4 * TICKS, 20):
        value = choose.randrange(128)
        events.append((tick, bytes([0xE0 | channel, value, 64]) if value % 3 else bytes([0xB0 | channel, 7, value])))
    return track(events)


def conductor(choose, bars):
    events = [(0, b"\xff\x58\x04\x04\x02\x18\x08")]
    for bar in range(0, bars, 4):
        events.append((bar * 4 * TICKS, b"\xff\x51\x03" + struct.pack(">I", choose.randint(300000, 800000))[1:]))
    return track(events)


def piece(choose):
    bars = choose.randint(40, 160)
    tracks = [conductor(choose, bars), melody(choose, 0, bars, 4), melody(choose, 1, bars, 3)]
    tracks += [sweeps(choose, 1, bars), melody(choose, 9, bars, 2)]
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), TICKS) + b"".join(tracks)


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for number in range(int(sys.argv[2])):
        (directory / f"{number:04}.mid").write_bytes(piece(random.Random(number)))


main()
