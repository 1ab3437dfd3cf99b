"""The private names of the package that tests use. A change of the package's internals changes
this module, and no test."""

import contextlib
import os
import threading
import time

from mixfolder import _core, _keras_adapter, _limits, _loader, _opening
from mixfolder._batch_spec import BatchSpec
from mixfolder._batches import Batches
from mixfolder._buffers import ALIGNMENT, Pool
from mixfolder._epochs import EpochState
from mixfolder._files import FileList
from mixfolder._keras_adapter import ADAPTER
from mixfolder._options import Options, core_document
from mixfolder._resume_file import History, Record, ResumeFile
from mixfolder._shard import Shard, shard_option
from mixfolder._text import few, printable

__all__ = [
    "ADAPTER",
    "ALIGNMENT",
    "BatchSpec",
    "Batches",
    "EpochState",
    "FileList",
    "History",
    "Options",
    "Pool",
    "Record",
    "ResumeFile",
    "Shard",
    "core_document",
    "few",
    "printable",
    "shard_option",
]

PACKAGES = _core.PACKAGES
close_leftovers = _loader.close_leftovers
leave_at_exit = _loader._leave
require_workers = _limits.require
worker_count = _limits.worker_count


class WatchedBatches(Batches):
    """Records the batches that it serves: epoch, number in the epoch and paths."""

    def _next_key(self, index):
        key = super()._next_key(index)
        self._record(self._epochs.number, key)
        return key

    def reserve_next(self, epoch, number):
        key = super().reserve_next(epoch, number)
        self._record(epoch, key)
        return key

    def _record(self, epoch, key):
        if not hasattr(self, "served"):
            self.served = []
        names = [self.listing.names[row["image"]] for row in self.explain(key)]
        paths = tuple(os.path.join(self.config.directory, name) for name in names)
        self.served.append((epoch, key.number, paths))


def watch_batches(set_attribute=setattr):
    """Let sequences that are opened from now on record the batches that they serve."""
    set_attribute(_opening, "Batches", WatchedBatches)


def served(seq):
    """What a sequence of `WatchedBatches` served so far."""
    return getattr(seq._batches, "served", [])


def hide_adapter(monkeypatch):
    """Let Keras wrap a sequence as any `PyDataset`, as it does where it has no such class."""
    name = "keras.src.trainers.data_adapters.data_adapter.DataAdapter"
    monkeypatch.setattr(name, type("Other", (), {}))


def hide_keras_counts(monkeypatch):
    """Let Keras be a version that cannot be told the shapes of batches."""
    monkeypatch.setattr(_keras_adapter, "keras_counts", lambda *_: None)


def batch(seq, epoch, number):
    """The arrays `(x, y)` of any batch of any epoch, or `(x, y, w)` with weights."""
    batches = seq._batches
    x, y, w = batches.result(batches._key(epoch, number))
    return (x, y) if w is None else (x, y, w)


def options(seq):
    """The options that the core was opened with."""
    return seq._batches.config.options


def reopened(seq, subclass):
    """The same data set as an object of a subclass of ImageSequence."""
    return subclass(Batches(seq._batches.config))


def requests(seq):
    """The requests of a sequence, also one of compat; it does not keep the sequence alive."""
    return seq._batches._requests


def is_closed(requests):
    """Whether the loader of `requests` is closed and was released by the core."""
    return requests.closed and requests.loader not in _loader._loaders


def pending(seq):
    """Number of batches that are requested and not returned yet."""
    return len(requests(seq)._pending)


def jobs(seq):
    """Number of jobs that the core has, or may have."""
    return len(requests(seq).loader._held)


def let_memory_fail(seq):
    """Let the next batch of a sequence need more memory than any machine has."""
    requests(seq)._pool._size = 2**60


def buffers(pool):
    """Number of buffers of a pool that are in use, and that are free."""
    pool._reclaim()
    return len(pool._live), len(pool._free)


def buffers_of(seq):
    return buffers(requests(seq)._pool)


def open_loaders():
    """All loaders that the core has, or may have."""
    return set(_loader._loaders)


def waiting_threads():
    """Identifiers of the threads that wait for a job."""
    return set(_loader._waiting)


def close_within(seq, seconds):
    """Close a sequence with a shorter timeout."""
    requests(seq).loader.close(seconds)


@contextlib.contextmanager
def timed_calls():
    """Yields a list that receives the name and duration of each call of the core by this thread."""
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
    return iterator._remaining_steps


def mixed_by_numpy(flow):
    """Whether compat's mixup generator mixes with NumPy, after steps that do not commute with
    mixing."""
    return flow._unmixed


def forget_known_threads(monkeypatch):
    """Let the next `require_workers` try out all threads."""
    monkeypatch.setattr(_limits, "_threads", 0)


def known_threads():
    """Number of threads that the core is known to get."""
    return _limits._threads


def record_tried_threads(monkeypatch):
    """A list that gets the number of threads of each trial; none is started."""
    tried = []
    monkeypatch.setattr(_limits, "_try_threads", tried.append)
    return tried


def pretend_to_wait():
    """Let this thread count as one that waits for a job."""
    _loader.set_awaited(_loader.Ticket())
