"""Class folders that are missing, empty, misspelled, in another Unicode form, or linked."""

import os
import pickle
import shutil
import unicodedata
import warnings
from pathlib import Path

import numpy as np
import pytest

import mixfolder as mf
from support.batches import gathered
from support.images import write_images

OPTIONS = dict(image_size=(8, 8), batch_size=4, verbose=False)


@pytest.fixture
def parts(tmp_path):
    """A folder for training with four classes; one for validation where "b" is missing and "d" is
    empty."""
    write_images(tmp_path / "train", dict(a=3, b=3, c=3, d=3))
    write_images(tmp_path / "val", dict(a=2, c=2, d=0))
    return tmp_path / "train", tmp_path / "val"


@pytest.mark.parametrize("label_mode", ["categorical", "int"])
def test_a_class_without_images_keeps_its_label(parts, label_mode):
    train, val = parts
    names = mf.from_directory(train, **OPTIONS).class_names
    with pytest.warns(UserWarning) as caught:
        seq = mf.from_directory(
            val, class_names=names, label_mode=label_mode, subset="validation", **OPTIONS
        )
    assert sorted(str(w.message) for w in caught) == [
        f'1 class(es) in "{val}" have no image and keep their labels: "d"',
        f'class_names has 1 name(s) without a folder in "{val}", which keep their labels without '
        'images: "b"',
    ]
    assert seq.class_names == ["a", "b", "c", "d"] and seq.labels.tolist() == [0, 0, 2, 2]
    _, y = gathered(seq)
    np.testing.assert_array_equal(
        y, [0, 0, 2, 2] if label_mode == "int" else np.eye(4)[[0, 0, 2, 2]]
    )
    again = pickle.loads(pickle.dumps(seq))
    np.testing.assert_array_equal(gathered(again)[1], y)


def test_a_class_without_images_in_training_and_verify(parts):
    _, val = parts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with mf.from_directory(
            val,
            class_names=["a", "b", "c", "d"],
            validation_split=0.5,
            subset="both",
            seed=1,
            **OPTIONS,
        )[0] as train:
            assert gathered(train)[1].sum(0)[[1, 3]].tolist() == [0, 0]
    report = mf.verify(val, class_names=["a", "b", "c", "d"])
    assert report.classes == {"a": 2, "b": 0, "c": 2, "d": 0}
    assert [(os.path.relpath(bad["path"], val), bad["reason"]) for bad in report.bad_folders] == [
        ("b", "there is no such folder"),
        ("d", "it has no image"),
    ]


def test_class_names_without_any_image_are_rejected(parts):
    _, val = parts
    with pytest.raises(
        ValueError, match='has "x", "y", none of which is a folder in .*: it has "a", "c", "d"'
    ):
        mf.from_directory(val, class_names=["x", "y"], **OPTIONS)
    with pytest.raises(ValueError, match="none of the classes in class_names has an image"):
        mf.from_directory(val, class_names=["d", "b"], **OPTIONS)


@pytest.mark.parametrize(
    ("there", "wanted", "other"),
    [
        ("rose", "Rose", "rose"),
        ("sea_horse", "sea horse", "sea_horse"),
        ("tulip", "tulpi", "tulip"),
        ("tulip", "tulips", "tulip"),
        ("sunflower", "snuflowr", "sunflower"),
    ],
)
def test_a_misspelled_class_is_rejected(folder, there, wanted, other):
    root = folder(**{there: 2, "daisy": 2})
    with pytest.raises(
        ValueError,
        match=f'class_names has "{wanted}", which is no folder in .*: did you mean '
        f'"{other}".*make an empty folder',
    ):
        mf.from_directory(root, class_names=["daisy", wanted], **OPTIONS)
    (root / wanted).mkdir()
    with pytest.warns(UserWarning, match="have no image and keep their labels"):
        mf.from_directory(root, class_names=["daisy", wanted], **OPTIONS)


@pytest.mark.parametrize(
    ("there", "wanted"), [("class_07", "class_08"), ("rose", "oak"), ("ox", "elk"), ("2", "7")]
)
def test_a_different_name_is_not_taken_for_a_misspelling(folder, there, wanted):
    root = folder(**{there: 2, "daisy": 2})
    with pytest.warns(
        UserWarning,
        match=f'labels without images: "{wanted}"; the folders .* are ignored: "{there}"',
    ):
        mf.from_directory(root, class_names=["daisy", wanted], **OPTIONS)


NFC, NFD = (unicodedata.normalize(form, "Übungs-Bäume") for form in ("NFC", "NFD"))


def test_a_class_in_another_unicode_form_is_reported(folder):
    root = folder(**{NFD: 2, "rose": 2})
    with pytest.raises(
        ValueError,
        match=r'has "\\u00dcbungs.* \(NFC\), but the folder in .* is "U\\u0308bungs.* \(NFD\): '
        "the same letters",
    ):
        mf.from_directory(root, class_names=["rose", NFC], **OPTIONS)
    from mixfolder.compat import ImageDataGenerator

    with pytest.warns(UserWarning) as caught:
        ImageDataGenerator().flow_from_directory(root, classes=["rose", NFC])
    assert (
        r"`classes` has '\xdcbungs-B\xe4ume', but the folder is 'U\u0308bungs-Ba\u0308ume': "
        "the same letters" in str(caught[1].message)
    )


def test_a_folder_in_another_unicode_form_is_reported(tmp_path):
    write_images(tmp_path / NFD / "data", {"rose": 1})
    for call in (mf.from_directory, mf.verify):
        with pytest.raises(
            FileNotFoundError,
            match=r'does not exist: .* has no "\\u00dcbungs.*NFC.*, but '
            r'"U\\u0308bungs.*NFD.*the same letters',
        ):
            call(tmp_path / NFC / "data")


def test_a_class_of_only_links_suggests_follow_links(folder, tmp_path):
    root = folder(rose=2, tulip=0)
    outside = write_images(tmp_path / "outside", {"x": 3})
    for name in ("one", "two"):
        (root / "tulip" / name).symlink_to(outside / "x")
    with pytest.raises(
        ValueError,
        match=r'"tulip" has no image .*, but 2 linked folder\(s\), which follow_links=True enters',
    ):
        mf.from_directory(root, **OPTIONS)
    assert "2 linked folder(s)" in mf.verify(root).bad_folders[0]["reason"]
    assert mf.from_directory(root, follow_links=True, **OPTIONS).samples == 5
    shutil.copy(outside / "x" / "000.png", root / "tulip")
    with pytest.warns(
        UserWarning, match=r"2 linked folder\(s\) are not entered: follow_links=True enters them"
    ):
        mf.from_directory(root, **OPTIONS)


def test_folders_that_link_to_each_other_are_listed_once(folder):
    """Ten of them have 10! paths. Of several paths to a folder, the one with the fewest links is
    used, then the first."""
    from mixfolder.compat import ImageDataGenerator

    root = folder(rose=1, **{f"far/{i}": 1 for i in range(10)})
    for i in range(10):
        for j in range(10):
            (root / "far" / str(i) / f"to{j}").symlink_to(Path("..") / str(j))
    (root / "rose" / "a").symlink_to(root / "far" / "3")
    (root / "rose" / "b").mkdir()
    (root / "rose" / "b" / "far").symlink_to(root / "far")
    with mf.from_directory(root, follow_links=True, class_names=["rose"], **OPTIONS) as seq:
        found = [os.path.relpath(path, root / "rose") for path in seq.file_paths]
    assert found == ["000.png", "a/000.png", *(f"b/far/{i}/000.png" for i in range(10) if i != 3)]
    keras_like = ImageDataGenerator().flow_from_directory(root, classes=["rose"], follow_links=True)
    assert [os.path.relpath(name, "rose") for name in keras_like.filenames] == found
