"""Folders for training, validation and test as people have them: each of its own, with classes
that lack images, or without classes."""

import os
import pickle
import shutil
import unicodedata
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

import mixfolder as mf
from mixfolder._files import FileList
from support.batches import arrays
from support.images import write_images
from support.internals import reopened

#: All that chance can do.
CHANCE = dict(
    mix=mf.MixUp(0.5),
    pairing="dataset",
    flip="both",
    crop=mf.RandomResizedCrop(),
    augment=[mf.RandAugment(), mf.RandomErasing()],
)
OPTIONS = dict(image_size=(8, 8), batch_size=4, verbose=False)


def gathered(seq):
    """All batches of an epoch, put together."""
    batches = [arrays(seq[i]) for i in range(len(seq))]
    if isinstance(batches[0], tuple):
        return tuple(map(np.concatenate, zip(*batches, strict=True)))
    return np.concatenate(batches)


def plain(root, **options):
    """The images as they are, in the order of their paths."""
    with mf.from_directory(root, mix=None, shuffle=False, **OPTIONS | options) as seq:
        return gathered(seq)


def means():
    """A model whose prediction is the mean of each channel: it tells which image it was given."""
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D()])


def by_hand(x):
    return np.asarray(x, np.float64).mean((1, 2))


def test_a_folder_of_its_own_for_validation_is_taken_as_it_is(flowers):
    x, y = plain(flowers, val_crop=mf.CenterCrop(0.5), subset="validation")
    assert not np.array_equal(x, plain(flowers)[0]), "val_crop holds"
    with mf.from_directory(
        flowers, subset="validation", val_crop=mf.CenterCrop(0.5), **CHANCE, **OPTIONS
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
    """Of a folder with classes, and of a flat one."""
    flat = tmp_path / "test"
    flat.mkdir()
    for path in flowers.glob("*/*.png"):
        shutil.copy(path, flat / f"{path.parent.name}-{path.name}")
    want = by_hand(plain(flowers)[0])
    with mf.from_directory(flowers, subset="validation", **CHANCE, **OPTIONS) as val:
        np.testing.assert_allclose(means().predict(val, verbose=0), want, rtol=1e-4)
    with mf.from_directory(flat, label_mode=None, **CHANCE, **OPTIONS) as test:
        assert [os.path.basename(path) for path in test.file_paths] == sorted(os.listdir(flat))
        np.testing.assert_allclose(means().predict(test, verbose=0), want, rtol=1e-4)


def test_evaluation_of_a_folder_of_its_own_is_numpys(flowers):
    net = means()
    net.compile("sgd", "mse")
    x, y = plain(flowers)
    with mf.from_directory(flowers, subset="validation", **CHANCE, **OPTIONS) as val:
        for _ in range(2):
            loss = net.evaluate(val, verbose=0)
            np.testing.assert_allclose(loss, ((by_hand(x) - y) ** 2).mean(), rtol=1e-4)


def test_what_is_printed_of_a_whole_folder(flowers, folder, capsys):
    val = mf.from_directory(flowers, subset="validation")
    assert capsys.readouterr().out == (
        "Found 21 images belonging to 3 classes: rose, tulip, violet.\nUsing all of them in order, without "
        "mixing or augmentation.\n"
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


def test_mean_std_looks_at_the_files_that_training_takes(folder):
    root = folder(rose=3, tulip=3)
    before = mf.mean_std(root, image_size=8)
    shutil.copy(root / "rose" / "000.png", root / "loose.png")
    with pytest.warns(UserWarning, match="1 file.s. directly in"):
        assert mf.mean_std(root, image_size=8) == before


@pytest.fixture
def parts(tmp_path):
    """A folder for training with four classes; one for validation where "b" is missing and "d" is
    empty."""
    write_images(tmp_path / "train", dict(a=3, b=3, c=3, d=3))
    write_images(tmp_path / "val", dict(a=2, c=2, d=0))
    return tmp_path / "train", tmp_path / "val"


@pytest.mark.parametrize("label_mode", ["categorical", "int"])
def test_a_class_without_images_keeps_its_place(parts, label_mode):
    train, val = parts
    names = mf.from_directory(train, **OPTIONS).class_names
    with pytest.warns(UserWarning) as told:
        seq = mf.from_directory(
            val, class_names=names, label_mode=label_mode, subset="validation", **OPTIONS
        )
    assert sorted(str(w.message) for w in told) == [
        f'1 class(es) in "{val}" have no image and keep their places: "d"',
        f'class_names has 1 name(s) without a folder in "{val}", which keep their places without '
        'images: "b"',
    ]
    assert seq.class_names == ["a", "b", "c", "d"] and seq.labels.tolist() == [0, 0, 2, 2]
    _, y = gathered(seq)
    np.testing.assert_array_equal(
        y, [0, 0, 2, 2] if label_mode == "int" else np.eye(4)[[0, 0, 2, 2]]
    )
    again = pickle.loads(pickle.dumps(seq))
    np.testing.assert_array_equal(gathered(again)[1], y)


def test_a_class_without_images_in_training_and_in_a_survey(parts):
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


def test_classes_of_which_none_has_images_are_refused(parts):
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
def test_a_misspelt_class_is_refused(folder, there, wanted, other):
    root = folder(**{there: 2, "daisy": 2})
    with pytest.raises(
        ValueError,
        match=f'class_names has "{wanted}", which is no folder in .*: did you mean '
        f'"{other}".*make an empty folder',
    ):
        mf.from_directory(root, class_names=["daisy", wanted], **OPTIONS)
    (root / wanted).mkdir()
    with pytest.warns(UserWarning, match="have no image and keep their places"):
        mf.from_directory(root, class_names=["daisy", wanted], **OPTIONS)


@pytest.mark.parametrize(
    ("there", "wanted"), [("class_07", "class_08"), ("rose", "oak"), ("ox", "elk"), ("2", "7")]
)
def test_a_class_of_another_name_is_no_misspelling(folder, there, wanted):
    root = folder(**{there: 2, "daisy": 2})
    with pytest.warns(
        UserWarning,
        match=f'places without images: "{wanted}"; the folders .* are ignored: "{there}"',
    ):
        mf.from_directory(root, class_names=["daisy", wanted], **OPTIONS)


def test_a_flat_folder_is_taken_with_all_below_it(folder):
    root = folder(rose=2, tulip=2)
    shutil.copy(root / "rose" / "000.png", root / "b.png")
    shutil.copy(root / "rose" / "001.png", root / "a.png")
    (root / "rose" / "notes.txt").write_text("no image")
    (root / ".hidden.png").write_bytes(b"")
    with pytest.warns(UserWarning, match=r"\.txt: 1"):
        test = mf.from_directory(root, label_mode=None, **CHANCE, **OPTIONS)
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
    train, val = mf.from_directory(flowers / "rose", **CHANCE, **options)
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


def test_without_classes_the_error_tells_of_label_mode(flowers, tmp_path):
    with pytest.raises(ValueError, match="no class folders.*label_mode=None"):
        mf.from_directory(flowers / "rose", **OPTIONS)
    (tmp_path / "notes.txt").write_text("no image")
    os.mkfifo(tmp_path / "pipe.jpg")
    for label_mode in ("int", None):
        with pytest.raises(ValueError, match="no class folders") as told:
            mf.from_directory(tmp_path, label_mode=label_mode, mix=None, **OPTIONS)
        assert "label_mode" not in str(told.value)


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


class Own(mf.ImageSequence):
    """A subclass with attributes of its own."""

    crop = None

    def __init__(self, batches):
        super().__init__(batches)
        self.note, self.crop = "mine", 3


def test_an_option_cannot_be_set_on_an_open_sequence(flowers):
    seq = mf.from_directory(flowers, **OPTIONS)
    for name in (
        "mix",
        "batch_size",
        "shuffle",
        "seed",
        "class_names",
        "prefetch",
        "rescale",
        "subset",
    ):
        with pytest.raises(
            AttributeError,
            match=f"{name} of an open data set cannot be changed: call "
            f"from_directory again with another {name}=",
        ):
            setattr(seq, name, None)
    seq.note = "mine"
    own = reopened(seq, Own)
    assert (own.note, own.crop) == ("mine", 3) and own.stats()["epoch"] == 0
    with pytest.raises(AttributeError, match="mix of an open data set"):
        own.mix = None


def test_keras_can_train_on_it_and_on_a_subclass(flowers):
    net = keras.Sequential([means(), keras.layers.Dense(3, "softmax")])
    net.compile("sgd", "categorical_crossentropy")
    seq = mf.from_directory(flowers, **OPTIONS)
    val = mf.from_directory(flowers, subset="validation", **OPTIONS)
    for train, held in ((seq, val), (reopened(seq, Own), reopened(val, Own))):
        net.fit(train, validation_data=held, epochs=2, verbose=0)


def test_the_seed_of_keras_decides_where_none_is_given(flowers):
    def drawn(seed):
        keras.utils.set_random_seed(seed)
        train, _ = mf.from_directory(flowers, validation_split=0.3, subset="both", **OPTIONS)
        return train.seed, mf.from_directory(flowers, **OPTIONS).seed, gathered(train)

    (one, other, x), (again, too, same) = drawn(3), drawn(3)
    assert (one, other) == (again, too) and one != other and max(one, other) > 2**32
    np.testing.assert_array_equal(x[0], same[0])
    assert drawn(4)[0] != one


NFC, NFD = (unicodedata.normalize(form, "Übungs-Bäume") for form in ("NFC", "NFD"))


def test_a_class_in_another_unicode_form_is_told(folder):
    root = folder(**{NFD: 2, "rose": 2})
    with pytest.raises(
        ValueError,
        match=r'has "\\u00dcbungs.* \(NFC\), but the folder in .* is "U\\u0308bungs.* \(NFD\): the same letters',
    ):
        mf.from_directory(root, class_names=["rose", NFC], **OPTIONS)
    from mixfolder.compat import ImageDataGenerator

    with pytest.warns(UserWarning) as told:
        ImageDataGenerator().flow_from_directory(root, classes=["rose", NFC])
    assert (
        r"`classes` has '\xdcbungs-B\xe4ume', but the folder is 'U\u0308bungs-Ba\u0308ume': the same letters"
        in str(told[1].message)
    )


def test_a_folder_in_another_unicode_form_is_told(tmp_path):
    write_images(tmp_path / NFD / "data", {"rose": 1})
    for call in (mf.from_directory, mf.verify):
        with pytest.raises(
            FileNotFoundError,
            match=r'does not exist: .* has no "\\u00dcbungs.*NFC.*, but "U\\u0308bungs.*NFD.*the same letters',
        ):
            call(tmp_path / NFC / "data")


def test_a_class_of_links_alone_tells_of_follow_links(folder, tmp_path):
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
    """Ten of them have 10! paths. Where a folder has several, the one with the fewest links
    counts, and then the first."""
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


def test_what_readme_shows(tmp_path, monkeypatch, capsys):
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
    with pytest.warns(UserWarning, match='places without images: "tulip"'):
        exec(code, {"mf": mf, "model": net})
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith(str(tmp_path))]
    assert [line.split()[0] for line in told] == [
        f"{tmp_path}/data/test/{i:03d}.png" for i in range(3)
    ]
    assert {line.split()[1] for line in told} <= {"rose", "tulip", "violet"}
