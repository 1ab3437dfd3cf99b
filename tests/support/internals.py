"""What tests see of the package behind its public names. A change of its inside changes these
functions, and no test."""

import contextlib
import threading
import time

import mixfolder as mf
from mixfolder import _core, _loader

close_leftovers = _loader.close_leftovers


class WatchedSequence(mf.ImageSequence):
    """Keeps what was handed out: epoch, number in the epoch and paths of each batch."""

    def _hand_out(self, index):
        key = super()._hand_out(index)
        rows = self._plan(key)
        if not hasattr(self, "seen"):
            self.seen = []
        self.seen.append(
            (self._epochs.number, key.number, tuple(self.file_paths[r["image"]] for r in rows))
        )
        return key


def batch(seq, epoch, number):
    """The arrays of any batch of any epoch, whatever was handed out."""
    return seq._opened().take(seq._key(epoch, number))


def options(seq):
    """What the core was opened with."""
    return seq._config.options


def reopened(seq, subclass):
    """The same data set as an object of a subclass of ImageSequence."""
    return subclass(seq._config)


def requests(seq):
    """What a sequence, also one of compat, asks of the core; it does not keep the sequence."""
    return getattr(seq, "sequence", seq)._requests


def is_closed(requests):
    """Whether the loader of `requests` is closed, and the core has let go of it."""
    return requests.closed and requests.loader not in _loader._loaders


def pending(seq):
    """How many batches are asked for and not handed out."""
    return len(requests(seq)._pending)


def jobs(seq):
    """How many jobs the core has, or may have."""
    return len(requests(seq).loader._held)


def slabs(pool):
    """How many slabs of a pool have an array on them, and how many are free."""
    pool._take_back()
    return len(pool._live), len(pool._free)


def slabs_of(seq):
    return slabs(requests(seq)._pool)


def open_loaders():
    """All loaders that the core has, or may have."""
    return set(_loader._loaders)


def waiting_threads():
    """The threads that wait for something, by their numbers."""
    return set(_loader._waiting)


def close_within(seq, seconds):
    """Close a sequence with less patience."""
    requests(seq).loader.close(seconds)


@contextlib.contextmanager
def timed_calls():
    """Gives a list that gets the name and the seconds of each call of the core by this thread."""
    calls, call, mine = [], _core.call, threading.get_ident()

    def timed(name, *arguments):
        start = time.perf_counter()
        try:
            call(name, *arguments)
        finally:
            if threading.get_ident() == mine:
                calls.append((name, time.perf_counter() - start))

    _core.call = timed
    try:
        yield calls
    finally:
        _core.call = call


def left_to_numpy(iterator):
    """The arguments of compat's generator that the core leaves to NumPy."""
    return iterator._left


def mixed_by_numpy(flow):
    """Whether compat's mixup generator mixes with NumPy, as something must be done before."""
    return flow._apart
