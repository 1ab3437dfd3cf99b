"""The keyword arguments of the functions that open data sets: their types, and their document for
the core.

`subset` is missing: it decides what they return, so each overload has its own.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from mixfolder._groups import GroupRule, Groups
from mixfolder.affine import Affine
from mixfolder.augment import Augmentation
from mixfolder.crops import Crop
from mixfolder.custom import Custom
from mixfolder.mix import Mix
from mixfolder.pairing import NearbyLabels
from mixfolder.samplers import Sampler
from mixfolder.schedule import Schedule, Sizes

#: A folder, or the path of each mask.
Masks = str | os.PathLike[str] | Iterable[str | os.PathLike[str]] | None


class FileOptions(TypedDict, total=False):
    """The arguments that `from_files` and `from_dataframe` have in common with `from_directory`,
    and with the same meaning."""

    image_size: int | Sequence[int] | Sizes | Schedule[int | Sequence[int]]
    batch_size: int | Schedule[int]
    targets: str
    color_mode: str
    mix: Mix | Custom | float | None | Schedule[Mix | float | None]
    pairing: str | NearbyLabels
    crop: Crop | None | Schedule[Crop | None]
    val_crop: Crop | None
    crop_to_aspect_ratio: bool
    pad_to_aspect_ratio: bool
    flip: str | None | Schedule[str | None]
    affine: Affine | None | Schedule[Affine | None]
    augment: Sequence[Augmentation] | Schedule[Sequence[Augmentation]]
    rescale: float | None
    preprocess: str | tuple[Sequence[float], Sequence[float]] | None
    interpolation: str
    antialias: bool
    dct_scaling: bool
    validation_split: float | None
    split: str
    shuffle: bool
    seed: int | None
    sampler: Sampler | str | None
    sample_weight: Any
    class_weight: str | Mapping[Any, float] | None
    dtype: str
    data_format: str | None
    drop_last: bool
    shard: str | tuple[int, int] | None
    threads: int | None
    prefetch: int
    cache: str | None
    cache_bytes: int | None
    on_error: str
    truncated: str
    exif: bool
    background: tuple[int, int, int] | None
    max_pixels: int | None
    bit_depth: int | None
    mask_mode: str
    mask_classes: int | Sequence[int] | None
    mask_ignore: int | None
    verbose: bool


class ListOptions(FileOptions, total=False):
    """The arguments of each overload of `from_files`, except `subset`; `from_dataframe` has them as
    well."""

    class_names: Sequence[str] | Mapping[str, Sequence[str]] | None
    directory: str | os.PathLike[str] | None
    groups: Groups | None
    label_mode: str | Mapping[str, str] | None
    label_smoothing: float | Mapping[str, float]
    binarize: float | Mapping[str, float] | None
    masks: Masks


class TableOptions(ListOptions, total=False):
    """The arguments of each overload of `from_dataframe`, except `subset`."""

    group_col: str | None
    weight_col: str | None
    mask_col: str | None


class Options(FileOptions, total=False):
    """The arguments of each overload of `from_directory`, except `subset`. See the docstring of
    `from_directory`; a test compares this with its signature."""

    label_mode: str | None
    label_smoothing: float
    binarize: float | None
    class_names: Sequence[str] | None
    masks: str | os.PathLike[str] | None
    follow_links: bool
    groups: GroupRule | None


#: The groups of the core's document of options (loader.Options). Others are at its top.
_STAGES = {
    "dataset": ("follow_links", "validation_split", "subset", "split", "fold", "augmented"),
    "labels": ("targets", "heads", "sample_weights", "class_weights"),
    "masks": ("mask_mode", "mask_classes", "mask_ignore"),
    "plan": ("batch_size", "shuffle", "seed", "drop_last", "pairing", "sampler", "sigma", "shard"),
    "decode": ("color_mode", "exif", "background", "truncated", "max_pixels", "bit_depth"),
    "geometry": (
        *("image_size", "crop", "val_crop", "affine", "flip"),
        *("crop_to_aspect_ratio", "pad_to_aspect_ratio"),
        *("interpolation", "antialias", "dct_scaling", "filter_beyond_crop"),
    ),
    "mix": ("mix", "unmixed"),
    "format": ("dtype", "data_format", "rescale", "preprocess", "normalize"),
    "cache": ("cache", "cache_bytes"),
}


def core_document(options: dict[str, Any]) -> dict[str, Any]:
    """The document of options for the core: grouped by stage."""
    document: dict[str, Any] = {
        stage: {name: options[name] for name in names if name in options}
        for stage, names in _STAGES.items()
    }
    grouped = {name for names in _STAGES.values() for name in names}
    return document | {name: value for name, value in options.items() if name not in grouped}


def inspection_document(options: dict[str, Any]) -> dict[str, Any]:
    """The document of options for an inspection; the others have the defaults of training."""
    decode = {name: options[name] for name in _STAGES["decode"] if name in options}
    defaults = {"color_mode": "rgb", "truncated": "raise", "exif": True}
    others = {name: value for name, value in options.items() if name not in decode}
    return {"inspect": {**others, "decode": {**defaults, **decode}}}
