"""Warnings about misuse of a sequence in Keras, and every label mode in each use."""

import warnings

import keras
import numpy as np
import pytest

import mixfolder as mf
from mixfolder.compat import ImageDataGenerator, MixupImageDataGenerator
from support.batches import arrays
from support.images import write_images

OPTIONS = dict(image_size=(8, 8), batch_size=4, seed=1, verbose=False)
PLAIN = dict(mix=None, shuffle=False)


@pytest.fixture(scope="module")
def ab(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("ab"), {"a": 4, "b": 5})


def model(units=2, loss="categorical_crossentropy", activation="softmax"):
    net = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(units, activation)]
    )
    net.compile("sgd", loss)
    return net


def said(use, *arguments, **options):
    """The warnings of a use, and the files that they are attributed to."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use(*arguments, verbose=0, **options)
    caught = [w for w in caught if issubclass(w.category, UserWarning)]
    assert {w.filename for w in caught} <= {__file__}
    return [str(w.message) for w in caught]


# Evaluation and prediction with what was opened for training.


def test_evaluating_mixed_images_warns_once(way, ab):
    net = model()
    with (
        mf.from_directory(ab, **OPTIONS) as train,
        mf.from_directory(ab, **OPTIONS, flip="horizontal") as val,
    ):
        (text,) = said(net.fit, train, validation_data=val, epochs=2)
        assert (
            "evaluates" in text
            and str(ab) in text
            and "mixed" in text
            and "flipped" in text
            and 'subset="validation"' in text
        )
        assert said(net.fit, train, validation_data=val) == said(net.evaluate, val) == [], (
            "once a sequence"
        )
        (text,) = said(net.evaluate, train)
        assert "mixed" in text and "flipped" not in text


def test_predicting_shuffled_images_warns_once(way, ab):
    net = model()
    with (
        mf.from_directory(ab, **OPTIONS, mix=None) as shuffled,
        mf.from_directory(ab, **OPTIONS, shuffle=False) as mixed,
    ):
        (text,) = said(net.predict, shuffled)
        assert (
            "predicts" in text
            and "do not follow file_paths and labels" in text
            and 'subset="validation"' in text
            and "mixed" not in text
        )
        assert said(net.predict, shuffled) == []
        (text,) = said(net.predict, mixed)
        assert "mixed" in text and "shuffled" not in text


@pytest.mark.parametrize("options", [{}, dict(mix=None), dict(crop=mf.CenterCrop(), mix=None)])
def test_correct_uses_do_not_warn(ab, options):
    net = model()
    train, val = mf.from_directory(ab, **OPTIONS, **options, validation_split=0.4, subset="both")
    with train, val, mf.from_directory(ab, **{**OPTIONS, **options, **PLAIN}) as test:
        assert said(net.fit, train, validation_data=val) == []
        for data in (val, test):
            assert said(net.evaluate, data) == said(net.predict, data) == []
        if options:
            assert said(net.evaluate, train) == [], "the order does not matter to it"


def test_augmented_images_warn_in_evaluate_only(ab):
    with mf.from_directory(ab, **OPTIONS, **PLAIN, flip="both") as seq:
        assert said(model().predict, seq) == [], (
            "a prediction for each of several views is a method"
        )
        assert "randomly cropped, flipped or augmented" in said(model().evaluate, seq)[0]


def test_compat_warns_alike(ab):
    net, generator = model(), ImageDataGenerator(horizontal_flip=True)
    flow = generator.flow_from_directory(ab, (8, 8), batch_size=4, seed=1)
    mixed = MixupImageDataGenerator(ImageDataGenerator(), ab, 4, 8, 8)
    assert said(net.fit, flow, validation_data=flow) == []
    (text,) = said(net.predict, flow)
    assert "shuffle=False" in text and "subset=" not in text
    (text,) = said(net.fit, flow, validation_data=mixed)
    assert "mixed" in text


# Lists of classes.


def test_different_classes_in_a_fit_are_rejected(way, ab, folder):
    other = folder(a=3, c=4)
    net = model()
    flow = ImageDataGenerator().flow_from_directory(other, (8, 8), batch_size=4)
    with (
        mf.from_directory(ab, **OPTIONS) as train,
        mf.from_directory(other, **OPTIONS, **PLAIN) as val,
    ):
        for data in (val, flow):
            with pytest.raises(
                ValueError,
                match=r"label 1 is 'b' in .*ab.* and 'c' in .*images"
                r".*class_names=train\.class_names",
            ):
                net.fit(train, validation_data=data, verbose=0)
        assert train.stats()["epoch"] == 0, "before anything is trained"
        net.fit(train, validation_data=(np.zeros((2, 8, 8, 3)), np.zeros((2, 2))), verbose=0)
    with (
        mf.from_directory(other, **OPTIONS, label_mode=None) as train,
        mf.from_directory(ab, **OPTIONS, **PLAIN) as val,
    ):
        model_without_labels(train.image_shape).fit(train, validation_data=val, verbose=0)


def test_a_missing_class_is_rejected(ab, flowers):
    root = write_images(flowers.parent / "fewer", {"rose": 4, "tulip": 4})
    with (
        mf.from_directory(flowers, **OPTIONS) as train,
        mf.from_directory(root, **OPTIONS, **PLAIN) as val,
        mf.from_directory(
            flowers, **OPTIONS, **PLAIN, class_names=["rose", "tulip", "violet"]
        ) as same,
    ):
        with pytest.raises(ValueError, match="label 2 is 'violet' in .* and no class in"):
            model(3).fit(train, validation_data=val, verbose=0)
        with pytest.raises(ValueError, match="label 2 is no class in .* and 'violet' in"):
            model(2).fit(val, validation_data=train, verbose=0)
        model(3).fit(train, validation_data=same, verbose=0)


# Every kind of label.


class WithoutLabels(keras.Model):
    """An autoencoder whose loss is its own."""

    def __init__(self, shape):
        super().__init__()
        self.net = keras.Sequential([keras.Input(shape), keras.layers.Conv2D(3, 1)])

    def call(self, x):
        return self.net(x)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(keras.ops.square(x - y_pred))


def model_without_labels(shape):
    net = WithoutLabels(shape)
    net.compile("sgd")
    return net


@pytest.mark.parametrize("use", ["fit", "evaluate", "predict"])
@pytest.mark.parametrize("mode", ["categorical", "binary", "int", None])
def test_every_label_mode_in_every_use(way, ab, mode, use):
    outputs = {
        "categorical": (2, "categorical_crossentropy", "softmax"),
        "binary": (1, "binary_crossentropy", "sigmoid"),
        "int": (2, "sparse_categorical_crossentropy", "softmax"),
    }
    net = model(*outputs[mode]) if mode else model_without_labels((8, 8, 3))
    with mf.from_directory(ab, label_mode=mode, rescale=1 / 255, **OPTIONS, **PLAIN) as seq:
        x = np.concatenate([np.asarray(batch[0] if mode else batch) for batch in seq])
        if use == "fit":
            assert np.isfinite(
                net.fit(seq, epochs=2, validation_data=seq, verbose=0).history["val_loss"]
            ).all()
        elif use == "evaluate":
            assert np.isfinite(net.evaluate(seq, verbose=0))
        else:
            np.testing.assert_allclose(
                net.predict(seq, verbose=0), net.predict(x, verbose=0), rtol=1e-4, atol=1e-4
            )


@pytest.mark.parametrize("mode", ["categorical", "binary", "int", None])
def test_a_batch_has_the_same_form_on_every_backend(ab, mode):
    with mf.from_directory(ab, label_mode=mode, **OPTIONS, **PLAIN) as seq:
        batch = seq[0]
        if mode is None:
            assert isinstance(batch, np.ndarray) and batch.shape == (4, 8, 8, 3)
            return
        assert isinstance(batch, tuple) and [x.shape[0] for x in arrays(batch)] == [4, 4]
        kind = type(keras.ops.zeros(1)) if keras.backend.backend() == "torch" else np.ndarray
        assert all(isinstance(x, kind) for x in batch)


@pytest.mark.parametrize("use", ["fit", "evaluate"])
def test_a_loss_without_labels_is_reported_by_keras(way, ab, use):
    """Without labels Keras raises the same error as for an array alone."""
    with mf.from_directory(ab, label_mode=None, **OPTIONS, **PLAIN) as seq:
        with pytest.raises(Exception) as theirs:
            getattr(model(), use)(seq[0], verbose=0)
        with pytest.raises(type(theirs.value)) as ours:
            getattr(model(), use)(seq, verbose=0)
        assert str(ours.value)[:60] == str(theirs.value)[:60]
