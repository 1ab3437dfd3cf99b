"""Each kind of file, made here, against what Pillow reads from it."""

import io
import itertools
import struct
import warnings
import zlib

import numpy as np
import pytest
from conftest import arrays
from PIL import Image, ImageOps

import mixfolder as mf

H, W = 23, 37
MODES = {"rgb": "RGB", "grayscale": "L", "rgba": "RGBA"}

FILES = {}  # name -> a function that gives the bytes of a file, and what is wanted of it: an Image, or None for Pillow's
REFUSED = {}  # name -> a function that gives the bytes of a file, and a part of the error


def file(name, make, want=None):
    assert name not in FILES
    FILES[name] = make, want


def refused(name, make, error):
    assert name not in REFUSED
    REFUSED[name] = make, error


def scene(size=(W, H), seed=1):
    """Smooth colour with hard edges: all bytes occur."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    image.paste((255, 0, 0), (4, 3, 9, 11))
    return image


def faint(size=(W, H)):
    """The same with an alpha channel that takes all values."""
    image = scene(size)
    alpha = np.add.outer(np.arange(size[1]) * 12, np.arange(size[0]) * 7) % 256
    alpha[:4], alpha[4:6] = 0, 255
    image.putalpha(Image.fromarray(alpha.astype(np.uint8)))
    return image


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def indices(levels, shape=(H, W)):
    """A picture of indices with runs and without."""
    return ((np.add.outer(np.arange(shape[0]) // 2, np.arange(shape[1]) // 3) ** 2) % levels).astype(np.uint8)


def packed(values, bits, align=8):
    """Rows of samples of less than 8 bits, high bits first, each row filled up to `align` bits."""
    rows = []
    for row in np.asarray(values):
        text = "".join(format(v, f"0{bits}b") for v in row)
        text += "0" * (-len(text) % align)
        rows.append(int(text, 2).to_bytes(len(text) // 8, "big"))
    return rows


def colours(n):
    return np.random.default_rng(9).integers(0, 256, (n, 3), dtype=np.uint8)


# BMP


def bmp(bits, rows, header=40, compression=0, palette=b"", masks=(), colours=0, down=False, gap=0):
    """rows: from the top down; or bytes of compressed data."""
    data = rows if isinstance(rows, bytes) else b"".join(r + b"\0" * (-len(r) % 4) for r in (rows if down else rows[::-1]))
    if header == 12:
        head = struct.pack("<IHHHH", 12, W, H, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", 40, W, -H if down else H, 1, bits, compression, len(data), 0, 0, colours, 0)
        head += struct.pack(f"<{len(masks)}I", *masks)
        head = struct.pack("<I", header) + head[4:]
        head = head.ljust(header, b"\0")
    at = 14 + len(head) + len(palette) + gap
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + head + palette + b"\0" * gap + data


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


def bmps():
    for bits in (1, 4, 8):
        n = 1 << bits
        values = packed(indices(n), bits)
        file(f"bmp {bits} bit", lambda b=bits, v=values, n=n: bmp(b, v, palette=bmp_palette(colours(n))))
        file(f"bmp {bits} bit down", lambda b=bits, v=values, n=n: bmp(b, v, palette=bmp_palette(colours(n)), down=True))
        file(f"bmp {bits} bit os/2", lambda b=bits, v=values, n=n: bmp(b, v, header=12, palette=bmp_palette(colours(n), 3)))
        for header in (52, 56, 64, 108, 124):
            file(
                f"bmp {bits} bit header {header}",
                lambda b=bits, v=values, n=n, h=header: bmp(b, v, header=h, palette=bmp_palette(colours(n)), gap=6),
            )
    file("bmp 8 bit few colours", lambda: bmp(8, packed(indices(40), 8), palette=bmp_palette(colours(20)), colours=20))
    file("bmp 8 bit gray", lambda: saved(scene().convert("L"), "BMP"))
    file("bmp 1 bit gray", lambda: saved(scene().convert("1"), "BMP"))
    ramp = np.repeat(np.arange(20, dtype=np.uint8)[:, None], 3, 1)
    file("bmp 8 bit short ramp", lambda: bmp(8, packed(indices(40), 8), palette=bmp_palette(ramp), colours=20))

    words = np.random.default_rng(3).integers(0, 1 << 16, (H, W), dtype="<u2")
    rows16 = [r.tobytes() for r in words]
    file("bmp 16 bit", lambda: bmp(16, rows16))
    file("bmp 16 bit down", lambda: bmp(16, rows16, down=True))
    for name, masks in (("555", (0x7C00, 0x3E0, 0x1F)), ("565", (0xF800, 0x7E0, 0x1F))):
        file(f"bmp 16 bit {name} behind the header", lambda m=masks: bmp(16, rows16, compression=3, palette=struct.pack("<3I", *m)))
        for header in (52, 56, 108, 124):
            file(f"bmp 16 bit {name} header {header}", lambda m=masks, h=header: bmp(16, rows16, h, 3, masks=m))
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
            file(f"bmp 32 bit masks {k} header {header}", lambda m=masks, h=header: bmp(32, rows32, h, 3, masks=m))
        if k < 3:
            behind = struct.pack("<3I", *masks[:3])
            file(f"bmp 32 bit masks {k} behind the header", lambda b=behind: bmp(32, rows32, compression=3, palette=b))

    for bits, compression in ((8, 1), (4, 2)):
        table = bmp_palette(colours(1 << bits))
        values = indices(1 << bits)
        for literal in (False, True):
            name = f"bmp rle{bits} {'literal' if literal else 'runs'}"
            file(name, lambda v=values, b=bits, t=table, c=compression, k=literal: bmp(b, rle(v, b, k), 40, c, t))
        # A delta of 5 columns and 2 rows, then the rest of the row; a pattern of two values where an index has four bits.
        rest = rle(values[:-3], bits)
        jump = bytes([3, 0x21, 0, 2, 5, 2, W - 8, 0x43, 0, 0]) + rest
        file(f"bmp rle{bits} delta", lambda b=bits, t=table, c=compression, j=jump: bmp(b, j, 40, c, t))
        early = Image.fromarray(np.vstack([np.zeros((H - 1, W), np.uint8), np.full((1, W), 1, np.uint8)]))
        early.putpalette(colours(1 << bits).tobytes())
        stop = bytes([W, 1 if bits == 8 else 0x11, 0, 1])
        file(f"bmp rle{bits} ends early", lambda b=bits, t=table, c=compression, s=stop: bmp(b, s, 40, c, t), early)

    refused("bmp 2 bit", lambda: bmp(2, packed(indices(4), 2), palette=bytes(16)), "2 bits a pixel are not supported")
    refused("bmp odd masks", lambda: bmp(32, rows32, 56, 3, masks=(0xFF, 0xFF00, 0xFF, 0)), "masks .* are not supported")
    refused("bmp jpeg", lambda: bmp(24, rows24, compression=4), "compression 4 is not supported")
    refused("bmp short", lambda: bmp(24, rows24)[:-1], "truncated")
    refused("bmp rle short", lambda: bmp(8, rle(indices(9), 8)[:-9], 40, 1, bytes(1024)), "truncated")


bmps()


# PNG


def chunk(kind, data, crc=0):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) ^ crc)


PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def filtered(rows, size):
    """Rows of bytes behind the filters 0 to 4 in turn."""
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


def png(samples, depth, colour, interlaced=False, before=(), after=(), split=0, cut=None, crc=0, data=None, extra=b""):
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
    head = struct.pack(">IIBBBBB", flat.shape[1], flat.shape[0], depth, colour, 0, 0, interlaced)
    step = split or len(data)
    idat = b"".join(chunk(b"IDAT", data[i : i + step], crc) for i in range(0, len(data), step))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(before) + idat + b"".join(after) + chunk(b"IEND", b"")


def high_bytes(samples):
    """What 16-bit samples are here: where Pillow clips gray, the high byte."""
    return Image.fromarray((np.asarray(samples) >> 8).astype(np.uint8))


def pngs():
    rgb, rgba = np.asarray(scene()), np.asarray(faint())
    gray, la = np.asarray(scene().convert("L")), np.asarray(faint().convert("LA"))

    def deep(a):
        return a.astype(np.uint16) * 257 ^ 0x5A

    for laced in (False, True):
        tail = " interlaced" if laced else ""
        for bits in (1, 2, 4, 8):
            n = 1 << bits
            file(f"png {bits} bit gray{tail}", lambda b=bits, n=n, k=laced: png(indices(n), b, 0, k))
            plte = chunk(b"PLTE", colours(n).tobytes())
            file(f"png {bits} bit palette{tail}", lambda b=bits, n=n, k=laced, p=plte: png(indices(n), b, 3, k, [p]))
            alphas = bytes(range(0, 256, 256 // n))[: max(1, n - 3)]
            file(
                f"png {bits} bit palette with alpha{tail}",
                lambda b=bits, n=n, k=laced, p=plte, a=alphas: png(indices(n), b, 3, k, [p, chunk(b"tRNS", a)]),
            )
        file(f"png 16 bit gray{tail}", lambda k=laced: png(deep(gray), 16, 0, k), high_bytes(deep(gray)))
        file(f"png rgb{tail}", lambda k=laced: png(rgb, 8, 2, k))
        file(f"png 16 bit rgb{tail}", lambda k=laced: png(deep(rgb), 16, 2, k))
        file(f"png gray with alpha{tail}", lambda k=laced: png(la, 8, 4, k))
        file(f"png 16 bit gray with alpha{tail}", lambda k=laced: png(deep(la), 16, 4, k))
        file(f"png rgba{tail}", lambda k=laced: png(rgba, 8, 6, k))
        file(f"png 16 bit rgba{tail}", lambda k=laced: png(deep(rgba), 16, 6, k))
        clear = struct.pack(">H", int(gray[3, 3]))
        file(f"png gray with a transparent level{tail}", lambda k=laced, c=clear: png(gray, 8, 0, k, [chunk(b"tRNS", c)]))
        clear3 = struct.pack(">3H", *map(int, rgb[5, 5]))
        file(f"png rgb with a transparent colour{tail}", lambda k=laced, c=clear3: png(rgb, 8, 2, k, [chunk(b"tRNS", c)]))
    one = chunk(b"tRNS", bytes([255, 255, 0, 255]))
    plte = chunk(b"PLTE", colours(16).tobytes())
    file("png palette with a transparent entry", lambda: png(indices(16), 8, 3, False, [plte, one]))
    file("png indices beyond the palette", lambda: png(indices(40), 8, 3, False, [plte]))
    for bits in (1, 2, 4):  # Pillow compares levels of 8 bits with the one of 2 or 4
        levels = Image.fromarray(indices(1 << bits) * (255 // ((1 << bits) - 1)))
        levels.putalpha(Image.fromarray((indices(1 << bits) != 1) * np.uint8(255)))
        clear = [chunk(b"tRNS", b"\0\1")]
        file(f"png {bits} bit gray with a transparent level", lambda b=bits, c=clear: png(indices(1 << b), b, 0, False, c), levels)

    file("png many IDAT", lambda: png(rgb, 8, 2, split=100))
    file("png empty IDAT", lambda: png(rgb, 8, 2, before=[chunk(b"IDAT", b"")]))
    gamma = [chunk(b"gAMA", struct.pack(">I", 220000)), chunk(b"sBIT", b"\5\5\5"), chunk(b"bKGD", bytes(6)), chunk(b"quWx", bytes(9))]
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
    file("png animated, default image apart", lambda: saved(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True))

    refused("png cut", lambda: png(rgb, 8, 2)[:500], "truncated")
    refused("png pixels missing", lambda: png(rgb, 8, 2, cut=-99), "truncated")
    refused("png bad checksum of IDAT", lambda: png(rgb, 8, 2, crc=1), "IDAT.* is damaged")
    refused("png bad checksum of gAMA", lambda: png(rgb, 8, 2, before=[chunk(b"gAMA", bytes(4), 1)]), "gAMA.* is damaged")
    refused("png bad checksum of zlib", lambda: png(rgb, 8, 2, data=lambda raw: zlib.compress(raw)[:-1] + b"!"), "checksum")
    refused("png no palette", lambda: png(indices(4), 8, 3), "no palette")
    refused("png depth 3", lambda: png(rgb, 8, 2)[:24] + b"\3" + png(rgb, 8, 2)[25:], "IHDR.* is damaged|depth 3")


pngs()


def pixels(root, mode, size, **options):
    with mf.from_directory(root, image_size=size[::-1], batch_size=1, color_mode=mode, mix=None, verbose=False, **options) as seq:
        return arrays(seq[0])[0][0]


def write(root, data):
    (root / "c").mkdir()
    (root / "c" / "file.png").write_bytes(data)


def wanted(image, mode):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Palette images with Transparency")
        image = np.asarray(ImageOps.exif_transpose(image).convert(MODES[mode]))
    return image.reshape(*image.shape[:2], -1)


@pytest.mark.parametrize("name", FILES)
def test_pixels_are_those_of_pillow(tmp_path, name):
    make, want = FILES[name]
    data = make()
    write(tmp_path, data)
    for mode in MODES:
        expected = wanted(want or Image.open(io.BytesIO(data)), mode)
        got = pixels(tmp_path, mode, expected.shape[1::-1])
        np.testing.assert_array_equal(got, expected, err_msg=mode)


@pytest.mark.parametrize("name", REFUSED)
def test_the_rest_is_an_error_that_says_what(tmp_path, name):
    make, error = REFUSED[name]
    write(tmp_path, make())
    with pytest.raises(Exception, match=f"(?s)file.png.*{error}"):
        pixels(tmp_path, "rgb", (W, H))
