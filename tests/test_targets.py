"""`targets="pair"`: the labels of both images, for losses of one's own."""

import pickle

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays, gathered

OPTIONS = dict(image_size=8, batch_size=4, seed=3, verbose=False)
COUNT = 11  # batches of 4, 4 and 3
CLASSES = np.arange(COUNT) * 5 % 3
NUMBERS = np.linspace(-2, 9, 2 * COUNT, dtype=np.float32).reshape(COUNT, 2)
TAGS = (np.arange(3 * COUNT).reshape(COUNT, 3) * 7 % 4 == 0).astype(int)
#: Labels of every kind, their mode, and the rows of y when nothing is mixed.
KINDS = {
    "int": (CLASSES, CLASSES.astype(np.int32)),
    "categorical": (CLASSES, np.eye(3, dtype=np.float32)[CLASSES]),
    "binary": (CLASSES % 2, (CLASSES % 2).astype(np.float32)[:, None]),
    "multi_label": (TAGS, TAGS.astype(np.float32)),
    "regression": (NUMBERS, NUMBERS),
}


@pytest.fixture
def paths(flowers):
    return sorted(flowers.rglob("*.png"))[:COUNT]


def pairs_by_explain(seq, n, rows):
    """What the n-th batch must have, given the plan and the row of each file."""
    of_path = dict(zip(seq.file_paths, rows, strict=True))
    own, partner, lam = [], [], []
    for sample in seq.explain(n):
        shown = sample["partner"] if sample["lam"] < 1 else sample["path"]
        own.append(of_path[sample["path"]])
        partner.append(of_path[shown])
        lam.append(np.float32(sample["lam"]))
    return np.array(own), np.array(partner), np.array(lam)


@pytest.mark.parametrize("mix", [mf.MixUp(1.0, prob=0.6), mf.CutMix(1.0)], ids=str)
@pytest.mark.parametrize("mode", KINDS)
def test_pairs_are_those_of_explain(paths, mode, mix):
    labels, rows = KINDS[mode]
    options = OPTIONS | dict(label_mode=mode, mix=mix)
    with mf.from_files(paths, labels, targets="pair", **options) as seq:
        for n in range(len(seq)):
            want = pairs_by_explain(seq, n, rows)
            y = arrays(seq[n])[1]
            assert isinstance(y, tuple) and [a.dtype for a in y] == [rows.dtype] * 2 + [np.float32]
            for got, expected in zip(y, want, strict=True):
                np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("mode", [mode for mode in KINDS if mode != "int"])
def test_pairs_mix_to_the_mixed_labels(paths, mode):
    options = OPTIONS | dict(label_mode=mode, mix=mf.MixUp(1.0))
    smoothing = {} if mode == "regression" else {"label_smoothing": 0.1}
    with (
        mf.from_files(paths, KINDS[mode][0], targets="pair", **smoothing, **options) as pairs,
        mf.from_files(paths, KINDS[mode][0], **smoothing, **options) as mixed,
    ):
        x, (own, partner, lam) = gathered_pairs(pairs)
        x2, y = gathered(mixed)
        np.testing.assert_array_equal(x, x2)
        lam = lam[:, None]
        np.testing.assert_allclose(lam * own + (1 - lam) * partner, y, atol=1e-6)


def gathered_pairs(seq):
    batches = [arrays(seq[i]) for i in range(len(seq))]
    x = np.concatenate([batch[0] for batch in batches])
    return x, tuple(np.concatenate(parts) for parts in zip(*(b[1] for b in batches), strict=True))


def test_the_partner_of_a_pair_is_shown_even_without_weight(paths):
    with mf.from_files(paths, CLASSES, label_mode="int", targets="pair", mix=mf.SamplePairing(),
                       **OPTIONS) as seq:  # fmt: skip
        of_path = dict(zip(seq.file_paths, CLASSES, strict=True))
        _, (own, partner, lam) = arrays(seq[0])
        samples = seq.explain(0)
        assert own.tolist() == [of_path[s["path"]] for s in samples]
        assert partner.tolist() == [of_path[s["partner"]] for s in samples]
        assert lam.tolist() == [1] * 4


def test_the_weight_of_a_pair_is_that_of_the_label(paths):
    """Remix gives some images labels that their pixels do not have."""
    labels = [0] * 9 + [1] * 2
    options = OPTIONS | dict(label_mode="int", targets="pair", mix=mf.Remix(mf.MixUp(1.0)))
    with mf.from_files(paths, labels, **options) as seq:
        changed = 0
        for n in range(len(seq)):
            samples = seq.explain(n)
            lam = arrays(seq[n])[1][2]
            np.testing.assert_array_equal(lam, np.float32([s["lam"] for s in samples]))
            changed += sum(s.get("pixel_lam", s["lam"]) != s["lam"] for s in samples)
        assert changed, "the rule has changed a label"


def test_validation_and_copies(paths):
    options = OPTIONS | dict(label_mode="int", targets="pair", validation_split=0.4, subset="both")
    train, val = mf.from_files(paths, CLASSES, **options)
    with train, val, pickle.loads(pickle.dumps(train)) as copy:
        y = arrays(val[0])[1]
        assert y.dtype == np.int32 and y.tolist() == val.labels[:4].tolist()
        for one, other in zip(arrays(copy[0])[1], arrays(train[0])[1], strict=True):
            np.testing.assert_array_equal(one, other)
        assert b"PNG" in train.preview()
    with mf.from_files(
        paths, CLASSES, label_mode="int", targets="pair", mix=None, **OPTIONS
    ) as seq:
        own, partner, lam = arrays(seq[0])[1]
        assert own.tolist() == partner.tolist() and lam.tolist() == [1] * 4, "nothing is mixed"


def test_pairs_follow_the_files_that_replace_bad_ones(paths, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no image")
    files = [*paths[:6], bad]
    labels = [0, 1, 0, 1, 0, 1, 0]
    options = OPTIONS | dict(batch_size=7, on_error="skip", label_mode="int", targets="pair")
    with mf.from_files(files, labels, **options) as seq:
        y = arrays(seq[0])[1]
        for got, want in zip(y, pairs_by_explain_now(seq, labels), strict=True):
            np.testing.assert_array_equal(got, want)
        assert [found["path"] for found in seq.bad_files] == [str(bad)]


def pairs_by_explain_now(seq, labels):
    """As `pairs_by_explain`, once the bad files are known."""
    seq.set_epoch(0)
    return pairs_by_explain(seq, 0, np.array(labels, np.int32))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (dict(targets="pair", mix=mf.Mosaic()), "two images, but this mix has up to 4"),
        (dict(targets="pair", label_mode=None), "targets=.pair. needs labels"),
        (dict(targets="pair", binarize=0.2), "binarize is for mixed labels"),
        (dict(targets="both"), 'targets must be one of "mixed", "pair"'),
        (dict(label_mode="int"), 'targets="pair"'),
    ],
)
def test_what_has_no_pairs_is_refused(flowers, options, match):
    with pytest.raises(ValueError, match=match):
        mf.from_directory(flowers, **OPTIONS | options)


class PairModel(keras.Model):
    """The model of docs/labels.md."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        def loss(labels):
            return keras.losses.sparse_categorical_crossentropy(labels, y_pred)

        if not isinstance(y, tuple | list):  # validation data
            return keras.ops.mean(loss(y))
        y_a, y_b, lam = y
        return keras.ops.mean(lam * loss(y_a) + (1 - lam) * loss(y_b))


def test_a_compiled_loss_of_pairs_is_an_error(flowers):
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with (
        mf.from_directory(flowers, label_mode="int", targets="pair", **OPTIONS) as seq,
        pytest.raises(ValueError, match="compute the loss in the model's compute_loss"),
    ):
        model.fit(seq, verbose=0)


def test_a_loss_of_pairs_trains_like_mixed_labels(flowers):
    """The cross-entropy of a mixture is the mixture of the cross-entropies."""
    options = OPTIONS | dict(mix=mf.MixUp(1.0), rescale=1 / 255)
    split = dict(validation_split=0.4, subset="both")
    losses = []
    for own in (True, False):
        keras.utils.set_random_seed(5)
        inputs = keras.Input((8, 8, 3))
        outputs = keras.layers.Dense(3, "softmax")(keras.layers.Flatten()(inputs))
        model = (PairModel if own else keras.Model)(inputs, outputs)
        model.compile("sgd", None if own else "categorical_crossentropy")
        kind = dict(label_mode="int", targets="pair") if own else {}
        train, val = mf.from_directory(flowers, **options, **kind, **split)
        with train, val:
            history = model.fit(
                train, validation_data=val, epochs=2, shuffle=False, verbose=0
            ).history
        losses.append([*history["loss"], *history["val_loss"]])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
