"""Images with more than 8 bits per sample: which bits are used, and the warning about dark ones."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.formats import H, W, scene
from support.formats.png import chunk, png
from support.formats.tiff import tiff
from support.reading import pixels, write

DARK = "fit in 12 bits, so the images come out dark: pass bit_depth=12"


def samples(bits, channels=1, seed=4):
    """Samples that use this many bits."""
    values = np.random.default_rng(seed).integers(0, 1 << bits, (H, W, channels), dtype=np.uint16)
    values[0, 0] = (1 << bits) - 1
    return values


def gray_files(values):
    """The same gray samples in files of 16 bits."""
    image, white = values[:, :, 0], 0xFFFF - values[:, :, 0].astype(int)
    return {
        "png": png(image, 16, 0),
        "png interlaced": png(image, 16, 0, True),
        "tiff": tiff(image, 1, 16),
        "tiff big endian": tiff(image, 1, 16, order=">"),
        "tiff predictor": tiff(image, 1, 16, compression=8, predictor=2),
        "tiff tiles": tiff(image, 1, 16, compression=5, tile=(16, 16)),
        "tiff white is zero, all bits": tiff(white, 0, 16),
    }


def shown(values, depth):
    return np.minimum(values.astype(int) >> (depth - 8), 255)


@pytest.mark.parametrize("depth", [8, 10, 12, 15, 16])
def test_bit_depth_selects_the_bits(tmp_path, depth):
    for bits in (8, 12, 16):
        values = samples(bits)
        files = gray_files(values)
        files.pop("tiff white is zero, all bits")
        write(tmp_path / str(bits), files.values())
        got = pixels(tmp_path / str(bits), "grayscale", (W, H), bit_depth=depth)
        for name, image in zip(files, got, strict=True):
            assert (image == shown(values, depth)).all(), (name, bits)
    if depth == 8:  # as Pillow clips gray
        want = np.asarray(Image.open(io.BytesIO(gray_files(samples(12))["png"])).convert("L"))
        assert (want == shown(samples(12), 8)[:, :, 0]).all()


def test_bit_depth_selects_the_bits_of_color_and_12_bit_files(tmp_path):
    rgb, gray = samples(12, 3), samples(12)
    twelve = tiff(gray, 1, 12)
    assert (
        np.asarray(Image.open(io.BytesIO(twelve))) == gray[:, :, 0]
    ).all()  # Pillow reads the same samples
    files = {
        "png": (png(rgb, 16, 2), rgb),
        "png alpha": (png(np.dstack([rgb, gray]), 16, 6), rgb),
        "tiff": (tiff(rgb, 2, 16), rgb),
        "tiff planar": (tiff(rgb, 2, 16, planar=True, compression=5), rgb),
        "tiff 12 bit": (tiff(rgb, 2, 12), rgb),
        "tiff 12 bit gray": (twelve, gray),
        "png gray": (png(gray, 16, 0), gray),
    }
    write(tmp_path, [data for data, _ in files.values()])
    for depth in (10, 12, 16):
        got = pixels(tmp_path, "rgb", (W, H), bit_depth=depth)
        for (name, (_, values)), image in zip(files.items(), got, strict=True):
            assert (image == shown(values, depth)).all(), (name, depth)


def test_bit_depth_leaves_files_of_8_bits_and_a_transparent_color_of_16_alone(tmp_path):
    values = samples(12, 3)
    clear = chunk(b"tRNS", values[5, 5].astype(">u2").tobytes())
    write(
        tmp_path,
        [
            png(values, 16, 2, before=[clear]),
            png(np.asarray(scene()), 8, 2),
            tiff(np.asarray(scene()), 2),
        ],
    )
    got = pixels(tmp_path, "rgba", (W, H), bit_depth=12)
    assert (got[0][:, :, 3] == np.where((values == values[5, 5]).all(2), 0, 255)).all()
    assert (got[1][:, :, :3] == np.asarray(scene())).all() and (
        got[2][:, :, :3] == np.asarray(scene())
    ).all()


def test_dark_images_are_reported_once_and_by_verify(tmp_path):
    write(tmp_path, gray_files(samples(12)).values())
    (tmp_path / "c" / "0006.png").unlink()  # all its bits are used
    with mf.from_directory(tmp_path, image_size=8, batch_size=2, mix=None, verbose=False) as seq:
        with pytest.warns(UserWarning, match=DARK) as caught:
            seq[0]
        assert [warning.filename for warning in caught] == [__file__]
        assert seq.stats()["sample_bits"] == 12
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            seq[1]
    report = mf.verify(tmp_path)
    assert report.sample_bits == {12: 6} and any(DARK in sentence for sentence in report.warnings)
    assert "16-bit images by bits in use: 12 bits 6" in str(report) and DARK in str(report)


@pytest.mark.parametrize(
    "kind", ["8 bits", "all bits", "one of all bits", "depth given", "tiff of 12 bits"]
)
def test_other_images_are_not_reported(tmp_path, kind):
    dark = png(samples(12), 16, 0)
    files = {
        "8 bits": [png(np.asarray(scene()), 8, 2)],
        "all bits": [png(samples(16), 16, 0)],
        "one of all bits": [dark, png(samples(16), 16, 0)],
        "depth given": [dark],
        "tiff of 12 bits": [tiff(samples(12), 1, 12)],
    }[kind]
    write(tmp_path, files)
    options = {"bit_depth": 12} if kind == "depth given" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with mf.from_directory(tmp_path, image_size=8, mix=None, verbose=False, **options) as seq:
            seq[0]
    report = mf.verify(tmp_path)
    counts = {"all bits": {16: 1}, "one of all bits": {12: 1, 16: 1}, "depth given": {12: 1}}
    assert report.sample_bits == counts.get(kind, {}) and bool(report.warnings) == (
        kind == "depth given"
    )


@pytest.mark.parametrize("value", [7, 17, 0, -1])
def test_other_bit_depths_are_rejected(tmp_path, value):
    write(tmp_path, [png(samples(12), 16, 0)])
    with pytest.raises(ValueError, match=f"bit_depth must be 8 to 16, or None .* but is {value}"):
        mf.from_directory(tmp_path, bit_depth=value)
