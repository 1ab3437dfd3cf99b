"""`label_smoothing` and `binarize`, and losses that do not fit the labels."""

from functools import partial

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays, gathered

OPTIONS = dict(image_size=8, batch_size=8, seed=3, verbose=False, mix=mf.MixUp(1.0))
MODES = {
    "categorical": keras.losses.categorical_crossentropy,
    "binary": keras.losses.binary_crossentropy,
    "multi_label": keras.losses.binary_crossentropy,
}


def opened(flowers, mode, **options):
    """Images with labels of a mode."""
    paths = sorted(flowers.rglob("*.png"))[:13]
    labels = [[0, 1], [1, 1], [0, 0], [1, 0], [0, 1]] * 3 if mode == "multi_label" else [0, 1] * 7
    return mf.from_files(paths, labels[:13], label_mode=mode, **OPTIONS | options)


@pytest.mark.parametrize("mode", MODES)
def test_smoothed_labels_are_those_of_the_loss(flowers, mode):
    """Keras' loss with label_smoothing has the same value as that of smoothed labels."""
    rng = np.random.default_rng(0)
    with (
        opened(flowers, mode, label_smoothing=0.2) as smoothed,
        opened(flowers, mode) as plain,
    ):
        x, y = gathered(smoothed)
        x2, y2 = gathered(plain)
        np.testing.assert_array_equal(x, x2)
        outcomes = 2  # also the number of classes
        np.testing.assert_allclose(y, y2 * 0.8 + 0.2 / outcomes, atol=1e-7)
        scores = rng.uniform(0.1, 0.9, y.shape).astype(np.float32)
        theirs = MODES[mode](y2, scores, label_smoothing=0.2)
        np.testing.assert_allclose(MODES[mode](y, scores), theirs, rtol=1e-5)


def test_smoothing_spreads_over_all_classes(flowers):
    with (
        mf.from_directory(flowers, label_smoothing=0.3, **OPTIONS) as smoothed,
        mf.from_directory(flowers, **OPTIONS) as plain,
    ):
        y, y2 = (gathered(seq)[1] for seq in (smoothed, plain))
        np.testing.assert_allclose(y, y2 * 0.7 + 0.1, atol=1e-7)
        np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("smoothing", "threshold"), [(0, 0), (0, 0.2), (0, 0.5), (0.1, 0.2), (0.3, 0.5)]
)
def test_binarize_is_what_timm_does(flowers, smoothing, threshold):
    """timm's Mixup smooths and mixes; its BinaryCrossEntropy then compares with the threshold."""
    options = dict(batch_size=21, label_smoothing=smoothing)
    with (
        mf.from_directory(flowers, **OPTIONS | options) as soft,
        mf.from_directory(flowers, **OPTIONS | options, binarize=threshold) as hard,
    ):
        want = (arrays(soft[0])[1] > np.float32(threshold)).astype(np.float32)
        np.testing.assert_array_equal(arrays(hard[0])[1], want)
        assert set(np.unique(want)) == {0, 1}
        if threshold == 0:
            assert want.sum(axis=1).max() == 2, "both classes of a mixture count"


@pytest.mark.parametrize("options", [dict(label_smoothing=0.1), dict(binarize=0.2)])
def test_validation_data_keeps_its_labels(flowers, options):
    both = dict(validation_split=0.4, subset="both")
    train, val = mf.from_directory(flowers, **OPTIONS, **options, **both)
    with train, val:
        y = gathered(val)[1]
        np.testing.assert_array_equal(y, np.eye(3)[val.labels])


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (dict(label_smoothing=0.1, label_mode="int", mix=None), "cannot be smoothed: set"),
        (dict(label_smoothing=1.0), "less than 1, but is 1"),
        (dict(label_smoothing=-0.1), "0 or more"),
        (dict(label_smoothing="much"), "label_smoothing must be a number"),
        (dict(label_smoothing={"a": 0.1}), "label_smoothing is a dict, which is for several heads"),
        (dict(label_smoothing=0.1, label_mode=None), "need labels, but label_mode is None"),
        (dict(binarize=0.2, label_mode=None), "need labels, but label_mode is None"),
        (dict(binarize=1), "binarize must be 0 or more and less than 1"),
        (dict(binarize=0.2, label_mode="int", mix=None), "one value per class"),
        (dict(binarize=0.2, mix=mf.Custom(max)), "leave it out with mix=Custom"),
        (dict(binarize=0, label_smoothing=0.1), "tells no two of them apart"),
    ],
)
def test_what_cannot_be_smoothed_is_refused(flowers, options, match):
    with pytest.raises(ValueError, match=match):
        mf.from_directory(flowers, **OPTIONS | options)


def test_numbers_are_not_smoothed(flowers):
    paths = sorted(flowers.rglob("*.png"))[:4]
    with pytest.raises(ValueError, match='label_mode="regression" cannot be smoothed'):
        mf.from_files(paths, [1.5, 2, 3, 4], label_smoothing=0.1, **OPTIONS)


# Losses.


def model(loss, kind=keras.Model, units=3):
    inputs = keras.Input((8, 8, 3))
    net = kind(inputs, keras.layers.Dense(units, "softmax")(keras.layers.Flatten()(inputs)))
    net.compile("sgd", loss)
    return net


LOSS = keras.losses.CategoricalCrossentropy
SMOOTH = partial(keras.losses.categorical_crossentropy, label_smoothing=0.1)
SMOOTH.__name__ = "smooth"


@pytest.mark.parametrize(
    "loss", [LOSS(label_smoothing=0.1), SMOOTH, [LOSS(label_smoothing=0.1)]], ids=str
)
def test_smoothing_twice_is_an_error(flowers, loss):
    with mf.from_directory(flowers, **OPTIONS, label_smoothing=0.2) as smoothed:
        match = "label_smoothing=0.1, but the labels of .* by label_smoothing=0.2: leave it out"
        with pytest.raises(ValueError, match=match):
            model(loss).fit(smoothed, verbose=0)
        assert smoothed.stats()["epoch"] == 0


def test_smoothing_once_is_no_error(flowers):
    with (
        mf.from_directory(flowers, **OPTIONS, label_smoothing=0.2) as smoothed,
        mf.from_directory(flowers, **OPTIONS) as plain,
    ):
        model(LOSS()).fit(smoothed, verbose=0)
        model(LOSS(label_smoothing=0.1)).fit(plain, verbose=0)


class OwnLoss(keras.Model):
    """A model that ignores the compiled loss."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(keras.losses.categorical_crossentropy(y, y_pred))


def test_a_model_with_its_own_loss_is_not_judged(flowers):
    with mf.from_directory(flowers, **OPTIONS, label_smoothing=0.2) as smoothed:
        model(LOSS(label_smoothing=0.1), OwnLoss).fit(smoothed, verbose=0)


@pytest.mark.parametrize(
    "loss", ["sparse_categorical_crossentropy", keras.losses.SparseCategoricalCrossentropy()]
)
@pytest.mark.parametrize("mode", ["categorical", "binary"])
def test_a_sparse_loss_of_soft_labels_is_an_error(flowers, mode, loss):
    names = ["rose", "tulip"]
    options = OPTIONS | dict(class_names=names, label_mode=mode)
    with (
        mf.from_directory(flowers, **options) as soft,
        pytest.raises(ValueError, match="would truncate the mixed or smoothed labels"),
    ):
        model(loss, units=2).fit(soft, verbose=0)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        (dict(class_names=["tulip", "rose", "violet"]), "label 0 is 'rose' in .* and 'tulip'"),
        (dict(label_mode="int"), "label_mode is 'categorical' in .* and 'int' in .*: open both"),
    ],
)
def test_validation_data_of_another_kind_is_an_error(flowers, changes, match):
    with (
        mf.from_directory(flowers, **OPTIONS) as train,
        mf.from_directory(flowers, subset="validation", **OPTIONS | changes) as val,
    ):
        net = model("categorical_crossentropy")
        with pytest.raises(ValueError, match=match):
            net.fit(train, validation_data=val, verbose=0)
        assert train.stats()["epoch"] == 0, "before anything is trained"
