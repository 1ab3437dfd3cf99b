"""`mean_std`: what `preprocess=(mean, std)` takes."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from mixfolder.directory import from_directory

#: What a training set would change about its images, or about which of them come.
_FIXED: dict[str, Any] = {
    "mix": None,
    "shuffle": False,
    "drop_last": False,
    "dtype": "float32",
    "data_format": "channels_first",
}


def mean_std(
    directory: str | os.PathLike[str],
    *,
    image_size: int | Sequence[int] = (256, 256),
    **options: Any,
) -> tuple[list[float], list[float]]:
    """The mean and the standard deviation of each channel over the images of a folder, for
    `preprocess=`.

    One pass over the folder, a batch in memory at a time. Shows a progress bar on a terminal;
    Ctrl-C stops it.

    Args:
        directory: the folder, with a sub-folder a class.
        image_size: `(height, width)` that the images are brought to first, in pixels, as for
            training: each counts the same.
        options: those of `from_directory` that say which images are taken and how they are read,
            such as `color_mode`, `validation_split` with `subset="training"` and `seed`,
            `class_names`, `interpolation`, `on_error` or `threads`; and `label_mode=None` for
            images that lie directly in the folder.

    Returns: `(mean, std)`, a list of one number a channel each, in pixel values of 0..255; std is
        over all pixels (not n - 1).

    Errors: those of `from_directory`; a TypeError for its options that are for training alone.

    Example:
        >>> moments = mf.mean_std("flowers", image_size=224)
        >>> train = mf.from_directory("flowers", image_size=224, preprocess=moments)
    """
    for name in options:
        if name in _FIXED or name in (
            "flip",
            "crop",
            "val_crop",
            "affine",
            "augment",
            "rescale",
            "preprocess",
            "cache",
            "cache_bytes",
            "pairing",
        ):
            raise TypeError(
                f"mean_std() does not take {name!r}: the images are taken as they "
                "are, without chance or scaling"
            )
    if options.get("subset") == "both":
        raise ValueError("mean_std() looks at one part: use subset='training' or 'validation'")
    # Any label mode takes the files that training takes, but for None, which may take
    # them without classes.
    with from_directory(
        directory,
        image_size=image_size,
        **{"verbose": False, "label_mode": "int", **options},
        **_FIXED,
    ) as images:
        bar = keras.utils.Progbar(len(images), unit_name="batch") if sys.stdout.isatty() else None
        moments = sum(
            _moments(np.asarray(batch[0] if isinstance(batch, tuple) else batch), bar)
            for batch in images
        )
        _, height, width = images.image_shape
        count = images.samples * height * width
    mean, square = moments / count
    return mean.tolist(), np.sqrt(np.maximum(square - mean**2, 0)).tolist()


def _moments(x: np.ndarray, bar: keras.utils.Progbar | None) -> np.ndarray:
    """The sums of the values and of their squares, of shape (2, channels). Those of a row of up
    to 258 pixels are exact in 32 bits."""
    sums = x.sum(3), np.einsum("bchw,bchw->bch", x, x)
    if bar:
        bar.add(1)
    return np.array([part.sum((0, 2), dtype=np.float64) for part in sums])
