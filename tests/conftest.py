"""What the tests share: small folders of pictures, the real ones, and plain arrays on every backend."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def write_pictures(root: Path, counts: dict[str, int], size=(20, 24), suffix=".png") -> Path:
    """Class folders with pictures of random blocks, each different."""
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            blocks = rng.integers(0, 256, (size[0] // 5 + 1, size[1] // 5 + 1, 3), dtype=np.uint8)
            pixels = blocks.repeat(5, 0).repeat(5, 1)[: size[0], : size[1]]
            Image.fromarray(pixels).save(root / name / f"{i:03d}{suffix}")
    return root


@pytest.fixture(scope="session")
def flowers(tmp_path_factory) -> Path:
    """Three classes with 7, 5 and 9 PNG files."""
    return write_pictures(tmp_path_factory.mktemp("flowers"), {"rose": 7, "tulip": 5, "violet": 9})


@pytest.fixture
def folder(tmp_path):
    """Makes a folder with the given number of pictures a class."""

    def make(size=(20, 24), suffix=".png", **counts) -> Path:
        return write_pictures(tmp_path / "pictures", counts, size, suffix)

    return make


def real(name: str) -> Path:
    """A folder of the real pictures beside the project, or a skip."""
    if not (SHARED / name).is_dir():
        pytest.skip(f"the real pictures are not here ({name} in shared/data beside the project)")
    return SHARED / name


def arrays(batch):
    """The batch as NumPy arrays, whatever the backend hands out."""
    return tuple(np.asarray(part) for part in batch) if isinstance(batch, tuple) else np.asarray(batch)
