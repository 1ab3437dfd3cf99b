"""What `fit`, `evaluate` and `predict` take from a sequence that is Keras' own data adapter."""

import os
import signal
import subprocess
import sys
import threading
import time
import warnings

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays, gathered
from support.internals import ADAPTER, buffers_of, hide_adapter, reopened, served
from support.training import means

BACKEND = keras.backend.backend()
OPTIONS = dict(image_size=(8, 8), batch_size=4, seed=1, verbose=False)
PLAIN = dict(mix=None, shuffle=False)

pytestmark = [
    pytest.mark.skipif(ADAPTER is object, reason="this Keras has no such class"),
    pytest.mark.usefixtures("watched"),
]


class Seen(keras.layers.Layer):
    """Passes its input on, and keeps the sums of what it got."""

    def __init__(self):
        super().__init__()
        self.sums = self.add_weight(shape=(64,), initializer="zeros", trainable=False)
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        here = keras.ops.cast(
            keras.ops.arange(64) == keras.ops.cast(self.calls, "int32"), "float32"
        )
        self.sums.assign(self.sums + here * keras.ops.sum(x))
        self.calls.assign(self.calls + 1)
        return x


def seeing(shape=(8, 8, 3), **options):
    """A model that was not built, and a function that returns the sum of x of each batch since its
    last call."""
    seen = Seen()
    net = keras.Sequential(
        [
            keras.Input(shape),
            seen,
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    net.compile("sgd", "categorical_crossentropy", **options)

    def sums():
        found, calls = map(keras.ops.convert_to_numpy, (seen.sums, seen.calls))
        seen.sums.assign(np.zeros(64))
        seen.calls.assign(0)
        return np.asarray(found)[: int(calls)]

    return net, sums


@pytest.fixture(scope="module")
def seeing_once(flowers):
    with mf.from_directory(flowers, **OPTIONS) as train:
        net, seen = seeing()
        net.fit(train, verbose=0)
    return net, seen


@pytest.fixture
def trained(seeing_once):
    """The same, from a model that was trained before and is compiled once."""
    seeing_once[1]()
    return seeing_once


def iterated(root, epochs, **options):
    """The sum of x of each batch of plain iteration."""
    with mf.from_directory(root, **{**OPTIONS, **options}) as seq:
        return np.array([arrays(b)[0].sum(dtype=np.float64) for _ in range(epochs) for b in seq])


def positions(seq):
    """The epoch and number of each batch that was served."""
    return [(epoch, number) for epoch, number, _ in served(seq)]


def numbers(seq):
    return [number for _, number in positions(seq)]


def keys(batches, count):
    return [divmod(i, count) for i in range(batches)]


def test_fit_takes_what_iteration_gives(flowers):
    want = iterated(flowers, 3)
    with mf.from_directory(flowers, **OPTIONS) as train:
        net, seen = seeing()
        net.fit(train, epochs=3, verbose=0)
        np.testing.assert_allclose(seen(), want, rtol=1e-4)
        assert positions(train) == keys(18, 6), "no batch is requested for shapes, none twice"
        assert train.stats()["images_decoded"] <= 4 * 21, "some are decoded ahead"


@pytest.mark.parametrize("steps", [1, 4, 6, 13])
def test_steps_per_epoch_go_on_over_the_data_set(flowers, trained, steps):
    net, seen = trained
    want = iterated(flowers, -(-3 * steps // 6))[: 3 * steps]
    with mf.from_directory(flowers, **OPTIONS) as train, warnings.catch_warnings():
        warnings.filterwarnings("error", category=UserWarning)
        net.fit(train, epochs=3, steps_per_epoch=steps, verbose=0)
        np.testing.assert_allclose(seen(), want, rtol=1e-4)
        assert positions(train) == keys(3 * steps, 6)


def test_steps_of_validation_evaluation_and_prediction(flowers, trained):
    net, _ = trained
    with (
        mf.from_directory(flowers, **OPTIONS) as train,
        mf.from_directory(flowers, **OPTIONS, **PLAIN) as val,
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("error", category=UserWarning)
        net.fit(train, validation_data=val, validation_steps=2, epochs=2, verbose=0)
        assert numbers(val) == [0, 1, 0, 1], "each validation starts at the beginning"
        assert positions(train) == keys(12, 6)
        net.evaluate(val, steps=8, verbose=0)
        assert numbers(val)[4:] == [0, 1, 2, 3, 4, 5, 0, 1]
        predicted = net.predict(val, steps=8, verbose=0)
        np.testing.assert_allclose(predicted[21:], predicted[:8], rtol=1e-6)


@pytest.mark.parametrize("steps", [None, 4, 9])
def test_initial_epoch_continues_an_interrupted_run(flowers, trained, steps):
    net, seen = trained
    count, want = steps or 6, iterated(flowers, 6)
    with mf.from_directory(flowers, **OPTIONS) as train:
        net.fit(train, initial_epoch=2, epochs=4, steps_per_epoch=steps, verbose=0)
        np.testing.assert_allclose(seen(), want[2 * count : 4 * count], rtol=1e-4)
        train.set_epoch(5)
        net.fit(train, initial_epoch=1, epochs=2, verbose=0)
        assert positions(train)[-6:] == [(5, n) for n in range(6)], "set_epoch is heeded"
        net.fit(train, initial_epoch=2, epochs=3, verbose=0)
        assert positions(train)[-6:] == [(2, n) for n in range(6)]


def test_a_fit_after_a_stopped_one_begins_an_epoch(flowers, trained):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 2

    with mf.from_directory(flowers, **OPTIONS) as train:
        trained[0].fit(train, epochs=2, verbose=0, callbacks=[Stop()])
        trained[0].fit(train, verbose=0)
        assert positions(train) == [(0, 0), (0, 1), (0, 2), *((1, n) for n in range(6))]


def test_inspecting_batches_costs_no_epoch(flowers, trained):
    with mf.from_directory(flowers, **OPTIONS) as train:
        train[0], train[1]
        trained[0].fit(train, verbose=0)
        assert positions(train)[2:] == keys(6, 6)
        train[5]
        trained[0].fit(train, verbose=0)
        assert positions(train)[9:] == [(1, n) for n in range(6)]


def test_the_same_sequence_for_training_and_validation(flowers, trained):
    with mf.from_directory(flowers, **OPTIONS, mix=None) as train:
        trained[0].fit(train, validation_data=train, epochs=2, steps_per_epoch=4, verbose=0)
        epochs = {}
        for epoch, number in positions(train):
            epochs.setdefault(epoch, []).append(number)
        assert epochs == {0: [0, 1, 2, 3, 4, 5], 1: [*range(6)], 2: [0, 1], 3: [*range(6)]}


class Growing(mf.ImageSequence):
    """Batches whose size alternates."""

    def __getitem__(self, index):
        x, y = super().__getitem__(index)
        return x[:, : 4 + index % 2], y


def test_sizes_may_change_from_batch_to_batch(flowers):
    with mf.from_directory(flowers, **OPTIONS) as seq, reopened(seq, Growing) as growing:
        net, seen = seeing(shape=(None, None, 3))
        net.fit(growing, epochs=2, verbose=0)
        want = [arrays(b)[0][:, : 4 + i % 2].sum() for i, b in enumerate([*seq, *seq])]
        np.testing.assert_allclose(seen(), want, rtol=1e-4)


def test_class_weights_of_fit_are_those_of_a_wrapped_sequence(flowers, monkeypatch):
    losses = []
    for wrapped in (False, True):
        if wrapped:
            hide_adapter(monkeypatch)
        keras.utils.set_random_seed(3)
        net = keras.Sequential([means(), keras.layers.Dense(3, "softmax")])
        net.compile("sgd", "categorical_crossentropy")
        with mf.from_directory(flowers, rescale=1 / 255, **OPTIONS, **PLAIN) as train:
            weights = {0: 0.5, 1: 3.0, 2: 0.0}
            losses += net.fit(train, class_weight=weights, shuffle=False, verbose=0).history["loss"]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_labels_beside_a_sequence_are_rejected(flowers, trained, way):
    net, _ = trained
    with mf.from_directory(flowers, **OPTIONS, **PLAIN) as seq:
        y = np.zeros((21, 3), "float32")
        for use in (
            lambda: net.fit(seq, y, verbose=0),
            lambda: net.evaluate(seq, y, verbose=0),
            lambda: net.fit(seq, sample_weight=y[:, 0], verbose=0),
            lambda: net.fit(seq, validation_data=(seq, y), verbose=0),
        ):
            with pytest.raises(ValueError, match=r"`?(y|sample_weight)s?(=|`)"):
                use()


@pytest.mark.skipif(BACKEND == "torch", reason="Keras 3.15 has no steps_per_execution on torch")
def test_several_steps_per_execution(flowers):
    want = iterated(flowers, 2, **PLAIN)
    with mf.from_directory(flowers, **OPTIONS, **PLAIN) as train:
        net, seen = seeing(steps_per_execution=4)
        net.fit(train, epochs=2, verbose=0)
        np.testing.assert_allclose(seen(), want, rtol=1e-4)
        assert net.predict(train, verbose=0).shape == (21, 3)


def test_no_buffer_is_used_twice_at_once(flowers):
    """Every prediction is that of its own image, while buffers are recycled at once."""
    with mf.from_directory(flowers, **{**OPTIONS, "batch_size": 1}, **PLAIN) as seq:
        x = gathered(seq)[0]
        got = means().predict(seq, steps=100, verbose=0)
        np.testing.assert_allclose(got, np.resize(x.mean((1, 2)), got.shape), rtol=1e-5)
        del x
        assert sum(buffers_of(seq)) < 60


def test_a_signal_interrupts_fit_at_once(flowers, trained, ctrl_c):
    net, _ = trained
    interrupted = threading.Event()

    def press():
        os.kill(os.getpid(), signal.SIGINT)
        # Python ignores an exception in a finalizer, and fit would not end.
        if not interrupted.wait(2):
            os.kill(os.getpid(), signal.SIGINT)

    with mf.from_directory(flowers, **OPTIONS) as train:
        threading.Timer(0.3, press).start()
        begin = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            net.fit(train, epochs=100_000, verbose=0)
        interrupted.set()
        assert time.perf_counter() - begin < 5
        net.fit(train, verbose=0)
        assert numbers(train)[-6:] == [*range(6)]


@pytest.mark.skipif(BACKEND != "tensorflow", reason="strategies are TensorFlow's")
@pytest.mark.filterwarnings("ignore")
def test_a_distribution_strategy(flowers):
    import tensorflow as tf

    with mf.from_directory(flowers, **OPTIONS) as train:
        with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
            net = keras.Sequential([means(), keras.layers.Dense(3, "softmax")])
            net.compile("sgd", "categorical_crossentropy")
        net.fit(train, epochs=2, verbose=0)
        assert sorted(set(positions(train)[-12:])) == keys(12, 6)
        assert len(served(train)) < 18, "Keras builds the model with a few batches"


WITHOUT = """
import sys, warnings
import keras
from keras.src.trainers import data_adapters
passes_on, data_adapters.get_data_adapter = data_adapters.get_data_adapter, lambda x: None
import mixfolder as mf
data_adapters.get_data_adapter = passes_on
from keras.src.trainers.data_adapters.data_adapter import DataAdapter
seq = mf.from_directory(sys.argv[1], image_size=8, batch_size=4, verbose=False)
assert not isinstance(seq, DataAdapter) and isinstance(seq, keras.utils.Sequence)
net = keras.Sequential(
    [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
)
net.compile("sgd", "categorical_crossentropy")
net.fit(seq, epochs=2, validation_data=seq, verbose=0)
"""


@pytest.mark.skipif(BACKEND != "jax", reason="once is enough")
def test_a_keras_that_passes_no_adapter_on(flowers):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT, flowers],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
