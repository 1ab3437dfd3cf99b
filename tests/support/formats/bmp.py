"""BMP files."""

import itertools
import struct

from support.formats import H, W, packed


def bmp(bits, rows, header=40, compression=0, palette=b"", masks=(), colors=0, down=False, gap=0):
    """rows: from the top down; or bytes of compressed data."""
    data = (
        rows
        if isinstance(rows, bytes)
        else b"".join(r + b"\0" * (-len(r) % 4) for r in (rows if down else rows[::-1]))
    )
    if header == 12:
        head = struct.pack("<IHHHH", 12, W, H, 1, bits)
    else:
        head = struct.pack(
            "<IiiHHIIiiII",
            40,
            W,
            -H if down else H,
            1,
            bits,
            compression,
            len(data),
            0,
            0,
            colors,
            0,
        )
        head += struct.pack(f"<{len(masks)}I", *masks)
        head = struct.pack("<I", header) + head[4:]
        head = head.ljust(header, b"\0")
    at = 14 + len(head) + len(palette) + gap
    return (
        b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + head + palette + b"\0" * gap + data
    )


def bmp_palette(table, size=4):
    return b"".join(bytes(c[::-1]) + b"\x7f" * (size - 3) for c in table)


def rle(values, bits, literal=True):
    """Run-length codes of rows from the bottom up; runs of one value, else as they are."""
    out = b""
    for row in values[::-1]:
        runs = [(v, len(list(g))) for v, g in itertools.groupby(int(v) for v in row)]
        while runs:
            alone = [v for v, _ in itertools.takewhile(lambda r: r[1] == 1, runs)][:200]
            if literal and len(alone) > 2:
                body = bytes(alone) if bits == 8 else packed([alone], 4)[0]
                out += bytes([0, len(alone)]) + body + b"\0" * (len(body) % 2)
                runs = runs[len(alone) :]
            else:
                v, n = runs.pop(0)
                out += bytes([n, v if bits == 8 else v << 4 | v])
        out += b"\0\0"
    return out[:-2] + b"\0\1"
