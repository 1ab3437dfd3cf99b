"""`verify` reports the content of a folder."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import keras
import pytest
from PIL import Image

import mixfolder as mf
from support.images import write_images


@pytest.fixture
def mixed(tmp_path):
    """Two classes of good and bad files of several kinds, sizes and modes, an empty class, and a
    text file."""
    root = write_images(tmp_path / "mixed", {"a": 4, "b": 3})
    Image.new("L", (31, 7), 9).save(root / "a" / "gray.jpg")
    Image.new("P", (5, 6)).save(root / "b" / "palette.gif")
    Image.new("CMYK", (8, 8)).save(root / "b" / "cmyk.jpg")
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.new("RGB", (30, 10)).save(root / "b" / "turned.jpg", exif=exif)
    (root / "b" / "cut.png").write_bytes((root / "a" / "000.png").read_bytes()[:90])
    (root / "a" / "text.jpg").write_text("no image")
    (root / "a" / "notes.txt").write_text("left out")
    shutil.copy(root / "a" / "001.png", root / "b" / "copy\n.png")
    os.link(root / "a" / "gray.jpg", root / "a" / "link.jpg")
    (root / "c").mkdir()
    return root


def test_a_report(mixed):
    report = mf.verify(mixed, threads=2)
    assert report.files == 15 and report.classes == {"a": 7, "b": 8, "c": 0}
    good = [
        p
        for p in sorted(mixed.glob("*/*"))
        if p.suffix != ".txt" and p.name not in ("cut.png", "text.jpg")
    ]
    formats, modes, sizes = [], [], []
    for path in good:
        with Image.open(path) as i:
            formats.append(i.format.lower())
            modes.append(i.mode)
            sizes.append((30, 10) if path.name == "turned.jpg" else i.size[::-1])
    assert (report.formats, report.modes, report.sizes) == (
        counted(formats),
        counted(modes),
        counted(sizes),
    )
    assert [(os.path.relpath(b["path"], mixed), b["class"]) for b in report.bad_files] == [
        ("a/text.jpg", "a"),
        ("b/cut.png", "b"),
    ]
    assert (
        "not an image" in report.bad_files[0]["reason"]
        and "truncated" in report.bad_files[1]["reason"]
    )
    assert report.bad_files[1]["position"] == sorted(
        p for p in mixed.glob("*/*") if p.suffix != ".txt"
    ).index(mixed / "b" / "cut.png")
    assert report.bad_folders == [{"path": str(mixed / "c"), "reason": "it has no image"}]
    groups = [[os.path.relpath(p, mixed) for p in group] for group in report.duplicates]
    assert groups == [["a/001.png", "b/copy\n.png"], ["a/gray.jpg", "a/link.jpg"]]
    assert any(".txt: 1" in w for w in report.warnings)
    text = str(report)
    assert (
        "bad files: 2" in text
        and "a/text.jpg: not an image" in text
        and "c: it has no image" in text
    )
    assert "'b/copy\\n.png'" in text and "20x24 " in text


def counted(things):
    return {t: things.count(t) for t in things}


def test_verify_accepts_what_training_reads(mixed):
    (mixed / "a" / "notes.txt").unlink()
    shutil.rmtree(mixed / "c")
    bad = {b["path"] for b in mf.verify(mixed).bad_files}
    with mf.from_directory(mixed, image_size=(8, 8), on_error="skip", verbose=False) as seq:
        for i in range(len(seq)):
            seq[i]
        assert {b["path"] for b in seq.bad_files} == bad
        assert {b["reason"] for b in seq.bad_files} == {
            b["reason"] for b in mf.verify(mixed).bad_files
        }


def test_options(mixed):
    assert len(mf.verify(mixed, max_pixels=100).bad_files) == 13
    assert [os.path.basename(b["path"]) for b in mf.verify(mixed, truncated="keep").bad_files] == [
        "text.jpg"
    ]
    assert mf.verify(mixed, class_names=["b"]).classes == {"b": 8}
    for options, match in [
        (dict(threads=0), "threads"),
        (dict(max_pixels=0), "max_pixels"),
        (dict(truncated="no"), "truncated"),
        (dict(class_names=["x"]), '"x"'),
    ]:
        with pytest.raises(ValueError, match=match):
            mf.verify(mixed, **options)
    with pytest.raises(FileNotFoundError):
        mf.verify(mixed / "nowhere")


def test_a_folder_without_any_image(tmp_path):
    (tmp_path / "a").mkdir()
    report = mf.verify(tmp_path)
    assert report.files == 0 and len(report.bad_folders) == 1 and "0 files" in str(report)


def test_many_files_and_few_threads_give_the_same(tmp_path):
    root = write_images(tmp_path / "many", {"a": 90, "b": 80})
    (root / "a" / "050.png").write_bytes(b"")
    assert mf.verify(root, threads=1) == mf.verify(root, threads=8)


BAR = """
import sys, mixfolder as mf
sys.stdout.isatty = lambda: True
report = mf.verify(sys.argv[1])
"""


def test_the_progress_is_shown_on_a_terminal(mixed, capsys):
    mf.verify(mixed)
    assert capsys.readouterr().out == ""
    done = subprocess.run(
        [sys.executable, "-c", BAR, str(mixed)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and "15/15" in done.stdout, done


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="the same code on each backend")
def test_ctrl_c_stops_it(tmp_path, ctrl_c):
    root = write_images(tmp_path / "large", {"a": 1, "b": 1}, (3000, 3000))
    for i in range(100):
        os.link(root / "a" / "000.png", root / "a" / f"x{i}.png")
    sent = []

    def interrupt():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Timer(0.5, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            mf.verify(root)
    assert time.perf_counter() - sent[0] < 2
