"""Epochs, order and state of compat's iterators."""

import pickle
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from mixfolder.compat import DirectoryIterator, ImageDataGenerator, MixupImageDataGenerator
from support.parity import both


def test_next_never_ends(flowers):
    ours, theirs = both(flowers, target_size=(6, 7), batch_size=8, shuffle=False)
    for _ in range(7):
        for got, want in zip(next(ours), next(theirs), strict=True):
            np.testing.assert_array_equal(got, want)
        assert ours.batch_index == theirs.batch_index
    ours.reset()
    theirs.reset()
    for got, want in zip(ours.next(), next(theirs), strict=True):
        np.testing.assert_array_equal(got, want)
    assert iter(ours) is ours and ours.total_batches_seen == theirs.total_batches_seen


def files_of(flow, batches):
    """Names of the files in the batches that `next` returns."""
    whole = ImageDataGenerator().flow_from_directory(
        flow.directory, flow.target_size, batch_size=100, shuffle=False
    )
    names = {x.tobytes(): name for x, name in zip(whole[0][0], whole.filenames, strict=True)}
    return [names[x.tobytes()] for _ in range(batches) for x in next(flow)[0]]


def test_each_epoch_has_each_file_once_in_another_order(flowers):
    flow = ImageDataGenerator().flow_from_directory(
        flowers, target_size=(6, 7), batch_size=8, seed=3
    )
    epochs = [files_of(flow, 3) for _ in range(3)]
    assert all(sorted(p) == sorted(flow.filenames) for p in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]
    begun = files_of(flow, 1)
    flow.reset()
    assert files_of(flow, 1) != begun, "a new epoch, as with Keras"
    assert flow.seed == 3
    again = ImageDataGenerator().flow_from_directory(
        flowers, target_size=(6, 7), batch_size=8, seed=3
    )
    assert [files_of(again, 3) for _ in range(3)] == epochs


def test_a_loop_by_index_has_each_file_once(flowers):
    flow = ImageDataGenerator().flow_from_directory(flowers, (20, 24), batch_size=4, seed=3)
    names = {
        x.tobytes()
        for x in ImageDataGenerator().flow_from_directory(flowers, (20, 24), batch_size=21)[0][0]
    }
    rounds = [[x.tobytes() for i in range(len(flow)) for x in flow[i][0]] for _ in range(3)]
    assert all(sorted(r) == sorted(names) for r in rounds)
    assert rounds[0] != rounds[1] != rounds[2] != rounds[0]


def test_threads_share_the_epochs(flowers):
    flow = ImageDataGenerator().flow_from_directory(flowers, target_size=(6, 7), batch_size=4)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: files_of(flow, 1), range(3 * len(flow))))
    assert Counter(name for names in got for name in names) == dict.fromkeys(flow.filenames, 3)


def test_set_random_seed_determines_the_seed(flowers):
    seeds = []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        seeds.append([ImageDataGenerator().flow_from_directory(flowers).seed for _ in range(2)])
    assert seeds[0] == seeds[1] and seeds[0][0] != seeds[0][1]


def test_a_pickled_iterator_continues(flowers):
    for flow in (
        ImageDataGenerator(rescale=0.5).flow_from_directory(flowers, (6, 7), batch_size=8, seed=4),
        MixupImageDataGenerator(
            ImageDataGenerator(preprocessing_function=np.sqrt), flowers, 8, 6, 7
        ),
    ):
        again = pickle.loads(pickle.dumps(flow))
        assert isinstance(again, DirectoryIterator) and again.filenames == flow.filenames
        for a, b in zip(next(flow), next(again), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["workers", "use_multiprocessing"])
def test_workers_are_rejected(flowers, name):
    flow = ImageDataGenerator().flow_from_directory(flowers)
    with pytest.raises(ValueError, match="with its own threads"):
        setattr(flow, name, 4)


def test_keras_trains_on_it(flowers):
    arguments = dict(rescale=1 / 255, validation_split=0.4)
    train, val = (
        ImageDataGenerator(**arguments).flow_from_directory(flowers, (8, 8), batch_size=4, subset=s)
        for s in ("training", "validation")
    )
    net = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    )
    net.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    history = net.fit(train, validation_data=val, epochs=3, verbose=0).history
    assert len(history["val_accuracy"]) == 3 and train.sequence.stats()["epoch"] >= 2
    with pytest.warns(UserWarning, match="flow_from_directory.*shuffle=False"):
        assert net.predict(val, verbose=0).shape == (val.n, 3)


def test_options_of_an_open_iterator_cannot_be_changed(flowers):
    it = ImageDataGenerator().flow_from_directory(flowers, (8, 8), batch_size=4, seed=1)
    for name in ("batch_size", "shuffle", "target_size", "class_mode", "classes", "labels"):
        with pytest.raises(
            AttributeError,
            match=f"{name} of an open data set cannot be changed: create another iterator with "
            "flow_from_directory",
        ):
            setattr(it, name, 8)
    it.batch_index, it.save_prefix, it.note = 2, "saved", "mine"
    assert (it.batch_size, it.batch_index, it.note) == (4, 2, "mine") and len(next(it)[0]) == 4
    copy = pickle.loads(pickle.dumps(it))
    assert copy.note == "mine" and copy.batch_index == 3
    with pytest.raises(AttributeError, match="shuffle of an open data set"):
        copy.shuffle = False
