"""Which images an epoch has: balanced classes, draws by weights, repeated augmentation."""

import pickle
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays, assert_same
from support.pages import code_of
from support.training import means

OPTIONS = dict(image_size=8, batch_size=4, seed=3, verbose=False)
SAMPLERS = {
    "balanced": "balanced",
    "weighted": mf.WeightedSampler({"rose": 1, "tulip": 0, "violet": 3}),
    "without": mf.WeightedSampler(np.arange(21), replacement=False, num_samples=13),
    "repeated": mf.RepeatedAugmentation(),
    "longer": mf.BalancedSampler(num_samples=30),
}


def shown(seq):
    """How often each image comes in the current epoch."""
    rows = [row for n in range(len(seq)) for row in seq.explain(n)]
    return Counter(row["path"] for row in rows)


def classes(seq):
    """How often each class comes in the current epoch."""
    found = Counter()
    for path, n in shown(seq).items():
        found[Path(path).parent.name] += n
    return found


def test_balanced_classes(flowers):
    seq = mf.from_directory(flowers, sampler="balanced", **OPTIONS)
    for epoch in range(3):
        seq.set_epoch(epoch)
        assert classes(seq) == {"rose": 7, "tulip": 7, "violet": 7} and len(seq) == 6
        n = shown(seq)
        assert {n[p] for p in seq.file_paths if "tulip" in p} == {1, 2}
        assert {n[p] for p in seq.file_paths if "rose" in p} == {1}
        assert {n[p] for p in seq.file_paths if "violet" in p} == {0, 1}
    longer = mf.from_directory(flowers, sampler=mf.BalancedSampler(num_samples=31), **OPTIONS)
    assert sorted(classes(longer).values()) == [10, 10, 11] and len(longer) == 8
    assert longer.samples == 21, "the number of files"


def test_weights_of_the_draws(flowers):
    weights = mf.WeightedSampler({"rose": 1, "tulip": 0, 2: 3}, num_samples=3400)
    seq = mf.from_directory(flowers, sampler=weights, **OPTIONS | dict(batch_size=100))
    n = classes(seq)  # 7 * 1 to 9 * 3, of 34
    assert n["tulip"] == 0 and abs(n["rose"] - 700) < 100 and sum(n.values()) == 3400
    names = [f"{k}/{i:03}.png" for k, m in {"violet": 9, "rose": 7}.items() for i in range(m)]
    only = mf.WeightedSampler([i in (4, 11) for i in range(16)], replacement=False, num_samples=2)
    seq = mf.from_files(names, ["v"] * 9 + ["r"] * 7, directory=flowers, sampler=only, **OPTIONS)
    assert shown(seq) == {f"{flowers}/{names[i]}": 1 for i in (4, 11)}


def test_weights_belong_to_the_files_of_the_list(flowers):
    """Also those of a part of it."""
    names = [f"violet/{i:03}.png" for i in range(9)]
    sampler = mf.WeightedSampler([0, 0, 0, 1, 1, 1, 1, 1, 1])
    train, val = mf.from_files(
        names, [0.0] * 9, directory=flowers, sampler=sampler, validation_split=0.3, subset="both",
        **OPTIONS
    )  # fmt: skip
    ids = [int(Path(path).stem) for path in train.file_paths]
    assert len(ids) == 7
    for epoch in range(10):
        train.set_epoch(epoch)
        assert min(int(Path(path).stem) for path in shown(train)) >= 3
    assert shown(val) == dict.fromkeys(val.file_paths, 1), "validation has no sampler"


def test_repeated_augmentation(flowers):
    seq = mf.from_directory(
        flowers, sampler=mf.RepeatedAugmentation(repeats=3), crop=mf.RandomResizedCrop(),
        **OPTIONS | dict(mix=None, batch_size=6)
    )  # fmt: skip
    rows = [row for n in range(len(seq)) for row in seq.explain(n)]
    paths = [row["path"] for row in rows]
    assert len(paths) == 21 and len(set(paths)) == 7
    assert paths == [path for path in paths[::3] for _ in range(3)]
    assert len({row["crop"] for row in rows}) == 21
    x = np.concatenate([arrays(seq[n])[0] for n in range(len(seq))])
    assert len(np.unique(x.reshape(21, -1), axis=0)) == 21


@pytest.mark.parametrize("pairing", ["batch", "reversed", "dataset"])
def test_copies_of_an_image_are_told_apart(flowers, pairing):
    plain = mf.from_directory(flowers, **OPTIONS | dict(mix=None, batch_size=21, shuffle=False))
    image = dict(zip(plain.file_paths, arrays(plain[0])[0], strict=True))
    seq = mf.from_directory(
        flowers, sampler=mf.RepeatedAugmentation(repeats=3), flip="horizontal", pairing=pairing,
        **OPTIONS | dict(mix=mf.MixUp(1), batch_size=7)
    )  # fmt: skip
    for n in range(len(seq)):
        x, rows = arrays(seq[n])[0], seq.explain(n)
        for i, row in enumerate(rows):
            assert ("partner_row" in row) != ("partner_flip" in row)
            flip = rows[row["partner_row"]]["flip"] if "partner_row" in row else row["partner_flip"]
            own, partner = (
                image[path][:, ::-1] if mirrored else image[path]
                for path, mirrored in ((row["path"], row["flip"]), (row["partner"], flip))
            )
            want = row["lam"] * own + (1 - row["lam"]) * partner
            np.testing.assert_allclose(x[i], want, rtol=0, atol=1e-3)


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("pairing", ["batch", "dataset", "same_class", "reversed"])
@pytest.mark.parametrize("batch_size", [1, 2, 7])
def test_partners_are_other_images(flowers, sampler, pairing, batch_size):
    options = OPTIONS | dict(batch_size=batch_size, mix=mf.MixUp(1), pairing=pairing)
    seq = mf.from_directory(flowers, sampler=SAMPLERS[sampler], **options)
    for n in range(len(seq)):
        for row in seq.explain(n):
            assert row["path"] != row["partner"]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_batch_depends_on_the_epoch_and_its_index(flowers, sampler):
    options = OPTIONS | dict(sampler=SAMPLERS[sampler], flip="both")
    seq = mf.from_directory(flowers, **options)
    want = [arrays(seq[n]) for _ in range(3) for n in range(len(seq))]
    other = mf.from_directory(flowers, **options | dict(threads=1, prefetch=0, cache="memory"))
    other.set_epoch(2)
    last = [arrays(other[n]) for n in range(len(other))]
    assert_same(want[2 * len(seq) :], last)
    other.set_epoch(1)
    copy = pickle.loads(pickle.dumps(other))
    assert_same(want[len(seq) : 2 * len(seq)], [arrays(copy[n]) for n in range(len(copy))])
    assert not np.array_equal(want[0][0], want[len(seq)][0])


def test_samplers_that_cannot_be(flowers):
    for options, words in [
        (dict(sampler="equal"), "sampler must be mixfolder.BalancedSampler"),
        (dict(sampler="balanced", shuffle=False), "shuffle=False"),
        (dict(sampler="balanced", label_mode=None, mix=None, subset="training",
              validation_split=0.2), None),
        (dict(sampler=mf.WeightedSampler([1, 2])), "21 files"),
        (dict(sampler=mf.WeightedSampler([-1] * 21)), "row 0 of weights of WeightedSampler"),
        (dict(sampler=mf.WeightedSampler([0] * 21)), "all images have the weight 0"),
        (dict(sampler=mf.WeightedSampler({"rose": 1})), "'tulip'"),
        (dict(sampler=mf.WeightedSampler(replacement=False)), "needs num_samples"),
        (dict(sampler=mf.WeightedSampler(replacement=False, num_samples=22)), "only 21 images"),
        (dict(sampler=mf.RepeatedAugmentation(0.5)), "repeats of RepeatedAugmentation"),
        (dict(sampler=mf.RepeatedAugmentation(num_samples=64)), "21 images repeated 3 times"),
        (dict(sampler=mf.BalancedSampler(num_samples=0)), "num_samples"),
    ]:  # fmt: skip
        if words is None:
            mf.from_directory(flowers, **options, **OPTIONS)  # classes are known without labels
            continue
        with pytest.raises(ValueError, match=words):
            mf.from_directory(flowers, **options, **OPTIONS)
    with pytest.raises(ValueError, match="tags or numbers"):
        mf.from_files(["a.png", "b.png"], [1.0, 2.0], sampler="balanced", **OPTIONS)


# Changes between epochs.


def test_new_weights_hold_from_the_next_epoch_on(flowers):
    options = dict(sampler=mf.WeightedSampler(), **OPTIONS | dict(batch_size=7, mix=0.2))
    seq = mf.from_directory(flowers, **options)
    first = [arrays(seq[n]) for n in range(3)]
    before = shown(seq)
    assert len(before) > 8
    weights = np.zeros(21)
    weights[[2, 9, 20]] = 1, 1, 2
    seq.update_weights(range(21), weights)
    assert shown(seq) == before, "the current epoch stays as it is"
    seq[0]
    after = shown(seq)
    assert seq.stats()["epoch"] == 1
    assert set(after) == {seq.file_paths[i] for i in (2, 9, 20)}
    assert all(row["partner"] in after for n in range(3) for row in seq.explain(n))
    copy = pickle.loads(pickle.dumps(seq))
    assert_same([arrays(seq[n]) for n in range(3)], [arrays(copy[n]) for n in range(3)])
    seq.set_epoch(0)
    assert_same([arrays(seq[n]) for n in range(3)], first)
    with pytest.raises(ValueError, match="all images have the weight 0"):
        seq.update_weights(range(21), 0)
    fresh = mf.from_directory(flowers, **options)
    fresh.set_epoch(1)
    fresh.update_weights(seq.file_paths, weights)
    copy.set_epoch(1)
    assert_same([arrays(fresh[n]) for n in range(3)], [arrays(copy[n]) for n in range(3)])


def test_both_kinds_of_weights_change_by_name(flowers):
    seq = mf.from_directory(flowers, sampler=mf.WeightedSampler(), sample_weight=1, **OPTIONS)
    with pytest.raises(ValueError, match='of="sample_weight" or of="sampler"'):
        seq.update_weights([0], 2)
    seq.update_weights(range(1, 21), 0, of="sampler")
    seq.update_weights([0], 5, of="sample_weight")
    assert shown(seq) == {seq.file_paths[0]: 21}
    assert arrays(seq[0])[2].tolist() == [5] * 4
    balanced = mf.from_directory(flowers, sampler="balanced", **OPTIONS)
    with pytest.raises(ValueError, match="WeightedSampler"):
        balanced.update_weights([0], 2)


# Keras.


def test_an_epoch_of_fit_is_an_epoch_of_the_sampler(flowers):
    seen = []

    class Watched(mf.ImageSequence):
        def __getitem__(self, index):
            batch = super().__getitem__(index)
            seen.append(self.stats()["epoch"])
            return batch

    options = OPTIONS | dict(batch_size=7)
    seq = mf.from_directory(flowers, sampler=mf.BalancedSampler(num_samples=40), **options)
    seq.__class__ = Watched
    net = keras.Sequential([means(), keras.layers.Dense(3)])
    net.compile("sgd", "mse")
    net.fit(seq, epochs=3, verbose=0)
    assert max(seen) == 2 and seen.count(2) == len(seq) == 6


def test_the_callback_of_the_docs_runs(flowers):
    train = mf.from_directory(flowers, sampler=mf.WeightedSampler(), **OPTIONS)
    plain = mf.from_directory(flowers, **OPTIONS | dict(mix=None, shuffle=False))
    names = {"keras": keras, "np": np, "train": train, "plain": plain}
    exec(code_of("docs/sampling.md", "class HardExamples"), names)
    net = keras.Sequential([means(), keras.layers.Dense(3, "softmax")])
    net.compile(keras.optimizers.SGD(1e-3), "categorical_crossentropy")
    net.fit(train, epochs=2, verbose=0, callbacks=[names["HardExamples"]()])
    train.set_epoch(2)
    p = net.predict(plain, verbose=0)
    loss = -np.log(p[np.arange(21), plain.labels] + 1e-7)
    weights = dict(zip(plain.file_paths, 0.1 + loss, strict=True))
    n = Counter()
    for epoch in range(2, 60):
        train.set_epoch(epoch)
        n.update(shown(train))
    drawn = np.array([n[path] for path in plain.file_paths])
    want = drawn.sum() * np.array([*weights.values()]) / sum(weights.values())
    assert np.sum((drawn - want) ** 2 / want) < 45.3  # chi-square of 20 at 0.1 %
