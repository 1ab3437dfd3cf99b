"""The part of each batch that a process gets. Runs of several processes are in
tests/distributed."""

import pickle
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.internals import Shard, shard_option

OPTIONS = dict(image_size=8, batch_size=8, seed=4, verbose=False)


def parts(root, count, **options):
    """All batches of each shard."""
    shards = []
    for index in range(count):
        with mf.from_directory(root, **OPTIONS, **options, shard=(index, count)) as seq:
            shards.append([tuple(map(np.asarray, batch)) for batch in seq])
    return shards


@pytest.mark.parametrize("count", [2, 4])
def test_shards_are_the_rows_of_each_batch(flowers, count):
    with mf.from_directory(flowers, **OPTIONS, mix=None) as seq:
        whole = [tuple(map(np.asarray, batch)) for batch in seq]
    shards = parts(flowers, count, mix=None)
    assert {len(batches) for batches in shards} == {len(whole)}
    for n, (x, y) in enumerate(whole):
        rows = [np.concatenate(arrays) for arrays in zip(*(s[n] for s in shards), strict=True)]
        assert all(s[n][0].shape == (8 // count, 8, 8, 3) for s in shards)
        assert np.array_equal(rows[0][: len(x)], x)
        assert np.array_equal(rows[1][: len(x)], y)
        assert np.array_equal(rows[2], np.arange(8) < len(x))


def test_global_partners_do_not_depend_on_the_number_of_processes(flowers):
    options = dict(mix=mf.CutMix(), pairing="global", flip="horizontal", crop=mf.RandomCrop(2))
    with mf.from_directory(flowers, **OPTIONS, **options) as seq:
        whole = [tuple(map(np.asarray, batch)) for batch in seq]
    shards = parts(flowers, 4, **options)
    for n, (x, y) in enumerate(whole):
        rows = [np.concatenate(arrays) for arrays in zip(*(s[n] for s in shards), strict=True)]
        assert np.array_equal(rows[0][: len(x)], x)
        assert np.array_equal(rows[1][: len(x)], y)


def test_partners_are_of_the_own_process(flowers):
    with mf.from_directory(flowers, **OPTIONS, shard=(1, 2)) as seq:
        for n in range(len(seq)):
            samples = seq.explain(n)
            assert {s["partner"] for s in samples} == {s["path"] for s in samples}


def test_fillers_have_no_weight(flowers):
    with mf.from_directory(
        flowers, **OPTIONS, class_weight="balanced", on_error="skip", shard=(1, 2)
    ) as seq:
        weights = np.asarray(list(seq)[-1][2])
        explained = [s["sample_weight"] for s in seq.explain(len(seq) - 1)]
    assert weights[0] > 0 and not weights[1:].any()
    assert np.array_equal(weights, np.float32(explained))


def test_a_dropped_last_batch_needs_no_weights(flowers):
    with mf.from_directory(flowers, **OPTIONS, drop_last=True, shard=(0, 2)) as seq:
        assert len(seq) == 2 and len(seq[0]) == 2


def test_a_pickled_copy_keeps_its_shard(flowers):
    with (
        mf.from_directory(flowers, **OPTIONS, shard=(1, 2)) as seq,
        pickle.loads(pickle.dumps(seq)) as copy,
    ):
        assert np.array_equal(np.asarray(copy[0][0]), np.asarray(seq[0][0]))


@pytest.mark.parametrize(
    ("shard", "message"),
    [
        ((2, 2), "an index from 0 to count - 1"),
        ((0, 3), "a multiple of 3 (3 processes with 1 devices each), but is 8"),
        ("all", 'must be "auto", (index, count) or None'),
        (2, 'must be "auto", (index, count) or None'),
        ((0.5, 2), "the index of shard"),
    ],
)
def test_shards_that_cannot_be(flowers, shard, message):
    with pytest.raises((ValueError, TypeError)) as e:
        mf.from_directory(flowers, **OPTIONS, shard=shard)
    assert message in str(e.value)


def test_prediction_needs_all_images(flowers):
    with (
        mf.from_directory(flowers, **OPTIONS, subset="validation", shard=(0, 2)) as val,
        pytest.raises(ValueError, match="shard=None"),
    ):
        mf.predict_table(None, val)


@pytest.fixture
def processes(monkeypatch):
    """Pretends that frameworks connect several processes."""

    def pretend(distribution=None, torch=None, jax=None):
        monkeypatch.setattr(keras.distribution, "distribution", lambda: distribution)
        index, count = torch or (0, 1)
        fake = SimpleNamespace(
            is_available=lambda: True,
            is_initialized=lambda: torch is not None,
            get_rank=lambda: index,
            get_world_size=lambda: count,
        )
        monkeypatch.setitem(sys.modules, "torch.distributed", fake)
        j, n = jax or (0, 1)
        fake = SimpleNamespace(
            distributed=SimpleNamespace(is_initialized=lambda: jax is not None),
            process_index=lambda: j,
            process_count=lambda: n,
        )
        monkeypatch.setitem(sys.modules, "jax", fake)

    return pretend


def distribution(processes, replicas, shard):
    return SimpleNamespace(
        num_processes=processes, num_model_replicas=replicas, data_shard_id=shard
    )


@pytest.mark.parametrize(
    ("world", "want"),
    [
        (dict(), Shard()),
        (dict(torch=(1, 3)), Shard(1, 3)),
        (dict(jax=(1, 3)), Shard(1, 3)),
        (dict(torch=(1, 3), jax=(1, 3)), Shard(1, 3)),
        (dict(distribution=distribution(1, 4, 0)), Shard(0, 1, 4)),
        (dict(distribution=distribution(2, 8, 1), jax=(1, 2)), Shard(1, 2, 4)),
        # Two processes share each replica of the model.
        (dict(distribution=distribution(4, 2, 1), jax=(3, 4)), Shard(1, 2, 1)),
        (dict(distribution=distribution(4, 1, 0), jax=(3, 4)), Shard(0, 1, 1)),
    ],
)
def test_auto(processes, world, want):
    processes(**world)
    assert shard_option("auto") == want


@pytest.mark.parametrize(
    "world",
    [
        dict(torch=(1, 3), jax=(0, 3)),
        dict(torch=(1, 3), jax=(1, 2)),
        dict(distribution=distribution(1, 1, 0), torch=(1, 2)),
        dict(distribution=distribution(2, 2, 1), jax=(1, 2), torch=(1, 4)),
    ],
)
def test_disagreement(processes, world):
    processes(**world)
    with pytest.raises(ValueError, match=r"Pass shard=\(index, count\)"):
        shard_option("auto")


def test_processes_need_a_seed(processes, flowers):
    processes(torch=(1, 2))
    with pytest.raises(ValueError, match="pass the same seed= in all of them"):
        mf.from_directory(flowers, image_size=8, batch_size=8, verbose=False)
    with mf.from_directory(
        flowers, image_size=8, batch_size=8, verbose=False, subset="validation"
    ) as val:
        assert len(next(iter(val))[0]) == 4


@pytest.mark.parametrize(
    "world",
    [
        dict(torch=(0, 2)),
        dict(distribution=distribution(1, 2, 0)),  # 21 images do not divide by 2 devices
        dict(torch=(0, 2), jax=(1, 2)),
    ],
)
def test_opened_before_the_processes_were_connected(processes, flowers, world):
    processes()
    with mf.from_directory(flowers, **OPTIONS) as seq:
        next(iter(seq))
        processes(**world)
        with pytest.raises(ValueError, match="after keras.distribution|Pass shard="):
            seq.on_epoch_begin()
    for shard in (None, (0, 1)):
        with mf.from_directory(flowers, **OPTIONS, shard=shard) as seq:
            next(iter(seq))


def test_what_was_found_holds_in_workers_and_for_devices_that_divide(processes, flowers):
    processes(torch=(1, 2))
    with mf.from_directory(flowers, **OPTIONS) as seq:
        processes()  # as in a worker process of a DataLoader
        assert len(next(iter(seq))[0]) == 4
    with mf.from_directory(flowers, **OPTIONS, drop_last=True) as seq:
        processes(distribution=distribution(1, 4, 0))
        assert len(next(iter(seq))[0]) == 8


def test_processes_that_train_a_model_each(flowers):
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    )
    if hasattr(model, "ddp_model"):
        pytest.skip("this Keras trains one model")
    model.compile("sgd", "categorical_crossentropy")
    with (
        mf.from_directory(flowers, **OPTIONS, shard=(0, 2)) as seq,
        pytest.warns(UserWarning, match="2 processes share the images, but this fit") as warnings,
    ):
        model.fit(seq, epochs=2, verbose=0)
    assert [w.filename for w in warnings if w.category is UserWarning] == [__file__]
    with mf.from_directory(flowers, **OPTIONS) as seq:
        model.fit(seq, verbose=0)
