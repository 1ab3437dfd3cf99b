"""Batches in the making: submitted ahead, waited for, cancelled."""

import atexit
import contextlib
import ctypes
import sys
import threading
import time
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mixfolder import _core
from mixfolder._buffers import Pool


class Key(NamedTuple):
    """Names a batch: pass, and number within it."""

    pass_: int
    number: int


@dataclass(frozen=True)
class Shape:
    """Arrays of a batch, without the batch axis."""

    pictures: int  # a sample: 1, or 2 where partners come behind the samples' own pictures
    picture: tuple[int, ...]
    dtype: np.dtype
    label: tuple[int, ...] | None
    label_dtype: np.dtype


class Order:
    """One batch in the making; it owns the arrays that the core writes to, and must live until the core has let go of them."""

    def __init__(self, x: np.ndarray, y: np.ndarray | None):
        self.x, self.y = x, y
        self._ticket = ctypes.c_int64()  # 0 until it is submitted

    @property
    def ticket(self) -> int:
        return self._ticket.value

    def submit(self, handle: int, key: Key) -> None:
        labels = (0, 0) if self.y is None else (self.y.ctypes.data, self.y.nbytes)
        _core.submit(handle, key.pass_, key.number, (self.x.ctypes.data, self.x.nbytes), labels, self._ticket)


class Orders:
    """The orders of one loader of the core. It holds the arrays of all orders until the core has let go of them, whatever exception
    a signal raises in between.

    `ask` and `keep` want the caller's lock; `take` waits and must be called without it.
    """

    def __init__(self, handle: int, samples: int, batch_size: int, shape: Shape):
        self.handle = handle
        self._samples, self._batch_size, self._shape = samples, batch_size, shape
        self._pool = Pool(batch_size * shape.pictures * int(np.prod(shape.picture)) * shape.dtype.itemsize)
        self._pending: dict[Key, Order] = {}
        self._awaited: set[Order] = set()
        self.closed = False
        self.asked_elsewhere = False  # by a thread other than the main one, as TensorFlow does
        _open.add(self)

    def ask(self, key: Key) -> None:
        """Start a batch, if it is not in the making."""
        if key not in self._pending:
            n = min(self._batch_size, self._samples - key.number * self._batch_size)
            shape = self._shape
            x = self._pool.array((n * shape.pictures, *shape.picture), shape.dtype)
            y = None if shape.label is None else np.empty((n, *shape.label), shape.label_dtype)
            self._pending[key] = Order(x, y)
        if not (order := self._pending[key]).ticket:
            order.submit(self.handle, key)

    def keep(self, wanted: Iterable[Key]) -> None:
        """Cancel all orders that nobody waits for and that are not wanted."""
        for key in self._pending.keys() - set(wanted):
            with contextlib.suppress(_core.TicketError):  # never submitted, or settled when a signal came
                _core.cancel(self.handle, self._pending[key].ticket)
            del self._pending[key]

    def reserve(self, key: Key) -> Order:
        """Take an asked batch out, for `take`: no other thread will be given it."""
        if threading.current_thread() is not threading.main_thread():
            self.asked_elsewhere = True
        order = self._pending.pop(key)
        self._awaited.add(order)
        return order

    def take(self, key: Key, order: Order) -> tuple[np.ndarray, np.ndarray | None]:
        """Wait for a reserved batch. Where a signal ends the waiting (Ctrl-C) the batch goes on and can be asked again."""
        try:
            _core.wait(self.handle, order.ticket)
        except _core.CoreError:
            self._awaited.discard(order)
            raise
        except BaseException:
            if self._pending.setdefault(key, order) is order:  # else the batch was asked anew meanwhile, and this one is held until close
                self._awaited.discard(order)
            raise
        self._awaited.discard(order)
        return order.x, order.y

    def close(self) -> None:
        """Cancel everything and wait until no worker is left. May be called again."""
        self.closed = True
        _core.close_loader(self.handle)
        self._pending.clear()
        self._pool.close()

    def quiet(self) -> bool:
        """Whether no thread waits for a batch."""
        return not self._awaited


_open: "weakref.WeakSet[Orders]" = weakref.WeakSet()

#: How long TensorFlow's threads get to notice at exit that their generator has ended; without it the interpreter often hangs or aborts.
_TENSORFLOW_GRACE = 0.5


def _leave() -> None:
    """At exit: stop all loaders, then let the threads that wait for a batch see it."""
    orders: list[Any] = list(_open)
    for o in orders:
        o.close()
    deadline = time.monotonic() + 2
    while not all(o.quiet() for o in orders) and time.monotonic() < deadline:
        time.sleep(0.005)
    if "tensorflow" in sys.modules and any(o.asked_elsewhere for o in orders):
        time.sleep(_TENSORFLOW_GRACE)


atexit.register(_leave)
