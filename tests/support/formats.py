"""Files made byte by byte, of the kinds that Pillow doesn't write."""

import io
import itertools
import struct
import zlib

import numpy as np
from PIL import Image

H, W = 23, 37


def scene(size=(W, H), seed=1):
    """Smooth color with hard edges: all bytes occur."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
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


def high_bytes(samples):
    """What 16-bit samples are here: where Pillow clips gray, the high byte."""
    return Image.fromarray((np.asarray(samples) >> 8).astype(np.uint8))


def indices(levels, shape=(H, W)):
    """An image of indices with runs and without."""
    return (
        (np.add.outer(np.arange(shape[0]) // 2, np.arange(shape[1]) // 3) ** 2) % levels
    ).astype(np.uint8)


def packed(values, bits, align=8):
    """Rows of samples of less than 8 bits, high bits first, each row filled up to `align` bits."""
    rows = []
    for row in np.asarray(values):
        text = "".join(format(v, f"0{bits}b") for v in row)
        text += "0" * (-len(text) % align)
        rows.append(int(text, 2).to_bytes(len(text) // 8, "big"))
    return rows


def colors(n):
    return np.random.default_rng(9).integers(0, 256, (n, 3), dtype=np.uint8)


# BMP


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


# PNG


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


# TIFF


def packbits(data):
    out = b""
    while data:
        run = len(data) - len(data.lstrip(data[:1]))
        if run > 1:
            run = min(run, 128)
            out, data = out + bytes([257 - run]) + data[:1], data[run:]
        else:
            out, data = out + b"\x04" + data[:5].ljust(5, b"\0"), data[5:]
    return out


def lzw(data):
    """LZW of TIFF 6.0, with codes that grow a code early."""
    codes, width, bits = [(256, 9)], 9, ""
    table, prefix = {bytes([i]): i for i in range(256)}, b""
    n = 258
    for i in range(len(data)):
        longer = prefix + data[i : i + 1]
        if longer in table:
            prefix = longer
            continue
        codes.append((table[prefix], width))
        table[longer] = n
        n += 1
        width = 9 + (n > 511) + (n > 1023) + (n > 2047)
        if n == 4095:
            codes.append((256, width))
            table, n, width = {bytes([k]): k for k in range(256)}, 258, 9
        prefix = data[i : i + 1]
    codes.append((table[prefix], width))
    n += 1
    codes.append((257, 9 + (n > 511) + (n > 1023) + (n > 2047)))
    bits = "".join(format(code, f"0{w}b") for code, w in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


COMPRESS = {1: bytes, 8: zlib.compress, 32946: zlib.compress, 32773: packbits, 5: lzw}


def tiff(
    samples,
    photometric,
    bits=8,
    order="<",
    compression=1,
    tile=None,
    strip=7,
    planar=False,
    predictor=1,
    fill=1,
    tags=(),
    packer=None,
    under=None,
):
    """samples: height x width x samples; big and little endian; the directory stands before the
    pixels.

    tags: values by tag, or (type, count, bytes); under: the tags of the places and of the counts
        of bytes.
    """
    samples = np.asarray(samples)
    samples = samples.reshape(*samples.shape[:2], -1)
    h, w, n = samples.shape
    tw, th = tile or (w, strip)
    data = []
    for plane in np.split(samples, n, 2) if planar else [samples]:
        for y, x in itertools.product(range(0, h, th), range(0, w, tw)):
            part = plane[y : y + th, x : x + tw]
            if tile:
                part = np.pad(
                    part,
                    ((0, th - part.shape[0]), (0, tw - part.shape[1]), (0, 0)),
                    constant_values=1,
                )
            if packer:
                data.append(packer(part))
                continue
            if predictor == 2:
                part = np.concatenate([part[:, :1], np.diff(part, axis=1)], 1)
            rows = (
                [r.astype(order + "u2").tobytes() for r in part]
                if bits == 16
                else packed(part.reshape(part.shape[0], -1), bits)
            )
            raw = COMPRESS[compression](b"".join(rows))
            data.append(bytes(int(f"{b:08b}"[::-1], 2) for b in raw) if fill == 2 else raw)
    entries = {
        256: [w],
        257: [h],
        258: [bits] * n,
        259: [compression],
        262: [photometric],
        277: [n],
        284: [1 + planar],
    }
    entries |= {266: [fill]} if fill != 1 else {}
    entries |= {317: [predictor]} if predictor != 1 else {}
    entries |= {322: [tw], 323: [th]} if tile else {278: [th]}
    places, counts = under or ((324, 325) if tile else (273, 279))
    entries |= {places: [0] * len(data), counts: [len(d) for d in data]}
    entries |= dict(tags)
    entries = {k: entries[k] for k in sorted(entries) if entries[k] is not None}
    for _ in range(2):  # the second time with the offsets
        directory, outside = b"", b""
        end = 8 + 2 + 12 * len(entries) + 4
        for tag, values in entries.items():
            if isinstance(values, tuple):
                kind, count, body = values
            elif isinstance(values, bytes):
                kind, body, count = 7, values, len(values)
            else:
                kind = 4 if max(values) > 65535 or tag in (273, 279, 324, 325) else 3
                body, count = (
                    struct.pack(f"{order}{len(values)}{'HI'[kind - 3]}", *values),
                    len(values),
                )
            if len(body) > 4:
                outside += b"\0" * (len(outside) % 2)
                at = end + len(outside)
                outside += body
                body = struct.pack(order + "I", at)
            directory += struct.pack(order + "HHI", tag, kind, count) + body.ljust(4, b"\0")
        at = end + len(outside)
        entries[places] = [at + sum(map(len, data[:i])) for i in range(len(data))]
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return (
        head
        + struct.pack(order + "H", len(entries))
        + directory
        + struct.pack(order + "I", 0)
        + outside
        + b"".join(data)
    )


# GIF


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


# WebP


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
