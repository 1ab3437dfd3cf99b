"""Segmentation masks. The images are their own masks in color: red, green and blue are classes 0,
1 and 2, and black has no class, so x / 255 is what y must be, one-hot."""

import contextlib
import os
import pickle
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import all_batches, arrays, assert_same
from support.internals import ALIGNMENT, batch

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
HARD = [
    None,
    mf.CutMix(),
    mf.CutMix(minmax=(0.2, 0.6), prob=0.7),
    mf.GridMix(cell=5),
    mf.ResizeMix(),
    mf.Mosaic(),
    mf.Mosaic("resize"),
    mf.OneOf([(mf.CutMix(), 0.5), (mf.GridMix(cell=7), 0.3)]),
]
SOFT = [
    mf.MixUp(1.0),
    mf.SmoothMix(),
    mf.SamplePairing(),
    mf.OneOf([(mf.CutMix(), 0.5), (mf.MixUp(0.8), 0.5)]),
    mf.MixUp(1.0, prob=0.5),
]


def random_mask(rng, height, width):
    blocks = rng.choice(
        [0, 1, 2, IGNORE], (height // 3 + 1, width // 4 + 1), p=[0.3, 0.3, 0.3, 0.1]
    )
    return blocks.repeat(3, 0).repeat(4, 1)[:height, :width].astype(np.uint8)


def palette(mask):
    image = Image.fromarray(mask, "P")
    image.putpalette(np.random.default_rng(9).integers(0, 256, 768, dtype=np.uint8).tobytes())
    return image


def write(root, counts, size=None):
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


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return write(tmp_path_factory.mktemp("scenes"), {"rose": 7, "tulip": 6})


@pytest.fixture
def mutable(scenes, tmp_path):
    shutil.copytree(scenes, tmp_path / "scenes")
    return tmp_path / "scenes"


def opened(root, **options):
    return mf.from_directory(root / "images", masks=root / "masks", **OPTIONS | options)


def assert_alike(batches, atol=0.0):
    """Each mask is its image."""
    assert batches
    for x, y in batches:
        assert y.dtype == np.float32 and y.shape == (*x.shape[:3], CLASSES)
        np.testing.assert_allclose(y, x / np.float32(255), rtol=0, atol=atol)


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
@pytest.mark.parametrize("mix", HARD, ids=str)
def test_pixels_of_one_image_have_its_class(scenes, mix, pairing):
    options = dict(mix=mix, pairing=pairing, crop=mf.RandomResizedCrop(), flip="both")
    with opened(scenes, **options) as seq, opened(scenes, **options, mask_mode="int") as numbers:
        batches = all_batches(seq)
        assert_alike(batches)
        for (x, y), (x2, y2) in zip(batches, all_batches(numbers), strict=True):
            np.testing.assert_array_equal(x, x2)
            assert y2.dtype == np.int32 and y2.shape == x.shape[:3]
            np.testing.assert_array_equal(y2, np.where(y.any(axis=-1), y.argmax(axis=-1), IGNORE))


@pytest.mark.parametrize("mix", SOFT, ids=str)
def test_blended_pixels_have_the_weight_of_each_class(scenes, mix):
    with opened(scenes, mix=mix, flip="horizontal") as seq:
        assert_alike(all_batches(seq), 1e-6)
        assert_alike([arrays(seq[0])], 1e-6)
    with pytest.raises(ValueError, match='mask_mode="int" has one class.*mask_mode="categorical"'):
        opened(scenes, mix=mix, mask_mode="int")


@pytest.mark.parametrize(
    "geometry",
    [
        dict(crop=mf.CenterCrop(0.8)),
        dict(crop_to_aspect_ratio=True),
        dict(pad_to_aspect_ratio=True, flip="both"),
        dict(image_size=(7, 5)),
        dict(image_size=(60, 90), antialias=False),
        dict(data_format="channels_first"),
    ],
    ids=str,
)
def test_masks_have_the_geometry_of_their_images(scenes, geometry):
    with opened(scenes, mix=mf.CutMix(), **geometry) as seq:
        batches = all_batches(seq)
        if "data_format" in geometry:
            assert batches[0][1].shape == (5, CLASSES, *SIZE)
            batches = [(x.transpose(0, 2, 3, 1), y.transpose(0, 2, 3, 1)) for x, y in batches]
        assert_alike(batches)


def test_a_random_crop_shifts_the_mask(tmp_path):
    with opened(write(tmp_path, {"a": 6}, SIZE), crop=mf.RandomCrop(padding=6), mix=None) as seq:
        assert_alike(all_batches(seq))


def nearest(mask, row, outside):
    """The mask at the centers of the pixels of the target, and where these are not between two
    pixels of it."""
    a, b, c, d, e, f = row["matrix"]
    left, top, right, bottom = row["crop"]
    y, x = (np.mgrid[: SIZE[0], : SIZE[1]] + 0.5)[:2]
    u = (a * x + b * y + c) * (right - left) / SIZE[1]
    v = (d * x + e * y + f) * (bottom - top) / SIZE[0]
    inside = (u >= 0) & (u < right - left) & (v >= 0) & (v < bottom - top)
    clear = (abs(u - u.round()) > 1e-3) & (abs(v - v.round()) > 1e-3)
    columns, rows = (np.where(inside, w, 0).astype(int) for w in (u, v))
    return np.where(inside, mask[top:bottom, left:right][rows, columns], outside), clear


@pytest.mark.parametrize("ignore", [IGNORE, None])
def test_an_affine_map_takes_the_nearest_pixel(tmp_path, ignore):
    root = write(tmp_path, {"a": 8})
    values = [*range(CLASSES), *([] if ignore else [IGNORE])]
    options = dict(
        affine=mf.RandomAffine(
            rotation=40, shift=(0.2, 0.2), zoom=(0.7, 1.4), shear=10, fill_mode="constant"
        ),
        crop=mf.RandomResizedCrop((0.3, 1)),
        flip="both",
        mix=None,
        mask_mode="int",
        mask_classes=values,
        mask_ignore=ignore,
    )
    with opened(root, **options) as seq:
        outside = 0
        for n in range(len(seq)):
            rows = seq.explain(n)
            _, y = arrays(seq[n])
            for row, mask in zip(rows, y, strict=True):
                file = np.asarray(Image.open(row["mask_path"]))
                if not ignore:
                    file = np.where(file == IGNORE, CLASSES, file)
                want, clear = nearest(file, row, IGNORE if ignore else 0)
                assert clear.mean() > 0.9
                np.testing.assert_array_equal(mask[clear], want[clear])
                outside += (mask == IGNORE).sum()
        assert bool(outside) == bool(ignore)


def test_augmentations_leave_masks_alone(scenes):
    augment = [mf.ColorJitter(0.5, 0.5, 0.5, 0.2), mf.RandomErasing(prob=1), mf.RandAugment()]
    with (
        opened(scenes, mix=mf.MixUp(0.4)) as plain,
        opened(scenes, mix=mf.MixUp(0.4), augment=augment) as augmented,
    ):
        for (x, y), (x2, y2) in zip(all_batches(plain), all_batches(augmented), strict=True):
            assert not np.array_equal(x, x2)
            np.testing.assert_array_equal(y, y2)


def test_labels_and_masks_are_a_dict(scenes):
    with (
        opened(scenes, label_mode="categorical", mix=mf.MixUp(0.4)) as seq,
        mf.from_directory(
            scenes / "images",
            **{k: v for k, v in OPTIONS.items() if "mask" not in k}
            | dict(label_mode="categorical", mix=mf.MixUp(0.4)),
        ) as labels,
    ):
        for (x, y), (x2, y2) in zip(seq, labels, strict=True):
            assert set(y) == {"label", "mask"}
            np.testing.assert_array_equal(np.asarray(x), np.asarray(x2))
            np.testing.assert_array_equal(np.asarray(y["label"]), np.asarray(y2))
            assert_alike([arrays((x, y["mask"]))], 1e-6)


def test_a_flat_folder_with_masks_is_training_data(tmp_path):
    write(tmp_path, {"a": 9})
    images, masks = tmp_path / "images" / "a", tmp_path / "masks" / "a"
    options = OPTIONS | dict(masks=masks, mix=mf.CutMix(), flip="both")
    with mf.from_directory(images, **options) as seq:
        assert seq.class_names == [] and seq.explain(0)[0]["partner"]
        assert seq.mask_paths == [
            str(masks / f"{i}.{['png', 'bmp', 'tif', 'tiff'][i % 4]}") for i in range(9)
        ]
        assert_alike(all_batches(seq))
        assert len(seq.preview()) > 100
        assert "no classes" in repr(seq)
    train, val = mf.from_directory(images, **options, validation_split=0.4, subset="both")
    with train, val:
        assert (train.samples, val.samples) == (6, 3)
        assert_alike(all_batches(train) + all_batches(val))
        assert val.explain(0)[0]["partner"] is None
        assert not {*train.mask_paths} & {*val.mask_paths}
        assert_same(all_batches(pickle.loads(pickle.dumps(val))), all_batches(val))
    with mf.from_directory(images, **options, subset="validation") as test:
        assert test.explain(0)[0]["path"] == str(images / "0.png")
        assert_alike(all_batches(test, 1))


@pytest.mark.parametrize("crop", [None, mf.RandomResizedCrop()], ids=["fixed", "random"])
@pytest.mark.parametrize("cache_bytes", [None, 30_000])
def test_a_cache_holds_masks_too(scenes, crop, cache_bytes):
    options = dict(crop=crop, flip="both", mix=mf.CutMix())
    with (
        opened(scenes, **options) as plain,
        opened(scenes, **options, cache="memory", cache_bytes=cache_bytes, threads=2) as cached,
    ):
        assert_same(all_batches(plain, 3), all_batches(cached, 3))
        pixels = SIZE[0] * SIZE[1] * 13
        if crop is None and cache_bytes is None:
            assert cached.stats()["cache_bytes"] == 4 * pixels
        assert cached.stats()["images_decoded"] < plain.stats()["images_decoded"]


def test_threads_make_no_difference(scenes):
    options = dict(mix=mf.OneOf([(mf.MixUp(), 0.5), (mf.Mosaic(), 0.5)]), flip="both")
    with opened(scenes, **options, threads=1) as one, opened(scenes, **options, threads=4) as four:
        assert_same(all_batches(one), all_batches(four))


def test_masks_have_aligned_memory_that_is_reused(scenes):
    """As large arrays, they cost as much as images where that is not so."""
    with opened(scenes, mix=mf.CutMix()) as seq:
        places = [batch(seq, epoch, 0)[1].ctypes.data for epoch in range(20)]
        assert len(set(places)) < 6 and not any(place % ALIGNMENT for place in places)


def test_lists_of_files(scenes):
    with opened(scenes, mix=mf.CutMix()) as folder:
        paths, masks = folder.file_paths, folder.mask_paths
        want = all_batches(folder)
    options = {k: v for k, v in OPTIONS.items() if k != "label_mode"} | dict(mix=mf.CutMix())
    relative = [os.path.relpath(path, scenes) for path in paths]
    table = {"image": relative, "mask": [os.path.relpath(path, scenes) for path in masks]}
    for seq in (
        mf.from_files(paths, masks=masks, **options),
        mf.from_files(iter(paths), masks=scenes / "masks", **options),
        mf.from_dataframe(table, "image", mask_col="mask", directory=scenes, **options),
    ):
        with seq:
            assert seq.mask_paths == masks
            assert_alike(all_batches(seq))
            # without classes, the same files in the same order
            got = all_batches(pickle.loads(pickle.dumps(seq)))
            assert len(got) == len(want)
    with mf.from_files(paths, ["a", "b"] * 6 + ["a"], masks=masks, **options) as seq:
        x, y = seq[0]
        assert y["label"].shape == (5, 2)
        assert_alike([arrays((x, y["mask"]))])


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
    write(tmp_path, {"a": 1})
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
            match=r"images/a/0.png.*its mask .*masks/a/0.png.* has the value 255, which is no "
            r"class: list it in mask_classes \(black and white masks have mask_classes=\[0, "
            r"255\]\)",
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
    def function(images, plan):
        return images.own

    with pytest.raises(ValueError, match="mix=Custom cannot mix masks"):
        opened(scenes, mix=mf.Custom(function))
    with pytest.raises(ValueError, match="sample_weight and class_weight do not go with masks"):
        opened(scenes, label_mode="categorical", sample_weight=1.0)
    message = "tta averages the classes of images, not of pixels"
    with opened(scenes, subset="validation") as test, pytest.raises(ValueError, match=message):
        test.tta("hflip")


def test_folds(scenes):
    options = OPTIONS | dict(masks=scenes / "masks", mix=mf.CutMix())
    for train, val in mf.folds(scenes / "images", k=3, **options):
        assert_alike(all_batches(train, 1) + all_batches(val, 1))
        assert len({*train.mask_paths, *val.mask_paths}) == 13
    options["masks"] = scenes / "masks" / "rose"
    folder = scenes / "images" / "rose"
    of_list = {name: value for name, value in options.items() if name != "label_mode"}
    for train, _ in mf.folds([*folder.iterdir()], k=2, directory=folder, **of_list):
        assert_alike(all_batches(train, 1))


def test_fit_learns_what_a_pixel_is(scenes):
    """With masks and labels; then the masks alone, with a loss that knows the value to ignore."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((*SIZE, 3))
    scaled = keras.layers.Rescaling(1 / 255)(inputs)
    mask = keras.layers.Conv2D(CLASSES, 1, name="mask")(scaled)  # each pixel by itself
    mean = keras.layers.GlobalAveragePooling2D()(scaled)
    label = keras.layers.Dense(2, "softmax", name="label")(mean)
    model = keras.Model(inputs, {"label": label, "mask": mask})
    losses = keras.losses
    model.compile(
        keras.optimizers.Adam(0.2),
        {
            "label": "categorical_crossentropy",
            "mask": losses.CategoricalCrossentropy(from_logits=True),
        },
    )
    options = dict(label_mode="categorical", mix=mf.MixUp(0.4), batch_size=13)
    with opened(scenes, **options) as train:
        model.fit(train, epochs=20, verbose=0)
    with opened(scenes, subset="validation", mask_mode="int", batch_size=13) as val:
        x, y = arrays(val[0])
    predicted = keras.ops.convert_to_numpy(model(x)["mask"])
    right = predicted.argmax(axis=-1) == y
    assert right[y != IGNORE].mean() > 0.99
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=IGNORE)
    assert float(loss(y, predicted)) < 0.1


def test_masks_of_a_process(scenes):
    options = dict(batch_size=4, mix=mf.CutMix(), shard=(1, 2))
    with opened(scenes, **options, drop_last=True) as seq:
        batches = all_batches(seq)
    assert_alike(batches)
    assert {len(x) for x, _ in batches} == {2}
    with pytest.raises(ValueError, match="pass drop_last=True"):
        opened(scenes, **options)
