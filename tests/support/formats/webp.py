"""WebP files."""

import struct

from support.formats import H, W, saved


def webp(*chunks):
    body = b"WEBP" + riff(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff(chunks):
    return b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for kind, data in chunks
    )


def webp_chunks(data):
    """The chunks of a file, or of the inside of a frame."""
    out, at = [], 12 if data[:4] == b"RIFF" else 0
    while at < len(data):
        n = struct.unpack("<I", data[at + 4 : at + 8])[0]
        out.append((data[at : at + 4], data[at + 8 : at + 8 + n]))
        at += 8 + n + n % 2
    return out


def uint24(*values):
    return b"".join(struct.pack("<I", v)[:3] for v in values)


def webp_canvas(image, x, y, size=(W, H), flags=0x12, **options):
    """An animation of one frame that doesn't fill its canvas."""
    inside = riff(c for c in webp_chunks(saved(image, "WEBP", **options)) if c[0] != b"VP8X")
    frame = uint24(x // 2, y // 2, image.width - 1, image.height - 1, 100) + b"\2" + inside
    return webp(
        (b"VP8X", bytes([flags, 0, 0, 0]) + uint24(size[0] - 1, size[1] - 1)),
        (b"ANIM", bytes(6)),
        (b"ANMF", frame),
    )
