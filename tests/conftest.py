"""The fixtures: small folders of images, and Ctrl-C."""

import signal
from pathlib import Path

import pytest
from PIL import Image

from support.abi import Core, library
from support.images import write_images


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
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        first.save(root / "jpeg" / f"rotated{orientation}.jpg", exif=exif)
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
    """Creates a folder with the given number of images per class."""

    def make(size=(20, 24), suffix=".png", **counts) -> Path:
        return write_images(tmp_path / "images", counts, size, suffix)

    return make


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """Images with masks, in the folders `images` and `masks`."""
    from support.masks import write_scenes  # not above, as in `watched`

    return write_scenes(tmp_path_factory.mktemp("scenes"), {"rose": 7, "tulip": 6})


@pytest.fixture(scope="session")
def lib():
    """The library of the core."""
    return library()


@pytest.fixture
def core(lib):
    """Calls of the C ABI."""
    return Core(lib)


@pytest.fixture
def root(tmp_path):
    """A folder for the C ABI: 5 images in each of 2 classes."""
    return write_images(tmp_path, {"a": 5, "b": 5})


@pytest.fixture
def watched(monkeypatch):
    """Sequences record the batches that they serve."""
    from support.internals import watch_batches  # not above: the ABI's tests run without a backend

    watch_batches(monkeypatch.setattr)


@pytest.fixture(params=["adapter", "wrapped"])
def way(request, monkeypatch):
    """How Keras takes a sequence: as its own adapter, or wrapped as any `PyDataset`, as it does
    where it has no such class."""
    from support.internals import ADAPTER, hide_adapter  # not above, as in `watched`

    if request.param == "wrapped":
        hide_adapter(monkeypatch)
    elif ADAPTER is object:
        pytest.skip("this Keras has no adapter that can be used")
    return request.param


@pytest.fixture
def ctrl_c():
    """Ctrl-C raises KeyboardInterrupt, also in a process that a shell has started in the
    background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
