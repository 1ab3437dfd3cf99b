"""The keyword arguments of `from_directory`, for type checkers.

`subset` is missing: it decides what `from_directory` returns, so each overload has its own.
"""

from collections.abc import Sequence
from typing import TypedDict

from mixfolder.affine import Affine
from mixfolder.augment import Augmentation
from mixfolder.crops import Crop
from mixfolder.mix import Mix


class Options(TypedDict, total=False):
    """What each overload of `from_directory` takes besides `subset`; a test compares it with the
    implementation. The meanings are in the docstring of `from_directory`."""

    image_size: int | Sequence[int]
    batch_size: int
    label_mode: str | None
    class_names: Sequence[str] | None
    color_mode: str
    mix: Mix | None
    pairing: str
    crop: Crop | None
    val_crop: Crop | None
    crop_to_aspect_ratio: bool
    pad_to_aspect_ratio: bool
    flip: str | None
    affine: Affine | None
    augment: Sequence[Augmentation]
    rescale: float | None
    preprocess: str | tuple[Sequence[float], Sequence[float]] | None
    interpolation: str
    antialias: bool
    dct_scaling: bool
    validation_split: float | None
    split: str
    shuffle: bool
    seed: int | None
    dtype: str
    data_format: str | None
    drop_last: bool
    threads: int | None
    prefetch: int
    cache: str | None
    cache_bytes: int | None
    follow_links: bool
    on_error: str
    truncated: str
    exif: bool
    background: tuple[int, int, int] | None
    max_pixels: int | None
    bit_depth: int | None
    verbose: bool
