"""PNG files."""

import struct
import zlib

import numpy as np

from support.formats import packed


def chunk(kind, data, crc=0):
    return (
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data) ^ crc)
    )


PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


def filtered(rows, size):
    """Rows of bytes, filtered with types 0 to 4 in turn."""
    out, up = b"", np.zeros(len(rows[0]), int) if rows else None
    for k, row in enumerate(rows):
        row = np.frombuffer(row, np.uint8).astype(int)
        left = np.concatenate([np.zeros(size, int), row])[: len(row)]
        corner = np.concatenate([np.zeros(size, int), up])[: len(row)]
        p = left + up - corner
        pa, pb, pc = abs(p - left), abs(p - up), abs(p - corner)
        paeth = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, up, corner))
        guess = (0, left, up, (left + up) // 2, paeth)[k % 5]
        out += bytes([k % 5]) + ((row - guess) % 256).astype(np.uint8).tobytes()
        up = row
    return out


def png(
    samples,
    depth,
    color,
    interlaced=False,
    before=(),
    after=(),
    split=0,
    cut=None,
    crc=0,
    data=None,
    extra=b"",
):
    """samples: height x width of indices, or height x width x channels."""
    samples = np.asarray(samples)
    flat = samples.reshape(*samples.shape[:2], -1)

    def rows(part):
        if depth == 16:
            return [r.astype(">u2").tobytes() for r in part]
        return packed(part.reshape(part.shape[0], -1), depth)

    size = max(1, depth * flat.shape[2] // 8)
    if interlaced:
        parts = [flat[y::dy, x::dx] for x, y, dx, dy in PASSES]
        raw = b"".join(filtered(rows(p), size) for p in parts if p.size)
    else:
        raw = filtered(rows(flat), size)
    data = zlib.compress(raw + extra) if data is None else data(raw)
    if cut is not None:
        data = data[:cut]
    head = struct.pack(">IIBBBBB", flat.shape[1], flat.shape[0], depth, color, 0, 0, interlaced)
    step = split or len(data)
    idat = b"".join(chunk(b"IDAT", data[i : i + step], crc) for i in range(0, len(data), step))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(before)
        + idat
        + b"".join(after)
        + chunk(b"IEND", b"")
    )
