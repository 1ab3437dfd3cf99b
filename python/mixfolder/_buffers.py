"""Memory for batches: aligned slabs that go back to a pool when the last array on them dies."""

import gc
import weakref
from collections import deque
from typing import Any

import numpy as np

#: TensorFlow and JAX take memory with this alignment as it is, and copy any other (XLA's and Eigen's packets are 64 bytes).
ALIGNMENT = 64

#: Live slabs from which on a growing pool first looks for reference cycles: torch's tensors of one `fit` step sit in such.
_COLLECT_FROM = 8


class _Slab:
    """The owner that arrays on a slab refer to: the slab lives as long as any of them."""

    __slots__ = ("__array_interface__", "__weakref__", "raw")

    def __init__(self, raw: np.ndarray, size: int):
        address = raw.ctypes.data
        self.raw = raw
        self.__array_interface__ = {
            "data": (address + -address % ALIGNMENT, False),
            "shape": (size,),
            "typestr": "|u1",
            "version": 3,
        }


class _Shelf:
    """What a pool shares with the finalisers of its slabs."""

    def __init__(self):
        self.free: deque[np.ndarray] = deque()
        self.live: dict[weakref.ref, np.ndarray] = {}  # what slabs in use lie on
        self.closed = False

    def take_back(self, slab: weakref.ref) -> None:
        raw = self.live.pop(slab, None)
        if raw is not None and not self.closed:
            self.free.append(raw)

    def take_back_dead(self) -> None:
        """Take back what a slab's own finaliser has not, as a signal came."""
        for slab in list(self.live):
            if slab() is None:
                self.take_back(slab)


class Pool:
    """Slabs of one size, recycled by reference.

    `array` never waits: a pool that waits for a slab to come back deadlocks, as JAX on the CPU keeps dozens of batches alive until its
    next call. It may be used from any thread, as may the finalisers that bring slabs back.
    """

    def __init__(self, size: int):
        self._size = size
        self._shelf = _Shelf()

    def array(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """An array of undefined content, aligned to 64 bytes, that owns its slab."""
        shelf = self._shelf
        shelf.take_back_dead()
        if not shelf.free and len(shelf.live) >= _COLLECT_FROM:
            gc.collect(0)
        try:
            raw = shelf.free.pop()
        except IndexError:
            raw = np.empty(self._size + ALIGNMENT, np.uint8)
        self._shrink()
        slab = _Slab(raw, self._size)
        shelf.live[weakref.ref(slab, shelf.take_back)] = raw
        count = int(np.prod(shape)) * np.dtype(dtype).itemsize
        return np.asarray(slab)[:count].view(dtype).reshape(shape)

    def close(self) -> None:
        """Free what is not in use, and from now on what comes back: TensorFlow keeps a data set of `fit` as long as the process lives."""
        self._shelf.closed = True
        self._shelf.free.clear()

    def _shrink(self) -> None:
        """Keep no more slabs free than are in use, and two for the next batches."""
        shelf = self._shelf
        while len(shelf.free) > len(shelf.live) + 2:
            try:
                shelf.free.popleft()
            except IndexError:
                return
