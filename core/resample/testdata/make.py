"""Writes pillow.jsonl: what Pillow (13.0 or later) makes of the pictures that golden_test.go paints. Run it in this folder."""

import base64
import json
import zlib

import numpy as np
from PIL import Image

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
BOXES = [  # source, target, part of the source: eighths of a pixel, which Pillow's 32-bit floats hold
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


CASES = [(source, target, (0, 0, *source)) for source, target in SIZES] + BOXES

with open("pillow.jsonl", "w") as out:
    for filter_name, number in FILTERS.items():
        for source, target, box in CASES:
            for mode, channels in CHANNELS.items():
                pixels = paint(*source, channels)
                image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode)
                result = np.asarray(image.resize(target, number, box)).tobytes()
                case = {
                    "filter": filter_name,
                    "channels": channels,
                    "source": source,
                    "target": target,
                    "box": box,
                    "pixels": base64.b64encode(zlib.compress(result, 9)).decode(),
                }
                out.write(json.dumps(case) + "\n")
