"""The data set that Keras trains on."""

import json
import operator
import os
import threading
import warnings
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mixfolder import _core
from mixfolder._contents import Contents
from mixfolder._epochs import EpochState
from mixfolder._explain import dark, explained
from mixfolder._files import FileList
from mixfolder._keras_options import NO_EPOCH_IN_WORKERS, NoKerasWorkers, in_torch_worker
from mixfolder._keras_usage import KerasData, Traits, keras_begins
from mixfolder._loader import IN_A_HURRY, PATIENCE, Loader
from mixfolder._records import CoreStats, Row, Sample, Stats
from mixfolder._requests import BatchSpec, Key, PendingBatches
from mixfolder._text import few, printable


@dataclass(frozen=True)
class SequenceConfig:
    """All that it takes to open a sequence again in another process."""

    directory: str
    class_names: tuple[str, ...]
    options: dict[str, Any] = field(repr=False)
    prefetch: int
    digest: str | None = None
    epoch: int = 0
    chosen: int | None = None  # the epoch that `set_epoch` has chosen last
    files: FileList | None = field(default=None, repr=False)


# Keras declares no types, so its class is Any for mypy.
class ImageSequence(NoKerasWorkers, KerasData, Contents, keras.utils.Sequence):  # type: ignore[misc]
    """Batches of images from a folder, mixed while they are loaded; made by
    `mixfolder.from_directory`.

    `sequence[i]` is a batch `(x, y)`, or `x` alone for `label_mode=None`: x of shape `(B, height,
    width, channels)` (or channels first) in the data set's dtype; y `(B, C)` float32 for
    "categorical", `(B, 1)` float32 for "binary", `(B,)` int32 for "int". On the torch backend x
    and y are tensors on the CPU, elsewhere NumPy arrays; x alone is a NumPy array on each, as
    Keras takes no tensor alone. Every batch owns its memory: it may be kept.

    A shuffled sequence hands out its batches in the order of asking: the first request of an
    index within an epoch gets the next batch of the epoch, the same index again the same batch.
    An epoch that has been handed out completely ends at the next epoch or `iter`, or when an
    index is asked again: a loop of one's own over `range(len(sequence))` has a new epoch each
    time, and where an epoch is one batch, each request is an epoch.

    A copy that came by pickle answers index i by batch i of the epoch, until an epoch or `iter`
    begins, so that worker processes that share out the indices see every image once. It begins
    with the epoch that the original would go on with.

    Errors: `ImageError` names a file that cannot be read; `RefusedError`, an OSError, one that
        the system refuses, with its `errno`; `ClosedError` after `close()`; `ForkError` in a
        process forked after the core was loaded; a RuntimeError in a worker process of a
        `DataLoader` that was not told its pass, see `set_epoch`.

    Example:
        >>> with mf.from_directory("flowers", seed=1) as train:
        ...     x, y = train[0]
    """

    def __init__(self, config: SequenceConfig, like: "ImageSequence | None" = None):
        super().__init__()
        self._config = config
        self._lock = threading.RLock()
        self._requests: PendingBatches | None = None
        self._looked = False  # for images that come out dark
        self._open(like)

    def __setattr__(self, name: str, value: Any) -> None:
        """An option that is set on an open sequence would do nothing; a subclass may declare an
        attribute of that name."""
        config, classes = self.__dict__.get("_config"), type(self).__mro__
        declared = any(name in vars(c) for c in classes[: classes.index(ImageSequence)])
        fixed = config and name in {*config.options, "class_names", "directory", "prefetch"}
        if fixed and not declared:
            raise AttributeError(
                f"{name} of an open sequence cannot be changed: call "
                f"from_directory again with another {name}="
            )
        super().__setattr__(name, value)

    def _open(self, like: "ImageSequence | None" = None) -> None:
        config, options = self._config, self._config.options
        classes = [os.fsencode(c) for c in config.class_names]
        files = (config.files.paths, config.files.labels) if config.files else ()
        loader = Loader(self)
        try:
            loader.open(
                os.fsencode(config.directory),
                classes,
                options,
                like._opened().loader if like else None,
                *files,
            )
            self._read_listing(loader.handle)
            self._epochs = EpochState(
                self._info["batches"],
                self._shuffled(),
                config.epoch,
                one_of_many=config.digest is not None,
            )
            self._chosen = config.chosen
            self._last: int | None = None
            self._requests = PendingBatches(
                loader, self._info["samples"], options["batch_size"], self._shape()
            )
        except BaseException:
            self._requests = None
            loader.close(IN_A_HURRY)
            raise

    def _read_listing(self, handle: int) -> None:
        self._info = json.loads(_core.fetch("mixfolder_listing", handle, _core.LIST_INFO))
        if self._config.digest not in (None, self._info["digest"]):
            raise ValueError(
                f"{self._config.directory!r} holds other files than when this sequence was "
                "pickled: classes, names or labels have changed; "
                "call from_directory again"
            )
        self._class_names, self._names, self._labels = _core.listing(handle)
        # A flat folder is a test set, which only the scan knows.
        self._config = replace(
            self._config, options=self._config.options | {"subset": self._info["subset"]}
        )

    def _opened(self) -> PendingBatches:
        """The open loader; one that came by pickle opens here."""
        # In a forked child an error, before a lock that no thread there will ever release.
        _core.library()
        with self._lock:
            if self._requests is None:
                self._open()
            assert self._requests is not None
            if self._requests.closed:
                raise _core.ClosedError(
                    "this sequence is closed: call from_directory again for more batches"
                )
            return self._requests

    def _shuffled(self) -> bool:
        options = self._config.options
        return bool(options["shuffle"]) and options["subset"] != "validation"

    def _changes(self) -> bool:
        """Whether a batch differs from pass to pass."""
        options = self._config.options
        by_chance = (
            options["shuffle"]
            or options["mix"]
            or options["flip"]
            or options["crop"]
            or options["augment"]
        )
        return bool(by_chance) and options["subset"] != "validation"

    def _mix(self) -> dict[str, Any]:
        """How images are mixed; empty where they are not."""
        options = self._config.options
        return options["subset"] != "validation" and options["mix"] or {}

    def _traits(self) -> Traits:
        options = self._config.options
        by_chance = (
            options["flip"]
            or options["augment"]
            or {"random_crop", "random_resized_crop"} & set(options["crop"] or ())
        )
        return Traits(
            directory=self._config.directory,
            class_names=self.class_names if options["label_mode"] else None,
            mixed=bool(self._mix()),
            altered=bool(by_chance) and options["subset"] != "validation",
            shuffled=self._shuffled(),
            remedy='from_directory(..., subset="validation")',
        )

    def _shape(self) -> BatchSpec:
        options = self._config.options
        mode, mix = options["label_mode"], self._mix()
        label = {"categorical": (len(self._class_names),), "binary": (1,), "int": (), "": None}[
            mode
        ]
        label_dtype = np.dtype(np.int32 if mode == "int" else np.float32)
        return BatchSpec(
            2 if mix.get("apart") else 1,
            self.image_shape,
            np.dtype(options["dtype"]),
            label,
            label_dtype,
        )

    # What Keras calls.

    def __len__(self) -> int:
        self._listed()
        return self._info["batches"]

    def __getitem__(self, index: int) -> Any:
        return self._handed_over(*self._take(self._reserve(index)))

    def _reserve(self, index: int) -> Key:
        """Decide which batch answers index, and order it, for `_take`, and those that probably
        come next."""
        index, count = operator.index(index), len(self)
        if not -count <= index < count:
            raise IndexError(f"there is no batch {index}: the sequence has {count}")
        orders = self._opened()
        with self._lock:
            key = self._hand_out(index % count)
            orders.ask(key, self._ahead(key))
            return key

    def _take(self, key: Key) -> tuple[np.ndarray, np.ndarray | None]:
        """Wait for a reserved batch."""
        batch = self._opened().take(key)
        with self._lock:
            if key == self._key(self._epochs.number, key.number):  # else the epoch is over
                self._epochs.deliver(key.number)
        if not self._looked:
            self._looked = True
            if self._config.options["bit_depth"] is None and (
                sentence := dark(self.stats()["sample_bits"])
            ):
                warnings.warn(sentence, stacklevel=3)
        return batch

    def __iter__(self) -> Generator[Any, None, None]:
        self._begin_epoch()
        for i in range(len(self)):
            yield self[i]

    def on_epoch_begin(self) -> None:
        """Called by Keras; starts the next epoch if the last one has been handed out completely."""
        keras_begins(self)
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self._opened()
        with self._lock:
            self._epochs.begin()

    def on_epoch_end(self) -> None:
        """Called by Keras, more often than there are epochs; see `on_epoch_begin`."""
        self._opened()
        with self._lock:
            self._epochs.end()

    def _hand_out(self, index: int) -> Key:
        """Decide which batch answers index; under the lock."""
        if (
            self._changes()
            and in_torch_worker()
            and (self._chosen != self._epochs.number or self._epochs.again(index))
        ):
            raise RuntimeError(NO_EPOCH_IN_WORKERS)
        number = self._epochs.batch(index)  # which may begin the next epoch
        return self._key(self._epochs.number, number)

    def _key(self, epoch: int, number: int) -> Key:
        return Key(epoch if self._changes() else 0, number)

    def _ahead(self, key: Key) -> list[Key]:
        """The batches that will probably be asked next."""
        count = self._epochs.batches
        if not self._epochs.by_index:
            first = self._epochs.number * count + self._epochs.handed
        else:
            in_turn = key.number in (0, self._last + 1 if self._last is not None else 0)
            self._last = key.number
            if not in_turn:
                return []
            first = self._epochs.number * count + key.number + 1
        return [self._key(*divmod(k, count)) for k in range(first, first + self._config.prefetch)]

    def _handed_over(self, x: np.ndarray, y: np.ndarray | None) -> Any:
        if y is None:
            # An array on torch, too: Keras puts it into a tuple, but refuses a bare tensor.
            return x
        if keras.backend.backend() == "torch":
            import torch

            return torch.from_numpy(x), torch.from_numpy(y)
        return x, y

    # What a user asks.

    def explain(self, n: int) -> list[Sample]:
        """Tell how the n-th batch of the current epoch, in the order of handing out, comes about;
        changes nothing.

        Returns: a dict a sample: `path`; `partner` (a path, or None where nothing is mixed);
            `lam`, the share of `path`; `flip` (None,
        "horizontal", "vertical" or "both"); `crop`, `(left, top, right, bottom)` in the upright
        image, or None where the file cannot be read; `augment`, a dict for each operation in
        their order: `op`, its name, and what was drawn for it, in pixels of the target, pixel
        values or factors; `matrix`, the affine map (a, b, c, d, e, f) of RandomCrop, RandomAffine
        and the flips together, or None where the former two move nothing: the target shows at (x,
        y), the corner of its first pixel being (0, 0), the point (ax + by + c, dx + ey + f) of
        the crop brought to the target. A partner that is not in the batch itself has
        `partner_flip`, `partner_crop`, `partner_augment` and `partner_matrix`, too. With
        `on_error="skip"`, `path` and `partner` are what is shown, as far as bad files are known
        (by a batch that was made); a sample that another's image fills has `instead_of`, the path
        of its own file.

        Errors: a ValueError where the epoch has no such batch.

        Example: `train.explain(0)[0]["lam"]`
        """
        if not 0 <= (n := operator.index(n)) < len(self):
            raise ValueError(f"there is no batch {n}: the sequence has {len(self)}, counted from 0")
        self._opened()
        with self._lock:
            key = self._key(self._epochs.number, n)
        paths = self.file_paths
        return [explained(row, paths) for row in self._plan(key)]

    def _plan(self, key: Key) -> list[Row]:
        """What the core tells of each sample of a batch; files are places in the listing."""
        rows: list[Row] = json.loads(self._opened().loader.result("mixfolder_explain", *key))
        return rows

    def preview(self, path: str | os.PathLike[str] | None = None) -> bytes:
        """Draw the first batch of the current epoch as a contact sheet, each image with its soft
        label; changes nothing.

        Args:
            path: where to write the sheet, if given.

        Returns: the PNG's bytes. At most 64 images are shown, as the files have them (8 bit,
            without `rescale` or `preprocess`).

        Errors: `ImageError` for a file that cannot be read; OSError where `path` cannot be
            written.

        Example: `train.preview("mixed.png")`
        """
        orders = self._opened()
        with self._lock:
            key = self._key(self._epochs.number, 0)
        png = orders.loader.result("mixfolder_sheet", *key)
        if path is not None:
            try:
                Path(path).write_bytes(png)
            except OSError as e:
                e.filename = e.filename or os.fspath(
                    path
                )  # where it could be opened, but not written, Python does not say it
                raise
        return png

    def set_epoch(self, n: int) -> None:
        """Go to the start of epoch n (0 or more), such as `initial_epoch` when a training is
        taken up again.

        Also before each epoch where a torch `DataLoader` loads the sequence into worker processes
        (started by "spawn" or "forkserver", without `persistent_workers`): they cannot tell when
        an epoch ends.

        Example: `train.set_epoch(10); model.fit(train, epochs=20, initial_epoch=10)`
        """
        n = operator.index(n)
        if not 0 <= n < 2**63:
            raise ValueError(f"n must be an epoch number of 0 or more, but is {n}")
        self._start(n)
        self._chosen = n

    def _start(self, n: int) -> None:
        orders = self._opened()
        with self._lock:
            self._epochs.start(n)
            self._last = None
            orders.keep([])

    def stats(self) -> Stats:
        """What the core has done so far.

        Returns: a dict with `epoch` (the current one), `threads`, `batches`, `images` (decoded),
            `failed` (batches), `bad_files` (the
        number of them), `skipped` (images that others were put in the place of), `in_flight`
        (batches in the making), `cache_hits`, `cache_misses` and `cache_bytes` (held),
        `sample_bits` (how many low bits hold the samples of all 16-bit images so far; 0 where
        there was none), and the seconds, summed up over the threads, of each step:
        `read_seconds`, `decode_seconds`, `resample_seconds`, `augment_seconds`, `mix_seconds`.

        Example: `train.stats()["images"]`
        """
        orders = self._opened()
        core: CoreStats = json.loads(_core.fetch("mixfolder_stats", orders.handle))
        return {"epoch": self._epochs.number, **core}

    def close(self) -> None:
        """Stop the core's threads and free what they hold. Batches that were handed out stay
        good. A thread that hangs in a read is waited for 5 seconds at most; what it holds is freed
        when it returns. May be called again."""
        self._close(PATIENCE)

    def _close(self, seconds: float) -> None:
        if _core.forked():  # nothing runs here, and a thread that is not here may hold the lock
            return
        with self._lock:
            if self._requests is None:  # came by pickle, and never opened
                return
        self._requests.loader.close(seconds)

    def __enter__(self) -> "ImageSequence":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._close(IN_A_HURRY if kind else PATIENCE)

    def __getstate__(self) -> dict[str, Any]:
        self._listed()
        epoch = self._epochs.number + self._epochs.complete
        return {
            "config": replace(
                self._config, digest=self._info["digest"], epoch=epoch, chosen=self._chosen
            )
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__init__()
        self._config = state["config"]
        self._lock = threading.RLock()
        self._requests = None
        self._looked = False

    def __repr__(self) -> str:
        if self._requests is None:
            return f"<ImageSequence of {self._config.directory!r}, not opened yet>"
        subset = self._config.options["subset"] or "all"
        names = few([*map(printable, self.class_names)])
        classes = f"{self.num_classes} classes ({names})" if names else "no classes"
        return (
            f"<ImageSequence of {self._config.directory!r} ({subset}): {self.samples} images, "
            f"{classes}, "
            f"{len(self)} batches of {self.batch_size}, images {self.image_shape} "
            f"{self._config.options['dtype']}>"
        )
