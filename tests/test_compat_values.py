"""Pixel values of `mixfolder.compat` against Keras' own class."""

import keras
import numpy as np
import pytest
from keras.src.legacy.preprocessing import image as legacy

from mixfolder.compat import ImageDataGenerator
from support.internals import left_to_numpy
from support.parity import both, same_batches


@pytest.mark.parametrize(
    "arguments",
    [
        dict(rescale=1 / 255),
        dict(rescale=1 / 255, dtype="float16"),
        dict(samplewise_center=True),
        dict(samplewise_center=True, samplewise_std_normalization=True, rescale=1 / 127),
        dict(preprocessing_function=lambda x: np.sqrt(x) - x.mean()),
        dict(
            preprocessing_function=lambda x: x[::-1] + 1,
            rescale=0.5,
            samplewise_center=True,
            dtype="float64",
        ),
        dict(preprocessing_function=keras.applications.vgg16.preprocess_input, rescale=0.25),
        dict(data_format="channels_first", rescale=2),
    ],
)
def test_values_are_those_of_keras(kinds, arguments):
    ours, theirs = both(
        kinds, arguments, arguments, target_size=(20, 30), shuffle=False, batch_size=8
    )
    same_batches(
        ours, theirs, 2e-4 if np.dtype(arguments.get("dtype", "float32")) != np.float16 else 1e-3
    )


APPLICATIONS = [
    name
    for name in dir(keras.applications)
    if hasattr(getattr(keras.applications, name), "preprocess_input")
]


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_core_equals_preprocess_input(kinds, name):
    function = getattr(keras.applications, name).preprocess_input
    arguments = dict(preprocessing_function=function)
    ours, theirs = both(
        kinds, arguments, arguments, target_size=(20, 30), shuffle=False, batch_size=8
    )
    assert left_to_numpy(ours) == set(), "the core does it"
    same_batches(ours, theirs, 2e-5)


@pytest.mark.parametrize(
    "arguments, options",
    [
        (
            dict(preprocessing_function=keras.applications.xception.preprocess_input),
            dict(color_mode="grayscale"),
        ),
        (
            dict(
                preprocessing_function=keras.applications.mobilenet.preprocess_input,
                data_format="channels_first",
            ),
            {},
        ),
    ],
)
def test_preprocess_input_that_the_core_lacks(kinds, arguments, options):
    ours, theirs = both(kinds, arguments, arguments, target_size=(20, 30), shuffle=False, **options)
    assert left_to_numpy(ours) == {"preprocessing_function"}
    same_batches(ours, theirs, 1e-6)


def fitted(generator, x):
    generator.fit(x)
    return generator


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("rescale", [None, 1 / 255])
@pytest.mark.parametrize(
    "more", [{}, dict(featurewise_std_normalization=True), dict(samplewise_center=True)]
)
def test_featurewise_statistics(kinds, data_format, rescale, more):
    arguments = dict(featurewise_center=True, rescale=rescale, data_format=data_format, **more)
    options = dict(target_size=(20, 30), shuffle=False, batch_size=8)
    x = np.concatenate(
        [
            both(
                kinds,
                dict(data_format=data_format),
                dict(data_format=data_format),
                class_mode=None,
                **options,
            )[1][i]
            for i in range(3)
        ]
    )
    theirs = fitted(legacy.ImageDataGenerator(**arguments), x)
    ours = fitted(ImageDataGenerator(**arguments), x)
    streamed = ImageDataGenerator(**arguments)
    streamed.fit_directory(kinds, target_size=(20, 30), batch_size=7)
    for name in ("mean", "std"):
        want = getattr(theirs, name)
        for generator in (ours, streamed) if "samplewise_center" not in more else (ours,):
            got = getattr(generator, name)
            if want is None:
                assert got is None
            else:
                assert (got.shape, got.dtype) == (want.shape, want.dtype)
                np.testing.assert_allclose(got, want, rtol=2e-4)
    flow, expected = (g.flow_from_directory(kinds, **options) for g in (ours, theirs))
    assert bool(left_to_numpy(flow)) == ("samplewise_center" in more), "the core does it"
    same_batches(flow, expected, 2e-4 if rescale else 2e-2)


def test_fit_directory_sees_what_the_featurewise_steps_see(kinds):
    datagen = ImageDataGenerator(
        featurewise_std_normalization=True,
        featurewise_center=True,
        samplewise_center=True,
        preprocessing_function=np.sqrt,
        rescale=3,
    )
    datagen.fit_directory(kinds, target_size=(20, 30))
    flow = datagen.flow_from_directory(kinds, target_size=(20, 30), class_mode=None, batch_size=100)
    x = flow[0]
    np.testing.assert_allclose(x.mean((0, 1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(x.std((0, 1, 2)), 1, atol=1e-4)


def test_statistics_set_by_the_user(kinds):
    options = dict(target_size=(8, 9), shuffle=False, class_mode=None, batch_size=100)
    plain = ImageDataGenerator().flow_from_directory(kinds, **options)[0]
    datagen = ImageDataGenerator(featurewise_center=True)
    flow = datagen.flow_from_directory(kinds, **options)
    with pytest.warns(UserWarning, match="hasn't been fit on any training data"):
        np.testing.assert_array_equal(flow[0], plain)
    datagen.mean = np.arange(8 * 9 * 3, dtype=np.float32).reshape(8, 9, 3)
    np.testing.assert_array_equal(flow[0], plain - datagen.mean)
    np.testing.assert_array_equal(
        datagen.flow_from_directory(kinds, **options)[0], plain - datagen.mean
    )
    datagen.mean = np.float32([0.5, 0.25, 0])  # looks like fractions of 1, which the core rejects
    np.testing.assert_array_equal(
        datagen.flow_from_directory(kinds, **options)[0], plain - datagen.mean
    )
