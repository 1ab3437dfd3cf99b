"""Each kind of file against Pillow."""

import functools
import io
import warnings

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

from support.formats import H, W, scene
from support.kinds import FILES, REFUSED
from support.reading import pixels, write

MODES = {"rgb": "RGB", "grayscale": "L", "rgba": "RGBA"}


@functools.cache
def made(name):
    """The bytes of a file of FILES, and a function that returns the expected Image."""
    make, want = FILES[name]
    data = make()
    return data, lambda: want.copy() if want else Image.open(io.BytesIO(data))


def expected(image, mode):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Palette images with Transparency")
        image = np.asarray(ImageOps.exif_transpose(image).convert(MODES[mode]))
    return image.reshape(*image.shape[:2], -1)


def compare(root, files, wants, names, mode, **options):
    write(root, files)
    got = pixels(root, mode, wants[0].shape[1::-1], **options)
    worst = {
        n: np.abs(g - w.astype(float)).max() for n, g, w in zip(names, got, wants, strict=True)
    }
    assert {n: v for n, v in worst.items() if v > ("jpeg" in n)} == {}, (
        mode
    )  # inverse cosine transforms may round differently


@pytest.mark.parametrize("kind", sorted({name.split()[0] for name in FILES}))
def test_pixels_equal_pillows(tmp_path, kind):
    names = [name for name in FILES if name.split()[0] == kind]
    for mode in MODES:
        wants = {name: expected(made(name)[1](), mode) for name in names}
        for shape in {w.shape for w in wants.values()}:
            same = [name for name, w in wants.items() if w.shape == shape]
            compare(
                tmp_path / f"{mode}{shape}",
                [made(n)[0] for n in same],
                [wants[n] for n in same],
                same,
                mode,
            )


@pytest.mark.parametrize("name", REFUSED)
def test_unsupported_files_are_named_errors(tmp_path, name):
    make, error = REFUSED[name]
    write(tmp_path, [make()])
    with pytest.raises(Exception, match=f"(?s)0000.png.*({error})"):
        pixels(tmp_path, "rgb", (W, H))


KEPT = [
    "bmp 1 bit", "bmp 4 bit", "bmp 8 bit", "bmp 16 bit", "bmp 24 bit", "bmp 24 bit down",
    "bmp 32 bit", "bmp 32 bit masks 5 header 124",
    "png 4 bit gray", "png 16 bit rgb", "png rgb", "png rgba", "png gray with alpha",
    "png rgb interlaced", "png many IDAT",
    "png 4 bit palette with alpha", "png rgb with a transparent color interlaced",
    "gif", "gif transparent", "gif part", "gif transparent gray part", "gif transparent part",
    "tiff little endian raw one strip", "tiff little endian raw strips gray", "tiff big endian "
    "raw strips 16 bit",
]  # fmt: skip


def test_the_kept_part_of_a_truncated_file_equals_pillows(tmp_path, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    for fraction in (0.6, 0.9):
        files = [data[: int(len(data) * fraction)] for data in (made(name)[0] for name in KEPT)]
        for mode in MODES:
            wants = [expected(Image.open(io.BytesIO(data)), mode) for data in files]
            compare(tmp_path / f"{mode}{fraction}", files, wants, KEPT, mode, truncated="keep")


@pytest.mark.parametrize("mode", MODES)
def test_alpha_is_pasted_on_the_background(tmp_path, mode):
    background = (200, 30, 77)
    files, wants, names = [], [], []
    for name in FILES:
        data, want = made(name)
        image = want()
        if image.size != (W, H) or image.mode == "I;16" or not image.has_transparency_data:
            continue
        rgba = ImageOps.exif_transpose(image).convert("RGBA")
        canvas = Image.new("RGB", (W, H), background)
        canvas.paste(rgba, mask=rgba)
        files.append(data)
        wants.append(expected(canvas, mode))
        names.append(name)
    assert len(names) > 40 and {n.split()[0] for n in names} == {
        "bmp",
        "gif",
        "png",
        "tiff",
        "webp",
    }
    compare(tmp_path / "on", files, wants, names, mode, background=background)


def test_without_exif_images_are_as_stored(tmp_path):
    names = [name for name in FILES if "orientation" in name]
    files = [made(name)[0] for name in names]
    # Pillow applies the orientation of TIFF files when it opens them
    wants = [
        expected(scene(), "rgb") if "tiff" in n else np.asarray(Image.open(io.BytesIO(f)))
        for n, f in zip(names, files, strict=True)
    ]
    compare(tmp_path / "stored", files, wants, names, "rgb", exif=False)
