"""Cross-validation, and splits that keep groups together."""

import gc
import pickle
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import mixfolder as mf
from support.batches import gathered
from support.images import write_images
from support.internals import open_loaders

OPTIONS = dict(image_size=(8, 8), batch_size=4, seed=1, verbose=False)


@pytest.fixture(scope="module")
def patients(tmp_path_factory) -> Path:
    """Two classes with 24 images each, of 12 patients with 4 images, some of both classes."""
    root = tmp_path_factory.mktemp("patients")
    write_images(root, {"healthy": 24, "ill": 24}, (5, 5))
    for label, name in enumerate(("healthy", "ill")):
        for i, path in enumerate(sorted((root / name).iterdir())):
            patient = (i // 4 if i < 20 else 12 + i % 2) + 6 * label * (i < 20)
            path.rename(path.with_name(f"patient{patient:02d}_{i:03d}.png"))
    return root


def patient(path) -> str:
    return re.search(r"patient(\d+)", str(path)).group(1)


def assert_apart(train, val):
    assert not set(map(patient, train.file_paths)) & set(map(patient, val.file_paths))


def test_each_image_is_in_validation_once(flowers):
    every = mf.from_directory(flowers, **OPTIONS).file_paths
    validated, sizes = [], []
    folds = mf.folds(flowers, k=5, flip="both", **OPTIONS)
    for train, val in folds:
        assert sorted(train.file_paths + val.file_paths) == every
        assert train.explain(0)[0]["partner"] and val.explain(0)[0]["partner"] is None
        assert max(np.bincount(val.labels)) - min(np.bincount(val.labels, minlength=3)) <= 1
        x, y = gathered(val)
        assert x.shape == (val.samples, 8, 8, 3) and y.argmax(1).tolist() == val.labels.tolist()
        validated += val.file_paths
        sizes.append(val.samples)
    assert sorted(validated) == every and sorted(sizes) == [4, 4, 4, 4, 5]
    assert len(folds) == 5 and folds[-1][1].file_paths == val.file_paths
    for wrong in (5, -6):
        with pytest.raises(IndexError, match=f"no fold {wrong}: there are 5"):
            folds[wrong]


def test_folds_are_drawn_by_seed_and_names(flowers):
    def of_seed(seed, **options):
        options = OPTIONS | {"seed": seed} | options
        return [val.file_paths for _, val in mf.folds(flowers, k=3, **options)]

    assert of_seed(1) == of_seed(1, batch_size=2, class_names=["rose", "tulip", "violet"])
    assert of_seed(1) != of_seed(2)


@pytest.mark.parametrize(
    "groups", [r"patient(\d+)", re.compile(r"patient\d+"), patient, lambda p: int(patient(p))]
)
def test_folds_keep_groups_together(patients, groups):
    validated = []
    for train, val in mf.folds(patients, k=4, groups=groups, **OPTIONS):
        assert_apart(train, val)
        assert abs(val.labels.mean() - 0.5) <= 0.2 and 8 <= val.samples <= 16
        validated += val.file_paths
    assert sorted(validated) == sorted(map(str, patients.glob("*/*.png")))


def test_folds_of_lists_and_tables(patients):
    paths = [str(p) for p in sorted(patients.glob("*/*.png"))]
    labels = [Path(p).parent.name for p in paths]
    number = [int(patient(p)) for p in paths]
    table = {"file": paths, "kind": labels, "patient": number}
    opened = [
        mf.folds(paths, labels, k=4, groups=number, **OPTIONS),
        mf.folds(paths, labels, k=4, groups=np.array(number, float), **OPTIONS),
        mf.folds(paths, np.array(labels), k=4, groups=list(map(str, number)), **OPTIONS),
        mf.folds(table, "file", "kind", k=4, group_col="patient", **OPTIONS),
        mf.folds(table, "file", "kind", k=4, groups=lambda p: int(patient(p)), **OPTIONS),
    ]
    found = [[val.file_paths for _, val in folds] for folds in opened]
    for train, val in opened[0]:
        assert_apart(train, val)
    assert all(one == found[0] for one in found) and sum(map(len, found[0])) == 48


def test_folds_of_tags_numbers_and_images_alone(flowers):
    paths = [str(p) for p in sorted(flowers.glob("*/*.png"))]
    for labels in ([[len(p) % 2] for p in paths], [float(len(p)) for p in paths], None):
        folds = mf.folds(paths, labels, k=4, **OPTIONS)
        assert sorted(val.samples for _, val in folds) == [5, 5, 5, 6]
    folds = mf.folds(flowers / "rose", k=7, label_mode=None, **OPTIONS)
    assert [val.samples for _, val in folds] == [1] * 7 and folds[0][0].explain(0)[0]["partner"]


def test_pairs_are_opened_when_they_are_used_and_closed_after(flowers):
    gc.collect()
    before = open_loaders()
    folds = mf.folds(flowers, k=4, **OPTIONS)
    assert len(open_loaders() - before) == 1
    for pair in folds:
        gathered(pair[1])
        del pair
        gc.collect()
        assert len(open_loaders() - before) == 1
    train, val = folds[2]
    del folds
    gc.collect()
    assert len(gathered(train)[0]) == train.samples and len(open_loaders() - before) == 2


def test_folds_are_pickled(patients):
    folds = mf.folds(patients, k=4, groups=r"patient(\d+)", **OPTIONS)
    for again in (pickle.loads(pickle.dumps(folds)), pickle.loads(pickle.dumps(folds))):
        for (train, val), (train2, val2) in zip(folds, again, strict=True):
            assert train.file_paths == train2.file_paths and val.file_paths == val2.file_paths
    copy = pickle.loads(pickle.dumps(val))
    np.testing.assert_array_equal(gathered(copy)[0], gathered(val)[0])


def test_folds_say_what_they_do(flowers, capsys):
    options = OPTIONS | {"verbose": True}
    folds = mf.folds(flowers, k=3, **options)
    folds[1]
    assert capsys.readouterr().out == (
        "Found 21 images belonging to 3 classes: rose, tulip, violet.\n"
        "Fold 2 of 3: 14 images for training, 7 for validation.\n"
    )
    with pytest.warns(UserWarning, match='with k=8 2 class.* too few images: "rose", "tulip"'):
        mf.folds(flowers, k=8, **OPTIONS)


@pytest.mark.parametrize("subset", ["both", "training"])
def test_a_split_keeps_groups_together(patients, subset):
    options = OPTIONS | dict(validation_split=0.25, groups=r"patient(\d+)")
    train, val = mf.from_directory(patients, subset="both", **options)
    assert_apart(train, val)
    assert sorted(train.file_paths + val.file_paths) == sorted(map(str, patients.glob("*/*.png")))
    assert 8 <= val.samples <= 16 and set(val.labels.tolist()) == {0, 1}
    assert mf.from_directory(patients, subset="training", **options).file_paths == train.file_paths
    alone = mf.from_directory(patients, subset="validation", **options)
    copy = pickle.loads(pickle.dumps(alone))
    assert alone.file_paths == val.file_paths == copy.file_paths
    np.testing.assert_array_equal(gathered(copy)[0], gathered(val)[0])
    paths = sorted(map(str, patients.glob("*/*.png")))
    table = {"file": paths, "kind": [Path(p).parent.name for p in paths]}
    table["patient"] = list(map(patient, paths))
    del options["groups"]
    _, listed = mf.from_dataframe(
        table, "file", "kind", group_col="patient", subset="both", **options
    )
    assert listed.file_paths == val.file_paths
    files = mf.from_files(
        paths, table["kind"], groups=table["patient"], subset="validation", **options
    )
    assert files.file_paths == val.file_paths


def test_a_new_group_moves_few_others(tmp_path):
    def validation(groups):
        paths = [f"{g}_{i}.png" for g in range(groups) for i in range(3)]
        labels = [int(p.split("_")[0]) % 2 for p in paths]
        val = mf.from_files(
            paths,
            labels,
            groups=r"\d+",
            validation_split=0.2,
            subset="validation",
            **OPTIONS,
        )
        found = Counter(Path(p).name.split("_")[0] for p in val.file_paths)
        assert set(found.values()) == {3}
        return set(found)

    for groups in range(50, 60):
        before, after = validation(groups), validation(groups + 1)
        assert len((before ^ after) - {str(groups)}) <= 1


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (r"doctor(\d+)", r"finds no group in 'healthy/patient00_000.png'"),
        (r"patient(x)?", r"finds no group in"),
        ("(", "is not a regular expression"),
        (lambda p: None, "groups returns None for 'healthy/patient00_000.png'"),
        (lambda p: float("nan"), "groups returns nan"),
        (lambda p: "", "groups returns ''"),
        (lambda p: "a\0b", "contains NUL"),
        (["a"] * 48, "a list of groups is for from_files"),
        (lambda p: "same", "leaves nothing for validation: .* more groups"),
    ],
)
def test_errors_about_groups_name_the_file(patients, groups, words):
    with pytest.raises(ValueError, match=words):
        mf.from_directory(patients, groups=groups, validation_split=0.2, subset="both", **OPTIONS)


def test_errors_about_columns_of_groups_name_the_row():
    def opened(groups, **options):
        options = OPTIONS | dict(validation_split=0.5, subset="both") | options
        return mf.from_files(["a.png", "b.png", "c.png"], ["x"] * 3, groups=groups, **options)

    for groups, words in [
        (["p", None, "q"], "row 1 of groups must be the name or number of a group, but is None"),
        ([1, 2, float("nan")], "row 2 of groups .* but is nan"),
        (["p", "", "q"], "row 1 of groups .* but is ''"),
        (["p"], "groups has 1 rows, but there are 3 files"),
    ]:
        with pytest.raises(ValueError, match=words):
            opened(groups)
    with pytest.raises(ValueError, match="needs validation_split.*or mf.folds"):
        opened([1, 2, 3], validation_split=None, subset=None)
    with pytest.raises(ValueError, match="knows no groups"):
        opened([1, 2, 3], split="head")
    table = {"file": ["a.png", "b.png"], "p": ["x", None]}
    with pytest.raises(ValueError, match="row 1 of column 'p' must be the name or number"):
        mf.folds(table, "file", k=2, group_col="p", **OPTIONS)
    with pytest.raises(ValueError, match="group_col and groups both"):
        mf.folds(table, "file", k=2, group_col="p", groups="a", **OPTIONS)


def test_errors_of_folds(flowers):
    for k in (1, 22, 0):
        with pytest.raises(ValueError, match=f"k must be from 2 to .* images, 21, but is {k}"):
            mf.folds(flowers, k=k, **OPTIONS)
    with pytest.raises(ValueError, match="number of groups, 9, but is 10"):
        mf.folds(flowers, k=10, groups=r"\d+", **OPTIONS)
    with pytest.raises(TypeError, match="folds.. decides about validation_split"):
        mf.folds(flowers, validation_split=0.2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'group_col'"):
        mf.folds(flowers, group_col="a")
    with pytest.raises(TypeError, match="did you mean 'batch_size'"):
        mf.folds(["a.png"], ["x"], batchsize=2)
