"""Keras' `DirectoryIterator` on top of the core."""

import os
import secrets
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import keras
import numpy as np

from mixfolder._files import FileList
from mixfolder._keras_options import FixedOptions, NoKerasWorkers
from mixfolder._keras_traits import Traits, traits_of
from mixfolder._keras_usage import KerasData, keras_begins
from mixfolder._requests import BatchKey
from mixfolder.compat._augment import Ranges, affine, augmentations
from mixfolder.compat._listing import list_files
from mixfolder.compat._standardize import Normalization, core_steps, standardize
from mixfolder.directory import from_directory
from mixfolder.mix import MixUp
from mixfolder.sequence import ImageSequence, batches_of

_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
_CLASS_MODES = ("categorical", "binary", "sparse", "input", None)
_LABEL_MODES = {
    "categorical": "categorical",
    "binary": "int",
    "sparse": "int",
    "input": None,
    None: None,
}

#: Steps of `standardize` that do not commute with mixing: images are mixed after them.
_BEFORE_MIXING = {"preprocessing_function", "samplewise_center", "samplewise_std_normalization"}

#: Attributes that are fixed once the folder is open; Keras' class reads them for each
#: batch.
_FIXED = frozenset(
    {
        *("batch_size", "class_indices", "class_mode", "classes", "color_mode", "data_format"),
        *("directory", "dtype", "filenames", "filepaths", "image_shape", "interpolation"),
        *("keep_aspect_ratio", "labels", "n", "num_classes", "samples", "seed", "shuffle"),
        *("split", "subset", "target_size"),
    }
)


class Generator(Ranges, Normalization, Protocol):
    """The attributes that an iterator reads from its `ImageDataGenerator`."""

    horizontal_flip: bool
    vertical_flip: bool

    @property
    def validation_split(self) -> float: ...


# Keras declares no types, so its class is Any for mypy.
class DirectoryIterator(
    FixedOptions,
    NoKerasWorkers,
    KerasData,
    keras.utils.Sequence,  # type: ignore[misc]
):
    """Batches of a folder, as Keras' class of this name returns them; created by
    `ImageDataGenerator.flow_from_directory`.

    `iterator[i]` and `next(iterator)` are `(x, y)`, or x alone for `class_mode=None`: NumPy
    arrays on every backend, with the generator's dtype. x has shape `(B, *image_shape)`; y is
    one-hot `(B, C)` for "categorical", `(B,)` for "binary" and "sparse", and a copy of x for
    "input". `next` never ends; it continues with the next epoch.

    Attributes:
        filenames, filepaths: paths of the files, relative to `directory` and including it.
        classes, labels: label of each file, int32.
        sequence: the underlying `ImageSequence`, with `explain`, `preview`, `stats` and `close`.
        class_indices, num_classes, samples, n, batch_size, batch_index, total_batches_seen,
            image_shape, target_size, color_mode, class_mode, data_format, interpolation,
            directory, seed, shuffle, subset, split: as in Keras' class. Those that the folder was
            opened with cannot be changed.

    Raises:
        ImageError: a file cannot be read; the message names it.
    """

    sequence: ImageSequence

    def __init__(
        self,
        directory: str | os.PathLike[str],
        image_data_generator: Generator,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: str | os.PathLike[str] | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
    ):
        super().__init__()
        self.directory = directory
        self.image_data_generator = image_data_generator
        self.target_size = tuple(target_size)
        self.color_mode = color_mode
        self.class_mode = class_mode
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.data_format = keras.config.image_data_format() if data_format is None else data_format
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        self.subset = subset
        self.interpolation = interpolation
        self.keep_aspect_ratio = keep_aspect_ratio
        self.dtype = keras.config.floatx() if dtype is None else dtype
        self.batch_index = self.total_batches_seen = 0
        self._check()
        listing = list_files(directory, classes, follow_links, self.split)
        for warning in listing.warnings:
            warnings.warn(warning, stacklevel=3)
        self.filenames = listing.files
        self.filepaths = [os.path.join(directory, name) for name in listing.files]
        self.classes = np.array(listing.labels, np.int32)
        self.samples = self.n = len(listing.files)
        self.num_classes = len(listing.classes)
        self.class_indices = {name: label for label, name in enumerate(listing.classes)}
        # From NumPy's global generator, so that keras.utils.set_random_seed makes a run
        # repeatable, as it does with Keras' class.
        self.seed = np.random.randint(2**31) if seed is None else seed
        self._open(listing.classes)
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")

    def _check(self) -> None:
        """Keras' checks, with Keras' messages."""
        if self.color_mode not in {"rgb", "rgba", "grayscale"}:
            raise ValueError(
                f'Invalid color mode: {self.color_mode}; expected "rgb", "rgba", or "grayscale".'
            )
        split = self.image_data_generator.validation_split
        splits = {None: None, "validation": (0, split), "training": (split, 1)}
        if self.subset not in splits:
            raise ValueError(
                f'Invalid subset name: {self.subset};expected "training" or "validation"'
            )
        self.split = splits[self.subset]
        if self.class_mode not in _CLASS_MODES:
            raise ValueError(
                f"Invalid class_mode: {self.class_mode}; expected one of: {set(_CLASS_MODES)}"
            )
        if self.interpolation not in _INTERPOLATIONS:
            raise ValueError(
                f"Invalid interpolation method {self.interpolation} specified. Supported methods "
                f"are {', '.join(_INTERPOLATIONS)}"
            )

    def _mix(self) -> float | None:
        """Alpha of MixUp, or None for no mixing."""
        return None

    def _open(self, classes: list[str]) -> None:
        generator, alpha = self.image_data_generator, self._mix()
        options, self._remaining_steps = core_steps(generator, self.color_mode)
        half = np.dtype(self.dtype) == np.float16 and not self._remaining_steps
        # The core delivers the images unmixed, with the weights.
        self._unmixed = alpha is not None and bool(self._remaining_steps & _BEFORE_MIXING)
        self.sequence = from_directory(
            FileList(
                self.directory,
                self.filenames,
                self.classes,
                filter_beyond_crop=bool(self.keep_aspect_ratio),
                unmixed=self._unmixed,
            ),
            class_names=classes,
            image_size=self.target_size,
            batch_size=self.batch_size,
            shard=None,
            label_mode=_LABEL_MODES[self.class_mode],
            color_mode=self.color_mode,
            mix=None if alpha is None else MixUp(alpha),
            pairing="dataset",
            crop_to_aspect_ratio=self.keep_aspect_ratio,
            flip={(True, False): "horizontal", (False, True): "vertical", (True, True): "both"}.get(
                (bool(generator.horizontal_flip), bool(generator.vertical_flip))
            ),
            affine=affine(generator),
            augment=augmentations(generator),
            interpolation=self.interpolation,
            exif=False,
            shuffle=self.shuffle,
            seed=self.seed,
            dtype="float16" if half else "float32",
            data_format=self.data_format,
            verbose=False,
            **options,
        )
        self.image_shape = self.sequence.image_shape
        self._batches = batches_of(self.sequence)

    def _fixed(self) -> dict[str, str]:
        if "_batches" not in self.__dict__:
            return {}
        return dict.fromkeys(_FIXED, "create another iterator with flow_from_directory")

    def __len__(self) -> int:
        return len(self.sequence)

    def __getitem__(self, index: int) -> Any:
        return self._result(self._reserve(index))

    # Keras' own is a generator, without a declared type.
    def __iter__(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self

    def __next__(self) -> Any:
        count = len(self)  # opens a pickled copy
        with self._batches.lock:
            if self.batch_index == 0:
                self._batches.new_epoch()
            key = self._reserve(self.batch_index)
            self.batch_index = (self.batch_index + 1) % count
        return self._result(key)

    def next(self) -> Any:
        """The next batch, as `next(iterator)`."""
        return next(self)

    def reset(self) -> None:
        """Let `next` start over with a new epoch."""
        self.batch_index = 0

    def on_epoch_begin(self) -> None:
        """Called by Keras; see `ImageSequence`."""
        self._batches.begin_epoch()
        keras_begins(self)

    def _traits(self) -> Traits:
        remedy = "flow_from_directory(..., shuffle=False) of an ImageDataGenerator"
        # Keras' class augments validation data as well.
        return replace(traits_of(self._batches, remedy), altered=False)

    def on_epoch_end(self) -> None:
        """Called by Keras; see `ImageSequence`."""
        self._batches.end_epoch()

    @property
    def labels(self) -> np.ndarray:
        """`classes`, by Keras' other name."""
        return self.classes

    def _reserve(self, index: int) -> BatchKey:
        with self._batches.lock:
            self.total_batches_seen += 1
            return self._batches.reserve(index)

    def _result(self, key: BatchKey) -> Any:
        """A batch as Keras' class returns it."""
        x, y, _ = self._batches.result(key)
        x = self._standardized(x)
        if self._unmixed:
            x = self._mixed(x, key)
        if self.save_to_dir:
            self._save(x, key, self.save_to_dir)
        if self.class_mode == "input":
            y = x.copy()
        return x if y is None else (x, y.astype(self.dtype, copy=False))

    def _standardized(self, x: np.ndarray) -> np.ndarray:
        """Apply the steps that the core does not, in place if the dtype allows it."""
        if not self._remaining_steps:
            return x.astype(self.dtype, copy=False)
        out = x if x.dtype == self.dtype else np.empty(x.shape, self.dtype)
        for i, image in enumerate(x):
            image = image.astype(keras.config.floatx(), copy=False)
            out[i] = standardize(self.image_data_generator, image, self._remaining_steps)
        return out

    def _mixed(self, both: np.ndarray, key: BatchKey) -> np.ndarray:
        """Mix the images of a batch with their partners, which follow them; every value stays
        within the range of the two."""
        own, partners = both[: len(both) // 2], both[len(both) // 2 :]
        weights = [row["blend"]["weight"] for row in self._batches.explain(key)]
        weight = np.array(weights, np.float32)[:, None, None, None]
        mixed = partners + weight * (own - partners)
        inside: np.ndarray = np.clip(mixed, np.minimum(own, partners), np.maximum(own, partners))
        return inside.astype(self.dtype, copy=False)

    def _save(self, x: np.ndarray, key: BatchKey, folder: str | os.PathLike[str]) -> None:
        """Write the images of a batch as Keras does: stretched to 0..255, and named by their index
        in `filenames`."""
        for image, row in zip(x, self._batches.explain(key), strict=True):
            name = (
                f"{self.save_prefix}_{row['image']}_{secrets.randbelow(10**7)}.{self.save_format}"
            )
            image = keras.utils.array_to_img(image, self.data_format, scale=True)
            image.save(os.path.join(folder, name))
