"""Pending batches: submitted ahead of use, awaited or cancelled."""

import contextlib
import threading
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from mixfolder import _core
from mixfolder._batch_spec import Arrays, Phases
from mixfolder._buffers import Pool
from mixfolder._loader import Loader, Ticket, awaited, set_awaited


class BatchKey(NamedTuple):
    """Identifies a batch: its epoch, and its number within the epoch."""

    epoch: int
    number: int


class PendingBatches:
    """The batches that were requested from a loader and not returned yet. Safe for concurrent use.

    A batch stays pending until its arrays are returned, so that the next request gets it if a
    signal interrupts the wait.
    """

    def __init__(self, loader: Loader, phases: Phases):
        self.loader = loader
        self._phases = phases
        self._pool, self._mask_pool = Pool(0), Pool(0)
        self._pending: dict[BatchKey, Ticket] = {}
        self._lock = threading.RLock()
        loader.closing = self._free

    @property
    def handle(self) -> int:
        return self.loader.handle

    @property
    def closed(self) -> bool:
        return self.loader.closed

    def submit(self, key: BatchKey, ahead: Iterable[BatchKey]) -> None:
        """Start a batch that this thread will `wait` for, and those in `ahead`; cancel all others
        that no thread waits for."""
        with self._lock:
            set_awaited(self._started(key))
            self.cancel_others([key, *ahead])
            with contextlib.suppress(MemoryError):  # memory may suffice for this batch alone
                for k in ahead:
                    self._started(k)

    def cancel_others(self, wanted: Iterable[BatchKey]) -> None:
        """Cancel all batches that are not wanted and that no thread waits for."""
        with self._lock:
            needed = {
                *awaited(),
                *(self._pending[key] for key in wanted if key in self._pending),
            }
            for key, ticket in list(self._pending.items()):
                if ticket not in needed:
                    del self._pending[key]
            self.loader.release_all_but(self._pending.values())

    def cancel_from(self, epoch: int) -> None:
        """Cancel the batches of an epoch and of later ones that no thread waits for."""
        with self._lock:
            self.cancel_others([key for key in self._pending if key.epoch < epoch])

    def wait(self, key: BatchKey) -> Arrays:
        """Wait for a batch; the caller owns its arrays."""
        alone = False
        try:
            while True:
                with self._lock:
                    set_awaited(ticket := self._started(key))
                try:
                    self.loader.wait(ticket)
                except _core.TicketError:  # another thread has taken it: request it again
                    self._done(key, ticket)
                except MemoryError:  # it may suffice for this batch alone
                    self._done(key, ticket)
                    self.cancel_others([])
                    if alone:
                        raise
                    alone = True
                except _core.CoreError:
                    self._done(key, ticket)
                    self.cancel_others([])  # they may fail for a cause that the caller removes
                    raise
                else:
                    if self._done(key, ticket):
                        x, y = ticket.arrays
                        phase = self._phases.at(key.epoch)
                        return x, *phase.spec.labels(phase.size(key.number), y)
        finally:
            set_awaited(None)

    def _started(self, key: BatchKey) -> Ticket:
        """The ticket of a batch, which the core builds from now on."""
        if key not in self._pending:
            self._pending[key] = Ticket(*self._arrays(key))
        ticket = self._pending[key]
        if not ticket.number:
            x, y = ticket.arrays
            buffers = (x.ctypes.data, x.nbytes, y.ctypes.data, y.nbytes)
            try:
                self.loader.start(ticket, "mixfolder_submit", *key, *buffers)
            except Exception:
                self._done(key, ticket)
                raise
        return ticket

    def _done(self, key: BatchKey, ticket: Ticket) -> bool:
        """Forget a batch that is complete or failed; False if another thread was faster."""
        with self._lock:
            if mine := self._pending.get(key) is ticket:
                del self._pending[key]
                self.loader.release([ticket])
            return mine

    def _free(self) -> None:
        """Called when the loader is closed."""
        self._pending.clear()
        self._pool.close()
        self._mask_pool.close()

    def _arrays(self, key: BatchKey) -> tuple[np.ndarray, np.ndarray]:
        """Memory for a batch: x, and the bytes of y."""
        phase = self._phases.at(key.epoch)
        spec, n = phase.spec, phase.size(key.number)
        try:
            self._pool.resize(spec.x_bytes(phase.rows))
            x = self._pool.array(spec.x_shape(n), spec.x.dtype)
            if not spec.masks:
                return x, np.empty(spec.y_bytes(n), np.uint8)
            self._mask_pool.resize(spec.y_bytes(phase.rows))
            return x, self._mask_pool.array((spec.y_bytes(n),), np.uint8)
        except MemoryError:
            size = spec.x_bytes(n) + spec.y_bytes(n)
            masks, remedy = "", "a smaller dtype"
            if spec.masks:
                masks, remedy = f" with masks of {spec.masks.shape}", "mask_mode='int'"
            raise MemoryError(
                f"there is no memory for a batch of {size / 1e9:.2f} GB: {n} images of "
                f"{spec.x.shape}, {spec.x.dtype}{masks}: choose a smaller batch_size or "
                f"image_size, or {remedy}"
            ) from None
