"""`mean_std`: computes the statistics for `preprocess=(mean, std)`."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from mixfolder.directory import from_directory

#: Options that would change the images, or leave some out.
_FIXED: dict[str, Any] = {
    "mix": None,
    "shuffle": False,
    "drop_last": False,
    "shard": None,
    "dtype": "float32",
    "data_format": "channels_first",
}


def mean_std(
    directory: str | os.PathLike[str],
    *,
    image_size: int | Sequence[int] = (256, 256),
    **options: Any,
) -> tuple[list[float], list[float]]:
    """Compute the mean and standard deviation per channel over the images of a folder, for
    `preprocess=`.

    Reads every image once, with one batch in memory at a time. Shows a progress bar on a
    terminal; Ctrl-C stops it.

    Args:
        directory: the folder, with one subfolder per class.
        image_size: `(height, width)` in pixels that the images are resized to first, as for
            training, so that all images have the same weight.
        options: options of `from_directory` that select images or decide how they are read, for
            example `color_mode`, `validation_split` with `subset="training"` and `seed`,
            `class_names`, `interpolation`, `on_error` or `threads`; `label_mode=None` for images
            that lie directly in the folder.

    Returns:
        `(mean, std)`: two lists with one number per channel, in pixel values of 0..255. std is
        the population standard deviation (divided by n, not n - 1).

    Raises:
        TypeError: an option is for training only.
        ValueError, OSError: see `from_directory`.

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
                f"mean_std() does not accept {name!r}: it uses the images as they are, without "
                "random transforms or scaling"
            )
    if options.get("subset") == "both":
        raise ValueError("mean_std() reads one subset: use subset='training' or 'validation'")
    # All label modes read the same files, except None, which may read a folder without
    # classes.
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
    """The sums of the values and of their squares, of shape (2, channels). float32 is exact for a
    row of up to 258 pixels."""
    sums = x.sum(3), np.einsum("bchw,bchw->bch", x, x)
    if bar:
        bar.add(1)
    return np.array([part.sum((0, 2), dtype=np.float64) for part in sums])
