"""Segmentation masks: their pixels after every geometry and every way of mixing."""

import os
import pickle

import keras
import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import all_batches, arrays, assert_same
from support.internals import ALIGNMENT, batch
from support.masks import (
    CLASSES,
    IGNORE,
    OPTIONS,
    SIZE,
    assert_alike,
    opened,
    write_scenes,
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
    with opened(
        write_scenes(tmp_path, {"a": 6}, SIZE), crop=mf.RandomCrop(padding=6), mix=None
    ) as seq:
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
    root = write_scenes(tmp_path, {"a": 8})
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
    write_scenes(tmp_path, {"a": 9})
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
