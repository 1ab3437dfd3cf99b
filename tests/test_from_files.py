"""Lists of files with labels of every kind."""

import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays, gathered

OPTIONS = dict(image_size=8, batch_size=4, seed=3, verbose=False)
PLAIN = OPTIONS | dict(mix=None, shuffle=False)
NAMES = ["violet/003.png", "rose/001.png", "violet/000.png", "rose/006.png", "rose/002.png"]
TAGS = [["red", "wild"], [], ["old"], ["red"], ("wild", "old", "red")]
#: Labels of `NAMES`, the mode and the class names that follow, and the rows of y.
KINDS = {
    "names": (["v", "r", "v", "r", "r"], "categorical", ["r", "v"], np.eye(2)[[1, 0, 1, 0, 0]]),
    "str array": (np.array(list("vrvrr")), "categorical", ["r", "v"], np.eye(2)[[1, 0, 1, 0, 0]]),
    "indices": ([2, 0, 2, 0, 1], "categorical", ["0", "1", "2"], np.eye(3)[[2, 0, 2, 0, 1]]),
    "tags": (
        TAGS,
        "multi_label",
        ["old", "red", "wild"],
        [[0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]],
    ),
    "zeros and ones": (np.eye(5, 2, dtype=int), "multi_label", ["0", "1"], np.eye(5, 2)),
    "numbers": ([1.5, -2, 3, 1e6, 0], "regression", [], [[1.5], [-2], [3], [1e6], [0]]),
    "rows": (
        np.arange(10.0).reshape(5, 2),
        "regression",
        [],
        [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]],
    ),
}


def paths(root):
    return [root / name for name in NAMES]


@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_every_kind(flowers, kind):
    labels, mode, names, want = KINDS[kind]
    seq = mf.from_files(paths(flowers), labels, **PLAIN)
    x, y = gathered(seq)
    assert y.dtype == np.float32 and seq.class_names == names
    np.testing.assert_array_equal(y, want)
    assert seq.file_paths == [f"{flowers}/{name}" for name in NAMES]
    whole = mf.from_directory(flowers, **PLAIN)
    images = dict(zip(whole.file_paths, gathered(whole)[0], strict=True))
    np.testing.assert_array_equal(x, [images[path] for path in seq.file_paths])
    given = mf.from_files(NAMES, labels, directory=flowers, label_mode=mode, **PLAIN)
    np.testing.assert_array_equal(gathered(given)[1], want)
    alone = mf.from_files(NAMES, labels, directory=flowers, label_mode=None, **PLAIN)
    assert arrays(alone[0]).shape == (4, 8, 8, 3)
    np.testing.assert_array_equal(alone.labels, seq.labels)
    if mode != "categorical":
        np.testing.assert_array_equal(seq.labels, want)
    else:
        np.testing.assert_array_equal(seq.labels, np.argmax(want, axis=1))


def test_tags_of_four_images(flowers):
    seq = mf.from_files(paths(flowers), TAGS, mix=mf.Mosaic(), **OPTIONS)
    rows = dict(zip(seq.file_paths, np.array(KINDS["tags"][3], float), strict=True))
    for row, got in zip(seq.explain(0), arrays(seq[0])[1], strict=True):
        files = [row["path"], *row["partners"]]
        mean = sum(w * rows[path] for w, path in zip(row["weights"], files, strict=True))
        np.testing.assert_allclose(got, mean, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("pairing", ["batch", "dataset"])
@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_mixed_by_the_weights_of_the_images(flowers, kind, pairing):
    labels, _, _, want = KINDS[kind]
    seq = mf.from_files(paths(flowers), labels, pairing=pairing, **OPTIONS)
    rows = dict(zip(seq.file_paths, np.array(want, float), strict=True))
    for n in range(len(seq)):
        for row, got in zip(seq.explain(n), arrays(seq[n])[1], strict=True):
            partner = row["partner"] or row["path"]
            mean = row["lam"] * rows[row["path"]] + (1 - row["lam"]) * rows[partner]
            np.testing.assert_allclose(got, mean, rtol=1e-6, atol=1e-6)
    assert seq.preview().startswith(b"\x89PNG")
    again = pickle.loads(pickle.dumps(seq))
    np.testing.assert_array_equal(arrays(again[0])[1], arrays(seq[0])[1])


def test_class_names_keep_their_places(flowers):
    files = paths(flowers)
    seq = mf.from_files(files, list("vrvrr"), class_names=["x", "v", "r"], **PLAIN)
    assert seq.labels.tolist() == [1, 2, 1, 2, 2] and seq.num_classes == 3
    seq = mf.from_files(files, [1, 0, 1, 0, 0], class_names=["x", "v", "r"], **PLAIN)
    assert seq.labels.tolist() == [1, 0, 1, 0, 0] and seq.num_classes == 3
    seq = mf.from_files(files, TAGS, class_names=["wild", "x", "old", "red"], **PLAIN)
    assert seq.labels.tolist() == [[1, 0, 0, 1], [0] * 4, [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 1, 1]]


def test_no_class_names_are_all_of_them(flowers):
    files = paths(flowers)
    for labels in (list("vrvrr"), TAGS, [0.5] * 5, None):
        without, empty = (mf.from_files(files, labels, class_names=n, **PLAIN) for n in (None, []))
        assert empty.class_names == without.class_names
    assert mf.from_directory(flowers, class_names=[], **PLAIN).num_classes == 3


def test_binary_and_int(flowers):
    files = paths(flowers)
    _, y = gathered(mf.from_files(files, list("vrvrr"), label_mode="binary", **PLAIN))
    assert y.tolist() == [[1], [0], [1], [0], [0]]
    _, y = gathered(mf.from_files(files, list("vrvrr"), label_mode="int", **PLAIN))
    assert y.tolist() == [1, 0, 1, 0, 0] and y.dtype == np.int32
    _, y = gathered(mf.from_files(files, [1, 0, 5, 0, 0], label_mode="regression", **PLAIN))
    assert y.tolist() == [[1], [0], [5], [0], [0]]


def test_files_without_labels_are_a_test_set(flowers):
    seq = mf.from_files(paths(flowers), **OPTIONS)
    assert seq.class_names == [] and seq.file_paths == [f"{flowers}/{name}" for name in NAMES]
    assert not any(row["partner"] for row in seq.explain(0))
    np.testing.assert_array_equal(
        gathered(seq), gathered(mf.from_files(paths(flowers), TAGS, **PLAIN))[0]
    )


def test_columns_of_dataframes(flowers):
    class Column:  # as those of pandas and polars
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            return np.array(self.values, dtype)

    files = Column([str(path) for path in paths(flowers)])
    assert mf.from_files(files, Column(list("vrvrr")), **PLAIN).labels.tolist() == [1, 0, 1, 0, 0]

    class Items:  # iterable by its items alone
        def __getitem__(self, i):
            return files.values[i]

    assert mf.from_files(Items(), list("vrvrr"), **PLAIN).samples == 5
    ages = mf.from_files(files, Column([1.5, 2, 3, 4, 5]), **PLAIN)
    assert ages.labels.tolist() == [[1.5], [2], [3], [4], [5]]


def test_paths_start_from_the_working_directory_or_a_folder(flowers, monkeypatch):
    monkeypatch.chdir(flowers / "rose")
    seq = mf.from_files(["001.png", "../tulip/000.png"], ["r", "t"], **PLAIN)
    other = mf.from_files(
        [flowers / "rose/001.png", "tulip/000.png"], ["r", "t"], directory=flowers, **PLAIN
    )
    monkeypatch.chdir("/")
    np.testing.assert_array_equal(gathered(seq)[0], gathered(other)[0])
    assert other.file_paths == [f"{flowers}/rose/001.png", f"{flowers}/tulip/000.png"]


def test_a_split_draws_from_each_class_or_from_all_files(flowers):
    files = sorted(map(str, flowers.glob("*/*.png")))
    options = OPTIONS | dict(validation_split=0.4, subset="both", directory=flowers)
    names = [Path(file).relative_to(flowers).as_posix() for file in files]
    train, val = mf.from_files(names, [Path(file).parent.name for file in files], **options)
    same = mf.from_directory(
        flowers, **{name: value for name, value in options.items() if name != "directory"}
    )
    assert [train.file_paths, val.file_paths] == [part.file_paths for part in same]
    ages = {name: float(i) for i, name in enumerate(names)}
    parts = []
    for order in (names, names[::-1]):  # the order of the rows does not matter
        train, val = mf.from_files(order, [ages[name] for name in order], **options)
        assert len(val.file_paths) == 8 and sorted(train.file_paths + val.file_paths) == files
        for part in (train, val):
            for path, row in zip(part.file_paths, part.labels, strict=True):
                assert row == [ages[Path(path).relative_to(flowers).as_posix()]]
        parts.append(set(val.file_paths))
        assert not any(row["partner"] for row in val.explain(0))
    assert parts[0] == parts[1]


@pytest.mark.parametrize("kind", ["tags", "numbers", "names"])
def test_a_replaced_file_brings_its_own_label(folder, kind):
    root = folder(rose=7, violet=7)
    labels, _, _, want = KINDS[kind]
    rows = dict(zip([f"{root}/{name}" for name in NAMES], np.array(want, float), strict=True))
    (root / NAMES[0]).write_bytes(b"no image")
    (root / NAMES[3]).unlink()
    images = {}
    for name, row in rows.items():
        if Path(name).exists() and not name.endswith(NAMES[0]):
            images[gathered(mf.from_files([name], [0.0], **PLAIN))[0].tobytes()] = row
    for order in (dict(shuffle=False), dict(shuffle=True)):
        seq = mf.from_files(
            paths(root), labels, on_error="skip", **OPTIONS | dict(mix=None, batch_size=2) | order
        )
        for _ in range(2):
            for x, y in map(arrays, seq):
                for image, label in zip(x, y, strict=True):
                    np.testing.assert_array_equal(label, images[image.tobytes()])
        assert [bad["path"] for bad in seq.bad_files] == [
            f"{root}/{NAMES[0]}",
            f"{root}/{NAMES[3]}",
        ]
        assert {bad["class"] for bad in seq.bad_files} == ({"v", "r"} if kind == "names" else {""})
    mixed = mf.from_files(paths(root), labels, on_error="skip", **OPTIONS | dict(batch_size=5))
    mixed[0]  # finds the bad files
    mixed.set_epoch(5)
    for row, got in zip(mixed.explain(0), arrays(mixed[0])[1], strict=True):
        mean = row["lam"] * rows[row["path"]] + (1 - row["lam"]) * rows[row["partner"]]
        np.testing.assert_allclose(got, mean, rtol=1e-6, atol=1e-6)


def test_a_missing_file_is_an_error_when_it_is_used(flowers):
    seq = mf.from_files([*paths(flowers), flowers / "rose/none.png"], [0.5] * 6, **PLAIN)
    seq[0]
    with pytest.raises(mf.ImageError, match="none.png.*put the next good image in its place"):
        seq[1]


NAN = float("nan")


@pytest.mark.parametrize(
    ("labels", "options", "words"),
    [
        (["a", "b", NAN, "a", "b"], {}, "row 2 of labels must be the name of a class, but is nan"),
        (["a", "b", "", "a", "b"], {}, "row 2 of labels must be the name of a class, but is ''"),
        (list("abcab"), dict(class_names=["a", "b"]), "row 2 of labels .* class_names, but is 'c'"),
        ([0, 1, -1, 0, 1], {}, "row 2 of labels must be 0 or more, but is -1"),
        ([0, 1, 2, 0, 1], dict(class_names=["a", "b"]), "row 2 of labels must be one of 0 to 1"),
        ([0, 1, 10**6, 0, 1], {}, "row 2 of labels must be an index .* but is 1000000"),
        ([1.5, 2, NAN, 0, 1], {}, "row 2 of labels must be finite, but is nan"),
        ([1.5, 2, None, 0, 1], {}, "row 2 of labels must be finite|must be a number"),
        ([1.5, 2, 1e300, 0, 1], {}, r"row 2 of labels must be finite, but is 1e\+300"),
        ([1.5, 2, object, 0, 1], {}, "row 2 of labels must be a number"),
        ([[1.0, 2]] * 4 + [[1.0]], {}, r"row 4 of labels must have 2 numbers.*\[1.0\]"),
        ([["a"], ["b"], NAN, [], []], {}, "row 2 of labels must be a list.* but is nan"),
        ([["a"], [""], [], [], []], {}, "row 1 of labels must have names of tags"),
        ([["a"], ["b"], ["c"], [], []], dict(class_names=["a", "b"]), "row 2 of .* is 'c'"),
        (np.array([[0, 1]] * 4 + [[0, 2]]), {}, r"row 4 of labels .* from 0 to 1, .*\[0, 2\]"),
        ([0.5] * 5, dict(label_mode="categorical"), "label_mode='categorical' does not fit"),
        (TAGS, dict(label_mode="int"), "does not fit labels, which has a list of tags"),
        (list("abcab"), dict(label_mode="multi_label"), "does not fit labels"),
        (list("abcab"), dict(label_mode="binary"), "needs 2 classes, but there are 3"),
        (list("abcab"), dict(label_mode="regression"), "row 0 of labels must be a number"),
        (list("abab"), {}, "paths has 5 rows, but labels has 4"),
        ("abcab", {}, "labels must be a list"),
        ([[]] * 5, {}, "labels has no tags"),
        (
            np.empty((5, 2, 3)),
            {},
            r"labels must have shape \(n,\) or \(n, k\), but has \(5, 2, 3\)",
        ),
        (np.empty((5, 0)), {}, "labels has rows without numbers"),
        (None, dict(label_mode="categorical"), "without labels"),
        (list("ababa"), dict(class_names=["a", "b", "a"]), "class_names has 'a' twice"),
        ([0.5] * 5, dict(class_names=["a"]), "class_names are for classes and tags"),
        (np.eye(5), dict(class_names=["a"]), "has 5 values per row, but class_names has 1"),
    ],
)
def test_errors_name_the_row_and_the_value(flowers, labels, options, words):
    with pytest.raises(ValueError, match=words):
        mf.from_files(paths(flowers), labels, **PLAIN | options)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "paths has no files"),
        ("a.png", "paths must be a list with one value per file, but is 'a.png'"),
        (Path("a.png"), "paths must be a list with one value per file, but is .*Path"),
        (7, "paths must be a list with one value per file, but is 7"),
        (np.array("a.png"), "paths must be a list"),
        (np.float64(7), "paths must be a list"),
        (["a.png", NAN], "row 1 of paths must be the path of a file, but is nan"),
        (["a.png", ""], "row 1 of paths must be the path of a file, but is ''"),
        (["a.png", "b\0.png"], r"row 1 of paths contains NUL: 'b\\x00.png'"),
    ],
)
def test_errors_about_paths(files, words):
    with pytest.raises(ValueError, match=words):
        mf.from_files(files, [0.5] * 2, **PLAIN)


def test_unknown_arguments(flowers):
    with pytest.raises(TypeError, match=r"from_files\(\) got .* 'follow_links'"):
        mf.from_files(paths(flowers), follow_links=True)
    with pytest.raises(TypeError, match=r"from_files\(\) got .* did you mean 'batch_size'"):
        mf.from_files(paths(flowers), batchsize=2)
    with pytest.raises(ValueError, match="tags or numbers|pass the labels to from_files"):
        mf.from_directory(flowers, label_mode="regression", verbose=False)


def test_warnings_name_the_line_of_the_user(flowers):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        split = dict(validation_split=0.4, subset="both")
        mf.from_files(paths(flowers), list("vrvrr"), **OPTIONS, **split)
        mf.from_files(paths(flowers), list("vrrrr"), **OPTIONS, **split)
    assert len(caught) == 2 and all("have no image for validation" in str(w) for w in caught)
    assert {warning.filename for warning in caught} == {__file__}
