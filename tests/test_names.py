"""Malicious names: no control characters of file or folder names reach the terminal."""

import os
import pickle
import shutil
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest

import mixfolder as mf
from mixfolder.compat import ImageDataGenerator
from support.images import write_images
from support.internals import FileList, few, printable

#: Escape sequences of 7 and 8 bits, the bell, ends of lines, marks that change the text
#: direction, and bytes that are not UTF-8.
HOSTILE = os.fsdecode(
    "\x1b[31mA\x1b]0;B\x07\u009b1mC\nEVIL\rD\x7f\u202eE\u2066F\u2028G\x85".encode() + b"\xff\x9bH"
)
CLASS, OTHER, NOWHERE = HOSTILE, HOSTILE + " two", HOSTILE * 2
OPTIONS = dict(image_size=(8, 8), batch_size=4, prefetch=0)


@pytest.fixture
def hostile(tmp_path):
    """A folder, classes, files and extensions with such names, and every cause for a warning of the
    scan."""
    root = write_images(tmp_path / HOSTILE, {CLASS: 3, OTHER: 1})
    for name in os.listdir(root / CLASS):
        os.rename(root / CLASS / name, root / CLASS / f"{HOSTILE}{name}")
    (root / CLASS / f"notes.{HOSTILE}").write_text("no image")
    (root / f"loose{HOSTILE}").write_text("no image")
    (root / CLASS / f"link{HOSTILE}").symlink_to(tmp_path)
    (root / CLASS / f"gone{HOSTILE}").symlink_to("nowhere")
    return root


class Screen:
    """Everything that is shown to a user: output, warnings and errors."""

    def __init__(self, capsys):
        self.capsys, self.texts = capsys, []

    def __enter__(self):
        self._caught = warnings.catch_warnings(record=True)
        self._warned = self._caught.__enter__()
        warnings.simplefilter("always")
        return self

    def fails(self, kind, call, *arguments, **options):
        """Call a function that must raise, and record the message."""
        with pytest.raises(kind) as caught:
            call(*arguments, **options)
        error = caught.value
        while error:
            self.texts.append(str(error))
            error = error.__cause__

    def __exit__(self, *trace):
        self._caught.__exit__(*trace)
        out, err = self.capsys.readouterr()
        self.texts += (
            [str(w.message) for w in self._warned]
            + out.splitlines(keepends=True)
            + err.splitlines(keepends=True)
        )
        if trace[0] is None:
            for text in self.texts:
                assert text.removesuffix("\n").isprintable() and not text.startswith("EVIL"), repr(
                    text
                )

    def __contains__(self, part):
        return any(part in text for text in self.texts)


def test_opening_and_looking(hostile, capsys):
    with Screen(capsys) as screen:
        train, val = mf.from_directory(
            hostile, validation_split=0.4, subset="both", seed=1, **OPTIONS
        )
        print(train, [train], val.explain(0), *train.warnings, sep="\n")
        mf.from_directory(hostile, class_names=[CLASS, OTHER, "x" + HOSTILE * 2], **OPTIONS)
        screen.fails(OSError, train.preview, hostile / NOWHERE / "x.png")
        (hostile / OTHER / "000.png").unlink()
        mf.from_directory(hostile, class_names=[CLASS, OTHER], **OPTIONS)
        print(mf.from_directory(hostile / CLASS, label_mode=None, **OPTIONS))
        mf.mean_std(hostile, class_names=[CLASS], image_size=8)
    for part in ("Found 4 images belonging to 2 classes: '\\x1b[31mA", r"\x1b]0;B\x07",
                 "without a folder "
    "in", "have no image", "are not entered",
                 "belong to no class", "are ignored", "no image for validation"):  # fmt: skip
        assert part in screen, part


def test_names_in_errors_about_folders(hostile, capsys, tmp_path):
    (hostile / "x" / HOSTILE).mkdir(parents=True)
    with Screen(capsys) as screen:
        for directory, kind in [
            (hostile / NOWHERE, FileNotFoundError),
            (hostile / f"loose{HOSTILE}", ValueError),
            (hostile / "x" / HOSTILE, ValueError),
            (hostile / OTHER, ValueError),
            (hostile / "x", ValueError),
            (hostile, ValueError),
            (hostile / ("d" * 300 + HOSTILE), OSError),
            (f"{hostile}\0", ValueError),
        ]:
            screen.fails(kind, mf.from_directory, directory, **OPTIONS)
            if directory not in (hostile, hostile / "x", hostile / OTHER):
                screen.fails(kind, mf.verify, directory)
        for names in (
            [HOSTILE * 2],
            [CLASS, CLASS],
            [CLASS, OTHER[:-1]],
            [CLASS, OTHER.replace("E", "E\u0308")],
            ["\0" + CLASS],
        ):
            screen.fails(ValueError, mf.from_directory, hostile, class_names=names, **OPTIONS)
        os.mkdir(hostile / "\u00dc\x1b")
        screen.fails(
            ValueError, mf.from_directory, hostile, class_names=[CLASS, "U\u0308\x1b"], **OPTIONS
        )
        screen.fails(FileNotFoundError, mf.from_directory, hostile / "U\u0308\x1b" / "a", **OPTIONS)
        for value in (HOSTILE, [HOSTILE]):
            for option in (
                "flip",
                "dtype",
                "mix",
                "crop",
                "seed",
                "preprocess",
                "interpolation",
                "label_mode",
                "subset",
                "rescale",
            ):
                screen.fails(
                    (ValueError, TypeError), mf.from_directory, hostile, **OPTIONS | {option: value}
                )
        screen.fails(TypeError, mf.from_directory, hostile, **{HOSTILE: 1})
    assert (
        "is empty" in screen
        and "did you mean" in screen
        and "another Unicode form" in screen
        and "has no image" in screen
    )


def test_folders_that_cannot_be_read(hostile, capsys):
    """Not even by root: the path is too long."""
    here = os.open(hostile / OTHER, os.O_RDONLY)
    for _ in range(18):
        os.mkdir(HOSTILE + "d" * 180, dir_fd=here)
        deeper = os.open(HOSTILE + "d" * 180, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    with Screen(capsys) as screen:
        screen.fails(OSError, mf.from_directory, hostile, **OPTIONS)
        print(mf.verify(hostile))
    assert "cannot be read: file name too long" in screen and "bad folders: 1" in screen


def test_bad_files(hostile, capsys):
    bad, worse, gone = sorted((hostile / CLASS).glob("*.png"))
    bad.write_bytes(b"\x1b[31m\x07 no image")
    worse.write_bytes(b"\x89PNG\r\n\x1a\n\x1b[31mIHDR" + bytes(range(256)))
    with Screen(capsys) as screen:
        print(mf.verify(hostile))
        with (
            mf.from_directory(
                hostile, shuffle=False, mix=None, **OPTIONS | dict(batch_size=1)
            ) as strict,
            mf.from_directory(hostile, class_names=[CLASS], on_error="skip", **OPTIONS) as lenient,
        ):
            frozen = pickle.dumps(strict)
            gone.unlink()
            for i in range(3):
                screen.fails(mf.ImageError, strict.__getitem__, i)
            screen.fails(mf.ImageError, lenient.__getitem__, 0)
            screen.texts += [bad["reason"] for bad in lenient.bad_files + strict.bad_files]
            screen.fails(ValueError, pickle.loads(frozen).__getitem__, 0)
            shutil.rmtree(hostile)
            screen.fails(Exception, strict.__getitem__, 3)
    assert (
        "bad files: 2" in screen
        and "no image of its class can be read" in screen
        and "the whole folder is gone" in screen
    )
    assert "has changed since this sequence was pickled" in screen


def test_lists_of_files_and_what_is_called_as_in_keras(hostile, capsys):
    names = dict(class_names=[CLASS])
    with Screen(capsys) as screen:
        for paths, labels in ([[HOSTILE], [1]], [["", HOSTILE], [0, 0]], [[HOSTILE], []]):
            screen.fails(
                ValueError, mf.from_directory, FileList(hostile, paths, labels), **names, **OPTIONS
            )
        screen.fails(
            mf.ImageError,
            mf.from_directory(FileList(hostile, [HOSTILE], [0]), **names, **OPTIONS).__getitem__,
            0,
        )
        datagen = ImageDataGenerator()
        datagen.flow_from_directory(hostile, classes=[CLASS, OTHER, HOSTILE * 2])
        screen.fails(ValueError, datagen.flow_from_directory, hostile / OTHER)
        screen.fails(OSError, datagen.flow_from_directory, hostile / NOWHERE)
        for classes in ([HOSTILE + "/a"], [CLASS, CLASS]):
            screen.fails(ValueError, datagen.flow_from_directory, hostile, classes=classes)
    assert "without images are classes" in screen


def test_what_keras_raises(hostile, capsys):
    next((hostile / CLASS).glob("*.png")).write_bytes(b"\x1b[31m no image")
    net = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, "softmax"),
        ]
    )
    net.compile("sgd", "categorical_crossentropy")
    with Screen(capsys) as screen:
        seq = mf.from_directory(hostile, **OPTIONS)
        with pytest.raises(Exception, match="file_paths") as caught:
            net.fit(seq, verbose=0)
        screen.texts += str(caught.value).splitlines()  # TensorFlow puts its own traceback before
    seq.close()


SCRIPT = """
import os, sys, mixfolder as mf
root = os.fsdecode(os.environb[b"ROOT"])
print(mf.verify(root), mf.from_directory(root, image_size=8))
mf.from_directory(root + "/nowhere")
"""


def test_output_on_a_terminal(hostile):
    """Standard output and error of a process, byte by byte: Python does not write names that are
    not UTF-8 there."""
    (hostile / CLASS / f"bad{HOSTILE}.png").write_bytes(b"no image")
    environment = os.environ | {"ROOT": str(hostile), "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, timeout=120
    )
    shown = done.stdout.decode() + done.stderr.decode()
    assert (
        "bad files: 1" in shown and "does not exist" in shown and "UnicodeEncodeError" not in shown
    )
    for line in shown.split("\n"):
        assert line.isprintable() and not line.startswith("EVIL"), repr(line)


def test_harmless_names_are_not_escaped():
    for name in ("rose", "Übung", "漢字 2", "a'b\"c\\d", "100%"):
        assert printable(name) == name
    assert printable("a\nb") == "'a\\nb'" and printable("\udcff") == "'\\udcff'"
    assert (
        few(list("abc"), 2) == "a, b, and 1 more"
        and few(list("abc"), 3) == "a, b, c"
        and few([]) == ""
    )
    assert not np.any(
        [
            printable(chr(c)) == chr(c)
            for c in [*range(32), *range(127, 160), 0x202E, 0x2066, 0x2028, 0xFEFF]
        ]
    )
