"""Going on in mid-epoch: `state_dict` and `load_state_dict`."""

import json
import os
import re
import warnings

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.images import write_images
from support.internals import ADAPTER, served
from support.training import RANDOM

OPTIONS = dict(image_size=(8, 8), batch_size=4, seed=1, verbose=False)

pytestmark = pytest.mark.usefixtures("watched")


def epochs_of(root, count, **options):
    """All arrays of each batch of some epochs."""
    with mf.from_directory(root, **{**OPTIONS, **options}) as seq:
        return [[flat(batch) for batch in seq] for _ in range(count)]


def flat(batch):
    return [np.asarray(part) for part in keras.tree.flatten(batch)]


def equal(some, others):
    return len(some) == len(others) and all(
        np.array_equal(a, b)
        for batch, other in zip(some, others, strict=True)
        for a, b in zip(batch, other, strict=True)
    )


def state_after(root, batches, **options):
    """The state after some batches, as it comes out of a JSON file."""
    with mf.from_directory(root, **{**OPTIONS, **options}) as seq:
        done = 0
        while done < batches:
            for _ in seq:
                done += 1
                if done == batches:
                    break
        text = json.dumps(seq.state_dict())
        assert len(text) <= 1024
        return json.loads(text)


SETTINGS = {
    "plain": {},
    "random": RANDOM,
    "unshuffled": dict(shuffle=False),
    "no prefetching": dict(prefetch=0),
    "balanced": dict(sampler="balanced"),
    "weights": dict(sample_weight=2, sampler=mf.WeightedSampler()),
    "schedule": dict(batch_size=mf.Schedule([(0, 4), (1, 5)])),
    "last dropped": dict(drop_last=True),
    "one process of two": dict(shard=(1, 2)),
}


@pytest.mark.parametrize("options", SETTINGS.values(), ids=SETTINGS)
def test_the_remaining_batches_are_the_same(flowers, options):
    whole = epochs_of(flowers, 3, **options)
    order = [(epoch, n) for epoch, batches in enumerate(whole) for n in range(len(batches))]
    for done in (0, 1, 4, len(whole[0]) - 1, len(whole[0]), len(whole[0]) + 3):
        state = state_after(flowers, done, **options)
        epoch, number = order[done]
        assert (state["epoch"], state["batch"]) == (epoch, number)
        with mf.from_directory(flowers, **{**OPTIONS, **options}) as seq:
            seq.load_state_dict(state)
            assert seq.state_dict() == state
            assert equal([flat(b) for b in seq], whole[epoch][number:])
            assert equal([flat(b) for b in seq], whole[epoch + 1])


def test_nothing_that_is_done_is_read_again(flowers):
    options = dict(mix=None, prefetch=0)
    state = state_after(flowers, 4, **options)
    with mf.from_directory(flowers, **OPTIONS, **options) as seq:
        seq.load_state_dict(state)
        assert len(list(seq)) == 2
        assert seq.stats()["images_decoded"] == 21 - 4 * 4


def test_what_was_prefetched_does_not_count(flowers):
    with mf.from_directory(flowers, **OPTIONS, prefetch=3) as seq:
        batches = iter(seq)
        for done in range(1, 4):
            next(batches)
            assert seq.state_dict()["batch"] == done


def test_a_batch_that_failed_does_not_count(folder):
    root = folder(rose=8)
    with mf.from_directory(root, **OPTIONS, mix=None, prefetch=0) as seq:
        bad = seq.explain(1)[0]["path"]
        with open(bad, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n broken")
        with pytest.raises(mf.ImageError):
            list(seq)
        assert seq.state_dict()["batch"] == 1


def test_another_number_of_processes_goes_on(flowers):
    """Rows of the last batch that fill it up have no weight."""
    options = dict(**RANDOM | dict(pairing="global"))
    whole = epochs_of(flowers, 1, **options)[0]
    with mf.from_directory(flowers, **OPTIONS, **options, shard=(0, 2)) as seq:
        batches = iter(seq)
        for _ in range(3):
            next(batches)
        state = seq.state_dict()
    parts = []
    for index in range(4):
        with mf.from_directory(flowers, **OPTIONS, **options, shard=(index, 4)) as seq:
            seq.load_state_dict(state)
            parts.append([flat(batch) for batch in seq])
    assert {len(part) for part in parts} == {3}
    for (x, y), *shards in zip(whole[3:], *parts, strict=True):
        rows = [np.concatenate(part) for part in zip(*shards, strict=True)]
        assert np.array_equal(rows[0][: len(x)], x)
        assert np.array_equal(rows[1][: len(x)], y)


def test_batches_by_index_go_on(flowers):
    whole = [batch for epoch in epochs_of(flowers, 2) for batch in epoch]
    state = state_after(flowers, 4)
    with mf.from_directory(flowers, **OPTIONS) as seq:
        seq.load_state_dict(state)
        assert equal([flat(seq[i]) for i in range(6)], whole[4:10])


def test_requests_out_of_order_have_no_position(flowers):
    with mf.from_directory(flowers, **OPTIONS, shuffle=False) as seq:
        seq[3]
        with pytest.raises(ValueError, match="out of order, .*: iterate over the sequence"):
            seq.state_dict()


def test_many_long_class_names_do_not_make_a_state_long(tmp_path):
    root = write_images(tmp_path, {f"class {i} " + "ä" * 80: 1 for i in range(20)})
    assert "classes" not in state_after(root, 1)


CHANGES = {
    "seed": (dict(seed=2), "its seed is 1, not 2: pass seed=1"),
    "batch_size": (dict(batch_size=3), "one of batch_size, shuffle"),
    "flip": (dict(flip="both"), "one of image_size, crop"),
    "mix": (dict(mix=mf.CutMix()), "one of mix"),
    "schedule": (dict(flip=mf.Schedule([(0, None), (2, "both")])), "one of val_image_size"),
}


@pytest.mark.parametrize(("options", "message"), CHANGES.values(), ids=CHANGES)
def test_other_options_are_refused(flowers, options, message):
    state = state_after(flowers, 2)
    with mf.from_directory(flowers, **{**OPTIONS, **options}) as seq:
        with pytest.raises(ValueError, match=re.escape(message)):
            seq.load_state_dict(state)
        assert seq.state_dict()["batch"] == 0
        seq.load_state_dict(state, strict=False)
        assert seq.state_dict()["batch"] == 2


def test_options_without_influence_may_differ(flowers):
    state = state_after(flowers, 2, threads=1)
    with mf.from_directory(flowers, **OPTIONS, threads=2, cache="memory", prefetch=0) as seq:
        seq.load_state_dict(state)


def test_changed_files_are_refused(folder):
    root = folder(rose=4, tulip=5)
    state = state_after(root, 1)
    os.rename(root / "rose/000.png", root / "rose/new.png")
    with (
        mf.from_directory(root, **OPTIONS) as seq,
        pytest.raises(ValueError, match="images were renamed or exchanged"),
    ):
        seq.load_state_dict(state)
    os.rename(root / "rose/new.png", root / "tulip/new.png")
    with mf.from_directory(root, **OPTIONS) as seq:
        with pytest.raises(ValueError, match=r"\(rose 4, now 3, tulip 5, now 6\)"):
            seq.load_state_dict(state)
        seq.load_state_dict(state, strict=False)


def test_weights_must_be_those_of_the_state(flowers):
    options = dict(OPTIONS, sample_weight=1)
    with mf.from_directory(flowers, **options) as seq:
        seq.update_weights([0], 3)
        batches = iter(seq)
        next(batches)
        unchanged = seq.state_dict()
        seq.update_weights([1], 5)
        changed = seq.state_dict()
        rest = [flat(batch) for batch in batches]
    with mf.from_directory(flowers, **options) as seq:
        with pytest.raises(ValueError, match="weights of sample_weight were others: pass those"):
            seq.load_state_dict(unchanged)
        seq.update_weights([0], 3)
        seq.load_state_dict(unchanged)
        with pytest.warns(UserWarning, match="pass the new ones to update_weights again"):
            seq.load_state_dict(changed)
        assert equal([flat(batch) for batch in seq], rest)


NO_STATE = dict.fromkeys(("seed", "epoch", "batch", "images", "files"), 0)
NO_STATE |= {"mixfolder": 1, "options": {}, "weights": {}}


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ([], "must be a dict returned by state_dict"),
        ({"epoch": 0}, "must be a dict returned by state_dict"),
        ({"mixfolder": 1, "epoch": 0}, "the state has no batch"),
        ({"mixfolder": 99, "epoch": 0, "batch": 0}, "has version 99"),
        ({**NO_STATE, "epoch": -1}, "no valid position"),
        ({**NO_STATE, "batch": "x"}, "must be an integer"),
        (NO_STATE, "cannot go on from the state"),
    ],
)
def test_what_is_no_state_is_refused(flowers, state, message):
    with (
        mf.from_directory(flowers, **OPTIONS) as seq,
        pytest.raises(ValueError, match=message),
    ):
        seq.load_state_dict(state)


@pytest.mark.skipif(ADAPTER is object, reason="this Keras has no such class")
@pytest.mark.parametrize("initial_epoch", [0, 1])
def test_fit_goes_on_from_a_state(flowers, initial_epoch):
    state = state_after(flowers, 6 * initial_epoch + 4)
    net = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    net.compile("sgd", "categorical_crossentropy")
    with mf.from_directory(flowers, **OPTIONS) as seq, warnings.catch_warnings():
        warnings.simplefilter("error")
        seq.load_state_dict(state)
        net.fit(seq, initial_epoch=initial_epoch, epochs=initial_epoch + 2, verbose=0)
        got = [(epoch, number) for epoch, number, _ in served(seq)]
    first = initial_epoch
    assert got == [(first, 4), (first, 5), *((first + 1, n) for n in range(6))]
