"""Augmentation of `mixfolder.compat` against Keras', with the draws that `explain` reports."""

import warnings

import keras
import numpy as np
import pytest
from keras.src.legacy.preprocessing import image as legacy

from mixfolder.compat import ImageDataGenerator, MixupImageDataGenerator
from support.images import write_images

SIZE = (31, 46)
GEOMETRY = dict(
    rotation_range=30, width_shift_range=0.2, height_shift_range=0.1, shear_range=20, zoom_range=0.3
)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("images"), {"a": 9, "b": 8}, (50, 60))


def flow_of(directory, size=SIZE, shuffle=False, **arguments):
    datagen = ImageDataGenerator(**arguments)
    return datagen.flow_from_directory(
        directory, size, batch_size=100, shuffle=shuffle, class_mode=None, seed=4
    )


def drawn(row):
    """The draws of a sample, by the names of Keras' `apply_transform`."""
    params = {
        "flip_horizontal": row["flip"] in ("horizontal", "both"),
        "flip_vertical": row["flip"] in ("vertical", "both"),
    }
    for op in row["augment"]:
        if op["op"] == "random_affine":
            names = {
                "theta": "rotation",
                "tx": "shift_height",
                "ty": "shift_width",
                "shear": "shear",
                "zx": "zoom_x",
                "zy": "zoom_y",
            }
            params |= {name: op[ours] for name, ours in names.items()}
        elif op["op"] == "channel_shift":
            assert op["red"] == op["green"] == op["blue"]
            params["channel_shift_intensity"] = op["red"]
        else:
            assert op["op"] == "brightness"
            params["brightness"] = op["factor"]
    return params


def by_keras(flow, **arguments):
    """The first batch as Keras computes it from the same draws."""
    theirs = legacy.ImageDataGenerator(**arguments)
    out = []
    for row in flow.sequence.explain(0):
        loaded = keras.utils.load_img(
            row["path"], target_size=flow.target_size, interpolation="nearest"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a name of SciPy's
            out.append(theirs.apply_transform(keras.utils.img_to_array(loaded), drawn(row)))
    return np.stack(out)


@pytest.mark.parametrize(
    "fill",
    [
        dict(fill_mode="nearest"),
        dict(fill_mode="constant", cval=99.0),
        dict(fill_mode="reflect"),
        dict(fill_mode="wrap"),
    ],
)
def test_legacy_axes_reproduces_keras(images, fill):
    flow = flow_of(images, legacy_axes=True, **GEOMETRY, **fill)
    np.testing.assert_allclose(flow[0], by_keras(flow, **fill), rtol=0, atol=1)


def test_the_augmentations_of_the_tutorial(images):
    flow = flow_of(
        images,
        legacy_axes=True,
        channel_shift_range=40,
        brightness_range=(0.7, 1.3),
        horizontal_flip=True,
        vertical_flip=True,
        **GEOMETRY,
    )
    # Keras cuts fractions off before it changes the brightness; the core has rounded
    # them.
    np.testing.assert_allclose(flow[0], by_keras(flow), rtol=0, atol=3)


@pytest.mark.parametrize(
    "arguments, tolerance",
    [(dict(brightness_range=[0.2, 2]), 0), (dict(channel_shift_range=90), 0.5)],
)
def test_colors(images, arguments, tolerance):
    flow = flow_of(images, **arguments)
    np.testing.assert_allclose(flow[0], by_keras(flow), rtol=0, atol=tolerance + 1e-4)
    name, (low, high) = (
        ("brightness", (0.2, 2))
        if "brightness_range" in arguments
        else ("channel_shift_intensity", (-90, 90))
    )
    values = [drawn(row)[name] for row in flow.sequence.explain(0)]
    assert low <= min(values) < (low + high) / 2 < max(values) <= high


@pytest.mark.parametrize("legacy_axes", [False, True])
def test_the_direction_of_shifts(images, legacy_axes):
    plain = flow_of(images, (50, 60))[0]
    flow = flow_of(images, (50, 60), width_shift_range=[7], legacy_axes=legacy_axes)
    moved, seen = flow[0], set()
    for before, after, row in zip(plain, moved, flow.sequence.explain(0), strict=True):
        shift = int(row["augment"][0]["shift_width"])
        seen.add(shift)
        rows, columns = np.arange(50)[:, None], np.arange(60)[None]
        if legacy_axes:
            want = before[np.clip(rows + shift, 0, 49), columns]
        else:
            want = before[rows, np.clip(columns + shift, 0, 59)]
        np.testing.assert_array_equal(after, want)
    assert seen == {-7, 7}


@pytest.mark.parametrize("legacy_axes", [False, True])
def test_pixels_outside_of_the_crop_are_filled(images, legacy_axes):
    """Even if the file has pixels there."""

    def flow(**arguments):
        datagen = ImageDataGenerator(legacy_axes=legacy_axes, **arguments)
        return datagen.flow_from_directory(
            images,
            (50, 40),
            batch_size=17,
            shuffle=False,
            class_mode=None,
            seed=4,
            keep_aspect_ratio=True,
        )

    moved = flow(width_shift_range=[7], height_shift_range=[3])
    for before, after, row in zip(flow()[0], moved[0], moved.sequence.explain(0), strict=True):
        down, right = (
            int(row["augment"][0][f"shift_{axis}"])
            for axis in (("width", "height") if legacy_axes else ("height", "width"))
        )
        want = before[
            np.clip(np.arange(50) + down, 0, 49)[:, None],
            np.clip(np.arange(40) + right, 0, 39)[None],
        ]
        np.testing.assert_array_equal(after, want)


@pytest.mark.parametrize("legacy_axes", [False, True])
def test_identity_maps_change_nothing(images, legacy_axes):
    height, width = SIZE
    center = (height / 2, width / 2) if legacy_axes else (width / 2, height / 2)
    turned = dict(rotation_range=90, shear_range=20, zoom_range=[0.5, 2], legacy_axes=legacy_axes)
    for row in flow_of(images, **turned).sequence.explain(0):
        a, b, c, d, e, f = row["matrix"]
        x, y = center
        np.testing.assert_allclose((a * x + b * y + c, d * x + e * y + f), center)


@pytest.mark.parametrize(
    "value, possible",
    [
        (4, {-3, -2, -1, 0, 1, 2, 3}),
        ([2, 5], {-5, -2, 2, 5}),
        (np.array([0.25, 0.5]), {-23, -11.5, 11.5, 23}),
        (0.1, (-4.6, 4.6)),
        (3.5, (-3.5, 3.5)),
        (-0.1, (-4.6, 4.6)),
    ],
)
def test_units_of_shifts(images, value, possible):
    flow = flow_of(images, width_shift_range=value)
    shifts = [drawn(row)["ty"] for row in flow.sequence.explain(0)]
    if isinstance(possible, set):
        assert set(np.round(shifts, 6)) <= possible and len(set(shifts)) > 2
    else:
        assert possible[0] <= min(shifts) < 0 < max(shifts) <= possible[1]
    assert all(drawn(row).get("tx", 0) == 0 for row in flow.sequence.explain(0))


def test_units_of_angles_and_factors(images):
    flow = flow_of(images, rotation_range=-30, shear_range=5, zoom_range=(1.5, 0.5))
    ops = [row["augment"][0] for row in flow.sequence.explain(0)]
    for name, low, high in (
        ("rotation", -30, 30),
        ("shear", -5, 5),
        ("zoom_x", 0.5, 1.5),
        ("zoom_y", 0.5, 1.5),
    ):
        values = [op[name] for op in ops]
        assert low <= min(values) < (low + high) / 2 < max(values) <= high
    assert any(op["zoom_x"] != op["zoom_y"] for op in ops)


def test_validation_is_augmented_as_keras_does(images):
    datagen = ImageDataGenerator(rotation_range=40, validation_split=0.5)
    options = dict(target_size=SIZE, shuffle=False, class_mode=None, seed=1)
    val = datagen.flow_from_directory(images, subset="validation", **options)
    plain = ImageDataGenerator(validation_split=0.5).flow_from_directory(
        images, subset="validation", **options
    )
    assert val.filenames == plain.filenames and np.abs(val[0] - plain[0]).max() > 50


def test_each_epoch_has_its_own_draws(images):
    flow = flow_of(images, rotation_range=40)
    first, second = next(flow), next(flow)
    assert np.abs(first - second).max() > 50


def test_both_images_of_a_pair_are_augmented(images):
    arguments = dict(rotation_range=20, horizontal_flip=True, brightness_range=(0.5, 1.5))
    batches = []
    for function in (None, lambda x: x + 0):  # mixed by the core, and by NumPy
        keras.utils.set_random_seed(3)
        flow = MixupImageDataGenerator(
            ImageDataGenerator(preprocessing_function=function, **arguments), images, 8, *SIZE
        )
        assert all(row["augment"] != row["partner_augment"] for row in flow.sequence.explain(0))
        batches.append(next(flow)[0])
    np.testing.assert_allclose(*batches, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(interpolation_order=3), "interpolation_order=3 is not supported"),
        (dict(fill_mode="mirror", rotation_range=1), 'fill mode "mirror"'),
        (dict(zoom_range=5), "zoom of RandomAffine"),
        (dict(rotation_range=400), "rotation of RandomAffine"),
    ],
)
def test_unsupported_features_are_rejected(images, arguments, words):
    with pytest.raises(ValueError, match=words):
        flow_of(images, **arguments)
