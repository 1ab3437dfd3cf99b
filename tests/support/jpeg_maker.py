"""Writer for JPEG files, including those that Pillow cannot write: any sampling, number of
components and scans, with the standard Huffman tables (T.81 K.3)."""

import io
import pathlib
import struct
from functools import cache

import numpy as np
from PIL import Image

ZIGZAG = sorted(
    range(64), key=lambda i: (i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8)
)
ARITHMETIC = pathlib.Path(__file__).parents[2] / "core/imagefile/jpeg/testdata/arithmetic"
SAMPLINGS = {
    "444": [(1, 1), (1, 1), (1, 1)],
    "422": [(2, 1), (1, 1), (1, 1)],
    "440": [(1, 2), (1, 1), (1, 1)],
    "420": [(2, 2), (1, 1), (1, 1)],
    "411": [(4, 1), (1, 1), (1, 1)],
    "410": [(4, 2), (1, 1), (1, 1)],
    "441": [(1, 4), (1, 1), (1, 1)],
    "3x1": [(3, 1), (1, 1), (1, 1)],
    "1x3": [(1, 3), (1, 1), (1, 1)],
    "3x2": [(3, 2), (1, 1), (1, 1)],
    "full-at-2": [(2, 1), (2, 1), (2, 1)],
    "2x2-1x2-1x1": [(2, 2), (1, 2), (1, 1)],
    "2x2-2x1-1x2": [(2, 2), (2, 1), (1, 2)],
    "4x1-2x1-1x1": [(4, 1), (2, 1), (1, 1)],
    "1x4-1x2-1x1": [(1, 4), (1, 2), (1, 1)],
    "luma-below": [(1, 1), (2, 2), (1, 1)],
    "luma-below-both": [(1, 1), (2, 1), (2, 1)],
    "luma-across": [(1, 2), (2, 1), (1, 1)],
    "gray": [(1, 1)],
    "gray-2x2": [(2, 2)],
    "gray-3x1": [(3, 1)],
    "cmyk": [(1, 1)] * 4,
    "cmyk-420": [(2, 2), (1, 1), (1, 1), (2, 2)],
    "cmyk-211": [(2, 1), (1, 1), (1, 1), (2, 1)],
    "cmyk-mixed": [(1, 2), (1, 1), (2, 1), (1, 1)],
}


def ceil(a, b):
    return -(-a // b)


def segment(mark, body=b""):
    return bytes((0xFF, mark)) + struct.pack(">H", len(body) + 2) + body


def adobe(transform):
    """Adobe's APP14 marker, with the color transform."""
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes((transform,)))


def segments(data):
    """Yields (marker, start, end) of the segments up to the first scan's header, that included."""
    at, mark = 2, 0
    while mark != 0xDA:
        mark, size = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        yield mark, at, at + 2 + size
        at += 2 + size


@cache
def standard():
    """The standard tables: their DHT segments, and {symbol: (code, length)} by class and number."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", subsampling=0)
    data, tables, raw = file.getvalue(), {}, b""
    for mark, start, end in segments(data):
        if mark != 0xC4:
            continue
        raw, at = raw + data[start:end], start + 4
        while at < end:
            which, counts = data[at], data[at + 1 : at + 17]
            symbols, at = iter(data[at + 17 : at + 17 + sum(counts)]), at + 17 + sum(counts)
            code, table = 0, {}
            for length, count in enumerate(counts, 1):
                for _ in range(count):
                    table[next(symbols)] = (code, length)
                    code += 1
                code *= 2
            tables[which >> 4, which & 15] = table
    return raw, tables


class Bits:
    def __init__(self):
        self.text = []

    def put(self, value, length):
        if length:
            self.text.append(format(value, f"0{length}b"))

    def symbol(self, table, symbol):
        self.put(*table[symbol])

    def number(self, table, run, value):
        """A run of zeros, and a value in its category."""
        size = abs(value).bit_length()
        self.symbol(table, run << 4 | size)
        self.put(value if value >= 0 else value + (1 << size) - 1, size)

    def flush(self):
        text, self.text = "".join(self.text), []
        text += "1" * (-len(text) % 8)
        data = int(text, 2).to_bytes(len(text) // 8, "big") if text else b""
        return data.replace(b"\xff", b"\xff\x00")


def shifted(value, low):
    """A coefficient without its low bits: toward zero."""
    return (abs(value) >> low) * (1 if value >= 0 else -1)


def put_block(bits, block, before, tables, number, band):
    first, last, high, low = band
    if first == 0 and high:
        bits.put(block[0] >> low & 1, 1)
        return before
    if first == 0:
        now = block[0] >> low  # downwards: T.81 G.1.2.1
        bits.number(tables[0, number], 0, now - before)
        before, first = now, 1
    run = 0
    for k in range(first, last + 1):
        value = shifted(block[k], low)
        if value == 0:
            run += 1
            continue
        while run > 15:
            bits.symbol(tables[1, number], 0xF0)
            run -= 16
        bits.number(tables[1, number], run, value)
        run = 0
    if run and last:
        bits.symbol(tables[1, number], 0)
    return before


def scene(width, height, factors, rng):
    """Coefficients in zigzag order, by component: rows x columns x 64, those included that only
    fill MCUs."""
    most_h, most_v = max(h for h, _ in factors), max(v for _, v in factors)
    planes = []
    for h, v in factors:
        rows, columns = ceil(height, 8 * most_v) * v, ceil(width, 8 * most_h) * h
        blocks = np.zeros((rows, columns, 64), int)
        blocks[..., 0] = np.clip(np.cumsum(rng.integers(-30, 31, (rows, columns)), 1), -110, 110)
        blocks[..., 1:9] = rng.integers(-9, 10, (rows, columns, 8)) * rng.integers(
            0, 2, (rows, columns, 8)
        )
        blocks[..., 9:] = rng.integers(-2, 3, (rows, columns, 55)) * (
            rng.random((rows, columns, 55)) < 0.05
        )
        planes.append(blocks)
    return planes


def make(
    width,
    height,
    factors,
    scans=None,
    progressive=False,
    restart=0,
    ids=None,
    head=b"",
    tables=True,
    quant=b"",
    seed=0,
):
    """A file. A scan is (components, first, last, high, low). Sequential files have one scan by
    default, progressive ones the usual."""
    planes = scene(width, height, factors, np.random.default_rng(seed))
    count = len(factors)
    ids = ids or range(1, count + 1)
    most_h, most_v = max(h for h, _ in factors), max(v for _, v in factors)
    if scans is None and progressive:
        every = range(count)
        scans = [
            (every, 0, 0, 0, 1),
            *[([c], 1, 5, 0, 0) for c in every],
            *[([c], 6, 63, 0, 0) for c in every],
            (every, 0, 0, 1, 0),
        ]
    elif scans is None:
        scans = [(range(count), 0, 63, 0, 0)]
    dht, codes = standard()
    out = (
        b"\xff\xd8" + head + (quant or segment(0xDB, b"\0" + bytes(4 + k // 8 for k in range(64))))
    )
    frame = b"".join(bytes((i, h << 4 | v, 0)) for i, (h, v) in zip(ids, factors, strict=True))
    out += segment(
        0xC2 if progressive else 0xC0, struct.pack(">BHHB", 8, height, width, count) + frame
    )
    out += dht if tables else b""
    out += segment(0xDD, struct.pack(">H", restart)) if restart else b""
    for components, *band in scans:
        header = b"".join(bytes((ids[c], 0x11 * min(c, 1))) for c in components)
        out += segment(
            0xDA,
            bytes((len(components),)) + header + bytes((band[0], band[1], band[2] << 4 | band[3])),
        )
        if len(components) == 1:  # never interleaved: only the blocks that have samples
            h, v = factors[components[0]]
            across, down = ceil(ceil(width * h, most_h), 8), ceil(ceil(height * v, most_v), 8)
            units = [[(components[0], y, x)] for y in range(down) for x in range(across)]
        else:
            units = [
                [
                    (c, my * factors[c][1] + v, mx * factors[c][0] + h)
                    for c in components
                    for v in range(factors[c][1])
                    for h in range(factors[c][0])
                ]
                for my in range(ceil(height, 8 * most_v))
                for mx in range(ceil(width, 8 * most_h))
            ]
        bits, before = Bits(), [0] * count
        for n, unit in enumerate(units):
            if restart and n and n % restart == 0:
                out += bits.flush() + bytes((0xFF, 0xD0 + (n // restart - 1) % 8))
                before = [0] * count
            for c, y, x in unit:
                before[c] = put_block(
                    bits, planes[c][y, x].tolist(), before[c], codes, min(c, 1), band
                )
        out += bits.flush()
    return out + b"\xff\xd9"


def each(factors):
    """One scan per component."""
    return [([c], 0, 63, 0, 0) for c in range(len(factors))]


def photo(width=61, height=45, mode="RGB", noise=9, **options):
    """A file written by Pillow."""
    rng = np.random.default_rng(width)
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([4 * x, 5 * y, 127 + 120 * np.sin(x / 6 + y / 4)], -1) + rng.normal(
        0, noise, (height, width, 3)
    )
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert(mode).save(
        file, "JPEG", **options
    )
    return file.getvalue()


def arithmetic(name):
    """A file written by jpegtran of libjpeg-turbo, as neither Pillow nor `make` write arithmetic
    coding."""
    return (ARITHMETIC / f"{name}.jpg").read_bytes()


def replaced(data, old, new):
    assert old in data
    return data.replace(old, new, 1)
