"""Which batches `fit` sees, on the backend under test."""

import copy
import pickle

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.internals import EpochState, served

BATCH = 4


def model(classes, shape):
    net = keras.Sequential(
        [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(classes, "softmax")]
    )
    net.compile("sgd", "categorical_crossentropy", run_eagerly=False)
    return net


def complete_epochs(seq):
    """The files of each completely served epoch, without repeated requests."""
    epochs = {}
    for number, batch, paths in served(seq):
        epochs.setdefault(number, {})[batch] = paths
    return {
        n: sorted(p for paths in b.values() for p in paths)
        for n, b in epochs.items()
        if len(b) == len(seq)
    }


@pytest.mark.parametrize("samples", [4 * BATCH, 4 * BATCH + 1, 4 * BATCH + 2, 4 * BATCH - 1])
def test_an_epoch_has_every_image_once(watched, way, folder, samples):
    root = folder(a=9, b=samples - 9)
    train = mf.from_directory(root, image_size=(8, 8), batch_size=BATCH, seed=1, verbose=False)
    val = mf.from_directory(
        root,
        image_size=(8, 8),
        batch_size=BATCH,
        mix=None,
        shuffle=False,
        verbose=False,
    )
    model(2, train.image_shape).fit(train, validation_data=val, epochs=3, verbose=0)
    done = complete_epochs(train)
    assert sorted(done)[:3] == [0, 1, 2], "epoch n is epoch n"
    for files in done.values():
        assert files == sorted(train.file_paths)
    batches = [b for n, b, _ in served(train) if n == 1]
    assert len(batches) == len(train), "after the first epoch nothing is built twice"
    probes = 0 if way == "adapter" else 2
    assert len(served(train)) <= 3 * len(train) + probes, "the wrapped one is probed"
    assert sorted({p for _, _, paths in served(val) for p in paths}) == sorted(val.file_paths)


def test_steps_per_epoch_of_a_wrapped_sequence(watched, way, folder):
    if way == "adapter":
        pytest.skip("see test_keras_adapter.py")
    train = mf.from_directory(
        folder(a=9, b=7), image_size=(8, 8), batch_size=BATCH, seed=1, verbose=False
    )
    with pytest.warns(UserWarning, match="ran out of data"):
        model(2, train.image_shape).fit(train, epochs=6, steps_per_epoch=3, verbose=0)
    done = complete_epochs(train)
    assert len(done) >= 2
    for files in done.values():
        assert files == sorted(train.file_paths)


def test_a_second_fit_continues(watched, way, folder):
    train = mf.from_directory(
        folder(a=9, b=7), image_size=(8, 8), batch_size=BATCH, seed=1, verbose=False
    )
    net = model(2, train.image_shape)
    net.fit(train, epochs=2, verbose=0)
    net.fit(train, epochs=2, verbose=0)
    assert sorted(complete_epochs(train))[:4] == [0, 1, 2, 3]


def test_evaluate_and_predict(way, flowers):
    _, val = mf.from_directory(
        flowers,
        image_size=(8, 8),
        batch_size=BATCH,
        validation_split=0.5,
        subset="both",
        seed=1,
        verbose=False,
    )
    net = model(3, val.image_shape)
    got = net.predict(val, verbose=0)
    x = np.concatenate([arrays(b)[0] for b in val])
    np.testing.assert_allclose(got, net.predict(x, verbose=0), atol=1e-5)
    first = net.evaluate(val, verbose=0)
    assert first == pytest.approx(net.evaluate(val, verbose=0), rel=1e-6)


def test_the_same_index_gets_the_same_batch(flowers):
    train = mf.from_directory(flowers, image_size=(8, 8), batch_size=BATCH, seed=1, verbose=False)
    plans = [train.explain(n) for n in range(3)]
    a, b, again = arrays(train[4]), arrays(train[0]), arrays(train[4])
    np.testing.assert_array_equal(a[0], again[0])
    assert not np.array_equal(a[0], b[0])
    assert [train.explain(n) for n in range(3)] == plans, (
        "explain goes by the order of handing out, and changes nothing"
    )


def test_each_iteration_is_an_epoch(flowers):
    train = mf.from_directory(flowers, image_size=(8, 8), batch_size=BATCH, seed=1, verbose=False)
    first, second = ([arrays(b)[0] for b in train] for _ in range(2))
    assert len(first) == len(second) == len(train) and not np.array_equal(first[0], second[0])
    train.set_epoch(0)
    for a, b in zip(first, train, strict=True):
        np.testing.assert_array_equal(a, arrays(b)[0])


def serve(state, *indices):
    numbers = [state.batch(i) for i in indices]
    for number in numbers:
        state.deliver(number)
    return numbers


def test_epoch_state_with_hooks():
    p = EpochState(lambda _: 4, shuffle=True)
    assert serve(p, 0, 1) == [0, 1]  # TensorFlow's probes
    p.end()
    p.begin()
    assert serve(p, 3, 0, 2, 1) == [2, 0, 3, 1] and p.number == 0
    before = copy.deepcopy(p)
    p.end()
    assert p.number == 1 and p.served == 0
    p.begin()
    serve(p, 0, 1, 2)
    p.end()
    assert p.number == 1, "an epoch of fewer steps"
    p.end()
    assert p.number == 2, "a new fit"
    before.begin()
    assert before.number == 1
    q = EpochState(lambda _: 4, shuffle=False, number=7)
    assert serve(q, 2, 0) == [2, 0] and q.number == 7


def test_epoch_state_without_hooks():
    p = EpochState(lambda _: 3, shuffle=True)
    assert serve(p, 2, 0, 2, 1) == [0, 1, 0, 2] and p.number == 0, (
        "until all are handed out the same index is the same batch"
    )
    assert p.complete, "and explain reports them"
    assert serve(p, 1, 2, 0) == [0, 1, 2] and p.number == 1
    assert p.batch(0) == 0 and p.number == 2
    assert serve(p, 0, 1, 2) == [0, 1, 2] and p.number == 2, (
        "what failed or was interrupted comes again"
    )
    q = EpochState(lambda _: 3, shuffle=True)
    serve(q, 0, 1)
    q.end()
    q.begin()
    assert serve(q, 2, 1, 0) == [2, 1, 0] and q.number == 0, (
        "what was probed before a hook is still to come"
    )


def test_epoch_state_of_iterators():
    p = EpochState(lambda _: 4, shuffle=True)
    serve(p, 2, 1)
    assert (*p.claim(),) == (0, 1, 2, 3) and p.number == 0, "it was only inspected"
    p.serve(0, 0)
    assert (*p.claim(),) == (0, 1, 2, 3) and p.number == 1, "the other iterator has epoch 0"
    p.serve(0, 1)
    assert p.served == 0, "an older epoch is of no interest"
    for n in range(4):
        p.serve(1, n)
    assert p.complete and serve(p, 0) == [0] and p.number == 1
    assert serve(p, 0) == [0] and p.number == 2, "a loop by index goes on with the next epoch"
    serve(p, 1, 2)
    p.claim()
    assert p.number == 3, "more was served than a user inspects"
    p.start(7, first=3)
    assert p.claimable == 1 and (*p.claim(),) == (3,) and p.number == 7
    assert p.claimable == 4 and (*p.claim(),) == (0, 1, 2, 3) and p.number == 8
    q = EpochState([4, 2, 3].__getitem__, shuffle=True)
    assert [q.locate(0, n) for n in (0, 3, 4, 8)] == [(0, 0), (0, 3), (1, 0), (2, 2)]


def test_epoch_state_of_a_copy_until_a_hook():
    p = EpochState(lambda _: 4, shuffle=True, number=5, one_of_many=True)
    assert serve(p, 3, 1) == [3, 1], "other copies serve the others"
    p.begin()
    assert serve(p, 3, 1, 0, 2) == [0, 1, 2, 3] and p.number == 5
    p.end()
    assert serve(p, 3) == [0] and p.number == 6


@pytest.mark.parametrize(
    "options",
    [{}, dict(shuffle=False), dict(mix=None), dict(mix=None, shuffle=False, flip="horizontal")],
)
@pytest.mark.parametrize("batch_size", [4, 21])
def test_a_loop_by_index_has_every_image_once(watched, flowers, options, batch_size):
    train = mf.from_directory(
        flowers, image_size=(8, 8), batch_size=batch_size, seed=1, verbose=False, **options
    )
    train[
        len(train) - 1
    ]  # inspecting a batch first, which is an epoch of its own if there is only one batch
    rounds = [[arrays(train[i])[0].copy() for i in range(len(train))] for _ in range(3)]
    first = int(len(train) == 1)
    done = complete_epochs(train)
    assert sorted(done)[-3:] == [first, first + 1, first + 2]
    assert all(files == sorted(train.file_paths) for files in done.values())
    assert len(served(train)) == 3 * len(train) + 1
    for a in range(3):
        for b in range(a):
            assert not all(np.array_equal(x, y) for x, y in zip(rounds[a], rounds[b], strict=True))


def test_a_loop_by_index_then_fit_then_a_loop(watched, way, flowers):
    train = mf.from_directory(flowers, image_size=(8, 8), batch_size=BATCH, seed=1, verbose=False)
    for _ in range(2):
        for i in range(len(train)):
            train[i]
    model(3, train.image_shape).fit(train, epochs=2, verbose=0)
    for i in range(len(train)):
        train[i]
    done = complete_epochs(train)
    assert sorted(done) == [0, 1, 2, 3, 4]
    assert all(files == sorted(train.file_paths) for files in done.values())


def test_pickled_copies_share_an_epoch(watched, way, flowers):
    with mf.from_directory(
        flowers, image_size=(8, 8), batch_size=BATCH, seed=1, verbose=False
    ) as train:
        list(train)
        copies = [pickle.loads(pickle.dumps(train)) for _ in range(3)]
        for i in reversed(range(len(train))):
            copies[i % 3][i]
        seen, before = [s for c in copies for s in served(c)], len(served(copies[0]))
        assert {n for n, _, _ in seen} == {1}, "the epoch after the one that was iterated"
        assert sorted(p for _, _, paths in seen for p in paths) == sorted(train.file_paths)
        model(3, train.image_shape).fit(train, epochs=1, verbose=0)
        model(3, train.image_shape).fit(copies[0], epochs=1, verbose=0)
        here, there = (
            [s for s in dict.fromkeys(served(c)[n:]) if s[0] == 1]
            for c, n in ((train, len(train)), (copies[0], before))
        )
        assert here == there and len(here) == len(train), (
            "a fit on a copy sees what a fit on the original sees"
        )
        for c in copies:
            c.close()
