"""The process: Ctrl-C, exit while batches are built, fork, memory."""

import gc
import os
import signal
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.images import write_images
from support.internals import ALIGNMENT, Pool, buffers, buffers_of, is_closed, requests, timed_calls
from support.processes import run

BACKEND = keras.backend.backend()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Images that take about 0.1 s each: 40 of 3000 x 3000."""
    root = tmp_path_factory.mktemp("large")
    write_images(root, {"a": 1, "b": 1}, (3000, 3000))
    for name in "ab":
        for i in range(1, 20):
            os.link(root / name / "000.png", root / name / f"{i:03d}.png")
    return root


LEAVE = """
import contextlib, sys, threading, time
import mixfolder as mf
seq = mf.from_directory(sys.argv[1], image_size=(64, 64), batch_size=20, prefetch=3, verbose=False)
def ask():
    with contextlib.suppress(mf.ClosedError):
        seq[0]
threading.Thread(target=ask, daemon=True).start()
time.sleep(float(sys.argv[2]))
"""

LEAVE_FIT = """
import sys, threading, time
import keras, mixfolder as mf
seq = mf.from_directory(sys.argv[1], image_size=(64, 64), batch_size=8, prefetch=3, verbose=False)
dense = keras.layers.Dense(2, "softmax")
net = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten(), dense])
net.compile("sgd", "categorical_crossentropy")
class Leave(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        sys.exit(0)
net.fit(seq, verbose=0, callbacks=[Leave()])
"""


def test_leaving_while_batches_are_made(large):
    times = 20 if BACKEND == "jax" else 5  # each of the ten moments twice
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(lambda i: run(LEAVE, large, 0.01 * (i % 10)), range(times)):
            assert done.returncode == 0 and "Traceback" not in done.stderr, (
                done.stderr
            )  # TensorFlow prints a greeting there


def test_leaving_from_a_fit(large):
    for _ in range(3):
        done = run(LEAVE_FIT, large)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(
    BACKEND == "tensorflow",
    reason="TensorFlow asks in a thread of its own, which no signal reaches",
)
def test_ctrl_c_returns_at_once(large, ctrl_c):
    with mf.from_directory(
        large, image_size=(64, 64), batch_size=40, threads=2, verbose=False
    ) as seq:
        delays = []
        for _ in range(3):  # the minimum is used, as the machine may be busy
            sent = []

            def interrupt(sent=sent):
                sent.append(time.perf_counter())
                os.kill(os.getpid(), signal.SIGINT)

            threading.Timer(0.3, interrupt).start()
            with pytest.raises(KeyboardInterrupt):
                while True:
                    seq[0]
            delays.append(time.perf_counter() - sent[0])
        assert min(delays) < 0.3
        assert arrays(seq[0])[0].shape == (40, 64, 64, 3), "the batch is still available"


def test_the_wait_is_cut_into_slices(large):
    """Each call into the core is much shorter than a batch, which takes seconds here."""
    with mf.from_directory(
        large, image_size=(64, 64), batch_size=40, threads=1, verbose=False
    ) as seq:
        with timed_calls() as calls:
            seq[0]
        waits = [seconds for name, seconds in calls if name == "mixfolder_wait"]
        assert len(waits) > 10 and sorted(waits)[len(waits) // 2] < 0.1


def test_an_exception_of_a_signal_handler_does_not_free_the_buffer(large):
    """An alarm, as of pytest-timeout, raises during a wait, while the core still writes to the
    batch."""

    def alarm(*_):
        raise TimeoutError("the alarm")

    with mf.from_directory(
        large, image_size=(64, 64), batch_size=40, threads=2, prefetch=0, verbose=False
    ) as seq:
        before = signal.signal(signal.SIGALRM, alarm)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(TimeoutError, match="the alarm"):
                seq[0]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert buffers_of(seq) == (1, 0), "the batch being built keeps its buffer"
        decoded = seq.stats()["images_decoded"]
        assert arrays(seq[0])[0].shape == (40, 64, 64, 3)
        assert seq.stats()["images_decoded"] == 40 > decoded, (
            "it is the same batch, not one made anew"
        )


# An iterating daemon thread is stopped by closing; a main thread waits until its next
# request.
LEAVE_DAEMON = """
import sys, threading, time
import mixfolder as mf
seq = mf.from_directory(sys.argv[1], image_size=(64, 64), batch_size=8, verbose=False)
def iterate():
    while True:
        for batch in seq:
            pass
threading.Thread(target=iterate, daemon=True).start()
time.sleep(0.3)
"""


def test_a_daemon_thread_that_iterates_leaves_no_traceback(large):
    done = run(LEAVE_DAEMON, large)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads Linux' /proc")
def test_memory_does_not_grow(folder):
    root = folder((300, 300), suffix=".jpg", a=40, b=40)
    net = keras.Sequential(
        [
            keras.Input((96, 96, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, "softmax"),
        ]
    )
    net.compile("sgd", "categorical_crossentropy")
    with mf.from_directory(root, image_size=(96, 96), batch_size=8, seed=1, verbose=False) as seq:
        net.fit(seq, epochs=2, verbose=0)
        gc.collect()
        early = resident()
        net.fit(seq, epochs=18, verbose=0)
        gc.collect()
        late = resident()
    grown = f"{early:.0f} MB after epoch 2, {late:.0f} MB after epoch 20"
    assert late - early < max(20, 0.05 * early), grown


def test_close_ends_the_threads(flowers):
    def threads():
        return len(os.listdir("/proc/self/task"))

    if not os.path.exists("/proc/self/task"):
        pytest.skip("reads Linux' /proc")
    for _ in range(5):
        with mf.from_directory(flowers, image_size=(8, 8), threads=4, verbose=False) as seq:
            seq[0]
    before = threads()
    for _ in range(20):
        with mf.from_directory(flowers, image_size=(8, 8), threads=4, verbose=False) as seq:
            seq[0]
    assert threads() <= before + 4


def test_a_dropped_sequence_closes_itself(flowers):
    seq = mf.from_directory(flowers, image_size=(8, 8), verbose=False)
    seq[0]
    asked = requests(seq)
    del seq
    gc.collect()
    assert is_closed(asked)


# Buffers.


def test_batches_are_aligned_and_kept(flowers):
    with mf.from_directory(flowers, image_size=(9, 11), batch_size=4, seed=1, verbose=False) as seq:
        kept, copies = [], []
        for i in range(40):
            kept.append(arrays(seq[i % len(seq)])[0])
            copies.append(kept[-1].copy())
        assert all(
            x.ctypes.data % ALIGNMENT == 0 and x.flags.c_contiguous and x.flags.writeable
            for x in kept
        )
        for x, copy in zip(kept, copies, strict=True):
            np.testing.assert_array_equal(x, copy)
        assert len({x.ctypes.data for x in kept}) == 40


def test_a_pool_reuses_unreferenced_buffers():
    pool = Pool(1000)
    a = pool.array((10, 10), np.float32)
    view, address = a[3:], a.ctypes.data
    del a
    assert pool.array((10, 10), np.float32).ctypes.data != address, "a view still holds the slab"
    del view
    gc.collect()
    assert address in {pool.array((250,), np.float32).ctypes.data for _ in range(1)} | {
        x.ctypes.data for x in [pool.array((250,), np.float32) for _ in range(3)]
    }


def test_a_pool_frees_surplus_buffers():
    pool = Pool(1000)
    many = [pool.array((250,), np.float32) for _ in range(50)]
    del many
    gc.collect()
    one = pool.array((250,), np.float32)
    live, free = buffers(pool)
    assert free <= 3 and live == 1 and one.size == 250
    freed = weakref.ref(one.base.base)
    pool.close()
    assert buffers(pool)[1] == 0 and freed() is not None
    del one
    assert buffers(pool) == (0, 0) and freed() is None
