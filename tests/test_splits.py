"""Training and validation splits."""

from pathlib import Path

import numpy as np

import mixfolder as mf
from support.batches import arrays
from support.images import write_images
from support.reference import head_split, scan


def test_head_split(flowers):
    _, paths, labels = scan(flowers)
    train_at, val_at = head_split(labels, 0.3)
    train, val = mf.from_directory(
        flowers, validation_split=0.3, subset="both", split="head", verbose=False
    )
    assert train.file_paths == [paths[i] for i in train_at] and val.file_paths == [
        paths[i] for i in val_at
    ]


def test_stratified_split(flowers):
    for seed in range(4):
        train, val = mf.from_directory(
            flowers, validation_split=0.25, subset="both", seed=seed, verbose=False
        )
        assert not set(train.file_paths) & set(val.file_paths)
        assert sorted(train.file_paths + val.file_paths) == sorted(scan(flowers)[1])
        assert np.bincount(val.labels).tolist() == [1, 1, 2]
        for name, whole in (("training", train), ("validation", val)):
            part = mf.from_directory(
                flowers, validation_split=0.25, subset=name, seed=seed, verbose=False
            )
            assert part.file_paths == whole.file_paths


def test_a_new_class_or_image_moves_few_others(tmp_path):
    def validation(**counts):
        write_images(tmp_path, counts, (5, 5))
        _, val = mf.from_directory(
            tmp_path, validation_split=0.3, subset="both", seed=3, verbose=False
        )
        return {Path(p).relative_to(tmp_path).as_posix() for p in val.file_paths}

    before = validation(rose=20, violet=20)
    with_tulips = validation(rose=20, tulip=10, violet=20)
    assert before == {path for path in with_tulips if not path.startswith("tulip")}
    one_more = validation(rose=20, tulip=10, violet=21)
    assert len(with_tulips - one_more) <= 1 and all(
        path.startswith("violet") for path in with_tulips ^ one_more
    )


def test_validation_is_not_mixed_or_augmented(flowers):
    _, val = mf.from_directory(
        flowers,
        image_size=(9, 9),
        validation_split=0.5,
        subset="both",
        seed=1,
        flip="both",
        batch_size=4,
        verbose=False,
    )
    rows = [r for n in range(len(val)) for r in val.explain(n)]
    assert [r["path"] for r in rows] == val.file_paths
    assert all((r["partner"], r["flip"], r["lam"]) == (None, None, 1.0) for r in rows)
    first = [arrays(val[n]) for n in range(len(val))]
    val.set_epoch(3)
    for a, b in zip(first, [arrays(val[n]) for n in range(len(val))], strict=True):
        np.testing.assert_array_equal(a[0], b[0])
