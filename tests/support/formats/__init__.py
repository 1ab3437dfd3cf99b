"""Writers for files that Pillow does not write, one module per format, and the images in them."""

import io

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
    """16-bit samples as mixfolder reads them: the high byte, where Pillow clips gray."""
    return Image.fromarray((np.asarray(samples) >> 8).astype(np.uint8))


def indices(levels, shape=(H, W)):
    """An image of indices with runs and without."""
    return (
        (np.add.outer(np.arange(shape[0]) // 2, np.arange(shape[1]) // 3) ** 2) % levels
    ).astype(np.uint8)


def packed(values, bits, align=8):
    """Rows of samples of less than 8 bits, high bits first, each row padded to `align` bits."""
    rows = []
    for row in np.asarray(values):
        text = "".join(format(v, f"0{bits}b") for v in row)
        text += "0" * (-len(text) % align)
        rows.append(int(text, 2).to_bytes(len(text) // 8, "big"))
    return rows


def colors(n):
    return np.random.default_rng(9).integers(0, 256, (n, 3), dtype=np.uint8)
