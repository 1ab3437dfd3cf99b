"""What the tests share: small folders of images, the real ones, and plain arrays on every
backend."""

import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


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


@pytest.fixture(scope="session")
def flowers(tmp_path_factory) -> Path:
    """Three classes with 7, 5 and 9 PNG files."""
    return write_images(tmp_path_factory.mktemp("flowers"), {"rose": 7, "tulip": 5, "violet": 9})


@pytest.fixture(scope="session")
def kinds(tmp_path_factory):
    """Images of many kinds."""
    root = tmp_path_factory.mktemp("kinds")
    write_images(root, {"block": 3}, (61, 83))
    write_images(root, {"jpeg": 3}, (90, 47), ".jpg")
    write_images(root, {"bmp": 1}, (33, 64), ".bmp")
    first = Image.open(root / "jpeg" / "000.jpg")
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        first.save(root / "jpeg" / f"turned{turn}.jpg", exif=exif)
    first.save(root / "jpeg" / "progressive.jpg", progressive=True)
    first.convert("L").save(root / "jpeg" / "gray.jpg")
    block = Image.open(root / "block" / "001.png")
    block.convert("P").save(root / "block" / "palette.png")
    block.convert("L").save(root / "block" / "gray.png")
    block.convert("1").save(root / "block" / "bilevel.png")
    block.save(root / "block" / "raw.tif")
    clear = block.convert("RGBA")
    clear.putalpha(block.convert("L"))
    clear.save(root / "block" / "alpha.png")
    return root


@pytest.fixture
def folder(tmp_path):
    """Makes a folder with the given number of images a class."""

    def make(size=(20, 24), suffix=".png", **counts) -> Path:
        return write_images(tmp_path / "images", counts, size, suffix)

    return make


@pytest.fixture
def ctrl_c():
    """Ctrl-C raises KeyboardInterrupt, also in a process that a shell has started in the
    background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def real(name: str) -> Path:
    """A folder of the real images beside the project, or a skip."""
    if not (SHARED / name).is_dir():
        pytest.skip(f"the real images are not here ({name} in shared/data beside the project)")
    return SHARED / name


def arrays(batch):
    """The batch as NumPy arrays, whatever the backend hands out."""
    return (
        tuple(np.asarray(part) for part in batch) if isinstance(batch, tuple) else np.asarray(batch)
    )
