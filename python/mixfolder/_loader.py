"""Loaders of the core and their jobs. Nothing leaks, whatever a signal interrupts.

A signal handler may raise an exception between any two steps of Python. So everything that the
core uses is recorded here before the core gets it, and until the core has released it. What is no
longer needed is found in these records: no clean-up depends on code that a signal could skip.
"""

import atexit
import ctypes
import json
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from mixfolder import _core, _limits

#: Seconds to wait for a loader to end; after that, one of its threads hangs in a read.
CLOSE_TIMEOUT = 5.0

#: The same if `with` is left by an exception, for example by Ctrl-C.
HURRIED_CLOSE_TIMEOUT = 0.1

#: Seconds for TensorFlow's threads to notice, at exit, that their generator has ended;
#: otherwise the interpreter often hangs or aborts.
_TENSORFLOW_GRACE = 0.5


class Ticket:
    """A job of the core, with the arrays that it writes to.

    The core itself writes the number, as a signal may interrupt Python before a call returns; it
    is 0 until the core has the job.
    """

    def __init__(self, *arrays: Any):
        self.arrays = arrays
        self.stopped = False
        self._number = ctypes.c_int64()

    @property
    def number(self) -> int:
        return self._number.value


class Loader:
    """A loader of the core, closed when its owner is deleted. Safe for concurrent use."""

    def __init__(self, owner: Any):
        self._handle = ctypes.c_int64()  # 0 until it is opened
        self._workers = 0
        self._held: set[Ticket] = set()  # jobs that the core has, or may have
        self._owner = weakref.ref(owner, lambda _: close_leftovers())
        self.closed = False
        self.closing: Callable[[], None] = lambda: None  # called by close
        close_leftovers()
        _loaders.add(self)

    @property
    def handle(self) -> int:
        return self._handle.value

    def open(
        self,
        root: bytes,
        class_names: list[bytes],
        options: dict[str, Any],
        like: "Loader | None" = None,
        files: bytes = b"",
        labels: bytes = b"",
        values: bytes = b"",
        groups: bytes = b"",
        masks: bytes = b"",
    ) -> None:
        """Open a folder, or a list of files (names relative to root, each terminated by NUL) with
        labels (int32) or values (float32), and with groups (names, terminated by NUL), using the
        data set of `like` if given. `masks` are the folder of the masks and, for a list, their
        names there."""
        for name in (root, *class_names):
            if b"\0" in name:
                raise ValueError(
                    f"the folder name {os.fsdecode(name)!r} is invalid: it contains NUL"
                )
        self._workers = _limits.worker_count(options.get("inspect", options).get("threads"))
        _limits.require(sum(loader._workers for loader in list(_loaders)))
        document, classes = json.dumps(options).encode(), b"".join(c + b"\0" for c in class_names)
        blobs = [
            part
            for blob in (document, root, classes, files, labels, values, groups, masks)
            for part in (blob, len(blob))
        ]
        _core.call("mixfolder_open", *blobs, like.handle if like else 0, ctypes.byref(self._handle))
        _core.poll("mixfolder_opened", self.handle)

    def start(self, ticket: Ticket, name: str, *arguments: Any) -> None:
        """Submit a job to the core, unless that has it already."""
        self._held.add(ticket)
        if not ticket.number:
            _core.call(name, self.handle, *arguments, ctypes.byref(ticket._number))

    def wait(self, ticket: Ticket) -> None:
        """Wait until a job is done. May be called again until the job is released."""
        state = _core.RUNNING
        while state == _core.RUNNING and not self.closed:
            state = _core.poll(
                "mixfolder_wait", self.handle, ticket.number, seconds=_core.SLICE_MS / 1000
            )
        if state != _core.DONE:
            raise _core.ClosedError("this sequence was closed while it built the batch")

    def result(self, name: str, *arguments: Any) -> bytes:
        """Run a job and return its result."""
        ticket = Ticket()
        try:
            set_awaited(ticket)
            self.start(ticket, name, *arguments)
            self.wait(ticket)
            return self.fetch(ticket)
        finally:
            set_awaited(None)
            self.release([ticket], patient=False)

    def fetch(self, ticket: Ticket) -> bytes:
        """The result of a job that is done."""
        return _core.call_bytes("mixfolder_result", self.handle, ticket.number)

    def release(self, tickets: Iterable[Ticket], patient: bool = True) -> None:
        """Cancel jobs and forget those whose arrays the core has released; with `patient`, wait
        for that once, for a moment."""
        stopped = [ticket for ticket in tickets if not ticket.stopped]
        for ticket in tickets:
            self._release(ticket, 0)
        if patient:
            for ticket in self._held.intersection(stopped):
                self._release(ticket, _core.SLICE_MS)

    def release_all_but(self, wanted: Iterable[Ticket]) -> None:
        """Release the jobs that are not wanted and that no thread waits for."""
        held = self._held.copy()  # first, as a thread waits for a job before it submits it
        if unwanted := held.difference(wanted, awaited()):
            self.release(unwanted)

    def _release(self, ticket: Ticket, milliseconds: int) -> None:
        ticket.stopped = True
        state = ctypes.c_int32(_core.CANCELLED)
        try:
            if ticket.number:
                _core.call(
                    "mixfolder_cancel",
                    self.handle,
                    ticket.number,
                    milliseconds,
                    ctypes.byref(state),
                )
        except _core.ClosedError:  # the core has freed all its jobs
            pass
        if state.value != _core.RUNNING:
            self._held.discard(ticket)

    def close(self, seconds: float = CLOSE_TIMEOUT) -> None:
        """Cancel all jobs and wait until the core's threads have ended. If one hangs in a read, the
        core frees everything when the read returns. May be called again. Does nothing in a forked
        process."""
        if _core.forked():
            return
        self.closed = True
        if (
            self.handle
            and _core.poll("mixfolder_close", self.handle, seconds=seconds) == _core.RUNNING
        ):
            return  # it stays in _loaders, with the arrays that its threads may write to
        self._held.clear()
        self.closing()
        _loaders.discard(self)


#: All loaders that the core has, or may have.
_loaders: set[Loader] = set()

#: The job that each thread waits for, by thread identifier. An entry that a signal left
#: behind is replaced when the thread waits again.
_waiting: dict[int, Ticket] = {}

#: Whether a thread other than the main one has waited, as threads of TensorFlow do.
_waited_elsewhere = False


def set_awaited(ticket: Ticket | None) -> None:
    """Record the job that this thread waits for, so that it is not released; None for no job."""
    global _waited_elsewhere
    if ticket is None:
        _waiting.pop(threading.get_ident(), None)
        return
    _waiting[threading.get_ident()] = ticket
    if threading.current_thread() is not threading.main_thread():
        _waited_elsewhere = True


def awaited() -> list[Ticket]:
    """The jobs that threads wait for."""
    return list(_waiting.values())


def close_leftovers() -> None:
    """Close the loaders whose owners were deleted, and those that were not closed completely
    because a thread hung. Waits for a moment at most, as the garbage collector may call this."""
    for loader in list(_loaders):
        if loader._owner() is None:
            loader.close(_core.SLICE_MS / 1000)
        elif loader.closed:
            loader.close(0)


def _leave() -> None:
    """At exit: stop all loaders, then let the threads that wait for a batch notice."""
    if _core.forked():
        return
    threading.excepthook = _without_closed(threading.excepthook)
    loaders, end = list(_loaders), time.monotonic() + CLOSE_TIMEOUT
    for seconds in (0, CLOSE_TIMEOUT):  # stop all of them before waiting for any
        for loader in loaders:
            loader.close(min(seconds, max(0, end - time.monotonic())))
    while _loaders:
        # A thread hangs; if its read returns, it may still write to the arrays.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_loaders.pop()))
    end = time.monotonic() + 2
    while _waiting.keys() - {threading.get_ident()} and time.monotonic() < end:
        time.sleep(0.005)
    if "tensorflow" in sys.modules and _waited_elsewhere:
        time.sleep(_TENSORFLOW_GRACE)


def _without_closed(hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """An exception hook for threads that ignores those which iterate at exit."""
    return lambda args: None if issubclass(args.exc_type, _core.ClosedError) else hook(args)


atexit.register(_leave)
