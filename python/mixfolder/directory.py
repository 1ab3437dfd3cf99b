"""`from_directory`: from a folder of images to data sets."""

import difflib
import inspect
import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, Unpack, overload

import keras
import numpy as np

from mixfolder._batches import Batches
from mixfolder._component import options_of
from mixfolder._config import SequenceConfig
from mixfolder._files import FileList, absolute
from mixfolder._keras_options import refuse_keras_workers
from mixfolder._options import Options
from mixfolder._text import few, printable
from mixfolder._values import finite, optional_int, whole
from mixfolder.affine import Affine
from mixfolder.augment import Augmentation
from mixfolder.crops import Crop
from mixfolder.mix import Mix, MixUp
from mixfolder.sequence import ImageSequence, batches_of

_KERAS_WORKERS = {"workers": None, "use_multiprocessing": None, "max_queue_size": None}


@overload
def from_directory(
    directory: str | os.PathLike[str], *, subset: Literal["both"], **options: Unpack[Options]
) -> tuple[ImageSequence, ImageSequence]: ...


@overload
def from_directory(
    directory: str | os.PathLike[str],
    *,
    subset: Literal["training", "validation"] | None = None,
    **options: Unpack[Options],
) -> ImageSequence: ...


@overload
def from_directory(
    directory: str | os.PathLike[str], *, subset: str | None, **options: Unpack[Options]
) -> ImageSequence | tuple[ImageSequence, ImageSequence]: ...


def from_directory(
    directory: str | os.PathLike[str],
    *,
    image_size: int | Sequence[int] = (256, 256),
    batch_size: int = 32,
    label_mode: str | None = "categorical",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    mix: Mix | None = MixUp(0.2),
    pairing: str = "batch",
    crop: Crop | None = None,
    val_crop: Crop | None = None,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    flip: str | None = None,
    affine: Affine | None = None,
    augment: Sequence[Augmentation] = (),
    rescale: float | None = None,
    preprocess: str | tuple[Sequence[float], Sequence[float]] | None = None,
    interpolation: str = "bilinear",
    antialias: bool = True,
    fast_shrink: bool = False,
    validation_split: float | None = None,
    subset: str | None = None,
    split: str = "stratified",
    shuffle: bool = True,
    seed: int | None = None,
    dtype: str = "float32",
    data_format: str | None = None,
    drop_last: bool = False,
    threads: int | None = None,
    prefetch: int = 2,
    cache: str | None = None,
    cache_bytes: int | None = None,
    follow_links: bool = False,
    on_error: str = "raise",
    truncated: str = "raise",
    exif: bool = True,
    background: tuple[int, int, int] | None = None,
    max_pixels: int | None = None,
    bit_depth: int | None = None,
    verbose: bool = True,
    **unknown: Any,
) -> ImageSequence | tuple[ImageSequence, ImageSequence]:
    """Open a folder of images, one sub-folder a class, as batches that are mixed while they are
    loaded.

    Names and meanings are those of `keras.utils.image_dataset_from_directory` where it has them.
    JPEG, PNG, GIF (first frame), BMP, WebP and TIFF are read by their content, and turned upright
    by EXIF.

    Args:
        directory: the folder. Its sub-folders, in the order of their names, are the classes;
            images may lie at any depth below them. With `label_mode=None` (and no `class_names`)
            a folder with images directly in it is a test set: these and all below it, at any
            depth, without classes, in order, as `subset="validation"`. A relative path is made
            absolute at once.
        image_size: `(height, width)` of the images in a batch, in pixels, or one number for both.
        batch_size: samples in a batch; the last one of an epoch may be shorter, see `drop_last`.
        label_mode: "categorical" (one-hot, mixed; float32 `(B, C)`), "binary" (two classes,
            mixed; float32 `(B, 1)`), "int" (int32 `(B,)`; only with `mix=None`) or None (batches
            are x alone).
        class_names: the sub-folders to take, in the order of their labels; None takes all,
            sorted. A class that has no folder or no image keeps its place, with a warning; give a
            validation or test set `class_names=train.class_names`.
        color_mode: "rgb", "grayscale" or "rgba".
        mix: `MixUp(alpha)`, or None to mix nothing.
        pairing: where partners come from: "batch" (a random cyclic shift of the batch: one
            decoding a sample) or "dataset" (a second permutation of the whole subset, in which no
            image meets itself: two decodings a sample).
        crop: `RandomResizedCrop(scale, ratio)`, `RandomCrop(padding)`, `CenterCrop(fraction)`, or
            None to show the whole image. With a CenterCrop validation has it, too; with a random
            one it shows the whole image.
        val_crop: for validation, in the place of `crop`; the same in each epoch, as CenterCrop.
        crop_to_aspect_ratio: take the largest centered part that has the target's shape instead
            of stretching.
        pad_to_aspect_ratio: show the whole image, as large as it fits, on black instead of
            stretching.
        flip: None, "horizontal", "vertical" or "both": each with probability 1/2, an image.
        affine: None, or a random map of each training image: `RandomAffine(rotation, shift,
            shear, zoom)`. It is combined with the crop and the flips, so that pixels are sampled
            once.
        augment: what each training image goes through, in this order, at the target's size:
            `ColorJitter`, `ChannelShift`, `Grayscale`, `AutoContrast`, `Equalize`, `Posterize`,
            `Solarize`, `Sharpness`, `GaussianBlur`, `RandomErasing`, `RandAugment`,
            `TrivialAugmentWide`.
        rescale: a factor for the values, such as `1/255`. Without it they are 0..255.
        preprocess: None; "tf", "torch" or "caffe": the arithmetic of `keras.applications`'
            `preprocess_input` of that mode; or `(mean, std)`, one number a channel each, in pixel
            values of 0..255: `(x - mean) / std`.
        interpolation: "nearest", "bilinear", "bicubic", "box", "hamming" or "lanczos", as
            Pillow's.
        antialias: resample as Pillow does, with a filter as wide as the shrinking asks for. False
            samples as `tf.image.resize` does by default (nearest, bilinear and bicubic only).
        fast_shrink: decode a sequential JPEG file at 1/2, 1/4 or 1/8 of its size, as Pillow's
            `draft` does, where what is shown of it is at least so many times the target in both
            directions. Faster, but other pixels: photos differ by some 1.1 of 255 on average.
            Other files are read as ever, and so are all for random crops with `cache="memory"`,
            which keeps whole images.
        validation_split: the share of each class's images that is for validation, between 0 and
            1.
        subset: "training", "validation" or "both" (then a pair is returned); goes with
            `validation_split`. "validation" without `validation_split` takes a whole folder as a
            validation or test set: nothing is mixed, augmented or shuffled.
        split: "stratified" (at random by `seed`, floor(share * n) of each class) or "head" (the
            first ones of each class, as `ImageDataGenerator` does).
        shuffle: permute the images in each epoch.
        seed: of all chance, 0 to 2**64-1; None draws one from NumPy's global generator, which
            `keras.utils.set_random_seed` seeds; the sequence's `seed` tells it.
        dtype: of x: "float32", "float16" or "uint8" (rounded half to even).
        data_format: "channels_last", "channels_first" or None for
            `keras.config.image_data_format()`.
        drop_last: leave out a last batch that is short.
        threads: of the core; None for the number of processors that the process may use, 16 at
            most.
        prefetch: batches that are made ahead.
        cache: "memory" keeps decoded images, as many as `cache_bytes` hold, so that later epochs
            only flip, crop and mix; None reads the files in each epoch.
        cache_bytes: for the cache; None for a quarter of the memory that the process may use.
        follow_links: descend into linked folders below the class folders.
        on_error: "raise" a `ImageError` for a file that cannot be read, or "skip" it: its place
            is filled by the next image of the same class (in the order of the files, and from the
            last on to the first) that can be read. The labels stay true, and a batch still
            depends on nothing but the files: the first use of each decodes all of it, whatever a
            crop shows. A file that was found bad is not tried again until the folder is opened
            anew, unless its disk was to blame (an input/output error). `bad_files` of the
            sequence lists them. What is not the fault of a file, such as too many open files, a
            folder that is gone, or a disk that fails with many files, is a `RefusedError` in
            either case.
        truncated: "raise" an error for a file that ends before its image does, or "keep" what is
            there, as Pillow does with `LOAD_TRUNCATED_IMAGES`.
        exif: turn images upright by EXIF, as `PIL.ImageOps.exif_transpose` does.
        background: `(red, green, blue)`, 0..255, that transparent parts are blended with; None
            drops alpha, as Pillow's `convert` does.
        max_pixels: an image of more is an error, found before memory for it is taken; None for
            Pillow's limit, 178956970.
        bit_depth: how many low bits of a sample count, 8 to 16, in PNG and TIFF files with more
            than 8 bits a sample: a sample v becomes `v >> (bit_depth - 8)`, 255 at most. Such as
            12 for medical or camera images of 12 bits stored as 16, which come out nearly black
            otherwise (a warning says so). None: all bits that the samples have, so their high
            byte.
        verbose: print how many images were found.

    Returns: a `ImageSequence`, or `(training, validation)` for `subset="both"`. Validation is
        never mixed, flipped, augmented or shuffled.

    Errors: FileNotFoundError for a missing folder; a ValueError that names the option or folder
        and the remedy for anything that does not fit.

    Example:
        >>> train, val = mf.from_directory(
        ...     "flowers", image_size=(224, 224), mix=mf.MixUp(alpha=0.2),
        ...     validation_split=0.2, subset="both", seed=42)
        >>> model.fit(train, validation_data=val, epochs=10)
    """
    _refuse(unknown)
    if (
        subset in ("training", "validation")
        and validation_split is not None
        and seed is None
        and split != "head"
    ):
        raise ValueError(
            f"subset={subset!r} needs a seed, or the parts of two calls would overlap: give both "
            "calls the same seed=, or use subset='both'"
        )
    if subset == "both" and validation_split is None:
        raise ValueError(
            "subset='both' needs validation_split, the share of the images for "
            "validation, such as validation_split=0.2"
        )
    options = {
        "image_size": _size(image_size),
        "batch_size": whole("batch_size", batch_size),
        "label_mode": label_mode or "",
        "color_mode": color_mode,
        "mix": options_of("mix", mix, Mix),
        "pairing": pairing,
        "crop": options_of("crop", crop, Crop),
        "val_crop": options_of("val_crop", val_crop, Crop),
        "affine": options_of("affine", affine, Affine),
        "augment": _augment(augment),
        "crop_to_aspect_ratio": bool(crop_to_aspect_ratio),
        "pad_to_aspect_ratio": bool(pad_to_aspect_ratio),
        "flip": flip or "",
        "rescale": None if rescale is None else finite("rescale", rescale),
        **_preprocess(preprocess),
        "interpolation": interpolation,
        "antialias": bool(antialias),
        "fast_shrink": bool(fast_shrink),
        "validation_split": None
        if validation_split is None
        else finite("validation_split", validation_split),
        "subset": subset or "",
        "split": split,
        "shuffle": bool(shuffle),
        "seed": _seed(seed),
        "dtype": dtype,
        "data_format": data_format or keras.config.image_data_format(),
        "drop_last": bool(drop_last),
        "threads": optional_int("threads", threads),
        "follow_links": bool(follow_links),
        "on_error": on_error,
        "truncated": truncated,
        "exif": bool(exif),
        "background": _color("background", background),
        "max_pixels": optional_int("max_pixels", max_pixels),
        "bit_depth": optional_int("bit_depth", bit_depth),
        "cache": cache or "",
        "cache_bytes": optional_int("cache_bytes", cache_bytes),
    }
    if (prefetch := whole("prefetch", prefetch)) < 0:
        raise ValueError(f"prefetch must be 0 or more batches, but is {prefetch}")
    files = directory if isinstance(directory, FileList) else None
    if files:
        options |= files.options
    config = SequenceConfig(
        absolute(directory), tuple(class_names or ()), options, prefetch, files=files
    )
    if subset != "both":
        sequence = ImageSequence(Batches(config))
        _report([sequence], verbose)
        return sequence
    training = Batches(_for_subset(config, "training"))
    try:
        validation = Batches(_for_subset(config, "validation"), share_with=training)
    except BaseException:
        training.close()
        raise
    train, val = ImageSequence(training), ImageSequence(validation)
    _report([train, val], verbose)
    return train, val


def _refuse(unknown: dict[str, Any]) -> None:
    """Arguments that `from_directory` does not have, with the remedy."""
    for name, value in unknown.items():
        if name in _KERAS_WORKERS:
            refuse_keras_workers(name, value, _KERAS_WORKERS[name])
        known = [
            p.name
            for p in inspect.signature(from_directory).parameters.values()
            if p.kind is p.KEYWORD_ONLY
        ]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise TypeError(f"from_directory() got an unexpected keyword argument {name!r}{hint}")


def _for_subset(config: SequenceConfig, subset: str) -> SequenceConfig:
    return replace(config, options={**config.options, "subset": subset})


def _report(parts: list[ImageSequence], verbose: bool) -> None:
    for part in parts:
        for sentence in part.warnings:
            warnings.warn(sentence, stacklevel=3)
    if not verbose:
        return
    files, class_names = batches_of(parts[0]).listing.info["files"], parts[0].class_names
    classes = (
        f"belonging to {len(class_names)} classes: {few([*map(printable, class_names)])}"
        if class_names
        else "without classes"
    )
    print(f"Found {files} images {classes}.")
    for part in parts:
        options = batches_of(part).config.options
        if options["validation_split"] is not None:
            print(f"Using {part.samples} images for {options['subset']}.")
        elif options["subset"]:
            print("Using all of them in order, without mixing or augmentation.")


def _size(value: Any) -> list[int]:
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2:
        raise ValueError(f"image_size must be (height, width), but is {value!r}")
    return [whole("image_size", v) for v in pair]


def _augment(items: Any) -> list[dict[str, Any]]:
    listed = items if isinstance(items, Sequence) else [items]
    if any(isinstance(item, Affine) for item in listed):
        raise ValueError(
            "RandomAffine is not an item of augment but an argument of its own: use "
            "affine=mixfolder.RandomAffine(...)"
        )
    if (
        isinstance(items, Augmentation)
        or not isinstance(items, Sequence)
        or not all(isinstance(item, Augmentation) for item in items)
    ):
        raise ValueError(
            "augment must be a list of augmentations, such as "
            f"[mixfolder.ColorJitter(brightness=0.2)], but is {items!r}"
        )
    return [item._options() for item in items]


def _preprocess(value: Any) -> dict[str, Any]:
    if value is None or isinstance(value, str):
        return {"preprocess": value or "", "normalize": None}
    try:
        mean, std = ([float(v) for v in part] for part in value)
    except (TypeError, ValueError):
        raise ValueError(
            f'preprocess must be "tf", "torch", "caffe", (mean, std) or None, but is {value!r}'
        ) from None
    if all(abs(v) <= 1 for v in mean) and all(v < 1 for v in std):
        raise ValueError(
            f"preprocess: mean and std are in pixel values of 0..255, but {value!r} "
            "is in shares of 1: multiply both by 255"
        )
    if not all(map(math.isfinite, mean + std)):
        raise ValueError(f"preprocess: mean and std must be finite numbers, but are {value!r}")
    return {"preprocess": "", "normalize": {"mean": mean, "std": std}}


def _color(name: str, value: Any) -> list[int] | None:
    if value is None:
        return None
    try:
        red, green, blue = value
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} must be (red, green, blue) of 0 to 255, or None, but is {value!r}"
        ) from None
    return [whole(name, v) for v in (red, green, blue)]


def _seed(value: Any) -> int:
    if value is None:
        return int(np.random.randint(2**63, dtype=np.uint64))
    if not 0 <= (seed := whole("seed", value)) < 2**64:
        raise ValueError(f"seed must lie between 0 and 2**64-1, but is {seed}")
    return seed
