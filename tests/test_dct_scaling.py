"""`dct_scaling` against Pillow's draft mode."""

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import arrays
from support.images import painting, real, save


def large(root, size=(1200, 1600), **options):
    """JPEG files of a large image with smooth colors, edges and noise, one per entry of KINDS."""
    smooth = np.asarray(painting(size), np.float64)
    smooth[size[0] // 8 : size[0] // 2, size[1] // 5 : size[1] // 4] = 255
    noisy = smooth + 12 * np.random.default_rng(9).standard_normal(smooth.shape)
    image = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    for name, kind in KINDS.items():
        save(
            root / "c",
            f"{name}.jpg",
            image.convert(kind["mode"]),
            quality=85,
            subsampling=kind["subsampling"],
            **options,
        )
    return root


KINDS = {
    "4-4-4": {"mode": "RGB", "subsampling": 0},
    "4-2-2": {"mode": "RGB", "subsampling": 1},
    "4-2-0": {"mode": "RGB", "subsampling": 2},
    "gray": {"mode": "L", "subsampling": 0},
}


def shown(root, size, **options):
    """All images of a folder, in order."""
    options = {
        "mix": None,
        "shuffle": False,
        "dtype": "uint8",
        "verbose": False,
        "batch_size": 3,
        "seed": 4,
        **options,
    }
    with mf.from_directory(root, image_size=size, **options) as seq:
        return np.concatenate([arrays(seq[n])[0] for n in range(len(seq))]), seq.file_paths


@pytest.mark.parametrize("shrink", [2, 4, 8])
@pytest.mark.parametrize("size", [(45, 61), (16, 16)])
def test_dct_scaling_equals_pillows_draft_bit_for_bit(tmp_path, size, shrink):
    large(tmp_path, tuple(n * shrink for n in size))
    got, paths = shown(tmp_path, size, dct_scaling=True)
    for x, path in zip(got, paths, strict=True):
        with Image.open(path) as image:
            image.draft(image.mode, size[::-1])
            assert image.size == size[::-1]
            np.testing.assert_array_equal(x, np.asarray(image.convert("RGB")), err_msg=path)


@pytest.mark.parametrize(("shape", "aspect"), [((1201, 1607), False), ((1203, 803), True)])
def test_dct_scaling_shows_the_exact_crop(tmp_path, shape, aspect):
    """Within 1 of Pillow's draft, resized from the same box."""
    large(tmp_path, shape)
    got, paths = shown(tmp_path, (93, 118), dct_scaling=True, crop_to_aspect_ratio=aspect)
    for x, path in zip(got, paths, strict=True):
        with Image.open(path) as image:
            box = smart_box(*image.size, 93, 118) if aspect else (0, 0, *image.size)
            shrink = 4 if aspect else 8
            image.draft(image.mode, tuple(n // shrink for n in image.size))
            assert image.size == tuple(-(-n // shrink) for n in shape[::-1])
            want = image.convert("RGB").resize(
                (118, 93), Image.BILINEAR, tuple(n / shrink for n in box)
            )
            assert np.abs(x.astype(int) - np.asarray(want)).max() <= 1, path


def smart_box(width, height, target_height, target_width):
    """The largest centered box with the target's aspect ratio, as in Keras' smart_resize."""
    w, h = (
        min(width, height * target_width // target_height),
        min(height, width * target_height // target_width),
    )
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h


@pytest.mark.parametrize(
    "options",
    [{}, {"crop": mf.RandomResizedCrop((0.7, 1))}, {"pad_to_aspect_ratio": True, "flip": "both"}],
)
def test_dct_scaling_stays_close(tmp_path, options):
    large(tmp_path)
    want, _ = shown(tmp_path, (224, 224), **options)
    got, _ = shown(tmp_path, (224, 224), dct_scaling=True, threads=1, **options)
    again, _ = shown(tmp_path, (224, 224), dct_scaling=True, threads=8, **options)
    np.testing.assert_array_equal(got, again)
    off = np.abs(got.astype(int) - want).mean((1, 2, 3))
    assert (off > 0).all(), "nothing was shrunk"
    assert (off < 1.5).all()


def test_dct_scaling_of_photos_differs_as_documented():
    """The difference documented for from_directory. With a crop rounded to pixels of the reduced
    image it was 2.7."""
    options = {"crop": mf.RandomResizedCrop((0.7, 1)), "batch_size": 16}
    want, got = (
        shown(real("photos"), (128, 128), dct_scaling=fast, **options)[0].astype(int)
        for fast in (False, True)
    )
    off = np.abs(got - want).mean((1, 2, 3))
    off = off[off > 0]
    assert len(off) > 50
    assert off.mean() < 1.6


def test_dct_scaling_leaves_other_files_unchanged(tmp_path, flowers):
    large(tmp_path / "progressive", (480, 640), progressive=True)
    large(tmp_path / "sequential", (480, 640))
    for root, size, options in (
        (flowers, (5, 5), {}),
        (tmp_path / "progressive", (50, 60), {}),
        (tmp_path / "sequential", (241, 50), {}),
        (tmp_path / "sequential", (50, 60), {"crop": mf.RandomResizedCrop(), "cache": "memory"}),
    ):
        np.testing.assert_array_equal(
            shown(root, size, dct_scaling=True, **options)[0], shown(root, size, **options)[0]
        )
    options = {"dct_scaling": True, "flip": "both"}
    np.testing.assert_array_equal(
        shown(tmp_path / "sequential", (50, 60), cache="memory", **options)[0],
        shown(tmp_path / "sequential", (50, 60), **options)[0],
    )
