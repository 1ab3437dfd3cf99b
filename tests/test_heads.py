"""Labels of several heads: a dict of columns, and y a dict of arrays."""

import pickle

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.tables import csv_file

OPTIONS = dict(image_size=8, batch_size=4, seed=3, verbose=False)
COUNT = 11  # batches of 4, 4 and 3
NUMBERS = np.linspace(-2, 9, COUNT).astype(np.float32)
TAGS = [["red"], [], ["wild", "red"], ["old"]] * 3
LABELS = {
    "kind": [["rose", "tulip", "violet"][i % 3] for i in range(COUNT)],
    "size": NUMBERS,
    "tags": TAGS[:COUNT],
    "grown": [i % 2 for i in range(COUNT)],
}
MODES = {"grown": "binary"}
#: The rows of y when nothing is mixed.
ROWS = {
    "kind": np.eye(3, dtype=np.float32)[np.arange(COUNT) % 3],
    "size": NUMBERS[:, None],
    "tags": np.array([[t in tags for t in ("old", "red", "wild")] for tags in TAGS], np.float32),
    "grown": (np.arange(COUNT) % 2).astype(np.float32)[:, None],
}


@pytest.fixture
def paths(flowers):
    return sorted(flowers.rglob("*.png"))[:COUNT]


@pytest.mark.parametrize("mix", [None, mf.MixUp(1.0), mf.Mosaic()], ids=str)
def test_every_head_is_mixed_by_the_weights_of_explain(paths, mix):
    with mf.from_files(paths, LABELS, label_mode=MODES, mix=mix, **OPTIONS) as seq:
        at = {path: i for i, path in enumerate(seq.file_paths)}
        for n in range(len(seq)):
            x, y = arrays(seq[n])
            assert list(y) == list(LABELS) and {a.dtype for a in y.values()} == {np.dtype("f4")}
            for i, sample in enumerate(seq.explain(n)):
                partners = sample.get("partners", [sample["partner"]] if sample["partner"] else [])
                files = [at[p] for p in [sample["path"], *partners]]
                weights = sample.get("weights", [sample["lam"], 1 - sample["lam"]])
                for name, rows in ROWS.items():
                    want = sum(
                        np.float64(w) * rows[f] for w, f in zip(weights, files, strict=False)
                    )
                    np.testing.assert_allclose(y[name][i], want, rtol=1e-6, atol=1e-6)


def test_x_and_each_head_are_as_with_that_head_alone(paths):
    """But for a split and bad files, heads do not change anything for each other."""
    with mf.from_files(paths, LABELS, label_mode=MODES, **OPTIONS) as heads:
        for name, labels in LABELS.items():
            mode = MODES.get(name, "inferred")
            with mf.from_files(paths, labels, label_mode=mode, **OPTIONS) as alone:
                for n in range(len(alone)):
                    (x, y), (x2, y2) = (arrays(seq[n]) for seq in (heads, alone))
                    np.testing.assert_array_equal(x, x2)
                    np.testing.assert_array_equal(y[name], y2)
            heads.set_epoch(0)


def test_attributes_are_dicts_by_head(paths):
    with mf.from_files(paths, LABELS, label_mode=MODES, mix=None, **OPTIONS) as seq:
        assert seq.class_names == {
            "kind": ["rose", "tulip", "violet"],
            "size": [],
            "tags": ["old", "red", "wild"],
            "grown": ["0", "1"],
        }
        assert seq.num_classes == {"kind": 3, "size": 0, "tags": 3, "grown": 2}
        assert seq.class_indices["tags"] == {"old": 0, "red": 1, "wild": 2}
        assert list(seq.labels) == list(LABELS)
        np.testing.assert_array_equal(seq.labels["kind"], np.arange(COUNT) % 3)
        np.testing.assert_array_equal(seq.labels["size"], NUMBERS[:, None])
        np.testing.assert_array_equal(seq.labels["tags"], ROWS["tags"][:COUNT])
        assert "4 heads (kind, size, tags, grown)" in repr(seq)
        names = {name: names for name, names in seq.class_names.items() if names}
        fewer = {name: column[:2] for name, column in LABELS.items()}
        with mf.from_files(
            paths[:2], fewer, label_mode=MODES, class_names=names, mix=None, **OPTIONS
        ) as test:
            assert test.class_names == seq.class_names
            assert arrays(test[0])[1]["kind"].shape == (2, 3)


def test_several_heads_have_no_table_of_predictions(paths):
    with (
        mf.from_files(paths, LABELS, subset="validation", **OPTIONS) as seq,
        pytest.raises(ValueError, match="of several heads: model.predict"),
    ):
        mf.predict_table(keras.Sequential(), seq)


def test_what_a_user_sees_names_the_heads(paths, capsys):
    options = OPTIONS | dict(verbose=True)
    with mf.from_files(paths, LABELS, **options) as seq:
        assert (
            "11 images with labels of 4 heads: kind, size, tags, grown." in capsys.readouterr().out
        )
        assert seq.preview()[1:4] == b"PNG"
        with pytest.raises(AttributeError, match="label_smoothing="):
            seq.label_smoothing = 0.1


def test_a_split_goes_by_the_first_head(paths):
    options = OPTIONS | dict(label_mode=MODES, validation_split=0.34, subset="both")
    train, val = mf.from_files(paths, LABELS, **options)
    with train, val, pickle.loads(pickle.dumps(val)) as copy:
        assert np.bincount(val.labels["kind"]).tolist() == [1, 1, 1], "of 4, 4 and 3"
        at = {str(path): i for i, path in enumerate(paths)}
        y = arrays(val[0])[1]
        for seq_y in (y, arrays(copy[0])[1]):
            for name, rows in ROWS.items():
                want = rows[[at[path] for path in val.file_paths]]
                np.testing.assert_array_equal(seq_y[name], want)


def test_a_bad_file_is_replaced_by_the_class_of_the_first_head(paths, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no image")
    labels = {"kind": ["a", "a", "b", "b"], "size": [1.0, 2.0, 3.0, 4.0]}
    files = [paths[0], bad, *paths[1:3]]
    options = OPTIONS | dict(mix=None, shuffle=False, on_error="skip")
    with mf.from_files(files, labels, **options) as seq:
        y = arrays(seq[0])[1]
        assert y["kind"].argmax(axis=1).tolist() == [0, 0, 1, 1]
        assert y["size"].ravel().tolist() == [1, 1, 3, 4], "the number is that of the replacement"


def test_options_by_head(paths):
    options = OPTIONS | dict(label_mode=MODES, mix=mf.MixUp(1.0))
    with (
        mf.from_files(paths, LABELS, **options) as plain,
        mf.from_files(
            paths, LABELS, **options, label_smoothing={"kind": 0.3}, binarize={"tags": 0.2}
        ) as changed,
        mf.from_files(paths, LABELS, **options, targets="pair") as pairs,
    ):
        y, z, p = (arrays(seq[0])[1] for seq in (plain, changed, pairs))
        np.testing.assert_allclose(z["kind"], y["kind"] * 0.7 + 0.1, atol=1e-6)
        np.testing.assert_array_equal(z["tags"], y["tags"] > np.float32(0.2))
        for name in ("size", "grown"):
            np.testing.assert_array_equal(z[name], y[name])
        for name, (own, partner, lam) in p.items():
            lam = lam[:, None]
            np.testing.assert_allclose(lam * own + (1 - lam) * partner, y[name], atol=1e-5)


TABLE = {
    "kind": ["rose", "tulip", "rose", "violet"],
    "size": [1.5, 2, 3, 4],
    "red": [0, 1, 1, 0],
    "wild": [1, 1, 0, 0],
}


@pytest.mark.parametrize("as_csv", [False, True])
def test_columns_of_a_table(paths, tmp_path, as_csv):
    table = {"file": list(map(str, paths[:4])), **TABLE}
    if as_csv:
        table = csv_file(table, tmp_path / "t.csv")
    options = OPTIONS | dict(mix=None, shuffle=False)
    columns = {"a": "kind", "b": "size", "c": ["red", "wild"]}
    with mf.from_dataframe(table, "file", columns, **options) as seq:
        y = arrays(seq[0])[1]
        assert seq.class_names == {"a": ["rose", "tulip", "violet"], "b": [], "c": ["red", "wild"]}
        assert y["a"].argmax(axis=1).tolist() == [0, 1, 0, 2]
        assert y["b"].ravel().tolist() == [1.5, 2, 3, 4]
        assert y["c"].tolist() == [[0, 1], [1, 1], [1, 0], [0, 0]]
    modes = {"kind": "int", "size": "regression"}
    with mf.from_dataframe(table, "file", ["kind", "size"], label_mode=modes, **options) as seq:
        y = arrays(seq[0])[1]
        assert y["kind"].tolist() == [0, 1, 0, 2] and y["size"].ravel().tolist() == [1.5, 2, 3, 4]


class Frame:
    """A table that is no dict, like a DataFrame."""

    columns = ("kind", "size")

    def __getitem__(self, name):
        return TABLE[name]


def test_a_table_has_a_head_per_column_if_modes_are_a_dict(paths):
    options = OPTIONS | dict(mix=None, shuffle=False, label_mode={"kind": "int"})
    with mf.from_files(paths[:4], Frame(), **options) as seq:
        y = arrays(seq[0])[1]
        assert y["kind"].tolist() == [0, 1, 0, 2] and y["size"].ravel().tolist() == [1.5, 2, 3, 4]


def test_folds_have_heads(paths):
    labels = {"kind": LABELS["kind"], "size": NUMBERS}
    counts = []
    for train, val in mf.folds(paths, labels, k=3, **OPTIONS):
        assert set(arrays(train[0])[1]) == set(arrays(val[0])[1]) == {"kind", "size"}
        counts.append(np.bincount(val.labels["kind"], minlength=3))
    assert sum(counts).tolist() == [4, 4, 3], "spread by the first head"
    assert np.ptp(counts, axis=0).max() <= 1


@pytest.mark.parametrize(
    ("labels", "options", "match"),
    [
        ({}, {}, "no heads"),
        ({"": [1.0] * 2}, {}, "a head must have a name"),
        ({"mask": [1.0] * 2}, {}, "which is not 'mask'"),
        ({"a": [1.0] * 3}, {}, "paths has 2 rows, but labels\\['a'\\] has 3"),
        ({"a": [1.0, None]}, {}, "row 1 of labels\\['a'\\] must be finite"),
        ({"a": ["x", "y"]}, dict(class_names=["x", "y"]), "class_names must be a dict by head"),
        ({"a": ["x", "y"]}, dict(class_names={"b": ["x"]}), "class_names has 'b', but the heads"),
        ({"a": ["x", "y"]}, dict(label_mode=None), "label_mode=None is for all labels"),
        ({"a": ["x", "y"]}, dict(label_mode={"b": "int"}), "label_mode has 'b', but the heads are"),
        ({"a": ["x", "y"]}, dict(label_mode="regression"), "row 0 of labels\\['a'\\]"),
        ({"a": ["x", "y"]}, dict(label_mode="int"), 'mixed labels.*\\(head "a"\\)'),
        ({"a": ["x", "y"], "b": [1.0, 2]}, dict(label_smoothing=0.1), 'pass a dict \\(head "b"\\)'),
        ({"a": ["x", "y"]}, dict(binarize={"b": 0.1}), "binarize has 'b', but the heads are"),
        (["x", "y"], dict(label_mode={"a": "int"}), "labels must be a dict or a table"),
        (["x", "y"], dict(label_smoothing={"a": 0.1}), "which is for several heads"),
    ],
)
def test_errors_name_the_head(paths, labels, options, match):
    with pytest.raises(ValueError, match=match):
        mf.from_files(paths[:2], labels, **OPTIONS | options)


def test_folders_have_one_head(flowers):
    with pytest.raises(ValueError, match="label_mode is a dict.*from_files"):
        mf.from_directory(flowers, label_mode={"kind": "int"}, **OPTIONS)


def model(as_list=False, **losses):
    inputs = keras.Input((8, 8, 3))
    flat = keras.layers.Flatten()(inputs)
    kind = keras.layers.Dense(3, "softmax", name="kind")(flat)
    size = keras.layers.Dense(1, name="size")(flat)
    losses = {"kind": "categorical_crossentropy", "size": "mse"} | losses
    net = keras.Model(inputs, [kind, size] if as_list else {"kind": kind, "size": size})
    net.compile("sgd", [losses["kind"], losses["size"]] if as_list else losses)
    return net


def test_keras_trains_several_outputs(paths):
    labels = {name: LABELS[name] for name in ("kind", "size")}
    options = OPTIONS | dict(rescale=1 / 255, validation_split=0.34, subset="both")
    train, val = mf.from_files(paths, labels, **options, label_smoothing={"kind": 0.1})
    with train, val:
        net = model()
        history = net.fit(train, validation_data=val, epochs=2, verbose=0).history
        assert np.isfinite([*history["loss"], *history["val_loss"]]).all()
        smooth = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)
        for twice in (model(kind=smooth), model(kind=smooth, as_list=True)):
            with pytest.raises(ValueError, match="the loss of head 'kind' has label_smoothing=0.2"):
                twice.fit(train, verbose=0)
        sparse = model(kind="sparse_categorical_crossentropy")
        with pytest.raises(ValueError, match="the loss of head 'kind' takes labels as integers"):
            sparse.fit(train, verbose=0)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"kind": ["rose", "tulip"] * 2}, "label 2 of head 'kind' is 'violet' in .* and no class"),
        ({"size": np.ones((4, 2))}, "numbers per file of head 'size' is 1 in .* and 2"),
        ({"age": np.ones(4)}, "other heads than the training data"),
    ],
)
def test_validation_data_has_the_same_heads(paths, changes, match):
    labels = {name: LABELS[name] for name in ("kind", "size")}
    others = {"kind": LABELS["kind"][:4], "size": NUMBERS[:4]} | changes
    with (
        mf.from_files(paths, labels, **OPTIONS) as train,
        mf.from_files(paths[:4], others, subset="validation", **OPTIONS) as val,
        pytest.raises(ValueError, match=match),
    ):
        model().fit(train, validation_data=val, verbose=0)
