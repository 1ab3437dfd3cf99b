"""Several folders with one list of classes."""

import numpy as np
import pytest

import mixfolder as mf
from support.batches import gathered
from support.images import write_images
from support.training import RANDOM

OPTIONS = dict(image_size=(8, 8), batch_size=4, seed=1, verbose=False)


@pytest.fixture
def parts(tmp_path):
    """Creates folders below one, with the number of images per class."""

    def make(**folders):
        for name, counts in folders.items():
            write_images(tmp_path / name, counts)
        return {name: tmp_path / name for name in folders}

    return make


def test_folders_are_opened_by_name_with_one_list_of_classes(parts):
    folders = parts(
        train={"rose": 3, "tulip": 4}, val={"rose": 2, "tulip": 1}, test={"rose": 1, "tulip": 2}
    )
    data = mf.from_directories(**folders, val_crop=mf.CenterCrop(0.5), **RANDOM, **OPTIONS)
    train, val, test = data
    assert (data.train, data.val, data.test) == (train, val, test)
    assert data._fields == ("train", "val", "test")
    assert [seq.samples for seq in data] == [7, 3, 3]
    assert train.explain(0)[0]["partner"]
    for seq, folder in ((val, folders["val"]), (test, folders["test"])):
        same = mf.from_directory(
            folder, subset="validation", val_crop=mf.CenterCrop(0.5), **RANDOM, **OPTIONS
        )
        for one, other in zip(gathered(seq), gathered(same), strict=True):
            np.testing.assert_array_equal(one, other)
        assert [row["path"] for row in seq.explain(0)] == seq.file_paths
        assert seq.explain(0)[0]["crop"] == (7, 5, 17, 15)
    train, test = mf.from_directories(train=folders["train"], test=folders["test"], **OPTIONS)
    assert test.labels.tolist() == [0, 1, 1]
    train, val = mf.from_directories(train=folders["train"], val=folders["val"], **OPTIONS)
    assert val.labels.tolist() == [0, 0, 1]


def test_a_missing_class_keeps_its_place(parts):
    folders = parts(train={"a": 2, "b": 2, "c": 2}, val={"a": 1, "c": 1})
    with pytest.warns(UserWarning, match='without a folder in ".*val".*: "b"'):
        _, val = mf.from_directories(**folders, **OPTIONS)
    assert val.class_names == ["a", "b", "c"] and val.labels.tolist() == [0, 2]


def test_an_extra_class_is_an_error_that_names_it(parts):
    folders = parts(train={"a": 2, "b": 2}, val={"a": 1, "b": 1, "other": 1})
    with pytest.raises(ValueError, match="val='.*val' has folders .*: 'other': remove them, or"):
        mf.from_directories(**folders, **OPTIONS)
    _, val = mf.from_directories(**folders, class_names=["b", "a"], **OPTIONS)
    assert val.class_names == ["b", "a"] and val.labels.tolist() == [0, 1]
    folders = parts(train={"rose": 2}, val={"roses": 1})
    with pytest.raises(ValueError, match='did you mean "roses"'):
        mf.from_directories(**folders, **OPTIONS)


def test_errors_name_the_argument(parts):
    folders = parts(train={"a": 2}, val={"a": 1})
    with pytest.raises(ValueError, match="test and val are the same folder"):
        mf.from_directories(**folders, test=f"{folders['val']}/.", **OPTIONS)
    with pytest.raises(TypeError, match="needs val= or test="):
        mf.from_directories(train=folders["train"], **OPTIONS)
    with pytest.raises(TypeError, match="takes no validation_split"):
        mf.from_directories(**folders, validation_split=0.2, **OPTIONS)
    with pytest.raises(TypeError, match="takes no masks.*each with from_directory"):
        mf.from_directories(**folders, masks="masks", **OPTIONS)
    with pytest.raises(TypeError, match="did you mean 'batch_size'"):
        mf.from_directories(**folders, batchsize=2)
    with pytest.raises(FileNotFoundError, match="none"):
        mf.from_directories(**folders, test="none", **OPTIONS)


def test_parts_below_a_folder_are_no_classes(parts):
    folders = parts(train={"a": 2}, val={"a": 1})
    root = folders["train"].parent
    words = (
        rf"not classes: .*from_directories\(train=\"{folders['train']}\", val=\"{folders['val']}\""
    )
    with pytest.raises(ValueError, match=words):
        mf.from_directory(root, **OPTIONS)
    wanted = mf.from_directory(root, class_names=["train", "val"], **OPTIONS)
    assert wanted.class_names == ["train", "val"]
    assert mf.verify(root).classes == {"train": 2, "val": 1}
