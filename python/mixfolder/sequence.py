"""The data set that Keras trains on."""

import operator
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import keras

from mixfolder._batch_spec import Arrays
from mixfolder._batches import Batches
from mixfolder._explain import explained
from mixfolder._keras_adapter import KerasAdapter, standard
from mixfolder._keras_options import FixedOptions, NoKerasWorkers
from mixfolder._keras_traits import Traits, traits_of
from mixfolder._keras_usage import KerasData, keras_begins
from mixfolder._listing import ListingProperties
from mixfolder._records import Sample, Stats
from mixfolder._state import Resumable
from mixfolder._text import few, printable
from mixfolder.tta import Views


# Keras declares no types, so its class is Any for mypy.
class ImageSequence(
    FixedOptions,
    NoKerasWorkers,
    KerasData,
    ListingProperties,
    Resumable,
    KerasAdapter,
    keras.utils.Sequence,  # type: ignore[misc]
):
    """Batches of images, mixed while they are loaded; created by `mixfolder.from_directory`,
    `from_files` and `from_dataframe`.

    `sequence[i]` is a batch `(x, y)`, or x alone for `label_mode=None`. x has shape `(B, height,
    width, channels)`, or channels first, and the dtype passed to `from_directory`. y is `(B, C)`
    float32 for "categorical" and "multi_label", `(B, k)` float32 for "regression", `(B, 1)`
    float32 for "binary" and `(B,)` int32 for "int"; with `targets="pair"` a tuple, and for several
    heads a dict of these. With masks, y is the mask, or a dict of the labels ("label" if there are
    no heads) and "mask". With `sample_weight` or `class_weight` a batch is `(x, y, w)`, w `(B,)`
    float32. On the torch backend x and y are CPU tensors, otherwise NumPy arrays; x alone is always
    a NumPy array, because Keras does not accept a bare tensor. Every batch owns its memory and
    stays valid for as long as you keep it.

    `fit`, `evaluate` and `predict` take whole epochs, in order; `docs/epochs.md` tells what
    `steps_per_epoch` and `initial_epoch` do.

    By index, a shuffled sequence returns its batches in request order: the first request for an
    index within an epoch gets the next batch of the epoch, and later requests for that index get
    the same batch again. Once every batch of an epoch has been returned, the next epoch starts
    with Keras' next epoch, with the next `iter`, or when an index is requested again. So a plain
    loop over `range(len(sequence))` sees a new epoch each time, and if an epoch is a single
    batch, every request is an epoch.

    A pickled copy answers index i with batch i of the epoch until an epoch or `iter` begins, so
    that worker processes that split the indices among them see every image once. It starts with
    the epoch that the original would continue with.

    Raises:
        ImageError: a file cannot be read; the message names it.
        RefusedError: the operating system refuses a file (an OSError with its `errno`).
        ClosedError: the sequence was closed.
        ForkError: the process was forked after the core was loaded.
        RuntimeError: in a worker process of a torch `DataLoader` that does not know the epoch;
            see `set_epoch`.

    Example:
        >>> with mf.from_directory("flowers", seed=1) as train:
        ...     x, y = train[0]
    """

    def __init__(self, batches: Batches):
        super().__init__()
        self._batches = batches

    def _fixed(self) -> dict[str, str]:
        if "_batches" not in self.__dict__:
            return {}
        names = {*self._batches.config.options, "class_names", "directory", "prefetch"}
        names |= {"sample_weight", "class_weight"}
        names = names - {"heads"} | {"label_mode", "label_smoothing", "binarize"}
        return {name: f"call from_directory again with another {name}=" for name in names}

    def _traits(self) -> Traits:
        return traits_of(self._batches, 'from_directory(..., subset="validation")')

    # What Keras calls.

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Any:
        return _to_backend(self._batches.result(self._batches.reserve(index)))

    def __iter__(self) -> Generator[Any, None, None]:
        self._batches.begin_epoch()
        for i in range(self._batches.begins_with, len(self)):
            yield self[i]

    def on_epoch_begin(self) -> None:
        """Called by Keras; starts the next epoch if all batches of the current one have been
        returned."""
        self._begin_keras_epoch()
        keras_begins(self)

    def on_epoch_end(self) -> None:
        """Called by Keras, more often than there are epochs; see `on_epoch_begin`."""
        self._batches.end_epoch()

    # What users call.

    def explain(self, n: int) -> list[Sample]:
        """Describe how the n-th batch of the current epoch is built; has no side effects.

        Args:
            n: number of the batch, from 0, in the order in which an epoch returns them.

        Returns:
            A dict per sample:

            - `path`, and `partner`, the path of the image it is mixed with, or None.
            - `lam`: weight of `path`; the partner has `1 - lam`. 1 with `mix=Custom`, whose
              function decides later.
            - `pixel_lam`, if the pixels have another weight than the label (`SamplePairing`,
              `Remix`), from 0 to 1.
            - `flip`: None, "horizontal", "vertical" or "both".
            - `crop`: `(left, top, right, bottom)` in pixels of the image after EXIF orientation;
              None if the file cannot be read.
            - `augment`: a dict per operation, in order: `op`, its name, and its parameters, in
              pixels of the target, pixel values or factors.
            - `matrix`: the affine map `(a, b, c, d, e, f)` of RandomCrop, RandomAffine and flips
              combined, or None if the first two leave the image in place. The target's point
              (x, y), measured from the corner of its first pixel, shows the point
              (ax + by + c, dx + ey + f) of the crop after it was resized to the target.
            - `partner_row`, if the partner is part of the batch: its index in this list. Otherwise
              `partner_flip`, `partner_crop`, `partner_augment` and `partner_matrix`.
            - `partners` and `weights`, if a sample is made of more than two images: the paths of
              all images but its own, and the weight of the label of each, its own first.
            - `boxes`, if parts of images are pasted: dicts with `image` (0 is the sample's own),
              and `from` and `to`, `(left, top, right, bottom)` in pixels of the target.
            - `sample_weight`, if batches have weights: that of the sample.
            - `mask`, if each pixel has its own weight: `kind`, `seed` and `args`.
            - `mask_path`, if there are masks: that of `path`.
            - `phase`, if options change over epochs: `epoch`, the first one with these options,
              `image_size` and `batch_size`.
            - `replaces`: with `on_error="skip"`, the path of the bad file that `path` replaces.
              Only bad files that an earlier batch came across are known.

        Raises:
            ValueError: the epoch has no such batch.

        Example: `train.explain(0)[0]["lam"]`
        """
        count = self._batches.phase.batches
        if not 0 <= (n := operator.index(n)) < count:
            raise ValueError(f"there is no batch {n}: the epoch has {count}, counted from 0")
        paths, masks, phase = self.file_paths, self.mask_paths, self._batches.phase
        rows = self._batches.explain(self._batches.current_key(n))
        samples = [explained(row, paths, masks) for row in rows]
        if len(self._batches.phases) > 1:
            for sample in samples:
                sample["phase"] = {
                    "epoch": phase.epoch,
                    "image_size": phase.image_size,
                    "batch_size": phase.batch_size,
                }
        return samples

    def preview(self, path: str | os.PathLike[str] | None = None) -> bytes:
        """Draw the first batch of the current epoch as a contact sheet, each image with its soft
        label; has no side effects.

        Args:
            path: file to write the PNG to, if any.

        Returns:
            The bytes of the PNG file. It shows at most 64 images, in 8 bits and without `rescale`
            or `preprocess`.

        Raises:
            ImageError: a file cannot be read.
            OSError: `path` cannot be written.

        Example: `train.preview("mixed.png")`
        """
        png = self._batches.preview(self._batches.current_key(0))
        if path is not None:
            try:
                Path(path).write_bytes(png)
            except OSError as e:
                # Python names the file if it cannot be opened, but not if it cannot be
                # written.
                e.filename = e.filename or os.fspath(path)
                raise
        return png

    def update_weights(self, ids: Any, w: Any, of: str | None = None) -> None:
        """Change the weights of files from the next epoch on, for example from a callback. If no
        batch of the current epoch has been requested yet, that is the next one. Batches prepared
        ahead are made again.

        Args:
            ids: positions in `file_paths`, or paths as in `file_paths`.
            w: one number of 0 or more per id, or one for all of them. Other files keep theirs.
            of: "sample_weight" for the weights in the loss (which `class_weight` still
                multiplies), or "sampler" for those of a `WeightedSampler`. None for the one that
                the sequence was opened with.

        A batch depends on these weights as on the options, and a pickled copy has them. The
        weights of the current epoch and the new ones are kept, but no older ones: after
        `set_epoch` to an earlier epoch, the oldest of them hold.

        Raises:
            ValueError: the sequence has no such weights, or an id or weight is invalid.

        Example:
            >>> train = mf.from_directory("flowers", image_size=8, sample_weight=1)
            >>> train.update_weights([0, 3], [0.5, 2.0])
        """
        self._batches.update_weights(ids, w, of)

    def set_epoch(self, n: int) -> None:
        """Go to the start of epoch n (0 or more). `fit(initial_epoch=n)` does so itself, unless
        this was called.

        Call it before every epoch if a torch `DataLoader` loads the sequence in worker processes
        (started by "spawn" or "forkserver", without `persistent_workers`), as these cannot detect
        the end of an epoch.

        Example: `train.set_epoch(0); model.fit(train, epochs=5)`
        """
        n = operator.index(n)
        if not 0 <= n < 2**63:
            raise ValueError(f"n must be an epoch number of 0 or more, but is {n}")
        self._batches.choose_epoch(n)

    def tta(self, views: str | int = "hflip", average: str = "arithmetic") -> Views:
        """Several views of each image, for test-time augmentation: pass them to `evaluate_tta` or
        `predict_table`.

        Args:
            views: "hflip", the image and its mirror image; "five", the crops in the four corners
                and the center, each of the size of `val_crop` (or `crop`, if that is a
                CenterCrop), or else of `CenterCrop(0.875)`; or n for n random draws of the
                augmentation for training (`crop`, `flip`, `affine`, `augment`), those of the
                first n epochs of an unshuffled sequence with the same seed.
            average: "arithmetic", the mean of what the model returns; or "geometric", that of its
                probabilities, which are then scaled to a sum of 1 (each tag or single output by
                itself, with its opposite).

        Returns:
            A `Views`. They share the scan of the folder. "hflip" decodes each image once, the
            others once per view, or n once with `cache="memory"`.

        Raises:
            ValueError: the images are not for validation or test, or an argument is invalid.

        Example: `mf.from_directory("flowers", subset="validation").tta("five").count`
        """
        return Views(self, self._batches, views, average)

    def stats(self) -> Stats:
        """Counters and timings since the sequence was opened.

        Returns:
            A dict with `epoch` (the current one), `threads`, `batches`, `images_decoded`,
            `failed` (batches), `bad_files`, `skipped` (samples filled by another image),
            `in_flight` (batches being built), `cache_hits`, `cache_misses` and `cache_bytes` (in
            use); `sample_bits`, the number of low bits that hold the samples of all 16-bit images
            so far, 0 if there were none; and the seconds of each stage, summed over the threads:
            `read_seconds`, `decode_seconds`, `resample_seconds`, `augment_seconds`,
            `mix_seconds`.

        Example: `train.stats()["images_decoded"]`
        """
        return self._batches.stats()

    def close(self) -> None:
        """Stop the core's threads and free their memory. Batches already returned stay valid.

        Waits up to 5 seconds for a thread that hangs in a read; its memory is freed when the read
        returns. May be called again.
        """
        self._batches.close()

    def __enter__(self) -> "ImageSequence":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._batches.close(hurry=kind is not None)

    def __getstate__(self) -> dict[str, Any]:
        return {"batches": self._batches}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__init__()
        self._batches = state["batches"]

    def __repr__(self) -> str:
        config = self._batches.config
        if not self._batches.opened:
            return f"<ImageSequence of {config.directory!r}, not opened yet>"
        subset = config.options["subset"] or "all"
        names = few([*map(printable, self.class_names)])
        kind = "heads" if isinstance(self.class_names, dict) else "classes"
        classes = f"{len(self.class_names)} {kind} ({names})" if names else "no classes"
        return (
            f"<ImageSequence of {config.directory!r} ({subset}): {self.samples} images, "
            f"{classes}, {len(self)} batches of {self.batch_size}, images {self.image_shape} "
            f"{config.options['dtype']}>"
        )


def batches_of(sequence: ImageSequence) -> Batches:
    """The open data set of a sequence, for other modules of the package."""
    return sequence._batches


def _to_backend(arrays: Arrays) -> Any:
    """A batch as Keras' backend takes it: x, `(x, y)` or `(x, y, w)`."""
    batch = standard(arrays)
    if len(batch) == 1:
        # An array on torch as well: Keras puts it into a tuple, but rejects a bare
        # tensor.
        return batch[0]
    if keras.backend.backend() == "torch":
        import torch

        return keras.tree.map_structure(lambda a: None if a is None else torch.from_numpy(a), batch)
    return batch
