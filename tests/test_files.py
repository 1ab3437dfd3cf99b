"""A list of files instead of a folder."""

import pickle

import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.internals import FileList

PATHS, LABELS = (
    ["violet/003.png", "rose/001.png", "violet/000.png", "rose/006.png", "rose/002.png"],
    [2, 0, 2, 0, 0],
)
OPTIONS = dict(
    class_names=["rose", "none", "violet"], image_size=(6, 7), batch_size=2, seed=3, verbose=False
)


def test_batches_of_a_list(flowers):
    seq = mf.from_directory(FileList(flowers, PATHS, LABELS), shuffle=False, mix=None, **OPTIONS)
    assert (
        seq.file_paths == [f"{flowers}/{path}" for path in PATHS] and seq.labels.tolist() == LABELS
    )
    assert seq.class_names == ["rose", "none", "violet"] and len(seq) == 3 and seq.warnings == []
    whole = mf.from_directory(
        flowers, image_size=(6, 7), batch_size=21, shuffle=False, mix=None, verbose=False
    )
    images = dict(zip(whole.file_paths, arrays(whole[0])[0], strict=True))
    got = [arrays(seq[i]) for i in range(3)]
    np.testing.assert_array_equal(
        np.concatenate([x for x, _ in got]), [images[path] for path in seq.file_paths]
    )
    np.testing.assert_array_equal(np.concatenate([y for _, y in got]), np.eye(3)[LABELS])


def test_a_list_is_split(flowers):
    train, val = mf.from_directory(
        FileList(flowers, PATHS, LABELS),
        validation_split=0.5,
        subset="both",
        split="head",
        **OPTIONS,
    )
    assert val.file_paths == [f"{flowers}/{path}" for path in PATHS[:2]]
    assert train.file_paths == [f"{flowers}/{path}" for path in PATHS[2:]]


def test_a_pickled_list_opens_again(flowers):
    seq = mf.from_directory(FileList(flowers, PATHS, LABELS), **OPTIONS)
    again = pickle.loads(pickle.dumps(seq))
    for i in range(len(seq)):
        for a, b in zip(arrays(seq[i]), arrays(again[i]), strict=True):
            np.testing.assert_array_equal(a, b)


def test_an_invalid_list_is_rejected(flowers):
    with pytest.raises(ValueError, match="has no files"):
        mf.from_directory(FileList(flowers, [], [0]), **OPTIONS)
    with pytest.raises(ValueError, match="5 files but 4 labels"):
        mf.from_directory(FileList(flowers, PATHS, LABELS[1:]), **OPTIONS)
    with pytest.raises(ValueError, match="has label 3"):
        mf.from_directory(FileList(flowers, PATHS, [3] * 5), **OPTIONS)
