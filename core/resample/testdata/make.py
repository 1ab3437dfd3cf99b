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
CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}


def paint(width, height, channels):
    """Slopes, hard edges and some noise; golden_test.go has the same formula."""
    y, x, c = np.ogrid[:height, :width, :channels]
    slope = 3 * x + 5 * y + 60 * c
    edge = 120 * ((x // 5 + y // 4 + c) % 2)
    noise = (x * 7919 + y * 104729 + c * 1299709) // 64 % 32
    return ((slope + edge + noise) % 256).astype(np.uint8)


with open("pillow.jsonl", "w") as out:
    for filter_name, number in FILTERS.items():
        for source, target in SIZES:
            for mode, channels in CHANNELS.items():
                pixels = paint(*source, channels)
                image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode)
                result = np.asarray(image.resize(target, number)).tobytes()
                case = {
                    "filter": filter_name,
                    "channels": channels,
                    "source": source,
                    "target": target,
                    "pixels": base64.b64encode(zlib.compress(result, 9)).decode(),
                }
                out.write(json.dumps(case) + "\n")
