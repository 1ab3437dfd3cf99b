"""Memory, threads and address space: exceeding a limit is an error with the remedy, before Go
aborts the process."""

import errno
import os
import sys
import tempfile
import threading

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.internals import (
    forget_known_threads,
    jobs,
    known_threads,
    let_memory_fail,
    pending,
    record_tried_threads,
    requests,
    require_workers,
    worker_count,
)
from support.processes import run

BACKEND = keras.backend.backend()


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="does not know how much memory there is")
def test_a_preview_that_does_not_fit_is_an_error(folder):
    """64 images of 134 million pixels take 77 GB, with their partners."""
    if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > 70e9:
        pytest.skip("this machine has the memory")
    with mf.from_directory(
        folder((8, 8), a=40, b=40), image_size=11585, batch_size=80, dtype="uint8", verbose=False
    ) as seq:
        with pytest.raises(
            MemoryError,
            match=r"sheet of 64 images of 11585 x 11585 takes 77.31 GB"
            r".* choose a smaller image_size",
        ):
            seq.preview()
        assert len(seq.explain(0)) == 80, "everything else works"


def test_a_preview_makes_only_what_it_shows(folder):
    with mf.from_directory(
        folder((8, 8), a=100, b=100), image_size=8, batch_size=200, prefetch=0, verbose=False
    ) as seq:
        assert seq.preview().startswith(b"\x89PNG")
        assert seq.stats()["images_decoded"] <= 128, "64 and their partners"


def test_a_batch_size_above_the_number_of_images_takes_no_more_memory(flowers):
    with mf.from_directory(flowers, image_size=(224, 224), batch_size=10**6, verbose=False) as seq:
        assert len(seq) == 1 and arrays(seq[0])[0].shape == (21, 224, 224, 3)


def test_a_batch_that_does_not_fit_is_an_error_that_names_the_options(flowers):
    with mf.from_directory(flowers, image_size=(11000, 12000), batch_size=21, verbose=False) as seq:
        let_memory_fail(seq)
        with pytest.raises(
            MemoryError,
            match=r"33.26 GB.*21 images of \(11000, 12000, 3\), float32.*batch_size or image_size",
        ):
            seq[0]
        assert seq.stats()["in_flight"] == 0 and pending(seq) == 0


@pytest.mark.parametrize("failures", [1, 2])
def test_a_batch_without_memory_is_tried_again_alone(flowers, failures):
    """It may have been prefetched, together with others."""
    with mf.from_directory(flowers, image_size=8, batch_size=4, prefetch=2, verbose=False) as seq:
        expected = seq[1][0]
        loader = requests(seq).loader
        wait, held = loader.wait, []

        def failing_wait(ticket):
            wait(ticket)
            held.append(jobs(seq))
            if len(held) <= failures:
                raise MemoryError

        loader.wait = failing_wait
        if failures == 1:
            np.testing.assert_array_equal(seq[1][0], expected)
            assert held == [3, 1], "the second time, nothing is prefetched"
        else:
            with pytest.raises(MemoryError):
                seq[1]
            assert pending(seq) == 0


# Limits are set before the core is loaded, and backends do not matter.
LIMITED = """
import os, resource, sys
import keras, mixfolder as mf
def limit_space(megabytes):
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + megabytes * 2**20,) * 2)
def limit_threads(count):
    import mixfolder._loader, numpy.random, tempfile
    os.setgid(65534); os.setuid(65534)
    processes = [f"/proc/{p}" for p in os.listdir("/proc") if p.isdigit()]
    mine = sum(len(os.listdir(f"{p}/task")) for p in processes if os.stat(p).st_uid == 65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (mine + count,) * 2)
{"space": limit_space, "threads": limit_threads}[sys.argv[2]](int(sys.argv[3]))
try:
    options = dict(image_size=(64, 64), batch_size=8, threads=2, verbose=False)
    with mf.from_directory(sys.argv[1], **options) as seq:
        print("fine", sum(len(b[0]) for b in seq))
except OSError as e:
    print("error", e.errno, e)
"""
only_on_jax = pytest.mark.skipif(BACKEND != "jax", reason="the same code on each backend")


@only_on_jax
@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux' /proc")
@pytest.mark.parametrize("megabytes", [16, 1500, 3500])
def test_an_address_space_limit_is_reported(flowers, megabytes):
    done = run(LIMITED, flowers, "space", megabytes)
    assert done.returncode == 0, done.stderr
    if megabytes == 3500:
        assert done.stdout == "fine 21\n"
    else:
        error = f"error {errno.ENOMEM} [Errno {errno.ENOMEM}] mixfolder's core needs 2.6 GB"
        assert error in done.stdout and "ulimit -v unlimited" in done.stdout


@only_on_jax
@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="needs a user with no other processes"
)
@pytest.mark.parametrize("count", [5, 14])
def test_a_thread_limit_is_reported(flowers, count):
    for folder in [flowers, *flowers.parents]:
        if folder.is_relative_to(tempfile.gettempdir()):
            folder.chmod(folder.stat().st_mode | 0o055)
    done = run(LIMITED, flowers, "threads", count)
    assert done.returncode == 0, done.stderr
    if count == 14:
        assert done.stdout == "fine 21\n"
    else:
        assert (
            f"error {errno.EAGAIN}" in done.stdout
            and "needs 14" in done.stdout
            and "pids.max" in done.stdout
        )


def test_threads_are_tried_once(monkeypatch):
    forget_known_threads(monkeypatch)
    tried = record_tried_threads(monkeypatch)
    for workers in (2, 2, 1, 4, 20):
        require_workers(workers)
    assert tried == [14, 2, 16]


def test_a_thread_that_cannot_start_is_reported(monkeypatch):
    start, count = threading.Thread.start, 0

    def refused(self):
        nonlocal count
        if (count := count + 1) > 7:
            raise RuntimeError("can't start new thread")
        start(self)

    forget_known_threads(monkeypatch)
    monkeypatch.setattr(threading.Thread, "start", refused)
    before = set(threading.enumerate())  # some threads of the backend may end meanwhile
    with pytest.raises(
        OSError, match="core needs 16 more threads, but this process can start only 7"
    ) as e:
        require_workers(4)
    assert e.value.errno == errno.EAGAIN and not known_threads()
    assert set(threading.enumerate()) <= before


def test_the_workers_are_those_of_the_core(flowers):
    for threads in (None, 1, 3):
        with mf.from_directory(flowers, image_size=8, threads=threads, verbose=False) as seq:
            assert seq.stats()["threads"] == worker_count(threads)
    assert worker_count(10**9) == 1024
