"""`folds`: opens a data set for cross-validation."""

import operator
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, overload

from mixfolder._arguments import reject_unknown
from mixfolder._batches import Batches
from mixfolder._files import Source
from mixfolder._groups import GroupRule, Groups
from mixfolder._heads import label_columns
from mixfolder._labels import INFERRED
from mixfolder._opening import found
from mixfolder._options import ListOptions, Options, TableOptions
from mixfolder._validation import as_int
from mixfolder.dataframe import open_table
from mixfolder.directory import from_directory
from mixfolder.files import Paths, open_list
from mixfolder.sequence import ImageSequence, batches_of

#: What a fold decides.
_DECIDED = ("subset", "validation_split", "split")


class Folds:
    """Pairs `(train, validation)` of image sequences, one per fold; created by `mixfolder.folds`.

    A pair is opened when it is asked for, by its index or by iterating, and closed when it is
    no longer in use. All share one scan of the files.

    Example:
        >>> folds = mf.folds("flowers", k=3, image_size=8, seed=1)
        >>> train, val = folds[0]
        >>> [len(val.file_paths) for train, val in folds]
    """

    def __init__(self, batches: Batches, verbose: bool):
        self._batches = batches  # of the first fold, which the others share the scan with
        self._verbose = verbose

    def __len__(self) -> int:
        return int(self._batches.config.options["fold"][1])

    def __getitem__(self, index: int) -> tuple[ImageSequence, ImageSequence]:
        count, i = len(self), operator.index(index)
        if not -count <= i < count:
            raise IndexError(f"there is no fold {i}: there are {count}, counted from 0")
        i %= count
        training = self._opened("training", i, self._batches)
        try:
            validation = self._opened("validation", i, training)
        except BaseException:
            training.close()
            raise
        pair = ImageSequence(training), ImageSequence(validation)
        if self._verbose:
            print(
                f"Fold {i + 1} of {count}: {pair[0].samples} images for training, "
                f"{pair[1].samples} for validation."
            )
        return pair

    def __iter__(self) -> Iterator[tuple[ImageSequence, ImageSequence]]:
        for i in range(len(self)):
            yield self[i]

    def _opened(self, subset: str, fold: int, share_with: Batches) -> Batches:
        config = self._batches.config
        options = {**config.options, "subset": subset, "fold": (fold, len(self))}
        return Batches(replace(config, options=options, digest=None), share_with)


@overload
def folds(
    directory: str | os.PathLike[str],
    /,
    *,
    k: int = 5,
    groups: GroupRule | None = None,
    verbose: bool = True,
    **options: Any,
) -> Folds: ...


@overload
def folds(
    paths: Paths,
    labels: Any = None,
    /,
    *,
    k: int = 5,
    groups: Groups | None = None,
    verbose: bool = True,
    **options: Any,
) -> Folds: ...


@overload
def folds(
    df: Any,
    x_col: str,
    y_col: str | Sequence[str] | None = None,
    /,
    *,
    k: int = 5,
    group_col: str | None = None,
    groups: Groups | None = None,
    verbose: bool = True,
    **options: Any,
) -> Folds: ...


def folds(
    data: Any,
    /,
    *columns: Any,
    k: int = 5,
    groups: Groups | None = None,
    verbose: bool = True,
    **options: Any,
) -> Folds:
    r"""Open a folder, a list of files or a table for cross-validation: k times, each time with
    another part of the images for validation.

    Each image is in the validation data of one fold. The images of each class are spread evenly
    over the folds, at random by `seed` and their names, and so are all images if the labels are
    tags or numbers. Groups are put into the folds one after the other, the largest first, where
    they keep the shares of the classes most equal, as scikit-learn's `StratifiedGroupKFold` does.

    Args:
        data, columns: the first arguments of `from_directory` (`folds("flowers")`), `from_files`
            (`folds(paths, labels)`) or `from_dataframe` (`folds(df, "file", "species")`).
        k: number of folds, from 2 to the number of images or groups.
        groups: images that stay together, such as those of one patient, as in `from_directory`
            and `from_files`. With a table, `group_col=` names a column.
        verbose: print the number of images.
        **options: the other arguments of that function, except `subset`, `validation_split` and
            `split`.

    Returns:
        A `Folds`: iterate over it, or take `folds[i]`, for pairs `(train, validation)`.

    Raises:
        ValueError: an argument is invalid, or a file has no group; the message names it.

    Example:
        >>> for train, val in mf.folds("flowers", k=3, groups=r"(\d)\.png$", image_size=8, seed=1):
        ...     history = model.fit(train, validation_data=val, verbose=0)

    Reference: scikit-learn, "Cross-validation: evaluating estimator performance", section
        "Cross-validation iterators for grouped data".
    """
    is_table = bool(columns) and isinstance(columns[0], str)
    is_folder = not columns and isinstance(data, str | os.PathLike)
    known = TableOptions if is_table else Options if is_folder else ListOptions
    for name in _DECIDED:
        if name in options:
            raise TypeError(f"folds() decides about {name}: leave {name} out")
    reject_unknown("folds", options, known.__annotations__)
    fold = (0, as_int("k", k))
    common: dict[str, Any] = {"subset": "validation", "groups": groups}
    if is_folder:
        seq = from_directory(Source(data, fold=fold), verbose=False, **common, **options)
    else:
        class_names = options.pop("class_names", None)
        label_mode = options.pop("label_mode", INFERRED)
        given = ("directory", "masks", "sample_weight")
        common |= {name: options.pop(name, None) for name in given}
        common["fold"] = fold
        if is_table:
            x_col, y_col = (*columns, None)[:2]
            common |= {"class_names": class_names, "label_mode": label_mode}
            columns_of = ("group_col", "mask_col", "weight_col")
            common |= {name: options.pop(name, None) for name in columns_of}
            opened = open_table(data, x_col, y_col, options={**options, "verbose": False}, **common)
        else:
            labels = label_columns(columns[0] if columns else None, label_mode, class_names)
            opened = open_list(data, labels, options={**options, "verbose": False}, **common)
        seq = opened if isinstance(opened, ImageSequence) else opened[0]
    if verbose:
        print(found(seq))
    return Folds(batches_of(seq), verbose)
