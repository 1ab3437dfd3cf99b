"""Files that change between scan and read, special files, and exhausted system resources."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import all_batches, arrays

OPTIONS = dict(image_size=(9, 10), batch_size=4, seed=3, flip="both", verbose=False)


def to_directory(path):
    path.unlink()
    path.mkdir()


def to_pipe(path):
    path.unlink()
    os.mkfifo(path)


def to_link(target):
    def change(path):
        path.unlink()
        path.symlink_to(target)

    return change


def to_socket(path):
    path.unlink()
    with socket.socket(socket.AF_UNIX) as s:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's path must be short
        s.bind(path.name)
        os.chdir(here)


def parent_to_file(path):
    shutil.rmtree(path.parent)
    path.parent.write_bytes(b"")


CHANGES = {
    "vanishes": (Path.unlink, "no such file"),
    "is emptied": (lambda path: os.truncate(path, 0), "the file is empty"),
    "shrinks": (lambda path: os.truncate(path, path.stat().st_size // 2), "truncated"),
    "is zeroed": (lambda path: path.write_bytes(bytes(path.stat().st_size)), "not an image"),
    "is huge": (
        lambda path: os.truncate(path, 1 << 40),
        "has 1099511627776 bytes, but decoding may take only",
    ),
    "is huge and no image": (
        lambda path: (path.write_bytes(b"x"), os.truncate(path, 1 << 40)),
        "not an image",
    ),
    "directory": (to_directory, "not a regular file .a directory"),
    "pipe": (to_pipe, "not a regular file .a pipe"),
    "socket": (to_socket, "no such device or address"),
    "device": (to_link("/dev/zero"), "not a regular file .a device"),
    "tty": (to_link("/dev/full"), "not a regular file .a device"),
    "link to itself": (lambda path: to_link(path.name)(path), "too many levels of symbolic links"),
    "link to nothing": (to_link("nothing"), "no such file"),
    "link to the folder": (to_link("."), "not a regular file .a directory"),
    "the folder becomes a file": (parent_to_file, "not a directory"),
    "other kind": (lambda path: path.write_bytes(b"%PDF-1.7 " * 20), "not an image"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_files_that_change_after_the_scan(folder, name):
    change, match = CHANGES[name]
    root = folder(rose=4, tulip=3)
    path = root / "rose" / "deep" / "x.png"
    path.parent.mkdir()
    shutil.copy(root / "rose" / "000.png", path)
    with (
        mf.from_directory(root, prefetch=0, **OPTIONS) as strict,
        mf.from_directory(root, prefetch=0, on_error="skip", **OPTIONS) as lenient,
    ):
        change(path)
        with pytest.raises(mf.ImageError, match=f"rose.deep.x.*{match}"):
            all_batches(strict)
        all_batches(lenient)
        assert [b["path"] for b in lenient.bad_files] == [str(path)]


def test_a_file_that_is_replaced_or_grows(folder):
    root = folder(rose=2, tulip=2)
    path = root / "rose" / "000.png"
    with mf.from_directory(
        root, prefetch=0, **OPTIONS | dict(mix=None, shuffle=False, flip=None)
    ) as seq:
        before, _ = arrays(seq[0])
        path.write_bytes(path.read_bytes() + bytes(10**6))
        np.testing.assert_array_equal(arrays(seq[0])[0], before)
        shutil.copy(root / "tulip" / "001.png", path)
        after, labels = arrays(seq[0])
        np.testing.assert_array_equal(after[0], before[3])
        assert labels[0].tolist() == [1, 0]


def test_special_files_are_never_opened(folder):
    """A pipe would block, a device would never end, and a link may point to either or to itself."""
    root = folder(rose=2, tulip=2)
    to_link("000.png")(root / "rose" / "001.png")
    for name in ("pipe.jpg", "pipe"):
        os.mkfifo(root / "rose" / name)
    for name, target in [
        ("zero.png", "/dev/zero"),
        ("zero", "/dev/zero"),
        ("circle.png", "circle.png"),
        ("nothing.gif", "nothing"),
    ]:
        (root / "rose" / name).symlink_to(target)
    (root / "rose" / "up").symlink_to(root)
    (root / "tulip" / "here").symlink_to(".")
    for follow, files in [(False, 4), (True, 6)]:
        with pytest.warns(UserWarning) as caught:
            seq = mf.from_directory(root, follow_links=follow, **OPTIONS)
        assert any(
            "a pipe, socket or device: 4, a link to nothing or to itself: 2" in str(w.message)
            for w in caught
        )
        assert seq.samples == files and len(caught) == 2 - follow
        all_batches(seq, 1)
        seq.close()
    assert mf.verify(root).files == 4


def test_odd_names(folder):
    root = folder(rose=2, tulip=2)
    data = (root / "rose" / "000.png").read_bytes()
    rose = os.fsencode(root / "rose")
    names = [
        b"new\nline.png",
        b"\xff\xfe.png",
        b"x" * 251 + b".png",
        b" .png",
        b"%s%n.png",
        b"\x1b[31m.png",
        "\u202egnp.png".encode(),
    ]
    for name in names:
        with open(os.path.join(rose, name), "wb") as f:
            f.write(data)
    with mf.from_directory(root, prefetch=0, **OPTIONS) as seq:
        assert {os.path.basename(os.fsencode(p)) for p in seq.file_paths} >= set(names)
        all_batches(seq, 1)
        for name in names:
            os.truncate(os.path.join(rose, name), 60)
            with pytest.raises(mf.ImageError, match="file_paths") as caught:
                all_batches(seq)
            assert str(caught.value).isprintable(), "the name is quoted"
            with open(os.path.join(rose, name), "wb") as f:
                f.write(data)
        assert {os.fsencode(os.path.basename(b["path"])) for b in seq.bad_files} == set(names)
    for name in names:
        os.truncate(os.path.join(rose, name), 60)
    report = mf.verify(root)
    assert len(report.bad_files) == len(names)
    str(report).encode()


def test_a_name_with_a_nul(folder):
    root = folder(rose=2, tulip=2)
    for call in (mf.from_directory, mf.verify):
        with pytest.raises(ValueError, match="contains NUL"):
            call(f"{root}\0x")
        with pytest.raises(ValueError, match="contains NUL"):
            call(root, class_names=["rose\0tulip"])


def test_a_full_disk(folder):
    with (
        mf.from_directory(folder(rose=2, tulip=2), **OPTIONS) as seq,
        pytest.raises(OSError, match="No space left on device.*/dev/full"),
    ):
        seq.preview("/dev/full")


def test_a_folder_that_cannot_be_read(folder):
    """Not even by root: its path is too long."""
    root = folder(rose=2, tulip=2)
    here = os.open(root / "tulip", os.O_RDONLY)
    for _ in range(18):
        os.mkdir("d" * 250, dir_fd=here)
        deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    with pytest.raises(OSError, match="tulip.d[d/]*. cannot be read"):
        mf.from_directory(root, **OPTIONS)
    report = mf.verify(root)
    assert report.files == 4 and [b["reason"] for b in report.bad_folders] == ["file name too long"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(folder):
    root = folder(rose=2, tulip=2)
    (root / "rose" / "001.png").chmod(0)
    with (
        mf.from_directory(root, **OPTIONS) as seq,
        pytest.raises(mf.ImageError, match="permission denied"),
    ):
        all_batches(seq)
    (root / "rose").chmod(0)
    with pytest.raises(OSError, match="rose.*permission denied"):
        mf.from_directory(root, **OPTIONS)
    assert [b["reason"] for b in mf.verify(root).bad_folders] == [
        "permission denied",
        "it has no image",
    ]
    (root / "rose").chmod(0o700)


NO_DESCRIPTORS = """
import errno, os, resource, sys
import numpy as np
import mixfolder as mf

def exhaust(but):
    taken = []
    try:
        while True:
            taken.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        for fd in taken[:but]:
            os.close(fd)
    return taken[but:]

options = dict(image_size=(8, 8), batch_size=8, prefetch=0, threads=3, seed=1, verbose=False)
mf.build_info()
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
for left in (0, 1, 2):  # Go's runtime needs two and ends the process if it gets none
    taken = exhaust(left)
    for call in (mf.from_directory, mf.verify):
        try:
            call(sys.argv[1])
            raise AssertionError(left)
        except mf.RefusedError as e:
            assert "too many open files" in str(e) and e.errno == errno.EMFILE and e.filename, e
    for fd in taken:
        os.close(fd)
for on_error in ("raise", "skip"):
    with mf.from_directory(sys.argv[1], on_error=on_error, **options) as seq:
        before = np.asarray(seq[0][0])
        for _ in range(2):
            taken = exhaust(0)
            try:
                seq[0]
                raise AssertionError("no error")
            except mf.RefusedError as e:
                for part in ("too many open files", ".png", "ulimit -n"):
                    assert part in str(e), e
                assert e.errno == errno.EMFILE and e.filename.endswith(".png"), e
            assert seq.bad_files == []
            for fd in taken:
                os.close(fd)
            np.testing.assert_array_equal(np.asarray(seq[0][0]), before)
print("fine")
"""


HUGE = """
import sys
import mixfolder as mf
status = lambda: dict(line.split(':', 1) for line in open('/proc/self/status'))
peak = lambda: int(status()['VmHWM'].split()[0]) / 1000  # ru_maxrss has the parent's, too
options = dict(image_size=(64, 64), batch_size=8, threads=8, prefetch=0, mix=None, verbose=False)
with mf.from_directory(sys.argv[1], **options) as seq:
    before = peak()
    seq[0]
    print(peak() - before)
"""


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the limits and figures of Linux")
def test_no_descriptors_left(flowers):
    done = run(NO_DESCRIPTORS, flowers)
    assert done.returncode == 0 and "fine" in done.stdout, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the limits and figures of Linux")
def test_huge_images_are_decoded_one_at_a_time(tmp_path):
    """Eight threads decode eight images of 40 megapixels with 320 MB each; together they would need
    2.5 GB."""
    for name in "ab":
        (tmp_path / name).mkdir()
    Image.new("RGB", (8000, 5000), (200, 30, 9)).save(tmp_path / "a" / "0.png", compress_level=1)
    for i in range(1, 8):
        os.link(tmp_path / "a" / "0.png", tmp_path / "ab"[i % 2] / f"{i}.png")
    done = run(HUGE, tmp_path)
    assert done.returncode == 0 and 100 < float(done.stdout) < 1500, done


#: What the kernel has logged is read first: with nothing to read the file waits.
KERNEL_LOG = """
import contextlib, os, sys, mixfolder as mf
with contextlib.suppress(BlockingIOError):
    log = os.open("/proc/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    while os.read(log, 8192):
        pass
os.symlink("/proc/kmsg", os.path.join(sys.argv[1], "rose", "log"))
assert mf.from_directory(sys.argv[1]).samples == mf.verify(sys.argv[1]).files == 4
"""


def test_a_file_of_the_system_that_waits_like_a_pipe(folder):
    """It is reported as a regular file. Runs in its own process, which can be killed if it
    blocks."""
    try:
        os.close(os.open("/proc/kmsg", os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        pytest.skip("only root may read the kernel's log")
    done = run(KERNEL_LOG, folder(rose=2, tulip=2))
    assert done.returncode == 0, done.stderr
