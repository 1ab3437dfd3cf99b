"""Folders of images: small generated ones, and real ones."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def write_images(root: Path, counts: dict[str, int], size=(20, 24), suffix=".png") -> Path:
    """Class folders with images of random blocks, each different."""
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            blocks = rng.integers(0, 256, (size[0] // 5 + 1, size[1] // 5 + 1, 3), dtype=np.uint8)
            pixels = blocks.repeat(5, 0).repeat(5, 1)[: size[0], : size[1]]
            Image.fromarray(pixels).save(root / name / f"{i:03d}{suffix}")
    return root


def real(name: str) -> Path:
    """A folder of real images next to the project; skips the test if it is missing."""
    if not (SHARED / name).is_dir():
        pytest.skip(f"the real images are not here ({name} in shared/data beside the project)")
    return SHARED / name


def save(folder, name, image, **options):
    folder.mkdir(parents=True, exist_ok=True)
    image.save(folder / name, **options)


def painting(size=(45, 61)):
    rng = np.random.default_rng(7)
    return Image.fromarray(rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)).resize(
        size[::-1], Image.Resampling.BICUBIC
    )
