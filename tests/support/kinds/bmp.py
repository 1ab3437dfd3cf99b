"""Supported and unsupported kinds of BMP files."""

import struct

import numpy as np
from PIL import Image

from support.formats import H, W, colors, faint, indices, packed, saved, scene
from support.formats.bmp import bmp, bmp_palette, rle


def add(file, refused):
    for bits in (1, 4, 8):
        n = 1 << bits
        values = packed(indices(n), bits)
        file(
            f"bmp {bits} bit",
            lambda b=bits, v=values, n=n: bmp(b, v, palette=bmp_palette(colors(n))),
        )
        file(
            f"bmp {bits} bit down",
            lambda b=bits, v=values, n=n: bmp(b, v, palette=bmp_palette(colors(n)), down=True),
        )
        file(
            f"bmp {bits} bit os/2",
            lambda b=bits, v=values, n=n: bmp(b, v, header=12, palette=bmp_palette(colors(n), 3)),
        )
        for header in (52, 56, 64, 108, 124):
            file(
                f"bmp {bits} bit header {header}",
                lambda b=bits, v=values, n=n, h=header: bmp(
                    b, v, header=h, palette=bmp_palette(colors(n)), gap=6
                ),
            )
    file(
        "bmp 8 bit few colors",
        lambda: bmp(8, packed(indices(40), 8), palette=bmp_palette(colors(20)), colors=20),
    )
    file("bmp 8 bit gray", lambda: saved(scene().convert("L"), "BMP"))
    file("bmp 1 bit gray", lambda: saved(scene().convert("1"), "BMP"))
    ramp = np.repeat(np.arange(20, dtype=np.uint8)[:, None], 3, 1)
    file(
        "bmp 8 bit short ramp",
        lambda: bmp(8, packed(indices(40), 8), palette=bmp_palette(ramp), colors=20),
    )

    words = np.random.default_rng(3).integers(0, 1 << 16, (H, W), dtype="<u2")
    rows16 = [r.tobytes() for r in words]
    file("bmp 16 bit", lambda: bmp(16, rows16))
    file("bmp 16 bit down", lambda: bmp(16, rows16, down=True))
    for name, masks in (("555", (0x7C00, 0x3E0, 0x1F)), ("565", (0xF800, 0x7E0, 0x1F))):
        file(
            f"bmp 16 bit {name} behind the header",
            lambda m=masks: bmp(16, rows16, compression=3, palette=struct.pack("<3I", *m)),
        )
        for header in (52, 56, 108, 124):
            file(
                f"bmp 16 bit {name} header {header}",
                lambda m=masks, h=header: bmp(16, rows16, h, 3, masks=m),
            )
    rgb = np.asarray(scene())
    rows24 = [r.tobytes() for r in rgb[:, :, ::-1]]
    file("bmp 24 bit", lambda: bmp(24, rows24))
    file("bmp 24 bit down", lambda: bmp(24, rows24, down=True))
    file("bmp 24 bit os/2", lambda: bmp(24, rows24, header=12))
    file("bmp 24 bit bitfields", lambda: bmp(24, rows24, 56, 3, masks=(0xFF0000, 0xFF00, 0xFF)))
    rows32 = [r.tobytes() for r in np.asarray(faint())]
    file("bmp 32 bit", lambda: bmp(32, rows32))
    file("bmp 32 bit v5 without masks", lambda: bmp(32, rows32, 124))
    for k, masks in enumerate(
        [
            (0xFF0000, 0xFF00, 0xFF, 0x0),
            (0xFF000000, 0xFF0000, 0xFF00, 0x0),
            (0xFF000000, 0xFF00, 0xFF, 0x0),
            (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
            (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
            (0xFF0000, 0xFF00, 0xFF, 0xFF000000),
            (0xFF000000, 0xFF00, 0xFF, 0xFF0000),
            (0, 0, 0, 0),
        ]
    ):
        for header in (56, 108, 124):
            file(
                f"bmp 32 bit masks {k} header {header}",
                lambda m=masks, h=header: bmp(32, rows32, h, 3, masks=m),
            )
        if k < 3:
            behind = struct.pack("<3I", *masks[:3])
            file(
                f"bmp 32 bit masks {k} behind the header",
                lambda b=behind: bmp(32, rows32, compression=3, palette=b),
            )

    for bits, compression in ((8, 1), (4, 2)):
        table = bmp_palette(colors(1 << bits))
        values = indices(1 << bits)
        for literal in (False, True):
            name = f"bmp rle{bits} {'literal' if literal else 'runs'}"
            file(
                name,
                lambda v=values, b=bits, t=table, c=compression, k=literal: bmp(
                    b, rle(v, b, k), 40, c, t
                ),
            )
        # A delta of 5 columns and 2 rows, then the rest of the row; a pattern of two
        # values where an index has four bits.
        rest = rle(values[:-3], bits)
        jump = bytes([3, 0x21, 0, 2, 5, 2, W - 8, 0x43, 0, 0]) + rest
        file(
            f"bmp rle{bits} delta",
            lambda b=bits, t=table, c=compression, j=jump: bmp(b, j, 40, c, t),
        )
        early = Image.fromarray(
            np.vstack([np.zeros((H - 1, W), np.uint8), np.full((1, W), 1, np.uint8)])
        )
        early.putpalette(colors(1 << bits).tobytes())
        stop = bytes([W, 1 if bits == 8 else 0x11, 0, 1])
        file(
            f"bmp rle{bits} ends early",
            lambda b=bits, t=table, c=compression, s=stop: bmp(b, s, 40, c, t),
            early,
        )

        # Literal pixels beyond the end of a row are dropped; Pillow puts them into the
        # next row.
        long = np.hstack([values, values[:, :4]]) ^ np.arange(H)[:, None].astype(np.uint8) % 2
        beyond = (
            b"".join(
                bytes([0, W + 4]) + (r + b"\0" * (len(r) % 2)) + b"\0\0"
                for r in packed(long[::-1], bits)
            )[:-2]
            + b"\0\1"
        )
        cut = Image.fromarray(long[:, :W])
        cut.putpalette(colors(1 << bits).tobytes())
        file(
            f"bmp rle{bits} literal pixels beyond a row",
            lambda b=bits, t=table, c=compression, d=beyond: bmp(b, d, 40, c, t),
            cut,
        )

    refused(
        "bmp 2 bit",
        lambda: bmp(2, packed(indices(4), 2), palette=bytes(16)),
        "2 bits per pixel are not supported",
    )
    refused(
        "bmp odd masks",
        lambda: bmp(32, rows32, 56, 3, masks=(0xFF, 0xFF00, 0xFF, 0)),
        "masks .* are not supported",
    )
    refused("bmp jpeg", lambda: bmp(24, rows24, compression=4), "compression 4 is not supported")
    refused("bmp short", lambda: bmp(24, rows24)[:-2], "truncated")
    refused(
        "bmp rle short", lambda: bmp(8, rle(indices(9), 8)[:-9], 40, 1, bytes(1024)), "truncated"
    )
