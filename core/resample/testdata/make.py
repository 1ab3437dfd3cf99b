"""Writes what Pillow (13.0 or later) and SciPy make of the images that golden_test.go paints:
pillow.jsonl (resized) and warp.jsonl (sampled through affine maps). Run by `make golden`."""

import base64
import json
import pathlib
import zlib

import numpy as np
import scipy.ndimage
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
FILTERS = {"nearest": 0, "box": 4, "bilinear": 2, "hamming": 5, "bicubic": 3, "lanczos": 1}
SIZES = [  # source, target
    ((13, 9), (24, 19)),
    ((60, 50), (26, 22)),
    ((41, 47), (40, 16)),  # the vertical pass comes first
    ((20, 33), (20, 15)),  # one pass
    ((33, 20), (14, 20)),
    ((17, 11), (17, 11)),
    ((1, 1), (5, 4)),
    ((1, 40), (6, 9)),
    ((2000, 5), (7, 3)),
    ((3, 2000), (2, 7)),
]
# Source, target, part of the source in eighths of a pixel, which Pillow's 32-bit floats
# hold.
BOXES = [
    ((60, 50), (26, 22), (0.125, 0.5, 59.25, 49.875)),
    ((60, 50), (13, 11), (0, 0, 59.5, 50)),
    ((13, 47), (12, 9), (0.5, 0.875, 13, 46.625)),  # the vertical pass comes first
    ((11, 47), (10, 16), (0, 20, 11, 37)),  # as it does for the whole
    ((41, 47), (14, 10), (17.5, 3.25, 21.125, 9.75)),
    ((9, 33), (9, 15), (0, 0.25, 9, 31.125)),  # one pass
    ((33, 5), (33, 5), (0.25, 0, 32.25, 5)),
    ((40, 20), (7, 6), (12, 8, 13, 9)),
]
CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}


def paint(width, height, channels):
    """Slopes, hard edges and some noise; golden_test.go has the same formula."""
    y, x, c = np.ogrid[:height, :width, :channels]
    slope = 3 * x + 5 * y + 60 * c
    edge = 120 * ((x // 5 + y // 4 + c) % 2)
    noise = (x * 7919 + y * 104729 + c * 1299709) // 64 % 32
    return ((slope + edge + noise) % 256).astype(np.uint8)


def packed(pixels):
    return base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode()


CASES = [(source, target, (0, 0, *source)) for source, target in SIZES] + BOXES

with open(HERE / "pillow.jsonl", "w") as out:
    for filter_name, number in FILTERS.items():
        for source, target, box in CASES:
            for mode, channels in CHANNELS.items():
                pixels = paint(*source, channels)
                image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode)
                result = np.asarray(image.resize(target, number, box))
                case = {
                    "filter": filter_name,
                    "channels": channels,
                    "source": source,
                    "target": target,
                    "box": box,
                    "pixels": packed(result),
                }
                out.write(json.dumps(case) + "\n")

# Source, target, (a, b, c, d, e, f): the target's (x, y) is the source's
# (a x + b y + c, d x + e y + f).
MAPS = [
    ((23, 17), (23, 17), (0.8660254, 0.5, -2.7, -0.5, 0.8660254, 6.9)),  # turned
    (
        (23, 17),
        (20, 14),
        (-1.313, 0.271, 24.317, 0.401, 1.703, -5.117),
    ),  # and flipped, shrunk, sheared
    ((23, 17), (21, 30), (0.31, -0.123, 9.4, 0.071, 0.234, 3.7)),  # enlarged
    ((23, 17), (26, 19), (1, 0, -4.31, 0, 1, 1.63)),  # shifted
    (
        (7, 5),
        (30, 20),
        (1.031, 0.203, -9.8713, -0.3017, 1.1033, -3.2171),
    ),  # far outside: fill modes come round twice
    ((1, 6), (5, 7), (0.703, 0.101, -1.317, 0.203, 0.901, -0.413)),
    ((6, 1), (7, 5), (0.703, 0.101, -1.317, 0.203, 0.901, -0.413)),
]
VALUE = (200, 100, 50, 255)


def by_scipy(pixels, target, m, order, mode):
    """scipy.ndimage counts rows first, and from pixel centers."""
    a, b, c, d, e, f = m
    matrix = [[e, d], [b, a]]
    offset = [(d + e) / 2 + f - 0.5, (a + b) / 2 + c - 0.5]
    out = np.empty((target[1], target[0], pixels.shape[2]))
    for i in range(pixels.shape[2]):
        out[..., i] = scipy.ndimage.affine_transform(
            pixels[..., i].astype(float),
            matrix,
            offset,
            target[::-1],
            order=order,
            mode=mode,
            cval=VALUE[i],
        )
    return np.floor(out + 0.5).astype(np.uint8)


def by_pillow(pixels, target, m, order):
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    value = VALUE[0] if pixels.shape[2] == 1 else VALUE[: pixels.shape[2]]
    return np.asarray(
        image.transform(
            target, Image.AFFINE, m, (Image.NEAREST, Image.BILINEAR)[order], fillcolor=value
        )
    )


with open(HERE / "warp.jsonl", "w") as out:
    for source, target, m in MAPS:
        for channels in CHANNELS.values():
            pixels = paint(*source, channels)
            if channels == 4:
                pixels[..., 3] |= 128  # dividing by a small alpha blows up a difference of 1
            for order in (0, 1):
                results = {("pillow", "constant"): by_pillow(pixels, target, m, order)}
                if channels < 4:
                    for mode in ("constant", "nearest", "reflect", "wrap"):
                        results["scipy", mode] = by_scipy(pixels, target, m, order, mode)
                for (by, mode), result in results.items():
                    case = {
                        "by": by,
                        "mode": mode,
                        "order": order,
                        "channels": channels,
                        "source": source,
                        "target": target,
                        "map": m,
                    }
                    out.write(json.dumps(case | {"pixels": packed(result)}) + "\n")
