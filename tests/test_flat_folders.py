"""Folders of images without classes."""

import os
import pickle
import shutil

import numpy as np
import pytest

import mixfolder as mf
from support.batches import gathered
from support.training import RANDOM

OPTIONS = dict(image_size=(8, 8), batch_size=4, verbose=False)


def test_a_flat_folder_includes_subfolders(folder):
    root = folder(rose=2, tulip=2)
    shutil.copy(root / "rose" / "000.png", root / "b.png")
    shutil.copy(root / "rose" / "001.png", root / "a.png")
    (root / "rose" / "notes.txt").write_text("no image")
    (root / ".hidden.png").write_bytes(b"")
    with pytest.warns(UserWarning, match=r"\.txt: 1"):
        test = mf.from_directory(root, label_mode=None, **RANDOM, **OPTIONS)
    assert [os.path.relpath(path, root) for path in test.file_paths] == [
        "a.png", "b.png", "rose/000.png", "rose/001.png", "tulip/000.png", "tulip/001.png",
    ]  # fmt: skip
    assert (
        test.class_names == []
        and test.num_classes == 0
        and test.class_indices == {}
        and test.labels.tolist() == [0] * 6
    )
    again = pickle.loads(pickle.dumps(test))
    np.testing.assert_array_equal(gathered(again), gathered(test))
    assert len(test.preview()) > 100
    (root / "rose" / "notes.txt").unlink()
    with pytest.warns(UserWarning, match="directly in"):
        assert (
            mf.from_directory(root, label_mode=None, class_names=["rose"], **OPTIONS).samples == 2
        )


def test_a_flat_folder_with_a_split_trains(flowers):
    options = dict(label_mode=None, validation_split=0.5, subset="both", seed=1, **OPTIONS)
    train, val = mf.from_directory(flowers / "rose", **RANDOM, **options)
    assert (
        train.samples == 4 and val.samples == 3 and not set(train.file_paths) & set(val.file_paths)
    )
    assert train.explain(0)[0]["partner"] and val.explain(0)[0]["partner"] is None
    with pytest.raises(ValueError, match="validation_split needs subset"):
        mf.from_directory(flowers / "rose", label_mode=None, validation_split=0.5, **OPTIONS)


def test_a_bad_file_of_a_flat_folder_is_named(folder):
    root = folder(rose=3) / "rose"
    (root / "001.png").write_bytes(b"no image")
    with mf.from_directory(root, label_mode=None, **OPTIONS) as test:
        with pytest.raises(mf.ImageError, match=r'001.png" \(file_paths\[1\]\)'):
            test[0]
        assert [bad["class"] for bad in test.bad_files] == [""]


def test_a_flat_folder_is_verified(folder):
    root = folder(rose=3) / "rose"
    (root / "001.png").write_bytes(b"no image")
    report = mf.verify(root)
    assert (report.files, report.classes, [bad["class"] for bad in report.bad_files]) == (
        3,
        {},
        [""],
    )
    assert "3 files in no classes, 2 good" in str(report) and "classes: none" in str(report)
    (root / "deep").mkdir()
    shutil.move(root / "002.png", root / "deep")
    report = mf.verify(root)
    assert report.classes == {"deep": 1} and "2 file(s) directly in" in report.warnings[0]


def test_without_classes_the_error_suggests_label_mode(flowers, tmp_path):
    with pytest.raises(ValueError, match="no class folders.*label_mode=None"):
        mf.from_directory(flowers / "rose", **OPTIONS)
    (tmp_path / "notes.txt").write_text("no image")
    os.mkfifo(tmp_path / "pipe.jpg")
    for label_mode in ("int", None):
        with pytest.raises(ValueError, match="no class folders") as caught:
            mf.from_directory(tmp_path, label_mode=label_mode, mix=None, **OPTIONS)
        assert "label_mode" not in str(caught.value)
