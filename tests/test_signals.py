"""Signals: after an interruption at any step, the next call succeeds, and nothing leaks."""

import contextlib
import ctypes
import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays
from support.internals import (
    buffers_of,
    close_leftovers,
    jobs,
    open_loaders,
    pending,
    waiting_threads,
)

PACKAGE = str(Path(mf.__file__).parent)

# A trace function during which a signal is delivered; unlike one in Python, it is not
# itself interrupted by the signal.
_signal_comes = ctypes.PyDLL(None).PyErr_SetInterrupt
_signal_comes.argtypes, _signal_comes.restype = [ctypes.py_object] * 3, None


class Interrupts:
    """Ctrl-C at each step (bytecode instruction) of the package's Python code in turn."""

    def __init__(self):
        self.step = 0

    def __call__(self, act) -> bool:
        """Interrupt act at the next step; False if it has no more steps."""
        self.step += 1
        came, left = False, self.step

        def handler(*_):
            nonlocal came
            sys.settrace(None)
            came = True
            raise KeyboardInterrupt

        def trace(frame, event, _):
            nonlocal left
            if not frame.f_code.co_filename.startswith(PACKAGE):
                return None
            frame.f_trace_opcodes = True
            left -= event == "opcode"
            return trace if left else _signal_comes  # at the frame's next event

        before = signal.signal(signal.SIGINT, handler)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                try:
                    sys.settrace(trace)
                    act()
                finally:
                    sys.settrace(None)  # Python sees here what came at the last step
        finally:
            signal.signal(signal.SIGINT, before)
        return came


@pytest.fixture
def finalizers_may_be_interrupted(monkeypatch):
    """Python itself only reports what is raised in a finalizer."""
    hook = sys.unraisablehook
    monkeypatch.setattr(
        sys, "unraisablehook", lambda e: None if e.exc_type is KeyboardInterrupt else hook(e)
    )


def assert_nothing_is_left(seq):
    """After set_epoch: no ticket, no array, no buffer."""
    seq.set_epoch(0)
    until(lambda: seq.set_epoch(0) or not seq.stats()["in_flight"])
    gc.collect()
    assert (jobs(seq), pending(seq), buffers_of(seq)[0]) == (0, 0, 0)


def until(done):
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def many(folder):
    """Two classes, 24 files, one of them bad: the last of the first."""
    root = folder((12, 12), a=12, b=12)
    (root / "a" / "011.png").write_bytes(b"not an image")
    return root


def everything(seq):
    """Each batch, or its error."""
    found = []
    for i in range(len(seq)):
        try:
            found.append([part.copy() for part in arrays(seq[i])])
        except mf.ImageError as e:
            found.append(str(e))
    return found


def same(found, want):
    return (
        found == want
        if isinstance(want, str)
        else all(np.array_equal(f, w) for f, w in zip(found, want, strict=True))
    )


def asked(seq, index):
    try:
        return list(arrays(seq[index]))
    except mf.ImageError as e:
        return str(e)


@pytest.mark.parametrize("jump", [1, 5])
def test_an_interrupted_batch_can_be_requested_again(many, jump, finalizers_may_be_interrupted):
    """In order, and with jumps, which cancel batches that were requested ahead."""
    with mf.from_directory(
        many, image_size=(8, 8), batch_size=2, shuffle=False, mix=None, threads=2, verbose=False
    ) as seq:
        want = everything(seq)
        assert sum(isinstance(w, str) for w in want) == 1
        interrupt, index = Interrupts(), 0
        while interrupt(lambda index=index: asked(seq, index)):
            place = f"batch {index}, interrupted at step {interrupt.step}"
            assert same(asked(seq, index), want[index]), place
            assert jobs(seq) <= 8, "what was interrupted is released"
            index = (index + jump) % len(seq)
        assert interrupt.step > 300, "not all steps were interrupted"
        assert_nothing_is_left(seq)


@pytest.mark.parametrize("ask", ["preview", "explain", "set_epoch", "epoch"])
def test_other_interrupted_calls_can_be_repeated(flowers, ask, finalizers_may_be_interrupted):
    with mf.from_directory(
        flowers, image_size=(8, 8), batch_size=8, seed=1, threads=2, verbose=False
    ) as seq:
        seq[0]
        act = {
            "preview": lambda: hash(seq.preview()),
            "explain": lambda: repr(seq.explain(1)),
            "set_epoch": lambda: seq.set_epoch(0) or arrays(seq[0])[0].sum(),
            "epoch": lambda: sum(arrays(b)[0].sum() for b in seq) * 0 + len(seq),
        }[ask]
        want, interrupt = act(), Interrupts()
        while interrupt(act):
            interrupt.step += {"epoch": 6, "preview": 3}.get(ask, 0)  # which are slow
            if interrupt.step % 8 == 0:
                assert act() == want, interrupt.step
        assert act() == want and interrupt.step > 50
        assert_nothing_is_left(seq)


def test_an_interrupted_open_leaks_nothing(folder, finalizers_may_be_interrupted):
    root = folder((6, 6), a=1, b=1)
    gc.collect()
    close_leftovers()
    before = open_loaders()
    threads = len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 0

    def act():
        with mf.from_directory(
            root, image_size=(8, 8), batch_size=1, threads=1, verbose=False
        ) as seq:
            seq[0]

    interrupt = Interrupts()
    while interrupt(act):
        interrupt.step += 2
        assert len(open_loaders() - before) <= 2
    assert interrupt.step > 500
    gc.collect()
    until(lambda: close_leftovers() or open_loaders() <= before)
    if threads:
        until(lambda: len(os.listdir("/proc/self/task")) < threads + 8)


def test_signals_at_random_moments(many, finalizers_may_be_interrupted):
    """200 exceptions of a signal handler; then each batch is the same as before."""
    came = False

    def alarm(*_):
        nonlocal came
        came = True
        raise KeyboardInterrupt

    rng = np.random.default_rng(1)
    with mf.from_directory(
        many, image_size=(64, 64), batch_size=2, shuffle=False, mix=None, threads=2, verbose=False
    ) as seq:
        want = everything(seq)
        before = signal.signal(signal.SIGALRM, alarm)
        try:
            for count in range(200):
                came, index = False, int(rng.integers(len(seq)))
                with contextlib.suppress(KeyboardInterrupt):
                    signal.setitimer(signal.ITIMER_REAL, float(rng.uniform(1e-6, 3e-3)))
                    while not came:
                        asked(seq, index)
                assert same(asked(seq, index), want[index]), f"batch {index}, after {count} signals"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert_nothing_is_left(seq)


def test_threads_that_request_the_same_batch_all_get_it(flowers):
    """The first waiting thread receives the arrays; for the others the batch is built again."""
    with mf.from_directory(
        flowers, image_size=(8, 8), batch_size=4, shuffle=False, mix=None, verbose=False
    ) as seq:
        want, found, before = everything(seq), [], waiting_threads()

        def ask():
            found.extend((i % 2, asked(seq, i % 2)) for i in range(40))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for t in threads:
            t.start()
        for t in threads:
            t.join(60)
        assert len(found) == 240 and all(same(x, want[i]) for i, x in found)
        assert len({x[0].ctypes.data for _, x in found}) == 240, "no array is shared"
        found.clear()
        assert waiting_threads() <= before, "some of other tests may be left"
        assert_nothing_is_left(seq)
