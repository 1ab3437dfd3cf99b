"""Batches against the reference in Pillow and NumPy."""

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import arrays
from support.reference import compare


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
def test_random_resized_crop(flowers, pairing):
    compare(flowers, pairing=pairing, flip="horizontal", crop=mf.RandomResizedCrop())


@pytest.mark.parametrize(
    "interpolation", ["nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"]
)
@pytest.mark.parametrize("size", [(16, 18), (9, 40), (20, 24)])
def test_interpolation(flowers, interpolation, size):
    compare(flowers, size, interpolation=interpolation)


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
@pytest.mark.parametrize("flip", [None, "horizontal", "vertical", "both"])
@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
def test_mixing(flowers, pairing, flip, color_mode):
    compare(flowers, pairing=pairing, flip=flip, color_mode=color_mode, mix=mf.MixUp(1.0))


@pytest.mark.parametrize("size", [(16, 18), (30, 11), (11, 30)])
@pytest.mark.parametrize("fit", ["crop_to_aspect_ratio", "pad_to_aspect_ratio"])
def test_aspect_ratio(flowers, fit, size):
    compare(flowers, size, flip="both", **{fit: True})


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(7, 9), (9, 40), (45, 50)])
def test_without_antialias_it_equals_tensorflow(flowers, interpolation, size):
    tf = pytest.importorskip("tensorflow", reason="compares with tf.image.resize")
    options = dict(image_size=size, batch_size=21, mix=None, shuffle=False, verbose=False)
    with mf.from_directory(flowers, interpolation=interpolation, antialias=False, **options) as seq:
        x = arrays(seq[0])[0]
        files = [np.asarray(Image.open(path).convert("RGB"), np.float32) for path in seq.file_paths]
    want = np.stack(
        [np.clip(tf.image.resize(file, size, method=interpolation), 0, 255) for file in files]
    )
    assert np.abs(x - want).max() <= (0 if interpolation == "nearest" else 1)


def test_without_mixing_pixels_are_the_images(flowers):
    assert compare(flowers, (20, 24), mix=None).max() == 0


@pytest.mark.parametrize(
    "options", [{"interpolation": "bicubic"}, {"interpolation": "lanczos"}, {"color_mode": "rgba"}]
)
def test_rounding_equals_pillows_for_kernels_with_overshoot(flowers, options):
    assert compare(flowers, (9, 40), mix=None, **options).max() == 0


def test_rescale(flowers):
    compare(flowers, scale=1 / 255, rescale=1 / 255)


@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
def test_preprocess_by_mean_and_standard_deviation(flowers, color_mode):
    mean, std = [100, 120.5, 90, 1], [50.5, 60, 70, 255]
    n = {"rgb": 3, "grayscale": 1, "rgba": 4}[color_mode]
    options = dict(image_size=(8, 9), color_mode=color_mode, seed=1, verbose=False)
    with (
        mf.from_directory(flowers, preprocess=(mean[:n], std[:n]), **options) as got,
        mf.from_directory(flowers, **options) as plain,
    ):
        want = (arrays(plain[0])[0] - np.float32(mean[:n])) / np.float32(std[:n])
        np.testing.assert_allclose(arrays(got[0])[0], want, atol=1e-5)


@pytest.mark.parametrize("mode", ["tf", "torch", "caffe"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_preprocess_equals_keras(flowers, mode, data_format):
    from keras.applications.imagenet_utils import preprocess_input

    with (
        mf.from_directory(
            flowers,
            image_size=(8, 9),
            preprocess=mode,
            data_format=data_format,
            seed=1,
            verbose=False,
        ) as got,
        mf.from_directory(
            flowers, image_size=(8, 9), data_format=data_format, seed=1, verbose=False
        ) as plain,
    ):
        assert got.image_shape == ((3, 8, 9) if data_format == "channels_first" else (8, 9, 3))
        x, _ = arrays(got[0])
        want = preprocess_input(arrays(plain[0])[0].copy(), data_format, mode)
        assert x.shape == want.shape and x.dtype == np.float32
        np.testing.assert_allclose(x, want, atol=2e-5 if mode != "caffe" else 2e-4)


@pytest.mark.parametrize("dtype", ["float16", "uint8"])
def test_dtypes_are_float32_rounded(flowers, dtype):
    options = dict(image_size=(8, 9), seed=1, verbose=False, mix=mf.MixUp(1.0))
    with (
        mf.from_directory(flowers, dtype=dtype, **options) as got,
        mf.from_directory(flowers, **options) as plain,
    ):
        x, _ = arrays(got[0])
        want, _ = arrays(plain[0])
        assert x.dtype == dtype
        np.testing.assert_array_equal(
            x, np.rint(want).astype(dtype) if dtype == "uint8" else want.astype(dtype)
        )


def test_label_modes(folder):
    root = folder(cat=5, dog=6)
    options = dict(image_size=(8, 8), batch_size=11, seed=3, verbose=False)
    with (
        mf.from_directory(root, label_mode="binary", **options) as binary,
        mf.from_directory(root, label_mode="categorical", **options) as categorical,
        mf.from_directory(root, label_mode="int", mix=None, **options) as ints,
        mf.from_directory(root, label_mode=None, **options) as alone,
    ):
        yb, (xc, yc), yi = arrays(binary[0])[1], arrays(categorical[0]), arrays(ints[0])[1]
        assert (yb.shape, yb.dtype, yi.shape, yi.dtype) == ((11, 1), np.float32, (11,), np.int32)
        np.testing.assert_allclose(yb[:, 0], yc[:, 1], atol=1e-7)
        assert len(set(np.round(yb[:, 0], 3))) > 2, "the labels are mixed"
        assert [ints.labels[ints.file_paths.index(r["path"])] for r in ints.explain(0)] == list(yi)
        np.testing.assert_array_equal(arrays(alone[0]), xc)
