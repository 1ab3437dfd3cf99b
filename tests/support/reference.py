"""A second implementation of batches with Pillow and NumPy, with the random draws that `explain`
reports."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import mixfolder as mf
from support.batches import arrays

EXTENSIONS = {
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".gif",
    ".bmp",
    ".dib",
    ".webp",
    ".tif",
    ".tiff",
}
MODES = {"rgb": "RGB", "grayscale": "L", "rgba": "RGBA"}
FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
    "lanczos": Image.Resampling.LANCZOS,
}


def scan(root: Path) -> tuple[list[str], list[str], list[int]]:
    """Classes, paths and labels of a folder that contains only images."""
    classes = sorted(d.name for d in root.iterdir() if d.is_dir() and not d.name.startswith("."))
    paths, labels = [], []
    for label, name in enumerate(classes):
        for folder, below, files in sorted(os.walk(root / name)):
            below[:] = [b for b in below if not b.startswith(".")]
            for file in sorted(files):
                if Path(file).suffix.lower() in EXTENSIONS and not file.startswith("."):
                    paths.append(os.path.join(folder, file))
                    labels.append(label)
    return classes, paths, labels


def head_split(labels: list[int], fraction: float) -> tuple[list[int], list[int]]:
    """Indices for training and validation as `ImageDataGenerator` splits."""
    train, val = [], []
    for label in sorted(set(labels)):
        mine = [i for i, other in enumerate(labels) if other == label]
        k = int(fraction * len(mine))
        val += mine[:k]
        train += mine[k:]
    return train, val


def image(
    path: str, size: tuple[int, int], flip: str | None, crop: tuple[int, ...] | None, **options
) -> np.ndarray:
    """One finished image: float64 (height, width, channels) with integer values."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert(MODES[options.get("color_mode", "rgb")])
    if crop:
        image = image.crop(crop)
    filter_ = FILTERS[options.get("interpolation", "bilinear")]
    if options.get("pad_to_aspect_ratio"):
        image = padded(image, size, filter_)
    else:
        image = image.resize(size[::-1], filter_)
    x = np.asarray(image, np.float64)
    x = x.reshape(*size, -1)
    if flip in ("horizontal", "both"):
        x = x[:, ::-1]
    if flip in ("vertical", "both"):
        x = x[::-1]
    return x


def padded(image: Image.Image, size: tuple[int, int], filter_: Image.Resampling) -> Image.Image:
    """As tf.image.resize_with_pad."""
    height, width = size
    shrink = max(image.width / width, image.height / height)
    w, h = image.width / shrink, image.height / shrink
    inner = image.resize((max(1, int(w + 1e-9)), max(1, int(h + 1e-9))), filter_)
    out = Image.new(image.mode, (width, height), 0 if image.mode == "L" else (0,) * len(image.mode))
    out.paste(inner, (int((width - w) / 2 + 1e-9), int((height - h) / 2 + 1e-9)))
    return out


def batch(
    rows: list[dict], size: tuple[int, int], label_of: dict[str, int], classes: int, **options
):
    """x (float64, 0..255) and one-hot y of a batch, from the rows of `explain`."""
    x = np.stack([image(r["path"], size, r["flip"], r["crop"], **options) for r in rows])
    y = np.eye(classes)[[label_of[r["path"]] for r in rows]]
    if rows[0]["partner"] is None:
        return x, y
    xb = np.stack(
        [
            image(r["partner"], size, r["partner_flip"], r["partner_crop"], **options)
            if "partner_flip" in r
            else x[r["partner_row"]]
            for r in rows
        ]
    )
    yb = np.eye(classes)[[label_of[r["partner"]] for r in rows]]
    lam = np.array([r["lam"] for r in rows])
    lx, ly = lam[:, None, None, None], lam[:, None]
    return lx * x + (1 - lx) * xb, ly * y + (1 - ly) * yb


def compare(root, size=(16, 18), scale=1.0, batches=None, **options):
    """Compare batches of the first epoch; returns the differences of the values, in 1/255."""
    classes, paths, labels = scan(root)
    label_of = dict(zip(paths, labels, strict=True))
    image_options = {
        k: options[k]
        for k in ("color_mode", "interpolation", "pad_to_aspect_ratio")
        if k in options
    }
    off = []
    with mf.from_directory(
        root, image_size=size, batch_size=8, seed=5, verbose=False, **options
    ) as seq:
        assert (seq.class_names, seq.file_paths, list(seq.labels)) == (classes, paths, labels)
        plans = [seq.explain(n) for n in range(len(seq))][:batches]
        for n, rows in enumerate(plans):
            x, y = arrays(seq[n])
            want_x, want_y = batch(rows, size, label_of, len(classes), **image_options)
            np.testing.assert_allclose(y, want_y, atol=1e-6)
            np.testing.assert_allclose(y.sum(1), 1, atol=1e-6)
            off.append(np.abs(x / scale - want_x).ravel())
    off = np.concatenate(off)
    # Package resample uses 16-bit weights and Pillow 22-bit ones, which makes a
    # difference of 1 if a value is halfway between two; float32 has its own rounding.
    assert off.max() <= 1 + 1e-3 and np.mean(off > 1e-3) <= 0.01
    return off
