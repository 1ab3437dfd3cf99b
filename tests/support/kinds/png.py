"""Supported and unsupported kinds of PNG files."""

import struct
import zlib

import numpy as np
from PIL import Image

from support.formats import colors, faint, high_bytes, indices, saved, scene
from support.formats.png import chunk, png


def add(file, refused):
    rgb, rgba = np.asarray(scene()), np.asarray(faint())
    gray, la = np.asarray(scene().convert("L")), np.asarray(faint().convert("LA"))

    def deep(a):
        return a.astype(np.uint16) * 257 ^ 0x5A

    for laced in (False, True):
        tail = " interlaced" if laced else ""
        for bits in (1, 2, 4, 8):
            n = 1 << bits
            file(
                f"png {bits} bit gray{tail}", lambda b=bits, n=n, k=laced: png(indices(n), b, 0, k)
            )
            plte = chunk(b"PLTE", colors(n).tobytes())
            file(
                f"png {bits} bit palette{tail}",
                lambda b=bits, n=n, k=laced, p=plte: png(indices(n), b, 3, k, [p]),
            )
            alphas = bytes(range(0, 256, 256 // n))[: max(1, n - 3)]
            file(
                f"png {bits} bit palette with alpha{tail}",
                lambda b=bits, n=n, k=laced, p=plte, a=alphas: png(
                    indices(n), b, 3, k, [p, chunk(b"tRNS", a)]
                ),
            )
        file(
            f"png 16 bit gray{tail}",
            lambda k=laced: png(deep(gray), 16, 0, k),
            high_bytes(deep(gray)),
        )
        file(f"png rgb{tail}", lambda k=laced: png(rgb, 8, 2, k))
        file(f"png 16 bit rgb{tail}", lambda k=laced: png(deep(rgb), 16, 2, k))
        file(f"png gray with alpha{tail}", lambda k=laced: png(la, 8, 4, k))
        file(f"png 16 bit gray with alpha{tail}", lambda k=laced: png(deep(la), 16, 4, k))
        file(f"png rgba{tail}", lambda k=laced: png(rgba, 8, 6, k))
        file(f"png 16 bit rgba{tail}", lambda k=laced: png(deep(rgba), 16, 6, k))
        clear = struct.pack(">H", int(gray[3, 3]))
        file(
            f"png gray with a transparent level{tail}",
            lambda k=laced, c=clear: png(gray, 8, 0, k, [chunk(b"tRNS", c)]),
        )
        clear3 = struct.pack(">3H", *map(int, rgb[5, 5]))
        file(
            f"png rgb with a transparent color{tail}",
            lambda k=laced, c=clear3: png(rgb, 8, 2, k, [chunk(b"tRNS", c)]),
        )
    one = chunk(b"tRNS", bytes([255, 255, 0, 255]))
    plte = chunk(b"PLTE", colors(16).tobytes())
    file("png palette with a transparent entry", lambda: png(indices(16), 8, 3, False, [plte, one]))
    file("png indices beyond the palette", lambda: png(indices(40), 8, 3, False, [plte]))
    for bits in (1, 2, 4):  # Pillow compares 8-bit levels with one of 2 or 4 bits
        levels = Image.fromarray(indices(1 << bits) * (255 // ((1 << bits) - 1)))
        levels.putalpha(Image.fromarray((indices(1 << bits) != 1) * np.uint8(255)))
        clear = [chunk(b"tRNS", b"\0\1")]
        file(
            f"png {bits} bit gray with a transparent level",
            lambda b=bits, c=clear: png(indices(1 << b), b, 0, False, c),
            levels,
        )

    file("png many IDAT", lambda: png(rgb, 8, 2, split=100))
    file("png empty IDAT", lambda: png(rgb, 8, 2, before=[chunk(b"IDAT", b"")]))
    gamma = [
        chunk(b"gAMA", struct.pack(">I", 220000)),
        chunk(b"sBIT", b"\5\5\5"),
        chunk(b"bKGD", bytes(6)),
        chunk(b"quWx", bytes(9)),
    ]
    file("png gamma and background are ignored", lambda: png(rgb, 8, 2, before=gamma))
    file("png junk behind", lambda: png(rgb, 8, 2) + b"junk" * 99)
    file("png more pixels than its size", lambda: png(rgb, 8, 2, extra=bytes(500)))
    file("png no IEND", lambda: png(rgb, 8, 2)[:-12])
    file("png stored", lambda: png(rgb, 8, 2, data=lambda raw: zlib.compress(raw, 0)))
    file("png 1 x 1", lambda: png(rgb[:1, :1], 8, 2))
    file("png 1 x 1 interlaced", lambda: png(rgb[:1, :1], 8, 2, True))
    file("png 3 x 2 interlaced", lambda: png(rgb[:2, :3], 8, 2, True))
    frames = [scene(), scene(seed=2)]
    file("png animated", lambda: saved(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    file(
        "png animated, default image apart",
        lambda: saved(
            frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True
        ),
    )

    refused("png cut", lambda: png(rgb, 8, 2)[:500], "truncated")
    refused("png pixels missing", lambda: png(rgb, 8, 2, cut=-99), "truncated")
    refused("png bad checksum of IDAT", lambda: png(rgb, 8, 2, crc=1), "IDAT.* is damaged")
    refused(
        "png bad checksum of gAMA",
        lambda: png(rgb, 8, 2, before=[chunk(b"gAMA", bytes(4), 1)]),
        "gAMA.* is damaged",
    )
    refused(
        "png bad checksum of zlib",
        lambda: png(rgb, 8, 2, data=lambda raw: zlib.compress(raw)[:-1] + b"!"),
        "checksum",
    )
    refused("png no palette", lambda: png(indices(4), 8, 3), "palette is missing")
    refused(
        "png depth 3",
        lambda: png(rgb, 8, 2)[:24] + b"\3" + png(rgb, 8, 2)[25:],
        "IHDR.* is damaged|depth 3",
    )
