"""Disks that are slow, hang or fail: Ctrl-C interrupts every call, and nothing leaks."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from support.batches import arrays
from support.disks import HANG, Disk, build
from support.images import write_images
from support.internals import (
    close_leftovers,
    close_within,
    is_closed,
    jobs,
    open_loaders,
    requests,
    timed_calls,
)

BACKEND = keras.backend.backend()
OPTIONS = dict(image_size=(16, 16), batch_size=4, threads=2, seed=1, verbose=False)


@pytest.fixture(scope="session")
def faultfs(tmp_path_factory):
    return build(tmp_path_factory.mktemp("faultfs"))


@pytest.fixture
def disk(faultfs, tmp_path):
    write_images(tmp_path / "original", {"a": 6, "b": 6}, (40, 50))
    disk = Disk(faultfs, tmp_path / "original", tmp_path / "mounted")
    yield disk
    disk.close()


@pytest.fixture
def interrupted(ctrl_c):
    """Call a function, send Ctrl-C after 0.3 s, and return the seconds until it took effect."""

    def act(what):
        sent = []

        def interrupt():
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

        timer = threading.Timer(0.3, interrupt)
        timer.start()
        try:
            with pytest.raises(KeyboardInterrupt):
                what()
        finally:
            timer.cancel()
            timer.join()
        return time.monotonic() - sent[0]

    return act


def until(done):
    deadline = time.monotonic() + HANG
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("hangs", ["list b", "lookup b", "open b/*"])
def test_opening_stops_on_ctrl_c_and_leaks_nothing(disk, interrupted, hangs):
    for path in (disk.original / "b").iterdir():
        path.rename(path.with_suffix(".image"))  # whose first bytes are read
    before = open_loaders()
    disk.rule(*hangs.split(), "hang")
    for open_ in (lambda: mf.from_directory(disk.root, **OPTIONS), lambda: mf.verify(disk.root)):
        assert interrupted(open_) < HANG / 4
        assert open_loaders() <= before
    disk.rule("clear")
    with mf.from_directory(disk.root, **OPTIONS) as seq:
        assert seq.samples == 12


def test_no_call_of_the_core_is_long_on_a_slow_disk(disk):
    """Opening, a batch and explain take at least 0.5 s each here; a call may take 50 ms, and more
    on a busy machine."""
    disk.rule("lookup", "*/*", "50ms")
    disk.rule("open", "*/*", "250ms")
    with timed_calls() as calls, mf.from_directory(disk.root, **OPTIONS) as seq:
        seq.explain(0)
        seq[0]
    for name in ("mixfolder_opened", "mixfolder_wait"):
        assert sum(n == name for n, _ in calls) > 5, "waiting is split into short calls"
    assert sorted(seconds for _, seconds in calls)[-3] < 0.2


def test_explain_reads_headers_only(disk):
    """JPEG files of 1 MB, of which only the first read succeeds."""
    noise = np.random.default_rng(1).integers(0, 256, (900, 1100, 3), np.uint8)
    for path in sorted(disk.original.rglob("*.png")):
        Image.fromarray(noise).save(path.with_suffix(".jpg"), quality=95)
        path.unlink()
    crop = mf.CenterCrop(0.5)
    with mf.from_directory(disk.root, **OPTIONS, shuffle=False, crop=crop) as seq:
        want = seq.explain(0)
        assert all(row["crop"] == (325, 225, 775, 675) for row in want), "half of the height"
        for path in sorted(disk.original.rglob("*.jpg"))[:4]:
            name = path.relative_to(disk.original)
            disk.rule("read", name, "EIO")
            disk.rule("read", name, "0s", 1)
        assert seq.explain(0) == want
        with pytest.raises(mf.RefusedError):
            seq[0]


def test_a_hanging_read_is_interrupted_and_the_batch_comes_later(disk, interrupted):
    with mf.from_directory(disk.root, **OPTIONS) as seq:
        want = [part.copy() for part in arrays(seq[0])]
        seq.set_epoch(0)
        plan = seq.explain(0)
        disk.rule("read", "*/*", "hang")
        for ask in (lambda: seq[0], lambda: seq.explain(0), lambda: seq.preview()):
            assert interrupted(ask) < HANG / 4
        disk.rule("clear")
        assert seq.explain(0) == plan
        assert all(map(np.array_equal, arrays(seq[0]), want))


def test_close_does_not_wait_for_a_hanging_read(disk, interrupted):
    seq = mf.from_directory(disk.root, **OPTIONS)
    disk.rule("read", "*/*", "hang")

    def leave():
        with seq:
            seq[0]

    assert interrupted(leave) < HANG / 4
    close_within(seq, 0.2)
    assert not is_closed(requests(seq)) and jobs(seq), "its arrays may still be written"
    with pytest.raises(mf.ClosedError):
        seq[0]
    with mf.from_directory(disk.original, **OPTIONS) as other:
        assert len(other[0]) == 2, "others continue"
    disk.rule("clear")
    until(lambda: close_leftovers() or is_closed(requests(seq)))
    assert not jobs(seq)


def test_close_wakes_threads_that_wait_for_a_hanging_read(disk):
    seq = mf.from_directory(disk.root, **OPTIONS)
    disk.rule("read", "*/*", "hang")
    heard = threading.Event()

    def ask():
        with pytest.raises(mf.ClosedError):
            seq[0]
        heard.set()

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: jobs(seq))
    close_within(seq, 0.1)
    assert heard.wait(HANG / 2)
    thread.join()
    disk.rule("clear")
    until(lambda: close_leftovers() or is_closed(requests(seq)))


LEAVE = """
import sys, threading, time
import mixfolder as mf
seq = mf.from_directory(
    sys.argv[1], image_size=(16, 16), batch_size=4, threads=2, verbose=False
)
print("open", flush=True)
sys.stdin.readline()
def ask():
    seq[0]
threading.Thread(target=ask, daemon=True).start()
time.sleep(0.5)
print("leaves", flush=True)
"""


@pytest.mark.skipif(BACKEND != "jax", reason="the same code on each backend")
def test_the_interpreter_exits_despite_a_hanging_read(disk):
    child = subprocess.Popen(
        [sys.executable, "-c", LEAVE, str(disk.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout.readline() == "open\n"
        disk.rule("open", "*/*", "hang")  # Linux lets a read end before it kills a process
        out, error = child.communicate("\n", timeout=HANG)
        assert out == "leaves\n" and child.returncode == 0, error
        assert "Traceback" not in error
    finally:
        child.kill()


def test_a_disk_that_fails_once_or_for_one_file(disk):
    """A bad sector is skipped; a stale file handle of a server is retried."""
    options = dict(**OPTIONS, mix=None, shuffle=False)
    with mf.from_directory(disk.root, **options) as seq:
        want = [part.copy() for part in arrays(seq[0])]
    disk.rule("open", "a/000.png", "ESTALE", 1)
    disk.rule("read", "a/001.png", "EIO")
    with mf.from_directory(disk.root, **options, on_error="skip") as seq:
        x, _ = arrays(seq[0])
        assert np.array_equal(x[0], want[0][0]) and np.array_equal(x[1], want[0][2])
        assert [Path(bad["path"]).name for bad in seq.bad_files] == ["001.png"]
