"""`from_directory`: opens a folder of images as data sets."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, Unpack, overload

import keras

from mixfolder._arguments import (
    background_option,
    mask_options,
    preprocess_options,
    reject_unknown,
    scheduled_options,
    seed_option,
)
from mixfolder._component import options_of
from mixfolder._config import SequenceConfig
from mixfolder._files import ONE_HEAD, FileList, MaskFiles, Source, absolute
from mixfolder._groups import GroupRule
from mixfolder._heads import head_options
from mixfolder._labels import checked_names
from mixfolder._opening import check_subset, open_subsets, report, warn_of_scan
from mixfolder._options import Options
from mixfolder._shard import require_seed, shard_option
from mixfolder._validation import as_bool, as_int, as_optional_float, as_optional_int, as_text
from mixfolder._weights import WeightOptions, sample_weight_option
from mixfolder.affine import Affine
from mixfolder.augment import Augmentation
from mixfolder.crops import Crop
from mixfolder.custom import Custom
from mixfolder.mix import BalancedMixUp, Mix, MixUp
from mixfolder.pairing import NearbyLabels, pairing_options
from mixfolder.samplers import Sampler, as_sampler, sampling_weights
from mixfolder.schedule import Schedule, Sizes, values_of
from mixfolder.sequence import ImageSequence


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
    image_size: int | Sequence[int] | Sizes | Schedule[int | Sequence[int]] = (256, 256),
    batch_size: int | Schedule[int] = 32,
    label_mode: str | None = "categorical",
    targets: str = "mixed",
    label_smoothing: float = 0.0,
    binarize: float | None = None,
    class_names: Sequence[str] | None = None,
    masks: str | os.PathLike[str] | None = None,
    mask_mode: str = "categorical",
    mask_classes: int | Sequence[int] | None = None,
    mask_ignore: int | None = None,
    color_mode: str = "rgb",
    mix: Mix | Custom | float | None | Schedule[Mix | float | None] = MixUp(0.2),
    pairing: str | NearbyLabels = "batch",
    crop: Crop | None | Schedule[Crop | None] = None,
    val_crop: Crop | None = None,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    flip: str | None | Schedule[str | None] = None,
    affine: Affine | None | Schedule[Affine | None] = None,
    augment: Sequence[Augmentation] | Schedule[Sequence[Augmentation]] = (),
    rescale: float | None = None,
    preprocess: str | tuple[Sequence[float], Sequence[float]] | None = None,
    interpolation: str = "bilinear",
    antialias: bool = True,
    dct_scaling: bool = False,
    validation_split: float | None = None,
    subset: str | None = None,
    split: str = "stratified",
    groups: GroupRule | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    sampler: Sampler | str | None = None,
    sample_weight: Any = None,
    class_weight: str | Mapping[Any, float] | None = None,
    dtype: str = "float32",
    data_format: str | None = None,
    drop_last: bool = False,
    shard: str | tuple[int, int] | None = "auto",
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
    r"""Open a folder of images, with one subfolder per class, as batches that are mixed while
    they are loaded.

    Argument names and meanings follow `keras.utils.image_dataset_from_directory` where it has
    them. JPEG, PNG, GIF (first frame), BMP, WebP and TIFF files are recognized by their content.

    Args:
        directory: the folder. Its subfolders, sorted by name, are the classes; images may lie at
            any depth below them. With `label_mode=None` (and no `class_names`) a folder that
            directly contains images is a test set: all images in it, at any depth, without
            classes and in order, as with `subset="validation"`. A relative path is resolved once,
            when the folder is opened.
        image_size: `(height, width)` of the images in a batch, in pixels, or one number for both;
            or `Sizes(...)`, which change over epochs, with batch sizes.
        batch_size: samples per batch, of all processes together; the last batch of an epoch may
            be smaller, see `drop_last` and `shard`. This, `image_size`, `mix`, `crop`, `flip`,
            `affine` and `augment` may change over epochs: `Schedule([(epoch, value), ...])`.
        label_mode: "categorical" (one-hot, mixed; float32 `(B, C)`), "binary" (two classes,
            mixed; float32 `(B, 1)`), "int" (int32 `(B,)`; only with `mix=None` or
            `targets="pair"`) or None (batches are x alone). `from_files` also has labels that are
            tags or numbers, and several heads.
        targets: "mixed", or "pair" for the labels of both images of a sample instead of their
            mixture: y is `(y_a, y_b, lam)`, two arrays of `label_mode` and the weight of the own
            label, float32 `(B,)`. Where nothing is mixed, y_b is y_a and lam is 1. It is for
            losses like `lam * loss(y_a) + (1 - lam) * loss(y_b)`; see docs/labels.md. A policy of
            more than two images is an error. Validation data has y alone.
        label_smoothing: share s of each label that is spread evenly, 0 or more and less than 1:
            `y * (1 - s) + s / C` for "categorical", `y * (1 - s) + s / 2` for "binary" and
            "multi_label", as in the losses of Keras (do not smooth there as well) and in timm's
            Mixup. Validation data is not smoothed, as in timm.
        binarize: threshold, 0 or more and less than 1: mixed labels that are larger become 1, the
            others 0, for `binary_crossentropy`. 0.2 is timm's `--bce-target-thresh 0.2`, and 0
            DeiT III's "targets > 0". As in timm, it comes after `label_smoothing`, which then
            only moves the threshold. For "categorical" and "multi_label"; validation data keeps
            its labels.
        class_names: subfolders to read, in label order; None reads all, sorted by name. A class
            without a folder or images keeps its label, with a warning. Pass
            `class_names=train.class_names` for a validation or test set.
        masks: a folder of segmentation masks, palette or gray images with the paths of their
            images (in any lossless format, so `masks/a/1.png` for `a/1.jpg`), which become y, or
            `{"label": ..., "mask": ...}` beside labels. The index in the palette, or the gray
            level, is the class. Masks follow the crop, flips and `affine`, by the nearest pixel,
            and the mixing, pixel by pixel; `augment` does not change them. With
            `label_mode=None` also a folder without class folders is training data then.
        mask_mode: "categorical" (one-hot, mixed; float32 `(B, height, width, C)`, or `(B, C,
            height, width)` with channels first) or "int" (int32 `(B, height, width)`; only for a
            `mix` that does not blend pixels, such as `CutMix()`, `GridMix()`, or None).
        mask_classes: number of classes in masks (values from 0 on), or the value of each class,
            such as `[0, 255]`. Any other value is an error.
        mask_ignore: value of pixels without a class, such as 255: 255 in "int", all zeros in
            "categorical". Pixels outside of the image, after `affine` or padding, have no class
            either; without `mask_ignore` they have class 0.
        color_mode: "rgb", "grayscale" or "rgba".
        mix: `MixUp(alpha)` (a number is its alpha), `BalancedMixUp()`, `CutMix()`,
            `GridMix()`, `Mosaic()`, `OneOf()`, `Remix()`, `ResizeMix()`, `SamplePairing()`,
            `SmoothMix()`, `Custom(fn)` for a function of your own, or None for no mixing.
        pairing: where partners come from: "batch" (a random cyclic shift of the batch; one image
            decoded per sample), "reversed" (sample i with sample n-1-i of n, as timm), "global"
            ("batch" over all processes of `shard`, so that their number changes no sample; a
            partner in another process is decoded twice), or, with
            two images decoded per sample, the whole subset: "dataset" (a second permutation, in
            which no image is its own partner), "same_class", "other_class", "balanced" (all
            classes equally often) or `NearbyLabels(sigma)`. The only image of its class is its
            own partner in "same_class", with other flips, crop and augmentation.
        crop: `RandomResizedCrop(scale, ratio)`, `RandomCrop(padding)`, `CenterCrop(fraction)`, or
            None for the full image. Validation data is cropped by CenterCrop as well, but not by
            the random crops.
        val_crop: a CenterCrop for validation data, instead of `crop`.
        crop_to_aspect_ratio: instead of stretching, use the largest centered part with the
            aspect ratio of `image_size`.
        pad_to_aspect_ratio: instead of stretching, show the full image as large as it fits, on
            black.
        flip: None, "horizontal", "vertical" or "both"; each with probability 1/2 per image.
        affine: `RandomAffine(rotation, shift, shear, zoom)` for training images, or None. It is
            combined with the crop and the flips, so that pixels are sampled once.
        augment: augmentations of training images, applied in list order at the target size:
            `ColorJitter`, `ChannelShift`, `Grayscale`, `AutoContrast`, `Equalize`, `Posterize`,
            `Solarize`, `Sharpness`, `GaussianBlur`, `RandomErasing`, `RandAugment`,
            `TrivialAugmentWide`.
        rescale: factor for the pixel values, such as `1/255`; None keeps 0..255.
        preprocess: None; "tf", "torch" or "caffe" for the `preprocess_input` of
            `keras.applications` of that mode; or `(mean, std)` for `(x - mean) / std`, with one
            number per channel, in pixel values of 0..255.
        interpolation: Pillow's "nearest", "bilinear", "bicubic", "box", "hamming" or "lanczos".
        antialias: widen the filter when an image is reduced, as Pillow does. False samples like
            `tf.image.resize` by default ("nearest", "bilinear" and "bicubic" only).
        dct_scaling: decode a sequential JPEG file at 1/2, 1/4 or 1/8 of its size, as Pillow's
            `draft` does, if the result is at least as large as the target. Faster, but pixels
            differ: by about 1.1 of 255 on average for photos. Other files are not affected, and
            neither are random crops, or sizes and crops that change over epochs, with
            `cache="memory"`, which keeps full images.
        validation_split: fraction of each class's images to use for validation, between 0 and 1.
        subset: "training", "validation" or "both" (which returns a pair), with
            `validation_split`. "validation" without `validation_split` opens the whole folder as
            a validation or test set: no mixing, augmentation or shuffling.
        split: "stratified" (at random by `seed`, floor(fraction * n) images of each class) or
            "head" (the first images of each class, as `ImageDataGenerator` does).
        groups: files that `validation_split` keeps together, such as the images of one patient:
            a function that returns the group of a path (relative to the folder), or a regular
            expression that finds it (its first group, or else the match), such as
            `r"patient(\d+)"`. Each group counts for the class of most of its files; groups are
            drawn by `seed` and their names, so that a new one moves few others.
        shuffle: permute the images in each epoch.
        seed: seed of all random choices, 0 to 2**64-1. None draws one from NumPy's global
            generator, which `keras.utils.set_random_seed` seeds; it is the attribute `seed` of
            the sequence.
        sampler: which training images an epoch has, in the place of each once: "balanced" (all
            classes equally often), `WeightedSampler(weights)`, `RepeatedAugmentation(repeats)`,
            or None. An epoch has as many samples as there are training images, or `num_samples`
            of the sampler. If an image comes several times in a batch, partners are still other
            images.
        sample_weight: a weight for all samples, such as 1, for `update_weights`; or None.
            `from_files` and `from_dataframe` take one per file. Batches are `(x, y, w)` with it,
            w float32 `(B,)`. If images are mixed, a weight is the mean of theirs, each as heavy
            as its label.
        class_weight: "balanced" (samples / (classes * samples of the class), in the training
            images, as in scikit-learn), or a dict of a weight for each class, by name or index.
            Each image has the weight of its class, as with `sample_weight`, and the product of
            both if both are passed. Validation data has sample weights but no class weights, as
            in Keras.
        dtype: dtype of x: "float32", "float16" or "uint8" (rounded half to even).
        data_format: "channels_last", "channels_first", or None for
            `keras.config.image_data_format()`.
        drop_last: drop a last batch that is smaller than the others.
        shard: which rows of each batch this process gets: `(index, count)` for its part of
            `batch_size / count` rows, or None for all. "auto" asks the active
            `keras.distribution`, else `torch.distributed`, else `jax.distributed`, which must be
            set up before; it means all in a single process. The order of the images does not
            depend on the number of processes, which must all pass the same `seed`. All get the
            same number of batches: rows that are missing in the last one repeat images and have
            weight 0 in a third element of the batches, `(x, y, w)`, unless `drop_last` is set.
            `docs/scale.md` has an example per framework.
        threads: number of threads of the core; None for one per available processor, up to 16.
        prefetch: number of batches to prepare ahead.
        cache: "memory" keeps decoded images, up to `cache_bytes`, so that later epochs only flip,
            crop and mix; None reads the files in each epoch.
        cache_bytes: size of the cache in bytes; None for a quarter of the available memory.
        follow_links: follow symbolic links to folders below the class folders.
        on_error: "raise" an `ImageError` for a file that cannot be read, or "skip" it and use the
            next readable image of the same class instead (in file order, from the last to the
            first). Labels stay correct, and a batch still depends only on the files: a file is
            decoded completely at its first use, even if a crop needs only a part. A bad file is
            not tried again until the folder is reopened, except after an input/output error. The
            attribute `bad_files` of the sequence lists them. Errors that are not caused by a
            file, such as too many open files, a removed folder, or a disk with errors in many
            files, raise `RefusedError` in either case.
        truncated: "raise" an error for a truncated file, or "keep" the part that exists, as
            Pillow does with `LOAD_TRUNCATED_IMAGES`.
        exif: apply EXIF orientation, as `PIL.ImageOps.exif_transpose` does.
        background: `(red, green, blue)` of 0..255 to blend transparent pixels with; None drops
            alpha, as Pillow's `convert` does.
        max_pixels: larger images are an error, raised before memory is allocated for them; None
            for Pillow's limit, 178956970.
        bit_depth: number of low bits in use, 8 to 16, for PNG and TIFF files with more than 8
            bits per sample: a sample v becomes `min(v >> (bit_depth - 8), 255)`. Use 12 for
            medical or camera images of 12 bits stored in 16, which are nearly black otherwise (a
            warning says so). None uses all bits, that is, the high byte.
        verbose: print the number of images found.

    Returns:
        An `ImageSequence`, or `(training, validation)` for `subset="both"`. Validation data is
        never mixed, flipped, augmented or shuffled.

    Raises:
        FileNotFoundError: the folder does not exist.
        ValueError: an argument or the folder is invalid; the message names it and the remedy.

    Example:
        >>> train, val = mf.from_directory(
        ...     "flowers", image_size=(224, 224), mix=mf.MixUp(alpha=0.2),
        ...     validation_split=0.2, subset="both", seed=42)
        >>> model.fit(train, validation_data=val, epochs=10)
        >>> pixels = mf.from_directory("flowers", masks="masks", mask_classes=3, label_mode=None)
    """
    reject_unknown("from_directory", unknown, [*Options.__annotations__, "subset"])
    subset = as_text(subset) or None
    check_subset(subset, validation_split, split, seed)
    part = shard_option(shard)
    require_seed(part, seed, subset)
    custom = mix if isinstance(mix, Custom) else None
    balanced = any(isinstance(policy, BalancedMixUp) for policy in values_of("mix", mix))
    if balanced and pairing != "balanced":
        raise ValueError(
            f'BalancedMixUp needs pairing="balanced", which draws its partners, but is {pairing!r}'
        )
    if custom and binarize is not None:
        raise ValueError("binarize is for labels that the core mixes: leave it out with mix=Custom")
    files = directory if isinstance(directory, FileList) else None
    options = {
        **scheduled_options(
            image_size=image_size,
            batch_size=batch_size,
            mix=mix,
            crop=crop,
            flip=flip,
            affine=affine,
            augment=augment,
        ),
        "targets": as_text(targets),
        "heads": head_options(
            label_mode, label_smoothing, binarize, files.layouts if files else ONE_HEAD
        ),
        **mask_options(masks, mask_mode, mask_classes, mask_ignore),
        "color_mode": as_text(color_mode),
        **pairing_options(pairing),
        "sampler": options_of("sampler", as_sampler(sampler), Sampler),
        "val_crop": options_of("val_crop", val_crop, Crop),
        "crop_to_aspect_ratio": as_bool("crop_to_aspect_ratio", crop_to_aspect_ratio),
        "pad_to_aspect_ratio": as_bool("pad_to_aspect_ratio", pad_to_aspect_ratio),
        "rescale": as_optional_float("rescale", rescale),
        **preprocess_options(preprocess),
        "interpolation": as_text(interpolation),
        "antialias": as_bool("antialias", antialias),
        "dct_scaling": as_bool("dct_scaling", dct_scaling),
        "validation_split": as_optional_float("validation_split", validation_split),
        "subset": subset or "",
        "sample_weights": sample_weight is not None,
        "class_weights": class_weight is not None,
        "split": as_text(split),
        "shuffle": as_bool("shuffle", shuffle),
        "seed": seed_option(seed),
        "dtype": as_text(dtype),
        "data_format": as_text(
            keras.config.image_data_format() if data_format is None else data_format
        ),
        "drop_last": as_bool("drop_last", drop_last),
        "shard": asdict(part),
        "threads": as_optional_int("threads", threads),
        "follow_links": as_bool("follow_links", follow_links),
        "on_error": as_text(on_error),
        "truncated": as_text(truncated),
        "exif": as_bool("exif", exif),
        "background": background_option(background),
        "max_pixels": as_optional_int("max_pixels", max_pixels),
        "bit_depth": as_optional_int("bit_depth", bit_depth),
        "cache": as_text(cache),
        "cache_bytes": as_optional_int("cache_bytes", cache_bytes),
    }
    if not 0 <= (prefetch := as_int("prefetch", prefetch)) <= 1024:
        raise ValueError(f"prefetch must be from 0 to 1024 batches, but is {prefetch}")
    if isinstance(directory, Source):
        options |= directory.options
    has_groups = groups is not None or (files is not None and files.groups != b"")
    if has_groups and validation_split is None and "fold" not in options:
        raise ValueError(
            "groups= keeps files together in a split, so it needs validation_split, such as "
            "validation_split=0.2, or mf.folds"
        )
    if masks is not None and not isinstance(masks, MaskFiles):
        masks = MaskFiles(absolute(masks, "masks"))
    config = SequenceConfig(
        absolute(directory),
        tuple(class_names or () if files else checked_names(class_names) or ()),
        options,
        prefetch,
        files=files,
        groups=files.groups if files else b"",
        weights=WeightOptions(
            sample_weight if files else sample_weight_option(sample_weight),
            class_weight,
            sampling_weights(sampler),
        ),
        custom=custom,
        masks=masks,
        auto_shard=isinstance(shard, str),
    )
    sequences = open_subsets(config, subset, groups)
    warn_of_scan(sequences)
    if verbose:
        report(sequences)
    return sequences if len(sequences) == 2 else sequences[0]
