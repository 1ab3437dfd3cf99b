"""Weights of samples and classes, and their changes between epochs."""

import pickle

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays, gathered
from support.pages import code_of
from support.tables import csv_file

OPTIONS = dict(image_size=8, batch_size=4, seed=3, verbose=False)
PLAIN = OPTIONS | dict(mix=None, shuffle=False)
NAMES = ["violet/003.png", "rose/001.png", "violet/000.png", "rose/006.png", "rose/002.png"]
LABELS = ["v", "r", "v", "r", "r"]
WEIGHTS = [0.5, 2, 0, 1e3, 7]
#: Three classes with 7, 5 and 9 images: samples / (classes * samples of the class).
BALANCED = {"rose": 21 / (3 * 7), "tulip": 21 / (3 * 5), "violet": 21 / (3 * 9)}


def by_path(seq, weights):
    return dict(zip(seq.file_paths, weights, strict=True))


def expected(row, weights):
    """The weight of a sample by what `explain` tells about it."""
    if "partners" in row:
        parts = zip(row["weights"], [row["path"], *row["partners"]], strict=True)
    else:
        parts = [(row["lam"], row["path"])]
        if row["partner"]:
            parts.append((1 - row["lam"], row["partner"]))
    return sum(share * weights[path] for share, path in parts)


def assert_weighted(seq, weights):
    """All batches have the weights of their images, mixed by the shares of the labels."""
    for n in range(len(seq)):
        x, y, w = arrays(seq[n])
        rows = seq.explain(n)
        assert w.dtype == np.float32 and w.shape == (len(x),) == (len(y),)
        np.testing.assert_allclose(w, [expected(row, weights) for row in rows], rtol=1e-6)
        np.testing.assert_array_equal(w, np.float32([row["sample_weight"] for row in rows]))


def test_weights_are_in_the_order_of_the_files(flowers):
    seq = mf.from_files(NAMES, LABELS, directory=flowers, sample_weight=WEIGHTS, **PLAIN)
    x, y, w = gathered(seq)
    np.testing.assert_array_equal(w, np.float32(WEIGHTS))
    without = gathered(mf.from_files(NAMES, LABELS, directory=flowers, **PLAIN))
    np.testing.assert_array_equal(x, without[0])
    np.testing.assert_array_equal(y, without[1])


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
@pytest.mark.parametrize("mix", [mf.MixUp(1), mf.CutMix(), mf.Mosaic()])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 7])
def test_the_weight_of_a_mixed_sample_is_the_mean(flowers, mix, pairing, batch_size):
    options = OPTIONS | dict(batch_size=batch_size)
    seq = mf.from_files(
        NAMES, LABELS, directory=flowers, sample_weight=WEIGHTS, mix=mix, pairing=pairing, **options
    )
    assert_weighted(seq, by_path(seq, WEIGHTS))


@pytest.mark.parametrize("labels", [LABELS, [1.5, 2, 3, 4, 5], [["a"], [], ["b"], ["a"], []]])
def test_every_kind_of_label_has_weights(flowers, labels):
    seq = mf.from_files(
        NAMES, labels, directory=flowers, sample_weight=np.array(WEIGHTS), **OPTIONS
    )
    assert_weighted(seq, by_path(seq, WEIGHTS))


@pytest.mark.parametrize("class_weight", ["balanced", BALANCED, dict(enumerate(BALANCED.values()))])
def test_the_weights_of_classes(flowers, class_weight):
    seq = mf.from_directory(flowers, class_weight=class_weight, **OPTIONS)
    weights = [BALANCED[seq.class_names[label]] for label in seq.labels]
    assert np.mean(weights) == pytest.approx(1)
    assert_weighted(seq, by_path(seq, weights))


def test_classes_are_balanced_over_the_training_images(flowers):
    options = dict(class_names=["none", "rose", "tulip", "violet"], validation_split=0.4)
    with pytest.warns(UserWarning, match="none"):
        train, val = mf.from_directory(
            flowers, class_weight="balanced", subset="both", **options, **OPTIONS
        )
    counts = np.bincount(train.labels)
    assert counts[0] == 0 and sum(counts) == train.samples < 21
    weights = train.samples / (3 * counts[train.labels])
    assert_weighted(train, by_path(train, weights))
    assert len(val[0]) == 2, "as in Keras, the weights of classes are not for validation"


def test_weights_of_files_and_classes_multiply(flowers):
    train, val = mf.from_files(
        NAMES, LABELS, directory=flowers, sample_weight=WEIGHTS, class_weight={"v": 10, "r": 3},
        validation_split=0.5, subset="both", **OPTIONS
    )  # fmt: skip
    files = {f"{flowers}/{name}": w for name, w in zip(NAMES, WEIGHTS, strict=True)}
    factors = {f"{flowers}/{n}": 10 if n.startswith("v") else 3 for n in NAMES}
    assert_weighted(train, {path: files[path] * factors[path] for path in files})
    assert_weighted(val, files)
    assert sorted(train.file_paths + val.file_paths) == sorted(files)


def test_a_column_of_weights(flowers, tmp_path):
    table = {"file": NAMES, "kind": LABELS, "w": WEIGHTS}
    seq = mf.from_dataframe(table, "file", "kind", weight_col="w", directory=flowers, **PLAIN)
    np.testing.assert_array_equal(gathered(seq)[2], np.float32(WEIGHTS))
    csv = csv_file(table, tmp_path / "table.csv")
    seq = mf.from_dataframe(csv, "file", "kind", weight_col="w", directory=flowers, **PLAIN)
    np.testing.assert_array_equal(gathered(seq)[2], np.float32(WEIGHTS))


def test_folds_have_weights(flowers):
    table = {"file": NAMES, "kind": LABELS, "w": WEIGHTS}
    options = dict(directory=flowers, k=2, **OPTIONS)
    for folds in [
        mf.folds(table, "file", "kind", weight_col="w", **options),
        mf.folds(NAMES, LABELS, sample_weight=WEIGHTS, **options),
    ]:
        files = {f"{flowers}/{name}": w for name, w in zip(NAMES, WEIGHTS, strict=True)}
        for pair in folds:
            for seq in pair:
                assert_weighted(seq, files)


def test_a_million_weights(flowers):
    names = [f"{i}.png" for i in range(10**6)]
    weights = np.arange(10**6, dtype=np.float32)
    options = PLAIN | dict(batch_size=8)
    seq = mf.from_files(names, np.zeros(10**6, int), sample_weight=weights, **options)
    assert seq.explain(70)[3]["sample_weight"] == 563


def test_the_weight_follows_a_file_that_is_replaced(folder):
    root = folder(rose=3, tulip=2)
    (root / "rose" / "001.png").write_bytes(b"not an image")
    paths = [root / "rose" / f"00{i}.png" for i in range(3)]
    seq = mf.from_files(paths, ["r"] * 3, sample_weight=[1, 2, 4], on_error="skip", **PLAIN)
    assert gathered(seq)[2].tolist() == [1, 4, 4]
    assert [row["sample_weight"] for row in seq.explain(0)] == [1, 4, 4]


@pytest.mark.parametrize(
    "options, words",
    [
        (dict(sample_weight=[1, 2, 3]), ["5 files", "(3,)"]),
        (dict(sample_weight=[1, 2, np.nan, 4, 5]), ["row 2", "nan"]),
        (dict(sample_weight=[1, 2, 3, 4, -0.5]), ["row 4", "-0.5"]),
        (dict(sample_weight=[1, 2, "x", 4, 5]), ["row 2", "'x'"]),
        (dict(sample_weight=[1, 2, None, 4, 5]), ["row 2", "nan"]),
        (dict(sample_weight=-1), ["sample_weight", "-1"]),
        (dict(class_weight={"v": 1}), ["'r'", "each class"]),
        (dict(class_weight={"v": 1, "r": -2}), ["'r'", "-2"]),
        (dict(class_weight={"v": 1, "r": np.nan}), ["'r'", "nan"]),
        (dict(class_weight={"v": 1, "r": 1, "x": 1}), ["'x'", "'r', 'v'"]),
        (dict(class_weight={0: 1, 1: 1, 2: 1}), ["class 2", "'r', 'v'"]),
        (dict(class_weight="equal"), ["balanced", "'equal'"]),
    ],
)
def test_errors_name_the_row_or_the_class(flowers, options, words):
    with pytest.raises(ValueError) as error:
        mf.from_files(NAMES, LABELS, directory=flowers, **options, **OPTIONS)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_weights_that_cannot_be(flowers):
    with pytest.raises(ValueError, match="one number for all files: .*from_files"):
        mf.from_directory(flowers, sample_weight=[1] * 21, **OPTIONS)
    for options in (dict(sample_weight=1), dict(class_weight="balanced")):
        with pytest.raises(ValueError, match="label"):
            mf.from_directory(flowers, label_mode=None, mix=None, **options, **OPTIONS)
    with pytest.raises(ValueError, match="one class per file"):
        mf.from_files(
            NAMES, [1.0, 2, 3, 4, 5], directory=flowers, class_weight="balanced", **OPTIONS
        )
    table = {"file": NAMES, "kind": LABELS, "w": [1, 1, 1, -1, 1]}
    with pytest.raises(ValueError, match="row 3 of column 'w'"):
        mf.from_dataframe(table, "file", "kind", weight_col="w", directory=flowers, **OPTIONS)
    with pytest.raises(ValueError, match="exclude"):
        mf.from_dataframe(table, "file", "kind", weight_col="w", sample_weight=1, **OPTIONS)


def test_heads_and_pairs_have_weights(flowers):
    heads = {"kind": LABELS, "age": [1.0, 2, 3, 4, 5]}
    seq = mf.from_files(NAMES, heads, directory=flowers, sample_weight=WEIGHTS, **OPTIONS)
    rows = seq.explain(0)
    _, y, w = seq[0]
    assert [*y] == [*heads]
    np.testing.assert_allclose(w, [expected(row, by_path(seq, WEIGHTS)) for row in rows], rtol=1e-6)
    classes = mf.from_files(NAMES, heads, directory=flowers, class_weight={"v": 2, "r": 1}, **PLAIN)
    assert np.asarray(classes[0][2]).tolist() == [2, 1, 2, 1]
    with pytest.raises(ValueError, match="first head"):
        last = dict(reversed(heads.items()))
        mf.from_files(NAMES, last, directory=flowers, class_weight="balanced", **OPTIONS)
    pairs = mf.from_files(
        NAMES, LABELS, targets="pair", directory=flowers, sample_weight=WEIGHTS, **OPTIONS
    )
    _, (_, _, lam), w = pairs[0]
    assert len(lam) == len(w) == 4
    np.testing.assert_array_equal(np.asarray(w), np.float32([row["sample_weight"] for row in rows]))


def test_masks_have_no_weights(flowers):
    for options in (dict(label_mode=None), {}):
        with pytest.raises(ValueError, match="do not go with masks"):
            mf.from_directory(
                flowers, masks=flowers, mask_classes=2, sample_weight=2, **options, **OPTIONS
            )


# Changes between epochs.


def epochs(seq, count):
    """The weights of each epoch by path, and its number."""
    found = []
    for _ in range(count):
        weights = {}
        for n in range(len(seq)):
            w = arrays(seq[n])[2]
            rows = seq.explain(n)
            weights |= {row["path"]: value for row, value in zip(rows, w, strict=True)}
        found.append((seq.stats()["epoch"], weights))
    return found


@pytest.mark.parametrize("shuffle", [False, True])
def test_new_weights_hold_from_the_next_epoch_on(flowers, shuffle):
    options = OPTIONS | dict(mix=None, shuffle=shuffle)
    seq = mf.from_directory(flowers, sample_weight=1, class_weight=BALANCED, **options)
    paths = seq.file_paths
    factor = by_path(seq, [BALANCED[seq.class_names[label]] for label in seq.labels])
    seq.update_weights([3], 5)  # before any batch: the first epoch
    want = dict.fromkeys(paths, 1.0) | {paths[3]: 5.0}
    ((epoch, got),) = epochs(seq, 1)
    assert epoch == 0 and got == pytest.approx({p: want[p] * factor[p] for p in paths})
    seq[0], seq[1]  # of epoch 1, with the next ones prepared
    seq.update_weights([paths[0], paths[20]], [7, 0])
    seq.update_weights(np.array([20]), 2)
    before, after = epochs(seq, 2)
    assert before == (1, got), "the current epoch keeps its weights"
    want |= {paths[0]: 7.0, paths[20]: 2.0}
    assert after[0] == 2 and after[1] == pytest.approx({p: want[p] * factor[p] for p in paths})
    seq.set_epoch(1)
    assert epochs(seq, 1) == [before]


def test_a_pickled_copy_has_the_weights(flowers):
    seq = mf.from_directory(flowers, sample_weight=1, **OPTIONS)
    gathered(seq)
    seq.update_weights(range(21), np.arange(21))
    copy = pickle.loads(pickle.dumps(seq))
    for n in range(len(seq)):
        for ours, theirs in zip(arrays(seq[n]), arrays(copy[n]), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert max(row["sample_weight"] for row in seq.explain(0)) > 1


def test_invalid_updates(flowers):
    seq = mf.from_directory(flowers, sample_weight=1, **OPTIONS)
    for ids, w, words in [
        ([21], 1, "position 21"),
        ([-1], 1, "position -1"),
        ([0.5], 1, "positions"),
        (["nowhere.png"], 1, "'nowhere.png'"),
        ([0, 1], [1, -2], "row 1 of w"),
        ([0, 1], [1, np.inf], "row 1 of w"),
        ([0, 1], [1, 2, 3], "2 files"),
    ]:
        with pytest.raises(ValueError, match=words):
            seq.update_weights(ids, w)
    with pytest.raises(ValueError, match="of must be"):
        seq.update_weights([0], 1, of="loss")
    with pytest.raises(ValueError, match="WeightedSampler"):
        mf.from_directory(flowers, **OPTIONS).update_weights([0], 1)


# Keras.


def linear(metrics=()):
    """A model of the mean of each channel, whose loss does not change."""
    layers = [keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D()]
    net = keras.Sequential([*layers, keras.layers.Dense(3, "softmax", kernel_initializer="ones")])
    net.compile(
        keras.optimizers.SGD(0.0), "categorical_crossentropy", weighted_metrics=list(metrics)
    )
    return net


def test_the_loss_of_fit_is_weighted(flowers):
    seq = mf.from_directory(
        flowers, class_weight={"rose": 0.2, "tulip": 5, "violet": 1}, rescale=1 / 255, **OPTIONS
    )
    net = linear()
    bias = np.float32([0.5, -1, 2])
    net.layers[-1].bias.assign(bias)
    (loss,) = net.fit(seq, epochs=1, verbose=0).history["loss"]
    log_p = bias - np.log(np.exp(bias).sum())  # the same logit is added to each class
    seq.set_epoch(0)
    _, y, w = gathered(seq)
    assert loss == pytest.approx(np.mean(-w * (y @ log_p)), rel=1e-5)


class Harder(keras.callbacks.Callback):
    """Doubles the weight of an image after each epoch."""

    def __init__(self, seq):
        super().__init__()
        self.seq = seq

    def on_epoch_end(self, epoch, logs=None):
        self.seq.update_weights([5], 2.0 ** (epoch + 1))


def test_a_callback_changes_the_next_epoch_of_fit(flowers):
    seen = []

    class Watched(mf.ImageSequence):
        def __getitem__(self, index):
            batch = super().__getitem__(index)
            seen.append((self.stats()["epoch"], float(arrays(batch)[2].max())))
            return batch

    seq = mf.from_directory(flowers, sample_weight=1, **OPTIONS | dict(mix=None))
    seq.__class__ = Watched
    linear().fit(seq, epochs=4, verbose=0, callbacks=[Harder(seq)])
    largest = {}
    for epoch, w in seen:
        largest[epoch] = max(w, largest.get(epoch, 0))
    assert largest == {0: 1, 1: 2, 2: 4, 3: 8}


@pytest.mark.parametrize("options", [dict(mix=0.2), dict(mix=None, sample_weight=1)])
def test_class_weights_of_fit_are_refused(flowers, options):
    seq = mf.from_directory(flowers, **OPTIONS | options)
    with pytest.raises(ValueError, match="class_weight"):
        linear().fit(seq, class_weight={0: 1.0, 1: 2.0, 2: 3.0}, verbose=0)


def test_class_weights_of_fit_are_right_for_plain_labels(flowers):
    net = linear()
    weights = {0: 1.0, 1: 2.0, 2: 3.0}
    plain = mf.from_directory(flowers, **PLAIN)
    ours = mf.from_directory(flowers, class_weight=weights, **PLAIN)
    (theirs,) = net.fit(plain, class_weight=weights, verbose=0).history["loss"]
    assert net.fit(ours, verbose=0).history["loss"] == pytest.approx([theirs])


def test_the_callback_of_the_docs_runs(flowers):
    train = mf.from_directory(flowers, sample_weight=1, **OPTIONS)
    plain = mf.from_directory(flowers, **PLAIN)
    names = {"keras": keras, "np": np, "train": train, "plain": plain}
    exec(code_of("docs/labels.md", "class TrustTheLoss"), names)
    net = linear()
    net.layers[-1].kernel.assign(np.eye(3) / 255)  # another loss for each image
    net.fit(train, epochs=2, verbose=0, callbacks=[names["TrustTheLoss"]()])
    weights = {w for n in range(len(train)) for w in arrays(train[n])[2]}
    assert min(weights) >= 0.5 and min(weights) < max(weights) == 1
