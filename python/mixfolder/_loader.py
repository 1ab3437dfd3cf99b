"""Loaders of the core and what they were asked for. Nothing is lost, whatever a signal
interrupts.

A signal handler may raise between any two steps of Python. So each thing that the core holds is
kept here from before the core has it until the core has let go of it, and what nobody wants any
more is found by looking for it: no step that cleans up must have been reached.
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

#: Seconds after which nobody waits any longer for a loader to end: one of its threads
#: hangs in a read.
PATIENCE = 5.0

#: The same where an exception, such as that of Ctrl-C, leaves `with`.
IN_A_HURRY = 0.1

#: How long TensorFlow's threads get to notice at exit that their generator has ended;
#: without it the interpreter often hangs or aborts.
_TENSORFLOW_GRACE = 0.5


class Ticket:
    """Something that the core was asked for, with the arrays that it writes to.

    The core itself writes the number, as a signal may come before Python has seen an answer; it
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
    """A loader of the core, closed when its owner is no more. It may be used from all threads."""

    def __init__(self, owner: Any):
        self._handle = ctypes.c_int64()  # 0 until it is opened
        self._workers = 0
        self._held: set[Ticket] = set()  # all that the core has, or may have
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
    ) -> None:
        """Open a folder, or the files (names below root, each ended by NUL) with their labels
        (int32)."""
        for name in (root, *class_names):
            if b"\0" in name:
                raise ValueError(
                    f"{os.fsdecode(name)!r} holds a NUL, which no name of a file or folder can"
                )
        self._workers = _limits.workers_of(options.get("threads", 0))
        _limits.make_sure(sum(loader._workers for loader in list(_loaders)))
        document, classes = json.dumps(options).encode(), b"".join(c + b"\0" for c in class_names)
        blobs = [
            part for blob in (document, root, classes, files, labels) for part in (blob, len(blob))
        ]
        _core.call("mixfolder_open", *blobs, like.handle if like else 0, ctypes.byref(self._handle))
        _core.poll("mixfolder_opened", self.handle)

    def start(self, ticket: Ticket, name: str, *arguments: Any) -> None:
        """Give the core a job, if it does not have it."""
        self._held.add(ticket)
        if not ticket.number:
            _core.call(name, self.handle, *arguments, ctypes.byref(ticket._number))

    def wait(self, ticket: Ticket) -> None:
        """Wait until a job is done. It may be waited for any number of times, until it is
        released."""
        state = _core.RUNNING
        while state == _core.RUNNING and not self.closed:
            state = _core.poll(
                "mixfolder_wait", self.handle, ticket.number, seconds=_core.SLICE_MS / 1000
            )
        if state != _core.DONE:
            raise _core.ClosedError("this sequence was closed while the batch was being made")

    def result(self, name: str, *arguments: Any) -> bytes:
        """Start a job, wait for it, and give what it has made."""
        ticket = Ticket()
        try:
            waits_for(ticket)
            self.start(ticket, name, *arguments)
            self.wait(ticket)
            return self.fetch(ticket)
        finally:
            waits_for(None)
            self.release([ticket], patient=False)

    def fetch(self, ticket: Ticket) -> bytes:
        """What a job that is done has made."""
        return _core.fetch("mixfolder_result", self.handle, ticket.number)

    def release(self, tickets: Iterable[Ticket], patient: bool = True) -> None:
        """Stop jobs, and forget them as soon as the core has let go of their arrays; patiently,
        wait for this for a moment, once."""
        stopped = [ticket for ticket in tickets if not ticket.stopped]
        for ticket in tickets:
            self._release(ticket, 0)
        if patient:
            for ticket in self._held.intersection(stopped):
                self._release(ticket, _core.SLICE_MS)

    def release_all_but(self, wanted: Iterable[Ticket]) -> None:
        """Release what is not wanted and what no thread waits for."""
        held = self._held.copy()  # before it is asked who waits, as a thread waits before it holds
        if unwanted := held.difference(wanted, waited_for()):
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
        except _core.ClosedError:  # all of it is freed
            pass
        if state.value != _core.RUNNING:
            self._held.discard(ticket)

    def close(self, seconds: float = PATIENCE) -> None:
        """Cancel everything, and wait until no thread of the core is left. One that hangs in a read
        is not waited for: when it goes on, the core itself frees all. May be called again. Does
        nothing in a forked child."""
        if _core.forked():
            return
        self.closed = True
        if (
            self.handle
            and _core.poll("mixfolder_close", self.handle, seconds=seconds) == _core.RUNNING
        ):
            return  # it stays among _loaders, with the arrays that are written to
        self._held.clear()
        self.closing()
        _loaders.discard(self)


#: All loaders that the core has, or may have.
_loaders: set[Loader] = set()

#: What each thread waits for, by its number. What a signal has left here is gone when
#: the thread waits again.
_waiting: dict[int, Ticket] = {}

#: Whether a thread other than the main one has waited, as TensorFlow's do.
_waited_elsewhere = False


def waits_for(ticket: Ticket | None) -> None:
    """Note what this thread waits for, so that it is not released; None when it no longer does."""
    global _waited_elsewhere
    if ticket is None:
        _waiting.pop(threading.get_ident(), None)
        return
    _waiting[threading.get_ident()] = ticket
    if threading.current_thread() is not threading.main_thread():
        _waited_elsewhere = True


def waited_for() -> list[Ticket]:
    """What any thread waits for."""
    return list(_waiting.values())


def close_leftovers() -> None:
    """Close the loaders whose owners are no more, and those that could not be closed as a thread
    of theirs hung. It waits for a moment at most, as the garbage collector may call this."""
    for loader in list(_loaders):
        if loader._owner() is None:
            loader.close(_core.SLICE_MS / 1000)
        elif loader.closed:
            loader.close(0)


def _leave() -> None:
    """At exit: stop all loaders, then let the threads that wait for a batch see it."""
    if _core.forked():
        return
    threading.excepthook = _without_closed(threading.excepthook)
    loaders, end = list(_loaders), time.monotonic() + PATIENCE
    for seconds in (0, PATIENCE):  # first all are stopped
        for loader in loaders:
            loader.close(min(seconds, max(0, end - time.monotonic())))
    while _loaders:
        # One of its threads hangs; if it goes on, it may still write to the arrays.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_loaders.pop()))
    end = time.monotonic() + 2
    while _waiting.keys() - {threading.get_ident()} and time.monotonic() < end:
        time.sleep(0.005)
    if "tensorflow" in sys.modules and _waited_elsewhere:
        time.sleep(_TENSORFLOW_GRACE)


def _without_closed(hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A hook for the exceptions of threads that is silent about those which iterate at exit."""
    return lambda args: None if issubclass(args.exc_type, _core.ClosedError) else hook(args)


atexit.register(_leave)
