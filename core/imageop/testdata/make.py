"""Writes what Pillow (13), torchvision (0.29), SciPy (1.17) and Keras (3.15) make of the images
that golden_test.go paints.

Run by `make golden`."""

import base64
import hashlib
import json
import pathlib
import sys
import zlib

import numpy as np
from keras.src.legacy.preprocessing.image import apply_channel_shift
from PIL import Image, ImageEnhance, ImageOps
from scipy.ndimage import correlate1d

try:
    import torch
    from torchvision.transforms import functional
except ImportError as error:
    print(f"{error}: the golden files stay as they are")
    sys.exit()

HERE = pathlib.Path(__file__).resolve().parent

SIZES = [(37, 29), (1, 1), (2, 2), (3, 3), (2, 9), (131, 3)]  # width, height
KINDS = ["slopes", "flat", "gray", "saturated", "soft", "noise"]


def paint(kind, width, height, channels):
    """golden_test.go has the same formulas."""
    y, x, c = np.ogrid[:height, :width, :channels]
    noise = (x * 7919 + y * 104729 + c * 1299709) // 64
    if kind == "slopes":  # hard edges and some noise
        value = 3 * x + 5 * y + 60 * c + 120 * ((x // 5 + y // 4 + c) % 2) + noise % 32
    elif kind == "flat":
        value = 40 + 70 * c + 0 * (x + y)
    elif kind == "gray":
        value = 3 * x + 5 * y + 0 * c
    elif kind == "saturated":
        value = 255 * ((x // 3 + y // 2 + c) % 2) + 0 * c
    elif kind == "soft":  # as in photographs: gentle, the channels alike, not the whole range
        value = 60 + ((x - 15) ** 2 + 2 * (y - 11) ** 2) // 16 % 97 + 9 * c + noise % 7
    else:
        value = noise * 31 + noise // 16
    return np.broadcast_to(value % 256, (height, width, channels)).astype(np.uint8)


def colors(change):
    """Leaves alpha alone."""

    def changed(pixels):
        result = pixels.copy()
        color = pixels[..., 0] if pixels.shape[2] == 1 else np.ascontiguousarray(pixels[..., :3])
        result[..., :3] = np.asarray(change(Image.fromarray(color))).reshape(result[..., :3].shape)
        return result

    return changed


def shifted(pixels, red, green, blue):
    """Keras', for the channels one by one where the amounts differ: clipped to the range that
    they have together."""
    result = pixels.copy()
    for c, amount in enumerate((red, green, blue)[: pixels.shape[2]]):
        result[..., c] = np.rint(apply_channel_shift(pixels[..., :3].astype(float), amount, 2))[
            ..., c
        ]
    return result


def kernel(sigma, size):
    if size == 0:
        size = round(6 * sigma + 1) | 1
    weights = np.exp(-0.5 * (np.arange(-(size // 2), size // 2 + 1) / sigma) ** 2)
    return weights / weights.sum()


def blurred(pixels, sigma, size):
    """torchvision's where it can; the same by SciPy in 64-bit floats for small images."""
    weights = kernel(sigma, size)
    color = np.moveaxis(pixels[..., :3], 2, 0)
    if len(weights) // 2 < min(pixels.shape[:2]):
        done = functional.gaussian_blur(
            torch.tensor(color), [len(weights)] * 2, [sigma] * 2
        ).numpy()
    else:
        done = np.rint(
            correlate1d(
                correlate1d(color.astype(float), weights, 1, mode="mirror"),
                weights,
                2,
                mode="mirror",
            )
        )
    result = pixels.copy()
    result[..., :3] = np.moveaxis(done, 0, 2)
    return result


def grayscale(image):
    return image if image.mode == "L" else functional.to_grayscale(image, 3)


FACTORS = [0, 0.1, 0.5, 0.77, 1, 1.4, 1.91, 3.3, -0.6]
EXACT = [  # name, arguments, change of the pixels
    *(
        ("brightness", [f], colors(lambda i, f=f: ImageEnhance.Brightness(i).enhance(f)))
        for f in FACTORS
    ),
    *(
        ("contrast", [f], colors(lambda i, f=f: ImageEnhance.Contrast(i).enhance(f)))
        for f in FACTORS
    ),
    *(
        ("saturation", [f], colors(lambda i, f=f: ImageEnhance.Color(i).enhance(f)))
        for f in FACTORS
    ),
    *(
        ("sharpness", [f], colors(lambda i, f=f: ImageEnhance.Sharpness(i).enhance(f)))
        for f in FACTORS
    ),
    *(
        ("hue", [h], colors(lambda i, h=h: functional.adjust_hue(i, h)))
        for h in (-0.5, -0.21, -0.003, 0, 0.1, 0.333, 0.5)
    ),
    *(
        ("channel_shift", s, lambda p, s=s: shifted(p, *s))
        for s in ([20, 20, 20], [-33.5, -33.5, -33.5], [70.5, -15.25, 0.5])
    ),
    ("grayscale", [], colors(grayscale)),
    ("auto_contrast", [], colors(ImageOps.autocontrast)),
    ("equalize", [], colors(ImageOps.equalize)),
    *(("posterize", [b], colors(lambda i, b=b: ImageOps.posterize(i, b))) for b in range(1, 9)),
    *(
        ("solarize", [t], colors(lambda i, t=t: ImageOps.solarize(i, t)))
        for t in (0, 76.5, 128, 255, 256)
    ),
    ("invert", [], colors(ImageOps.invert)),
]
BLURS = [(0.1, 0), (0.5, 0), (1, 0), (2, 0), (4.7, 0), (1.5, 3), (2, 23), (0.8, 1)]
AFFINES = [
    [1, 0, -4, 0, 1, 2],
    [1, 0.3, 0, 0, 1, 0],
    [0.9, 0.4, -3.7, -0.4, 0.9, 5.2],
    [0.5, 0, 3, 0, 0.7, 1],
]


def digest(pixels):
    return hashlib.sha256(pixels.tobytes()).hexdigest()[:16]


def affine(pixels, matrix, fill):
    image = Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels)
    moved = image.transform(
        image.size,
        Image.Transform.AFFINE,
        matrix,
        Image.Resampling.NEAREST,
        fillcolor=fill[: pixels.shape[2]],
    )
    return np.asarray(moved)


def all_colors():
    """Each of the 16,777,216 colors once."""
    return np.arange(1 << 24, dtype="<u4").view(np.uint8).reshape(4096, 4096, 4)[..., :3]


def write_exact(out):
    for channels in (1, 3, 4):
        images = [paint(kind, *SIZES[0], channels) for kind in KINDS] + [
            paint("soft", *size, channels) for size in SIZES[1:]
        ]
        for name, arguments, change in EXACT:
            case = {
                "op": name,
                "args": arguments,
                "channels": channels,
                "sums": [digest(change(p)) for p in images],
            }
            out.write(json.dumps(case) + "\n")
        fill = (9, 100, 201, 77)
        for matrix in AFFINES:
            sums = [digest(affine(p, matrix, fill)) for p in images]
            out.write(
                json.dumps(
                    {
                        "op": "affine",
                        "args": matrix,
                        "fill": fill,
                        "channels": channels,
                        "sums": sums,
                    }
                )
                + "\n"
            )


def write_colors(out):
    cube = all_colors()
    for name, arguments, change in EXACT:
        if (name, *arguments) in {("grayscale",), ("saturation", 1.4), ("hue", 0.1)}:
            out.write(
                json.dumps({"op": name, "args": arguments, "sums": [digest(change(cube))]}) + "\n"
            )


def write_blurs(out):
    for channels in (1, 3, 4):
        for size in SIZES:
            for sigma, kernel_size in BLURS:
                pixels = blurred(paint("slopes", *size, channels), sigma, kernel_size).tobytes()
                case = {"args": [sigma, kernel_size], "channels": channels, "size": size}
                out.write(
                    json.dumps(
                        case | {"pixels": base64.b64encode(zlib.compress(pixels, 9)).decode()}
                    )
                    + "\n"
                )


for name, write in {
    "exact": write_exact,
    "colors": write_colors,
    "blurs": write_blurs,
}.items():
    with open(HERE / f"{name}.jsonl", "w") as out:
        write(out)
