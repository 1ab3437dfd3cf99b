"""The tutorial's mixup generator against Keras' images, mixed with NumPy."""

import keras
import numpy as np
import pytest
from keras.src.legacy.preprocessing import image as legacy

from mixfolder.compat import ImageDataGenerator, MixupImageDataGenerator
from support.internals import mixed_by_numpy


def mixup(root, batch_size=8, size=(6, 7), seed=7, subset=None, alpha=0.4, **arguments):
    keras.utils.set_random_seed(seed)
    return MixupImageDataGenerator(
        ImageDataGenerator(**arguments), root, batch_size, *size, alpha=alpha, subset=subset
    )


def expected(flow, rows, **arguments):
    """A batch mixed with NumPy from Keras' images and the rows of `explain`."""
    options = dict(target_size=flow.target_size, batch_size=100, shuffle=False)
    theirs = legacy.ImageDataGenerator(**arguments).flow_from_directory(flow.directory, **options)
    x, y = theirs[0]
    at = {path: i for i, path in enumerate(theirs.filepaths)}
    own, partner = ([at[row[key]] for row in rows] for key in ("path", "partner"))
    lam = np.array([row["lam"] for row in rows])
    lx, ly = lam[:, None, None, None], lam[:, None]
    return x[own] * lx + x[partner] * (1 - lx), y[own] * ly + y[partner] * (1 - ly)


@pytest.mark.parametrize(
    "arguments",
    [
        dict(rescale=1 / 255),
        dict(data_format="channels_first"),
        dict(preprocessing_function=keras.applications.vgg16.preprocess_input, rescale=0.5),
        dict(preprocessing_function=np.sqrt),
        dict(
            preprocessing_function=np.sqrt,
            rescale=2,
            samplewise_std_normalization=True,
            samplewise_center=True,
            data_format="channels_first",
        ),
    ],
)
def test_images_are_mixed_after_all_other_steps(flowers, arguments):
    flow = mixup(flowers, **arguments)
    assert mixed_by_numpy(flow) == (arguments.get("preprocessing_function") is np.sqrt)
    for n in range(3):
        rows = flow.sequence.explain(n)
        assert any(0.01 < row["lam"] < 0.99 for row in rows)
        x, y = next(flow)
        want_x, want_y = expected(flow, rows, **arguments)
        assert (x.dtype, y.dtype) == (np.float32, np.float32) and x.shape[1:] == flow.image_shape
        np.testing.assert_allclose(x, want_x, rtol=0, atol=1e-4)
        np.testing.assert_allclose(y, want_y, rtol=0, atol=1e-6)


def test_mixing_in_numpy_and_in_the_core_draw_the_same(flowers):
    core, numpy = mixup(flowers), mixup(flowers, preprocessing_function=lambda x: x + 0)
    assert mixed_by_numpy(numpy) and not mixed_by_numpy(core) and core.seed == numpy.seed
    for _ in range(7):
        for a, b in zip(next(core), next(numpy), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-4)


def test_partners_are_a_second_permutation(flowers):
    flow = mixup(flowers)
    epochs = []
    for _ in range(2):
        rows = [row for n in range(3) for row in flow.sequence.explain(n)]
        own, partners = ([row[key] for row in rows] for key in ("path", "partner"))
        assert sorted(own) == sorted(partners) == sorted(flow.filepaths) and own != partners
        epochs.append((own, partners))
        for _ in range(3):
            next(flow)
        flow.on_epoch_end()
    assert epochs[0][0] != epochs[1][0] and epochs[0][1] != epochs[1][1]


def test_the_last_short_batch_works(flowers):
    """The tutorial's class fails on it, as it always draws weights for a full batch."""
    flow = mixup(flowers)
    assert flow.n == 21 and len(flow) == flow.get_steps_per_epoch() == 3
    assert [len(next(flow)[0]) for _ in range(6)] == [8, 8, 5, 8, 8, 5]


def test_the_tutorials_methods(flowers):
    flow = mixup(flowers, validation_split=0.4, subset="training")
    assert (flow.n, flow.batch_size, flow.alpha, flow.batch_index) == (14, 8, 0.4, 0)
    assert flow.class_indices == {"rose": 0, "tulip": 1, "violet": 2}
    first = next(flow)
    assert flow.batch_index == 1
    flow.reset()
    assert flow.batch_index == 0
    flow.reset_index()
    assert flow.sequence.stats()["epoch"] == 1
    again = next(flow)
    assert not np.array_equal(first[0], again[0])
    for x, y in flow:
        assert x.shape == (6, 6, 7, 3) and y.shape == (6, 3)
        break


def test_mixup_needs_a_generator_of_compat(flowers):
    with pytest.raises(TypeError, match="import it from mixfolder.compat as well"):
        MixupImageDataGenerator(legacy.ImageDataGenerator(), flowers, 8, 6, 7)


def test_mixup_needs_an_alpha(flowers):
    with pytest.raises(ValueError, match="alpha of MixUp must be above 0"):
        mixup(flowers, alpha=0)
