"""Segmentation masks. The images are their own masks in color: red, green and blue are classes 0,
1 and 2, and black has no class, so x / 255 is what y must be, one-hot."""

import numpy as np
from PIL import Image

import mixfolder as mf

CLASSES, IGNORE = 3, 255
SIZE = (24, 32)
COLORS = np.zeros((256, 3), np.uint8)
COLORS[:CLASSES] = 255 * np.eye(CLASSES, dtype=np.uint8)

OPTIONS = dict(
    image_size=SIZE,
    batch_size=5,
    label_mode=None,
    mask_classes=CLASSES,
    mask_ignore=IGNORE,
    interpolation="nearest",
    seed=3,
    verbose=False,
)


def random_mask(rng, height, width):
    blocks = rng.choice(
        [0, 1, 2, IGNORE], (height // 3 + 1, width // 4 + 1), p=[0.3, 0.3, 0.3, 0.1]
    )
    return blocks.repeat(3, 0).repeat(4, 1)[:height, :width].astype(np.uint8)


def palette(mask):
    image = Image.fromarray(mask, "P")
    image.putpalette(np.random.default_rng(9).integers(0, 256, 768, dtype=np.uint8).tobytes())
    return image


def write_scenes(root, counts, size=None):
    """Folders `images` and `masks` with classes, as palette and gray files of several formats."""
    rng = np.random.default_rng(4)
    for name, count in counts.items():
        for part in ("images", "masks"):
            (root / part / name).mkdir(parents=True)
        for i in range(count):
            mask = random_mask(rng, *(size or rng.integers(20, 50, 2)))
            Image.fromarray(COLORS[mask]).save(root / "images" / name / f"{i}.png")
            file = root / "masks" / name / f"{i}.{['png', 'bmp', 'tif', 'tiff'][i % 4]}"
            (palette(mask) if i % 3 else Image.fromarray(mask)).save(file)
    return root


def opened(root, **options):
    return mf.from_directory(root / "images", masks=root / "masks", **OPTIONS | options)


def assert_alike(batches, atol=0.0):
    """Each mask is its image."""
    assert batches
    for x, y in batches:
        assert y.dtype == np.float32 and y.shape == (*x.shape[:3], CLASSES)
        np.testing.assert_allclose(y, x / np.float32(255), rtol=0, atol=atol)
