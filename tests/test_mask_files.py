"""Files of segmentation masks: their values, what is wrong with them, and arguments."""

import contextlib
import shutil

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import all_batches, assert_same
from support.masks import (
    COLORS,
    OPTIONS,
    SIZE,
    assert_alike,
    opened,
    palette,
    random_mask,
    write_scenes,
)


@pytest.fixture
def mutable(scenes, tmp_path):
    shutil.copytree(scenes, tmp_path / "scenes")
    return tmp_path / "scenes"


@pytest.mark.parametrize("mask", ["1", "L", "P"])
@pytest.mark.parametrize("suffix", ["png", "gif", "bmp", "tif"])
def test_values_are_those_that_numpy_gets_from_pillow(tmp_path, mask, suffix):
    values = np.random.default_rng(1).integers(0, 2 if mask == "1" else 7, (20, 30))
    image = Image.fromarray(values.astype(bool if mask == "1" else np.uint8))
    image = palette(np.asarray(image)) if mask == "P" else image
    (tmp_path / "images").mkdir()
    Image.new("RGB", (30, 20)).save(tmp_path / "images" / "a.png")
    (tmp_path / "masks").mkdir()
    image.save(tmp_path / "masks" / f"a.{suffix}")
    with Image.open(tmp_path / "masks" / f"a.{suffix}") as opened_by_pillow:
        want = np.asarray(opened_by_pillow)
    with opened(tmp_path, image_size=(20, 30), mask_classes=255, mask_mode="int", mix=None) as seq:
        np.testing.assert_array_equal(np.asarray(seq[0][1])[0], want)


def test_black_and_white_masks(tmp_path):
    write_scenes(tmp_path, {"a": 1})
    white = np.random.default_rng(2).integers(0, 2, (20, 30)).astype(np.uint8)
    Image.fromarray(COLORS[white]).save(tmp_path / "images" / "a" / "0.png")
    Image.fromarray(255 * white).save(tmp_path / "masks" / "a" / "0.png")
    options = dict(image_size=(20, 30), mix=None, mask_ignore=None)
    with opened(tmp_path, **options, mask_classes=[0, 255]) as seq:
        np.testing.assert_array_equal(np.asarray(seq[0][1])[0], np.eye(2)[white])
    with (
        opened(tmp_path, **options, mask_classes=2) as seq,
        pytest.raises(
            mf.ImageError,
            match=r'images/a/0.png.*its mask .*masks/a/0.png": the pixel at .* has the value 255, '
            r"which is no class: list it in mask_classes \(black and white masks have "
            r"mask_classes=\[0, 255\]\)",
        ),
    ):
        seq[0]


def spoil(root, kind):
    file = root / "masks" / "rose" / "4.png"
    mask = np.asarray(Image.open(file))
    if kind == "missing":
        file.unlink()
    elif kind == "truncated":
        file.write_bytes(file.read_bytes()[:-40])
    elif kind == "size":
        palette(mask[:-1]).save(file)
    elif kind == "turned":
        palette(mask.T.copy()).save(file)
    elif kind == "colors":
        Image.fromarray(COLORS[mask]).save(file)
    elif kind == "deep":
        Image.fromarray(mask.astype(np.uint16)).save(file)
    elif kind == "jpeg":
        Image.fromarray(mask).save(file, format="JPEG")
    elif kind == "value":
        mask = mask.copy()
        mask[-1, -1] = 9
        palette(mask).save(file)


KINDS = {
    "missing": "No such file",
    "truncated": "truncated",
    "size": "it has .* pixels, but the image has .*: make both of one size",
    "turned": "turn the mask, or pass exif=False",
    "colors": r"its pixels \(RGB\) are no class indices: save the mask as a palette or gray",
    "deep": r"its pixels \(I;16\) are no class indices",
    "jpeg": "compression has changed its values: save the mask as a palette or gray image",
    "value": "has the value 9, which is no class",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_mask_is_an_error_or_its_image_is_skipped(mutable, kind):
    """A file is bad whatever the crop shows of it."""
    spoil(mutable, kind)
    options = dict(crop=mf.RandomResizedCrop((0.01, 0.02)), mix=mf.CutMix(), mask_mode="int")
    image = str(mutable / "images" / "rose" / "4.png")
    skipping = options | dict(on_error="skip", mask_mode="categorical")
    warned = contextlib.nullcontext()
    if kind == "missing":
        warned = pytest.warns(UserWarning, match='1 of 13 .* no mask in .*"rose/4.png"')
        with pytest.raises(ValueError, match='1 of 13 .* no mask in .*"rose/4.png": a mask has'):
            opened(mutable, **options)
    else:
        message = f"rose/4.png.*its mask .*masks/rose/4.png.*{KINDS[kind]}.*skip"
        with opened(mutable, **options) as strict, pytest.raises(mf.ImageError, match=message):
            all_batches(strict)
    with warned:
        seq = opened(mutable, **skipping)
        again = opened(mutable, **skipping, threads=4, cache="memory")
    with seq, again:
        batches = all_batches(seq)
        assert_alike(batches)
        assert [bad["path"] for bad in seq.bad_files] == [image]
        assert "its mask" in seq.bad_files[0]["reason"]
        assert any(row.get("replaces") == image for n in range(3) for row in seq.explain(n))
        assert_same(all_batches(again), batches)


def test_exif_orientation_turns_an_image_but_not_its_mask(tmp_path):
    mask = random_mask(np.random.default_rng(3), *SIZE)
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    exif = Image.Exif()
    exif[274] = 6
    stored = Image.fromarray(COLORS[mask]).transpose(Image.Transpose.ROTATE_90)
    stored.save(tmp_path / "images" / "a.png", exif=exif)
    palette(mask).save(tmp_path / "masks" / "a.png")
    with opened(tmp_path, mix=None) as seq:
        assert_alike(all_batches(seq))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(mask_classes=None), "masks need mask_classes, the number of classes"),
        (dict(mask_classes=0), "mask_classes must be from 1 to 255 classes, but is 0"),
        (dict(mask_classes=256), "mask_classes must be from 1 to 255 classes, but is 256"),
        (dict(mask_classes="many"), "mask_classes must be an integer"),
        (dict(mask_classes=[0, 0]), "mask_classes has 0: .*each once"),
        (dict(mask_ignore=2), "mask_ignore must be a value from 0 to 255 that is no class"),
        (dict(mask_mode="soft"), 'mask_mode must be one of "int", "categorical"'),
        (dict(masks=None), "mask_classes and mask_ignore need masks"),
        (dict(masks="nowhere"), "nowhere.* does not exist"),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit(scenes, options, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        mf.from_directory(scenes / "images", **OPTIONS | {"masks": scenes / "masks"} | options)


def test_lists_that_do_not_fit(scenes):
    paths, options = ["a.png", "b.png"], {k: v for k, v in OPTIONS.items() if k != "label_mode"}
    with pytest.raises(ValueError, match="paths has 2 rows, but masks has 1: give one mask"):
        mf.from_files(paths, masks=["a.png"], **options)
    table = {"image": paths, "mask": ["a.png", None]}
    with pytest.raises(ValueError, match="row 1 of column 'mask' must be the path of a file"):
        mf.from_dataframe(table, "image", mask_col="mask", **options)
    with pytest.raises(ValueError, match="mask_col and masks both name the masks"):
        mf.from_dataframe(table, "image", mask_col="mask", masks="m", **options)
    (scenes / "masks" / "rose" / "0.bmp").touch()
    try:
        with pytest.raises(ValueError, match='several masks in .*: "0.bmp", "0.png"'):
            mf.from_files(["rose/0.jpg"], directory=scenes, masks=scenes / "masks", **options)
    finally:
        (scenes / "masks" / "rose" / "0.bmp").unlink()


def test_what_does_not_go_with_masks(scenes):
    with pytest.raises(ValueError, match="mix=Custom cannot mix masks"):
        opened(scenes, mix=mf.Custom(max))
    with pytest.raises(ValueError, match="sample_weight and class_weight do not go with masks"):
        opened(scenes, label_mode="categorical", sample_weight=1.0)
    message = "tta averages the classes of images, not of pixels"
    with opened(scenes, subset="validation") as test, pytest.raises(ValueError, match=message):
        test.tta("hflip")
