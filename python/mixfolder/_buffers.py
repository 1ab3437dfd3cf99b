"""Memory for batches: aligned buffers that a pool reuses once no array refers to them."""

import gc
import weakref
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: TensorFlow and JAX use memory with this alignment without a copy (packets of XLA and
#: Eigen are 64 bytes).
ALIGNMENT = 64

#: A pool with this many buffers in use collects reference cycles before it grows: in
#: `fit` on torch, the tensors of a step are part of a cycle.
_COLLECT_FROM = 8


class _AlignedBuffer:
    """The owner of memory that arrays refer to; it lives as long as any of them."""

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
    """Buffers of one size that are reused when they are no longer referenced. Safe for concurrent
    use, except `resize`.

    `array` never waits for a free buffer: that would deadlock, as JAX on the CPU keeps dozens of
    batches alive until its next call. Free buffers are found by `array`, not returned by a
    finalizer, where an exception raised by a signal handler would be lost.
    """

    def __init__(self, size: int):
        self._size = size
        self._free: deque[NDArray[np.uint8]] = deque()
        self._live: dict[
            weakref.ref[_AlignedBuffer], NDArray[np.uint8]
        ] = {}  # buffers in use, and their memory
        self._closed = False

    def resize(self, size: int) -> None:
        """Make buffers of another size from now on."""
        if size != self._size:
            self._size = size
            self._free.clear()

    def array(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An uninitialized array, aligned to 64 bytes, that owns its buffer."""
        self._reclaim()
        if not self._free and len(self._live) >= _COLLECT_FROM:
            gc.collect(0)
            self._reclaim()
        try:
            raw = self._free.pop()
        except IndexError:
            raw = np.empty(self._size + ALIGNMENT, np.uint8)
        self._trim()
        buffer = _AlignedBuffer(raw, self._size)
        if not self._closed:
            self._live[weakref.ref(buffer)] = raw
        count = int(np.prod(shape)) * np.dtype(dtype).itemsize
        array: NDArray[Any] = np.asarray(buffer)[:count].view(dtype).reshape(shape)
        return array

    def close(self) -> None:
        """Free the unused buffers, and later any that becomes unused: TensorFlow keeps the data
        set of `fit` alive until the process ends."""
        self._closed = True
        self._free.clear()
        self._live.clear()

    def _reclaim(self) -> None:
        """Move buffers that no array refers to any more to the free ones, except those of another
        size."""
        for buffer in list(self._live):
            raw = self._live.pop(buffer, None) if buffer() is None else None
            if raw is not None and raw.nbytes == self._size + ALIGNMENT:
                self._free.append(raw)

    def _trim(self) -> None:
        """Keep as many buffers free as are in use, and two more for the next batches."""
        while len(self._free) > len(self._live) + 2:
            try:
                self._free.popleft()
            except IndexError:
                return
