"""Separate folders for training, validation and test."""

import os
import pickle
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import gathered
from support.images import write_images
from support.internals import FileList
from support.training import RANDOM, means

OPTIONS = dict(image_size=(8, 8), batch_size=4, verbose=False)


def plain(root, **options):
    """The unchanged images, in the order of their paths."""
    with mf.from_directory(root, mix=None, shuffle=False, **OPTIONS | options) as seq:
        return gathered(seq)


def channel_means(x):
    return np.asarray(x, np.float64).mean((1, 2))


def test_a_validation_folder_is_not_altered(flowers):
    x, y = plain(flowers, val_crop=mf.CenterCrop(0.5), subset="validation")
    assert not np.array_equal(x, plain(flowers)[0]), "val_crop is used"
    with mf.from_directory(
        flowers, subset="validation", val_crop=mf.CenterCrop(0.5), **RANDOM, **OPTIONS
    ) as val:
        for _ in range(2):
            got = gathered(val)
            np.testing.assert_array_equal(got[0], x)
            np.testing.assert_array_equal(got[1], np.eye(3)[val.labels])
            val.on_epoch_end()
        rows = [row for i in range(len(val)) for row in val.explain(i)]
        assert [row["path"] for row in rows] == val.file_paths
        assert {(row["partner"], row["flip"], len(row["augment"])) for row in rows} == {
            (None, None, 0)
        }


def test_predictions_are_in_the_order_of_file_paths(flowers, tmp_path):
    """For a folder with classes, and for a flat one."""
    flat = tmp_path / "test"
    flat.mkdir()
    for path in flowers.glob("*/*.png"):
        shutil.copy(path, flat / f"{path.parent.name}-{path.name}")
    want = channel_means(plain(flowers)[0])
    with mf.from_directory(flowers, subset="validation", **RANDOM, **OPTIONS) as val:
        np.testing.assert_allclose(means().predict(val, verbose=0), want, rtol=1e-4)
    with mf.from_directory(flat, label_mode=None, **RANDOM, **OPTIONS) as test:
        assert [os.path.basename(path) for path in test.file_paths] == sorted(os.listdir(flat))
        np.testing.assert_allclose(means().predict(test, verbose=0), want, rtol=1e-4)


def test_evaluation_of_a_validation_folder_equals_numpy(flowers):
    net = means()
    net.compile("sgd", "mse")
    x, y = plain(flowers)
    with mf.from_directory(flowers, subset="validation", **RANDOM, **OPTIONS) as val:
        for _ in range(2):
            loss = net.evaluate(val, verbose=0)
            np.testing.assert_allclose(loss, ((channel_means(x) - y) ** 2).mean(), rtol=1e-4)


def test_the_summary_of_a_whole_folder(flowers, folder, capsys):
    val = mf.from_directory(flowers, subset="validation")
    assert capsys.readouterr().out == (
        "Found 21 images belonging to 3 classes: rose, tulip, violet.\n"
        "Using all of them in order, without mixing or augmentation.\n"
    )
    assert "(validation): 21 images, 3 classes (rose, tulip, violet), 1 batches" in repr(val)
    many = mf.from_directory(folder(**{f"c{i:02d}": 1 for i in range(12)}))
    assert (
        "belonging to 12 classes: c00, c01, c02, c03, c04, c05, c06, c07, c08, c09, and 2 more.\n"
        in capsys.readouterr().out
    )
    assert "12 classes (c00," in repr(many) and "c09, and 2 more)" in repr(many)
    flat = mf.from_directory(flowers / "rose", label_mode=None)
    assert capsys.readouterr().out.startswith(
        "Found 7 images without classes.\nUsing all of them in order"
    )
    assert "7 images, no classes" in repr(flat)


def test_mean_std_of_a_whole_folder(flowers):
    whole = mf.mean_std(flowers, image_size=8)
    assert mf.mean_std(flowers, image_size=8, subset="validation") == whole
    with pytest.raises(TypeError, match="does not accept 'val_crop'"):
        mf.mean_std(flowers, subset="validation", val_crop=mf.CenterCrop(0.5))
    assert mf.mean_std(flowers / "rose", image_size=8, label_mode=None) == mf.mean_std(
        flowers, image_size=8, class_names=["rose"]
    )


def test_mean_std_reads_the_files_of_training(folder):
    root = folder(rose=3, tulip=3)
    before = mf.mean_std(root, image_size=8)
    shutil.copy(root / "rose" / "000.png", root / "loose.png")
    with pytest.warns(UserWarning, match="1 file.s. directly in"):
        assert mf.mean_std(root, image_size=8) == before


def test_a_relative_folder_survives_another_working_directory(flowers, tmp_path, monkeypatch):
    monkeypatch.chdir(flowers.parent)
    seq = mf.from_directory(flowers.name, prefetch=0, **OPTIONS)
    listed = mf.from_directory(
        FileList(flowers.name, ["rose/000.png"], [0]), class_names=["rose"], **OPTIONS
    )
    frozen = pickle.dumps(seq)
    report = mf.verify(Path(flowers.name) / "..", class_names=[flowers.name])
    monkeypatch.chdir(tmp_path)
    assert seq.file_paths[0] == f"{flowers}/rose/000.png" and listed.file_paths == [
        f"{flowers}/rose/000.png"
    ]
    x, _ = gathered(seq)
    np.testing.assert_array_equal(x, gathered(pickle.loads(frozen))[0])
    gathered(listed)
    assert report.directory == f"{flowers}/.." and report.files == 21
    with pytest.raises(FileNotFoundError, match=f'"{tmp_path}/nowhere" does not exist'):
        mf.from_directory("nowhere")
    with pytest.raises(FileNotFoundError, match='"" does not exist'):
        mf.from_directory("")


def test_the_example_of_the_readme(tmp_path, monkeypatch):
    text = (
        (Path(__file__).resolve().parents[1] / "README.md")
        .read_text()
        .split("## Folders for validation and test")[1]
    )
    code = text.split("```python")[1].split("```")[0]
    write_images(tmp_path / "data" / "train", dict(rose=3, tulip=2, violet=4))
    write_images(tmp_path / "data" / "val", dict(rose=2, violet=1))
    write_images(tmp_path / "data", dict(test=3))
    monkeypatch.chdir(tmp_path)
    net = keras.Sequential(
        [
            keras.Input((224, 224, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    net.compile("sgd", "categorical_crossentropy")
    names = {"mf": mf, "model": net}
    with pytest.warns(UserWarning, match='labels without images: "tulip"'):
        exec(code, names)
    assert names["table"]["path"] == [f"{tmp_path}/data/test/{i:03d}.png" for i in range(3)]
    assert set(names["table"]["predicted"]) <= {"rose", "tulip", "violet"}
