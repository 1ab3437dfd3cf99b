"""`from_files`: opens a list of files with labels as data sets."""

import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, Literal, Unpack, overload

from mixfolder._arguments import reject_unknown
from mixfolder._files import ONE_HEAD, FileList, MaskFiles, absolute, read_paths, relative
from mixfolder._groups import Groups, group_names
from mixfolder._heads import LabelColumn, label_columns
from mixfolder._labels import INFERRED
from mixfolder._options import ListOptions, Masks
from mixfolder._weights import file_weights, sample_weight_option
from mixfolder.directory import from_directory
from mixfolder.sequence import ImageSequence

Paths = Iterable[str | os.PathLike[str]]


@overload
def from_files(
    paths: Paths,
    labels: Any = None,
    *,
    subset: Literal["both"],
    **options: Unpack[ListOptions],
) -> tuple[ImageSequence, ImageSequence]: ...


@overload
def from_files(
    paths: Paths,
    labels: Any = None,
    *,
    subset: Literal["training", "validation"] | None = None,
    **options: Unpack[ListOptions],
) -> ImageSequence: ...


@overload
def from_files(
    paths: Paths,
    labels: Any = None,
    *,
    subset: str | None,
    **options: Unpack[ListOptions],
) -> ImageSequence | tuple[ImageSequence, ImageSequence]: ...


def from_files(
    paths: Paths,
    labels: Any = None,
    *,
    class_names: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    directory: str | os.PathLike[str] | None = None,
    label_mode: str | Mapping[str, str] | None = INFERRED,
    masks: Masks = None,
    subset: str | None = None,
    groups: Groups | None = None,
    sample_weight: Any = None,
    **options: Any,
) -> ImageSequence | tuple[ImageSequence, ImageSequence]:
    """Open a list of image files with labels, as batches that are mixed while they are loaded.

    No file is opened or looked for: one that is missing is an error when its batch is made, or
    replaced by the next one with `on_error="skip"`.

    Args:
        paths: the files, in any order, as str or `pathlib.Path`.
        labels: one label per file, in a list, an array or a column of pandas or polars:

            - names of classes (str): `class_names` are those that occur, sorted;
            - indices of classes (int), from 0 on;
            - lists of tags (lists of str, which may be empty), or an array `(n, C)` of 0 and 1;
            - numbers to predict (float), an array of shape `(n,)` or `(n, k)`;
            - None: images without labels. They are a test set, in order and without mixing,
              unless they have masks.

            Or a dict of these, a column per head of the model: then y is a dict with the same
            names, as models with several outputs take it. The first head decides what a split
            draws from, how partners are found and what replaces a bad file, as if it were alone.
        class_names: names of the classes or tags, in label order; for several heads, a dict. Pass
            `class_names=train.class_names` for a validation or test set.
        directory: the folder that relative paths start from; None for the working directory.
        label_mode: "inferred" from the kind of labels: "categorical" for names and indices,
            "multi_label" for tags, "regression" for numbers. Or one of these, "binary" or "int"
            (see `from_directory`), or None for batches of x alone. "multi_label" is float32
            `(B, C)`, a value per tag, "regression" float32 `(B, k)`; both are mixed with the
            weights of the images. For several heads, one for all or a dict by head.
        masks: the mask of each file, as a list of paths, or a folder of masks with the relative
            paths of their images; see `from_directory`.
        subset: "training", "validation" or "both"; see `from_directory`. A split draws from each
            class, or from all files if the labels are tags or numbers.
        groups: files that a split keeps together: one name or number per file, or a function of
            the path as passed, or a regular expression; see `from_directory`.
        sample_weight: one weight per file, 0 or more, or one for all; see `from_directory`.
        **options: all other arguments of `from_directory`, except `follow_links`;
            `label_smoothing` and `binarize` may be dicts by head. With
            `on_error="skip"` a bad file is replaced by the next good one of its class, or of the
            subset if the labels are tags or numbers, with its label.

    Returns:
        An `ImageSequence`, or `(training, validation)` for `subset="both"`.

    Raises:
        ValueError: an argument is invalid; the message names the row, counted from 0, and value.

    Example:
        >>> paths = ["flowers/rose/000.png", "flowers/rose/001.png", "flowers/tulip/000.png"]
        >>> tags = mf.from_files(paths, [["red"], ["red", "wild"], []], batch_size=3)
        >>> ages = mf.from_files(paths, [2.5, 4.0, 1.5], image_size=224, mix=mf.MixUp(0.2))
        >>> both = mf.from_files(
        ...     paths, {"species": ["rose", "rose", "tulip"], "height": [2.5, 4.0, 1.5]},
        ...     label_smoothing={"species": 0.1})
    """
    reject_unknown("from_files", options, ListOptions.__annotations__)
    return open_list(
        paths,
        label_columns(labels, label_mode, class_names),
        directory=directory,
        masks=masks,
        subset=subset,
        groups=groups,
        sample_weight=sample_weight,
        options=options,
    )


def open_list(
    paths: Any,
    columns: dict[str, LabelColumn],
    *,
    directory: str | os.PathLike[str] | None,
    masks: Masks,
    subset: str | None,
    groups: Groups | None,
    sample_weight: Any = None,
    options: dict[str, Any],
    names: tuple[str, str, str, str] = ("paths", "groups", "sample_weight", "masks"),
    fold: tuple[int, int] | None = None,
) -> ImageSequence | tuple[ImageSequence, ImageSequence]:
    """`from_files` with the labels of each head, and what errors call the paths, groups, weights
    and masks."""
    listed, base = read_paths(paths, names[0]), absolute(directory or os.curdir)
    root, files = relative(listed, base)
    if sample_weight is None or isinstance(sample_weight, Real):
        sample_weight = sample_weight_option(sample_weight)
    else:
        sample_weight = file_weights(sample_weight, len(files), names[2])
    heads = {name: column.read() for name, column in columns.items()}
    for name, head in heads.items():
        if head.values is not None and len(head.values) != len(files):
            raise ValueError(
                f"{names[0]} has {len(files)} rows, but {columns[name].where} has "
                f"{len(head.values)}: give one label per file"
            )
    if masks is not None and not isinstance(masks, str | os.PathLike):
        folder, masks_of_files = relative(read_paths(masks, names[3]), base)
        if len(masks_of_files) != len(files):
            raise ValueError(
                f"{names[0]} has {len(files)} rows, but {names[3]} has {len(masks_of_files)}: give "
                "one mask per file"
            )
        masks = MaskFiles(folder, masks_of_files)
    modes: Any = {name: head.mode for name, head in heads.items()}
    layouts = {name: head.layout for name, head in heads.items()}
    one = "" in heads
    return from_directory(
        FileList(
            root,
            files,
            *(head.values for head in heads.values()),
            layouts=ONE_HEAD if one else layouts,
            groups=b"" if groups is None else group_names(groups, listed, names[1]),
            **({} if fold is None else {"fold": fold}),
        ),
        class_names=[name for head in heads.values() for name in head.class_names],
        label_mode=modes[""] if one else modes,
        masks=masks,
        subset=subset,
        sample_weight=sample_weight,
        **options,
    )
