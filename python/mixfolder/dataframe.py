"""`from_dataframe`: opens a table of files and labels as data sets."""

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Unpack, overload

import numpy as np

from mixfolder._arguments import reject_unknown
from mixfolder._groups import Groups
from mixfolder._heads import LabelColumn, head_arguments
from mixfolder._labels import INFERRED, quantities
from mixfolder._options import Masks, TableOptions
from mixfolder._text import few
from mixfolder.files import open_list
from mixfolder.sequence import ImageSequence

Columns = str | Sequence[str]


@overload
def from_dataframe(
    df: Any,
    x_col: str,
    y_col: Columns | Mapping[str, Columns] | None = None,
    *,
    subset: Literal["both"],
    **options: Unpack[TableOptions],
) -> tuple[ImageSequence, ImageSequence]: ...


@overload
def from_dataframe(
    df: Any,
    x_col: str,
    y_col: Columns | Mapping[str, Columns] | None = None,
    *,
    subset: Literal["training", "validation"] | None = None,
    **options: Unpack[TableOptions],
) -> ImageSequence: ...


@overload
def from_dataframe(
    df: Any,
    x_col: str,
    y_col: Columns | Mapping[str, Columns] | None = None,
    *,
    subset: str | None,
    **options: Unpack[TableOptions],
) -> ImageSequence | tuple[ImageSequence, ImageSequence]: ...


def from_dataframe(
    df: Any,
    x_col: str,
    y_col: Columns | Mapping[str, Columns] | None = None,
    *,
    class_names: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    directory: str | os.PathLike[str] | None = None,
    label_mode: str | Mapping[str, str] | None = INFERRED,
    mask_col: str | None = None,
    masks: Masks = None,
    subset: str | None = None,
    group_col: str | None = None,
    groups: Groups | None = None,
    weight_col: str | None = None,
    sample_weight: Any = None,
    **options: Any,
) -> ImageSequence | tuple[ImageSequence, ImageSequence]:
    """Open the files that a table lists, as batches that are mixed while they are loaded.

    Args:
        df: a DataFrame of pandas or polars, a dict of columns, or the path of a CSV file with the
            names of its columns in the first line. Labels in a CSV file are integers or numbers
            if all values of the column are that, as in pandas, but names with `class_names`.
        x_col: the column with the files.
        y_col: the column with the labels, of any kind that `from_files` takes, or several columns
            of numbers: tags if all are integers, with the names of the columns as `class_names`,
            or else quantities. A dict of these has several heads by name, and so have the columns
            of a list if `label_mode` is a dict. None for files without labels.
        class_names: as in `from_files`.
        directory: the folder that relative paths start from; None for the working directory, or
            for the folder of the CSV file.
        label_mode: as in `from_files`.
        mask_col: the column with the masks, if there are any; see `from_directory` for masks.
        masks: instead of a column, as in `from_files`.
        subset: as in `from_files`.
        group_col: the column with the groups of files that a split keeps together.
        groups: as in `from_files`, in the place of `group_col`.
        weight_col: the column with the weight of each file, as `sample_weight` of `from_files`.
        sample_weight: as in `from_files`, instead of a column.
        **options: as in `from_files`.

    Returns:
        An `ImageSequence`, or `(training, validation)` for `subset="both"`.

    Raises:
        FileNotFoundError: the CSV file does not exist.
        ValueError: an argument is invalid; the message names the column, the row, counted from 0
            without the line of names, and the value.

    Example:
        >>> table = {"file": ["rose/000.png", "tulip/001.png"], "height": [31.5, 24.0]}
        >>> train = mf.from_dataframe(table, "file", "height", directory="flowers", batch_size=2)
        >>> table["kind"] = ["rose", "tulip"]
        >>> heads = {"class": "kind", "size": "height"}
        >>> train = mf.from_dataframe(table, "file", heads, directory="flowers", batch_size=2)
    """
    reject_unknown("from_dataframe", options, TableOptions.__annotations__)
    return open_table(
        df,
        x_col,
        y_col,
        class_names=class_names,
        directory=directory,
        label_mode=label_mode,
        mask_col=mask_col,
        masks=masks,
        subset=subset,
        group_col=group_col,
        groups=groups,
        weight_col=weight_col,
        sample_weight=sample_weight,
        options=options,
    )


def open_table(
    df: Any,
    x_col: str,
    y_col: Columns | Mapping[str, Columns] | None,
    *,
    class_names: Any,
    directory: str | os.PathLike[str] | None,
    label_mode: Any,
    mask_col: str | None,
    masks: Masks,
    subset: str | None,
    group_col: str | None,
    groups: Groups | None,
    weight_col: str | None = None,
    sample_weight: Any = None,
    options: dict[str, Any],
    fold: tuple[int, int] | None = None,
) -> ImageSequence | tuple[ImageSequence, ImageSequence]:
    """`from_dataframe`, also for a fold."""
    if is_csv := isinstance(df, str | os.PathLike):
        if directory is None:
            directory = Path(os.fsdecode(df)).absolute().parent
        df = _read_csv(df)
    if isinstance(label_mode, Mapping) and not isinstance(y_col, Mapping):
        y_col = {name: name for name in ([y_col] if isinstance(y_col, str) else y_col or ())}
    if isinstance(y_col, Mapping):
        columns = {
            head: _labels(df, y_col[head], is_csv, *arguments)
            for head, arguments in head_arguments(y_col, label_mode, class_names).items()
        }
    else:
        columns = {"": _labels(df, y_col, is_csv, label_mode, class_names)}
    if group_col is not None:
        if groups is not None:
            raise ValueError("group_col and groups both name the groups: leave one of them out")
        groups = _column(df, group_col)
    if weight_col is not None:
        if sample_weight is not None:
            raise ValueError("weight_col and sample_weight exclude each other: pass one of them")
        sample_weight = _column(df, weight_col)
        if is_csv:
            sample_weight = _typed(sample_weight)
    if mask_col is not None:
        if masks is not None:
            raise ValueError("mask_col and masks both name the masks: leave one of them out")
        masks = _column(df, mask_col)
    return open_list(
        _column(df, x_col),
        columns,
        directory=directory,
        masks=masks,
        subset=subset,
        groups=groups,
        sample_weight=sample_weight,
        options=options,
        names=(
            f"column {x_col!r}",
            f"column {group_col!r}" if group_col else "groups",
            f"column {weight_col!r}" if weight_col else "sample_weight",
            f"column {mask_col!r}" if mask_col else "masks",
        ),
        fold=fold,
    )


def _labels(df: Any, y_col: Any, is_csv: bool, mode: Any, class_names: Any) -> LabelColumn:
    """The labels of one head."""
    if y_col is None:
        return LabelColumn(None, "y_col", mode, class_names)
    if isinstance(y_col, str):
        labels = _column(df, y_col)
        if is_csv and not class_names:
            labels = _typed(labels)
        return LabelColumn(labels, f"column {y_col!r}", mode, class_names)
    labels = _columns(df, y_col)
    if mode == INFERRED:
        mode = "multi_label" if labels.dtype.kind == "i" else "regression"
    if mode == "multi_label" and not class_names:
        class_names = [str(name) for name in y_col]
    return LabelColumn(labels, f"columns {', '.join(map(repr, y_col))}", mode, class_names)


def _column(df: Any, name: str) -> Any:
    known = list(df if isinstance(df, Mapping) else getattr(df, "columns", ()))
    if not known:
        raise ValueError(
            "df must be a DataFrame, a dict of columns or the path of a CSV file, but is "
            f"{type(df).__name__} without columns"
        )
    if name not in known:
        raise ValueError(f"there is no column {name!r}: choose among {few([*map(repr, known)])}")
    return df[name]


def _columns(df: Any, names: Sequence[str]) -> Any:
    """Numbers, a row per file: integers if all columns have integers."""
    if not names:
        raise ValueError("y_col has no column: name one at least, or pass None")
    columns = [quantities(_typed(_column(df, name)), f"column {name!r}") for name in names]
    for name, column in zip(names, columns, strict=True):
        if len(column) != len(columns[0]):
            raise ValueError(
                f"column {names[0]!r} has {len(columns[0])} rows, but column {name!r} has "
                f"{len(column)}"
            )
    return np.stack(columns, axis=1)


def _read_csv(path: str | os.PathLike[str]) -> dict[str, list[str]]:
    """The columns by name, as text."""
    fields: list[str] = []  # of all rows: a list per row would take most of the time
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = filter(None, csv.reader(file))
        if not (header := next(rows, None)):
            raise ValueError(
                f"{os.fsdecode(path)!r} is empty: its first line must name the columns"
            )
        for i, row in enumerate(rows):
            if len(row) != len(header):
                raise ValueError(
                    f"row {i} of {os.fsdecode(path)!r} has {len(row)} fields, but there are "
                    f"{len(header)} columns: {row!r}"
                )
            fields += row
    return {name: fields[i :: len(header)] for i, name in enumerate(header)}


def _typed(column: Any) -> Any:
    """A column of text as integers or numbers, if all of its values are that."""
    if not isinstance(column, list) or not all(isinstance(value, str) for value in column):
        return column
    for kind in (np.int64, np.float64):
        try:
            return np.array(column, kind)
        except (ValueError, OverflowError):
            pass
    return column
