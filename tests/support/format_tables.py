"""The kinds of files that are read, and those that are refused."""

import struct
import zlib

import numpy as np
from PIL import Image

from support.format_tables_tiff import tiffs
from support.formats import (
    H,
    W,
    bmp,
    bmp_palette,
    chunk,
    colors,
    faint,
    gif,
    gif_control,
    gif_frame,
    high_bytes,
    indices,
    packed,
    png,
    rle,
    saved,
    scene,
    tiff,
    uint24,
    webp,
    webp_canvas,
    webp_chunks,
)

FILES = {}  # name -> a function that gives the bytes of a file, and what is wanted of it: an Image, or None for Pillow's
REFUSED = {}  # name -> a function that gives the bytes of a file, and a part of the error


def file(name, make, want=None):
    assert name not in FILES
    FILES[name] = make, want


def refused(name, make, error):
    assert name not in REFUSED
    REFUSED[name] = make, error


def bmps():
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

        # Of literal pixels beyond the end of a row nothing is seen; Pillow puts them
        # into the next row.
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
        "2 bits a pixel are not supported",
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


bmps()


def pngs():
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
    for bits in (1, 2, 4):  # Pillow compares levels of 8 bits with the one of 2 or 4
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
    refused("png no palette", lambda: png(indices(4), 8, 3), "no palette")
    refused(
        "png depth 3",
        lambda: png(rgb, 8, 2)[:24] + b"\3" + png(rgb, 8, 2)[25:],
        "IHDR.* is damaged|depth 3",
    )


pngs()


tiffs(file, refused)


def gifs():
    table, other = colors(20), colors(60)[20:40]
    cells = indices(20, (11, 15))
    ramp = np.repeat(np.arange(32, dtype=np.uint8)[:, None], 3, 1)
    file("gif from Pillow", lambda: saved(scene().quantize(60), "GIF"))
    file("gif gray", lambda: saved(scene().convert("L"), "GIF"))
    file(
        "gif of 87", lambda: gif(gif_frame(indices(20)), table=table).replace(b"GIF89a", b"GIF87a")
    )
    file("gif local palette", lambda: gif(gif_frame(indices(20), table=other), table=table))
    file("gif local palette alone", lambda: gif(gif_frame(indices(20), table=other)))
    file("gif no palette", lambda: gif(gif_frame(indices(20))))
    file("gif gray ramp", lambda: gif(gif_frame(indices(40)), table=ramp))
    local = gif_frame(indices(40), table=ramp)
    file(
        "gif gray ramp for the frame", lambda: gif(local, table=table), Image.fromarray(indices(40))
    )  # Pillow takes the global colors
    file("gif indices beyond the palette", lambda: gif(gif_frame(indices(60)), table=table))
    for bits in (2, 3, 4, 6, 7):
        n = 1 << bits
        file(
            f"gif {bits} bit",
            lambda b=bits, n=n: gif(gif_frame(indices(n), bits=b), table=colors(n)),
        )
    file("gif black and white", lambda: gif(gif_frame(indices(2), bits=2), table=colors(2)))
    for laced in (False, True):
        tail = " interlaced" if laced else ""
        file(f"gif{tail}", lambda k=laced: gif(gif_frame(indices(20), interlaced=k), table=table))
        file(
            f"gif transparent{tail}",
            lambda k=laced: gif(gif_control(3) + gif_frame(indices(20), interlaced=k), table=table),
        )
        file(
            f"gif part{tail}",
            lambda k=laced: gif(gif_frame(cells, 7, 5, interlaced=k), background=4, table=table),
        )
        part = gif_control(6) + gif_frame(cells, 7, 5, interlaced=laced)
        file(f"gif transparent part{tail}", lambda p=part: gif(p, background=4, table=table))
        file(f"gif transparent gray part{tail}", lambda p=part: gif(p, background=4))
        file(
            f"gif beyond the screen{tail}",
            lambda k=laced: gif(gif_frame(cells, 30, 20, interlaced=k), table=table),
        )
        file(f"gif transparent beyond the screen{tail}", lambda p=part: gif(p, (9, 9), table=table))
    words = b"!\xfe\5hello\0" + b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0" + b"!\x99\1x\1y\0"
    file("gif extensions", lambda: gif(gif_frame(indices(20)), table=table, head=words))
    file(
        "gif two controls",
        lambda: gif(gif_control(2) + gif_control() + gif_frame(indices(20)), table=table),
    )
    file(
        "gif junk between blocks", lambda: gif(gif_frame(indices(20)), table=table, head=b"\0\0\7")
    )
    file(
        "gif animated",
        lambda: gif(
            gif_frame(indices(20)), table=table, tail=gif_control(1) + gif_frame(cells, 3, 3)
        ),
    )
    file("gif no end", lambda: gif(gif_frame(indices(20)), table=table)[:-1])
    refused("gif short", lambda: gif(gif_frame(indices(20)), table=table)[:-99], "truncated")
    refused("gif no frame", lambda: gif(b"", table=table), "no frame")
    refused(
        "gif extension that never ends",
        lambda: gif(b"", head=b"!\xfe" + b"\xff" * 4096),
        "truncated",
    )
    refused(
        "gif odd codes",
        lambda: gif(gif_frame(indices(20)).replace(b"\0\x08\xff", b"\0\x0c\xff"), table=table),
        "codes of 12 bits",
    )


gifs()


def webps():
    for quality in (20, 80, 100):
        file(f"webp lossy {quality}", lambda q=quality: saved(scene(), "WEBP", quality=q))
        file(
            f"webp lossy {quality} alpha",
            lambda q=quality: saved(faint(), "WEBP", quality=q, exact=True),
        )
    for size in ((1, 1), (3, 5), (64, 64)):
        file(f"webp lossy {size}", lambda s=size: saved(scene(s), "WEBP"))
        file(f"webp lossless {size}", lambda s=size: saved(scene(s), "WEBP", lossless=True))
    for method in (0, 6):
        file(
            f"webp lossless {method}",
            lambda m=method: saved(scene(), "WEBP", lossless=True, method=m),
        )
        file(
            f"webp lossless {method} alpha",
            lambda m=method: saved(faint(), "WEBP", lossless=True, exact=True, method=m),
        )
    for n in (2, 4, 16, 200):  # few colors are packed several to a pixel
        file(
            f"webp lossless {n} colors",
            lambda n=n: saved(scene().quantize(n).convert("RGB"), "WEBP", lossless=True),
        )
    file("webp icc", lambda: saved(scene(), "WEBP", icc_profile=b"not really" * 9))
    frames = [faint(), scene(seed=2)]
    for lossless in (False, True):
        tail = " lossless" if lossless else ""
        both = dict(lossless=lossless, quality=90)
        file(
            f"webp animated{tail}",
            lambda o=both: saved(scene(), "WEBP", save_all=True, append_images=frames[1:], **o),
        )
        file(
            f"webp animated alpha{tail}",
            lambda o=both: saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], **o),
        )
        file(
            f"webp part of the canvas{tail}", lambda o=both: webp_canvas(scene((20, 12)), 6, 4, **o)
        )
        file(
            f"webp alpha on a part of the canvas{tail}",
            lambda o=both: webp_canvas(faint((20, 12)), 6, 4, **o),
        )
        file(
            f"webp part of a canvas without alpha{tail}",
            lambda o=both: webp_canvas(scene((20, 12)), 6, 4, flags=2, **o),
        )
        refused(
            f"webp short{tail}",
            lambda o=both: saved(scene(), "WEBP", **o)[:-40],
            "truncated.*nothing of WebP can be kept",
        )
    inside = webp_chunks(saved(faint(), "WEBP", lossless=True, exact=True))[-1]
    file(
        "webp alpha that the container doesn't say",
        lambda: webp((b"VP8X", bytes(4) + uint24(W - 1, H - 1)), inside),
    )
    file("webp junk behind", lambda: saved(scene(), "WEBP") + b"junk" * 9)
    refused("webp no frame", lambda: webp((b"VP8X", bytes(4) + uint24(W - 1, H - 1))), "truncated")
    refused(
        "webp two sizes",
        lambda: webp((b"VP8X", bytes(4) + uint24(W - 5, H - 1)), inside),
        "beyond the canvas",
    )


webps()


def orientations():
    def itxt(packet, compressed=False):
        packet = b"\1\0en\0\0" + zlib.compress(packet) if compressed else b"\0\0\0\0" + packet
        return chunk(b"iTXt", b"XML:com.adobe.xmp\0" + packet)

    for n in range(1, 9):
        exif = Image.Exif()
        exif[274] = n
        for kind, options in {
            "jpeg": {"quality": 95, "subsampling": 0},
            "png": {},
            "tiff": {},
            "webp": {"lossless": True},
        }.items():
            file(
                f"{kind} orientation {n}",
                lambda k=kind, e=exif, o=options: saved(scene(), k.upper(), exif=e, **o),
            )
        pixels = np.asarray(scene())
        xmp = (
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description '
            b'tiff:Orientation="%d"/></x:xmpmeta>' % n
        )
        file(
            f"png orientation {n} in XMP",
            lambda x=xmp, p=pixels: png(p, 8, 2, before=[itxt(x)]),
        )
        file(
            f"png orientation {n} in compressed XMP",
            lambda x=xmp, p=pixels: png(p, 8, 2, before=[itxt(x, True)]),
        )
        digits = exif.tobytes().hex()
        text = f"\nexif\n{len(digits) // 2:8}\n{digits[:72]}\n{digits[72:]}\n".encode()
        texts = {b"tEXt": text, b"zTXt": b"\0" + zlib.compress(text)}
        for kind, value in texts.items():
            profile = chunk(kind, b"Raw profile type exif\0" + value)
            file(
                f"png orientation {n} in a profile {kind}",
                lambda c=profile, p=pixels: png(p, 8, 2, before=[c]),
            )
        file(
            f"jpeg orientation {n} in XMP",
            lambda x=xmp: saved(scene(), "JPEG", quality=95, subsampling=0, xmp=x),
        )
        file(
            f"webp orientation {n} in XMP",
            lambda x=xmp: saved(scene(), "WEBP", lossless=True, xmp=x),
        )
        for order in "<>":
            file(
                f"tiff orientation {n} {order}",
                lambda o=order, n=n, p=pixels: tiff(p, 2, order=o, tile=(16, 16), tags={274: [n]}),
            )


orientations()
