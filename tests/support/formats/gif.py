"""GIF files."""

import struct

import numpy as np

from support.formats import H, W


def gif(frame, screen=(W, H), background=0, table=None, head=b"", tail=b""):
    """frame: from gif_frame; table: the global colors."""
    flags, colors = 0, b""
    if table is not None:
        bits = max(1, (len(table) - 1).bit_length())
        flags, colors = 0x80 | bits - 1, table.tobytes().ljust(3 << bits, b"\0")
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", *screen, flags, background, 0)
        + colors
        + head
        + frame
        + tail
        + b";"
    )


def gif_control(transparent=None):
    return b"\x21\xf9\x04" + bytes([transparent is not None, 0, 0, transparent or 0]) + b"\0"


def gif_frame(values, x=0, y=0, table=None, interlaced=False, bits=8):
    """Codes of one length with clear codes between: no compression, but valid LZW."""
    values = np.asarray(values)
    h, w = values.shape
    if interlaced:
        values = np.concatenate(
            [values[first::step] for first, step in ((0, 8), (4, 8), (2, 4), (1, 2))]
        )
    flags, colors = 0x40 * interlaced, b""
    if table is not None:
        size = max(1, (len(table) - 1).bit_length())
        flags, colors = flags | 0x80 | size - 1, table.tobytes().ljust(3 << size, b"\0")
    clear, codes = 1 << bits, []
    for i, v in enumerate(values.ravel()):
        codes += [clear] * (i % (clear - 2) == 0) + [int(v)]
    number = sum(code << (bits + 1) * i for i, code in enumerate(codes + [clear + 1]))
    data = number.to_bytes(((bits + 1) * (len(codes) + 1) + 7) // 8, "little")
    blocks = b"".join(
        bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255)
    )
    return b"," + struct.pack("<HHHHB", x, y, w, h, flags) + colors + bytes([bits]) + blocks + b"\0"
