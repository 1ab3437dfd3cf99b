"""Memory for batches: aligned slabs that go back to a pool when the last array on them dies."""

import gc
import weakref
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: TensorFlow and JAX take memory with this alignment as it is, and copy any other
#: (XLA's and Eigen's packets are 64 bytes).
ALIGNMENT = 64

#: Live slabs from which on a growing pool first looks for reference cycles: torch's
#: tensors of one `fit` step sit in such.
_COLLECT_FROM = 8


class _Slab:
    """The owner that arrays on a slab refer to: the slab lives as long as any of them."""

    __slots__ = ("__array_interface__", "__weakref__", "raw")

    def __init__(self, raw: NDArray[np.uint8], size: int):
        address = raw.ctypes.data
        self.raw = raw
        self.__array_interface__ = {
            "data": (address + -address % ALIGNMENT, False),
            "shape": (size,),
            "typestr": "|u1",
            "version": 3,
        }


class Pool:
    """Slabs of one size, recycled by reference.

    `array` never waits: a pool that waits for a slab to come back deadlocks, as JAX on the CPU
        keeps dozens of batches alive until its
    next call. It may be used from any thread. No finalizer brings a slab back, in which an
    exception of a signal handler would get lost: `array` looks for those that are dead.
    """

    def __init__(self, size: int):
        self._size = size
        self._free: deque[NDArray[np.uint8]] = deque()
        self._live: dict[
            weakref.ref[_Slab], NDArray[np.uint8]
        ] = {}  # slabs that were handed out, and what they lie on
        self._closed = False

    def array(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array of undefined content, aligned to 64 bytes, that owns its slab."""
        self._take_back()
        if not self._free and len(self._live) >= _COLLECT_FROM:
            gc.collect(0)
            self._take_back()
        try:
            raw = self._free.pop()
        except IndexError:
            raw = np.empty(self._size + ALIGNMENT, np.uint8)
        self._shrink()
        slab = _Slab(raw, self._size)
        if not self._closed:
            self._live[weakref.ref(slab)] = raw
        count = int(np.prod(shape)) * np.dtype(dtype).itemsize
        array: NDArray[Any] = np.asarray(slab)[:count].view(dtype).reshape(shape)
        return array

    def close(self) -> None:
        """Free what is not in use, and from now on what comes back: TensorFlow keeps a data set
        of `fit` as long as the process lives."""
        self._closed = True
        self._free.clear()
        self._live.clear()

    def _take_back(self) -> None:
        """Find the slabs that no array lies on any more."""
        for slab in list(self._live):
            if slab() is None and (raw := self._live.pop(slab, None)) is not None:
                self._free.append(raw)

    def _shrink(self) -> None:
        """Keep no more slabs free than are in use, and two for the next batches."""
        while len(self._free) > len(self._live) + 2:
            try:
                self._free.popleft()
            except IndexError:
                return
