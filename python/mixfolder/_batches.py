"""The batches of an open data set by index: what `ImageSequence` and compat's `DirectoryIterator`
have in common."""

import json
import operator
import os
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mixfolder import _core
from mixfolder._batch_spec import Arrays, BatchSpec, Phase, Phases
from mixfolder._config import SequenceConfig
from mixfolder._epochs import EpochState
from mixfolder._explain import dark
from mixfolder._keras_options import NO_EPOCH_IN_WORKERS, in_torch_worker
from mixfolder._listing import Listing
from mixfolder._loader import CLOSE_TIMEOUT, HURRIED_CLOSE_TIMEOUT, Loader
from mixfolder._options import core_document
from mixfolder._records import CoreStats, Row, Stats
from mixfolder._requests import BatchKey, PendingBatches
from mixfolder._shard import Shard, require_detected
from mixfolder._text import warn
from mixfolder._weights import FileWeights, positions_of, updates_of


class Batches:
    """An open data set: `reserve` decides which batch answers an index and requests it from the
    core, `result` waits for its arrays.

    Safe for concurrent use; a caller that needs several calls to be one step holds `lock`, which
    is reentrant. A pickled copy opens the folder again when it is first used. All methods raise
    `ClosedError` after `close`, and `ForkError` in a process forked after the core was loaded;
    the listing stays available after `close`.
    """

    def __init__(self, config: SequenceConfig, share_with: "Batches | None" = None):
        """Open a folder, using the scan of `share_with`, which has the same one."""
        self.config = config
        self.lock = threading.RLock()
        self._requests: PendingBatches | None = None
        self._warned_dark = False
        self._open(share_with)

    def _open(self, share_with: "Batches | None" = None) -> None:
        config = self.config
        # The core has them already.
        files = None if share_with else config.files
        groups = b"" if share_with and share_with.config.groups is config.groups else config.groups
        loader = Loader(self)
        try:
            loader.open(
                os.fsencode(config.directory),
                [os.fsencode(name) for name in config.class_names],
                core_document(config.options),
                share_with.require_open().loader if share_with else None,
                *((files.paths, files.labels, files.values) if files else (b"", b"", b"")),
                groups,
                config.masks.blob if config.masks and not share_with else b"",
            )
            self._listing = Listing.read(loader.handle)
            info = self._listing.info
            if config.digest not in (None, info["digest"]):
                raise ValueError(
                    f"{config.directory!r} has changed since this sequence was pickled (other "
                    "classes, file names or labels): call from_directory again"
                )
            # Only the scan can tell that a flat folder is a test set.
            config = replace(config, options=config.options | {"subset": info["subset"]})
            self.config = config
            phases = self._phases = Phases(map(Phase.read, info["phases"]))
            self._weights = FileWeights(
                config.weights,
                [*["sample_weight"] * phases[0].spec.weighted, *["sampler"] * info["drawn"]],
                self._listing,
                loader.handle,
                config.weight_versions,
            )
            self._epochs = EpochState(
                lambda epoch: phases.at(epoch).batches,
                phases[0].spec.shuffled,
                config.epoch,
                one_of_many=config.digest is not None,
            )
            self._chosen_epoch = config.chosen_epoch
            self._requests = PendingBatches(loader, phases)
        except BaseException:
            self._requests = None
            loader.close(HURRIED_CLOSE_TIMEOUT)
            raise

    @property
    def opened(self) -> bool:
        """False for a pickled copy that has not been used yet."""
        return self._requests is not None

    def require_open(self) -> PendingBatches:
        """The requests of the open loader; opens a pickled copy, raises ClosedError after
        `close`."""
        # Checks for a fork before it takes a lock that no thread of a child would ever
        # release.
        _core.library()
        with self.lock:
            if self._requests is None:
                self._open()
            assert self._requests is not None
            if self._requests.closed:
                raise _core.ClosedError(
                    "this sequence is closed: call from_directory again for more batches"
                )
            return self._requests

    @property
    def listing(self) -> Listing:
        """Files and classes; opens a pickled copy, and stays available after `close`."""
        if self._requests is None:
            self.require_open()
        return self._listing

    @property
    def spec(self) -> BatchSpec:
        """What batches have in common in all epochs; opens a pickled copy, and stays available
        after `close`."""
        return self.phases[0].spec

    @property
    def phases(self) -> Phases:
        """What holds from which epoch on, like `spec`; one without a schedule."""
        _ = self.listing
        return self._phases

    @property
    def phase(self) -> Phase:
        """What holds in the current epoch."""
        _ = self.listing
        return self._phases.at(self._epochs.number)

    def __len__(self) -> int:
        """Batches per epoch: of the next one if the current one has been served completely."""
        _ = self.listing
        return self._epochs.next_batches

    @property
    def epoch(self) -> int:
        """The current epoch."""
        self.require_open()
        return self._epochs.number

    def reserve(self, index: int) -> BatchKey:
        """Decide which batch answers index, and request it and those that are likely to follow.

        The caller passes the key to `result`. Raises IndexError if there is no such batch.
        """
        index, requests = operator.index(index), self.require_open()
        with self.lock:
            count = len(self)
            if not -count <= index < count:
                raise IndexError(f"there is no batch {index}: the sequence has {count}")
            key = self._next_key(index % count)
            following = self._epochs.following(key.number)
            ahead = [] if following is None else self._keys_from(self._epochs.number, following)
            requests.submit(key, ahead)
            return key

    def claim_epoch(self) -> tuple[int, range]:
        """Begin an epoch for an iterator: its number, and the numbers of its batches, which the
        iterator passes to `reserve_next` in order."""
        self.require_open()
        with self.lock:
            numbers = self._epochs.claim()
            return self._epochs.number, numbers

    def reserve_next(self, epoch: int, number: int) -> BatchKey:
        """Request a batch of a claimed epoch, and those that follow; see `reserve`."""
        requests = self.require_open()
        with self.lock:
            self._epochs.serve(epoch, number)
            key = self._key(epoch, number)
            requests.submit(key, self._keys_from(epoch, number + 1))
            return key

    def result(self, key: BatchKey) -> Arrays:
        """Wait for a reserved batch; the caller owns its arrays."""
        batch = self.require_open().wait(key)
        spec, custom = self.phases.at(key.epoch).spec, self.config.custom
        if custom and spec.target:
            batch = custom._mixed(batch, spec, self.config.options, *key)
        with self.lock:
            if key == self._key(self._epochs.number, key.number):  # else the epoch is over
                self._epochs.deliver(key.number)
        if not self._warned_dark:
            self._warned_dark = True
            if self.config.options["bit_depth"] is None and (
                warning := dark(self.stats()["sample_bits"])
            ):
                warn(warning)
        return batch

    def peek(self, key: BatchKey, ahead: Iterable[BatchKey]) -> Arrays:
        """A batch of any epoch, without effect on the current one; those in `ahead` are requested
        with it."""
        requests = self.require_open()
        with self.lock:
            requests.submit(key, ahead)
        return requests.wait(key)

    def current_key(self, number: int) -> BatchKey:
        """The key of a batch of the current epoch."""
        self.require_open()
        with self.lock:
            return self._key(self._epochs.number, number)

    def _next_key(self, index: int) -> BatchKey:
        """The key of the batch that answers index; the caller holds the lock."""
        if (
            self.phases.varies_by_epoch
            and in_torch_worker()
            and (self._chosen_epoch != self._epochs.number or self._epochs.again(index))
        ):
            raise RuntimeError(NO_EPOCH_IN_WORKERS)
        number = self._epochs.batch(index)  # which may start the next epoch
        return self._key(self._epochs.number, number)

    def _key(self, epoch: int, number: int) -> BatchKey:
        varies = self.phases.varies_by_epoch or self._weights.changed
        return BatchKey(epoch if varies else 0, number)

    def _keys_from(self, epoch: int, number: int) -> list[BatchKey]:
        """As many batches as are prefetched."""
        return [self._key(*k) for k in self._epochs.ahead(epoch, number, self.config.prefetch)]

    def begin_epoch(self) -> None:
        """An epoch or an iteration begins: start the next epoch if the current one has been served
        completely. Raises ValueError if the processes are not those that shard="auto" found."""
        self.require_open()
        if self.config.auto_shard:
            phase = self.phase
            require_detected(Shard(**self.config.options["shard"]), (phase.rows, phase.last_rows))
        with self.lock:
            self._epochs.begin()

    def end_epoch(self) -> None:
        """Keras' `on_epoch_end`, which it calls more often than there are epochs."""
        self.require_open()
        with self.lock:
            self._epochs.end()

    def new_epoch(self) -> None:
        """Start the next epoch if any batch of the current one has been served."""
        self.require_open()
        with self.lock:
            if self._epochs.complete:
                self.begin_epoch()  # which keeps the batches that were requested ahead
            elif self._epochs.served:
                self._start(self._epochs.number + 1)

    def choose_epoch(self, n: int, first: int = 0) -> None:
        """Go to a batch of epoch n, on the user's request."""
        self._start(n, first)
        self._chosen_epoch = n

    @property
    def begins_with(self) -> int:
        """Number of the batch that the current epoch was begun with."""
        _ = self.listing
        return self._epochs.first

    @property
    def position(self) -> tuple[int, int]:
        """The epoch and the number within it of the next batch."""
        self.require_open()
        with self.lock:
            if (number := self._epochs.position) is None:
                what = "batches were requested out of order, so that there is no position"
                raise ValueError(f"{what}: iterate over the sequence")
            return self._epochs.locate(self._epochs.number, number)

    def locate(self, epoch: int, number: int) -> tuple[int, int]:
        """The epoch and the number within it of a batch, counted from the start of an epoch."""
        return self._epochs.locate(epoch, number)

    @property
    def weights(self) -> FileWeights:
        """The weights of the files."""
        self.require_open()
        return self._weights

    def resume(self, epoch: int, steps: int | None) -> None:
        """Go to the batch at which an epoch of Keras begins, unless the user has chosen an epoch.

        Args:
            epoch: number of Keras' epoch.
            steps: batches in each of Keras' epochs; None if they are those of the data set.
        """
        self.require_open()
        with self.lock:
            if self._chosen_epoch == self._epochs.number and self._epochs.untouched:
                return
            self._start(*(self._epochs.locate(0, epoch * steps) if steps else (epoch, 0)))

    def restart(self) -> None:
        """Go back to where the current epoch was begun."""
        self._start(self.epoch, self._epochs.first)

    def begin_claim(self) -> int:
        """Begin the epoch that `claim_epoch` claims next; returns the number of its batches."""
        self.require_open()
        with self.lock:
            self._epochs.renew()
            return self._epochs.claimable

    @property
    def claimable(self) -> int:
        """Number of batches in the epoch that `claim_epoch` would claim."""
        self.require_open()
        with self.lock:
            return self._epochs.claimable

    def _start(self, n: int, first: int = 0) -> None:
        requests = self.require_open()
        with self.lock:
            self._epochs.start(n, first)
            requests.cancel_others([])

    def update_weights(self, ids: Any, w: Any, argument: str | None) -> None:
        """Change weights of files; see `ImageSequence.update_weights`."""
        requests = self.require_open()
        positions = positions_of(ids, self._listing, self.config.directory)
        values = updates_of(w, positions)
        with self.lock:
            kind = self._weights.kind(argument)
            epoch = self._epochs.number + (self._epochs.served > 0)
            self._weights.update(kind, positions, values, epoch)
            requests.cancel_from(epoch)

    def explain(self, key: BatchKey) -> list[Row]:
        """How the samples of a batch are built; files are positions in the listing."""
        rows: list[Row] = json.loads(self.require_open().loader.result("mixfolder_explain", *key))
        return rows

    def preview(self, key: BatchKey) -> bytes:
        """A contact sheet of a batch, as a PNG file."""
        return self.require_open().loader.result("mixfolder_sheet", *key)

    def bad_files(self) -> list[dict[str, Any]]:
        """The files that could not be read so far: dicts with `position` and `reason`."""
        found: list[dict[str, Any]] = json.loads(
            _core.call_bytes("mixfolder_listing", self.require_open().handle, _core.LIST_BAD)
        )
        return found

    def stats(self) -> Stats:
        """The core's counters, and the current epoch."""
        handle = self.require_open().handle
        core: CoreStats = json.loads(_core.call_bytes("mixfolder_stats", handle))
        return {"epoch": self._epochs.number, **core}

    def close(self, *, hurry: bool = False) -> None:
        """Stop the core's threads and free their memory; in a hurry, without much waiting for a
        thread that hangs in a read. May be called again. Does nothing in a forked process."""
        if _core.forked():  # nothing runs here, and a thread that is not here may hold the lock
            return
        with self.lock:
            if self._requests is None:  # pickled and never opened
                return
        self._requests.loader.close(HURRIED_CLOSE_TIMEOUT if hurry else CLOSE_TIMEOUT)

    def __getstate__(self) -> dict[str, Any]:
        digest = self.listing.info["digest"]
        epoch = self._epochs.number + self._epochs.complete
        return {
            "config": replace(
                self.config,
                digest=digest,
                epoch=epoch,
                chosen_epoch=self._chosen_epoch,
                weight_versions=self._weights.versions,
            )
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.config = state["config"]
        self.lock = threading.RLock()
        self._requests = None
        self._warned_dark = False
