"""The labels of a list of files, in the form that the core takes."""

import contextlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mixfolder._records import Layout

#: The value of label_mode that lets the labels decide.
INFERRED = "inferred"

_CLASS_MODES = ("categorical", "binary", "int")


@dataclass(frozen=True)
class FileLabels:
    """Checked labels.

    Attributes:
        mode: the label mode.
        class_names: names of classes or tags; none for numbers.
        values: None, the index of a class per file (int32), or a row of numbers (float32).
    """

    mode: str | None
    class_names: list[str]
    values: NDArray[Any] | None

    @property
    def layout(self) -> Layout:
        """The part of all labels that is these, where there are several heads."""
        several = self.values is not None and self.values.ndim == 2
        return {
            "classes": len(self.class_names),
            "width": self.values.shape[1] if self.values is not None and several else 0,
        }


def plain(column: Any, where: str) -> Any:
    """A column as a NumPy array of numbers, or as a list of anything else."""
    if not isinstance(column, list | tuple) and hasattr(column, "__array__"):
        array = np.asarray(column)
        if array.ndim:
            return array if array.dtype.kind in "biuf" else array.tolist()
    elif not isinstance(column, str | bytes):
        with contextlib.suppress(TypeError):
            return list(column)
    raise ValueError(f"{where} must be a list with one value per file, but is {column!r}")


def read_labels(
    labels: Any, mode: str | None, class_names: Sequence[str] | None, where: str = "labels"
) -> FileLabels:
    """Check labels of any kind; errors name the row, counted from 0, and the value."""
    names = checked_names(class_names)
    if labels is None:
        if names is not None or mode not in (INFERRED, None):
            raise ValueError(
                "without labels, leave class_names and label_mode out: batches are images alone"
            )
        return FileLabels(None, [], None)
    column = plain(labels, where)
    if isinstance(column, list) and any(issubclass(t, str) for t in set(map(type, column))):
        return _of_names(column, mode, names, where)
    if isinstance(column, list):
        nested = [i for i, value in enumerate(column) if _is_nested(value)]
        if nested and len(nested) < len(column):
            i = next(i for i, value in enumerate(column) if not _is_nested(value))
            _refuse(i, column[i], where, "must be a list, as in other rows")
        if nested and _has_tags(column):
            return _of_tags(column, mode, names, where)
        column = _rows(column, where) if nested else _numbers(column, where)
    if column.ndim == 1 and mode != "regression" and column.dtype.kind in "biu":
        return _of_indices(column, mode, names, where)
    return _of_numbers(column, mode, names, where)


def quantities(column: Any, where: str) -> NDArray[Any]:
    """One number per row: int64 if all are integers, or float64."""
    values = plain(column, where)
    numbers: NDArray[Any] = _numbers(values, where) if isinstance(values, list) else values
    if numbers.ndim != 1:
        raise ValueError(f"{where} must have one number per row, but has shape {numbers.shape}")
    if len(wrong := np.flatnonzero(~np.isfinite(numbers))):
        _refuse(int(wrong[0]), numbers[wrong[0]].item(), where, "must be finite")
    kind = np.int64 if numbers.dtype.kind in "biu" else np.float64
    return numbers.astype(kind)


def checked_names(class_names: Sequence[str] | None) -> list[str] | None:
    """The names of classes or tags; None for those that occur."""
    if isinstance(class_names, str | bytes) or not isinstance(class_names, Iterable | None):
        raise ValueError(f"class_names must be a list of names, or None, but is {class_names!r}")
    names = [] if class_names is None else list(class_names)
    if not names:  # as in from_directory
        return None
    for i, name in enumerate(names):
        if not isinstance(name, str) or not name:
            raise ValueError(f"class_names must be names, but entry {i} is {name!r}")
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise ValueError(f"class_names has {twice!r} twice: name each class once")
    return names


def _refuse(row: int, value: Any, where: str, reason: str) -> NoReturn:
    raise ValueError(f"row {row} of {where} {reason}, but is {value!r}")


def _mode_of(mode: str | None, allowed: Sequence[str], kind: str, where: str) -> str | None:
    """The mode for a kind of labels; the first one allowed if it is to be inferred."""
    if mode == INFERRED:
        return allowed[0]
    if mode is not None and mode not in allowed:
        raise ValueError(
            f"label_mode={mode!r} does not fit {where}, which has {kind}: use "
            f"{' or '.join(repr(a) for a in allowed)}"
        )
    return mode


def _of_names(
    column: list[Any], mode: str | None, names: list[str] | None, where: str
) -> FileLabels:
    """One class per file, by its name, or numbers that are written as text."""
    if mode == "regression":
        return _of_numbers(_numbers(column, where), mode, names, where)
    mode = _mode_of(mode, _CLASS_MODES, "one name per file", where)
    for i, value in enumerate(column):
        if not isinstance(value, str) or not value:
            _refuse(i, value, where, "must be the name of a class")
    chosen = sorted(set(column)) if names is None else names
    index = {name: i for i, name in enumerate(chosen)}
    try:
        values = np.fromiter(map(index.__getitem__, column), np.int32, len(column))
    except KeyError:
        i = next(i for i, value in enumerate(column) if value not in index)
        _refuse(i, column[i], where, "must be one of class_names")
    return FileLabels(mode, list(map(str, chosen)), values)


def _of_indices(
    column: NDArray[Any], mode: str | None, names: list[str] | None, where: str
) -> FileLabels:
    """One class per file, by its index."""
    mode = _mode_of(mode, (*_CLASS_MODES, "regression"), "one integer per file", where)
    column = column.astype(np.int64)
    count = len(names) if names is not None else int(column.max(initial=0)) + 1
    if len(wrong := np.flatnonzero((column < 0) | (column >= count))):
        i = int(wrong[0])
        what = f"one of 0 to {count - 1}, the indices of class_names" if names else "0 or more"
        _refuse(i, int(column[i]), where, f"must be {what}")
    if names is None and count > max(1000, 10 * len(np.unique(column))):
        i = int(column.argmax())
        _refuse(
            i,
            count - 1,
            where,
            "must be an index of a class, counted from 0 (pass other numbers as names, as str)",
        )
    return FileLabels(mode, names or [str(i) for i in range(count)], column.astype(np.int32))


def _of_tags(
    column: list[Any], mode: str | None, names: list[str] | None, where: str
) -> FileLabels:
    """Any number of tags per file, by their names."""
    mode = _mode_of(mode, ("multi_label",), "a list of tags per file", where)
    for i, tags in enumerate(column):
        for tag in tags:
            if not isinstance(tag, str) or not tag:
                _refuse(i, tag, where, "must have names of tags")
    flat = [tag for tags in column for tag in tags]
    chosen = sorted(set(flat)) if names is None else names
    if not chosen:
        raise ValueError(f"{where} has no tags: name one at least, or pass class_names")
    index = {name: i for i, name in enumerate(chosen)}
    for i, tags in enumerate(column if names is not None else ()):
        for tag in tags:
            if tag not in index:
                _refuse(i, tag, where, "must have tags of class_names")
    rows = np.repeat(np.arange(len(column)), [len(tags) for tags in column])
    values = np.zeros((len(column), len(chosen)), np.float32)
    values[rows, [index[tag] for tag in flat]] = 1
    return FileLabels(mode, list(map(str, chosen)), values)


def _of_numbers(
    column: NDArray[Any], mode: str | None, names: list[str] | None, where: str
) -> FileLabels:
    """Quantities, or a value from 0 to 1 per tag."""
    if column.ndim > 2:
        raise ValueError(f"{where} must have shape (n,) or (n, k), but has {column.shape}")
    with np.errstate(over="ignore"):
        values = column.astype(np.float32).reshape(len(column), math.prod(column.shape[1:]))
    if not values.shape[1]:
        raise ValueError(f"{where} has rows without numbers: give one per row at least")
    if len(wrong := np.flatnonzero(~np.isfinite(values).all(axis=1))):
        i = int(wrong[0])
        _refuse(i, column[i].tolist(), where, "must be finite")
    kind = f"numbers of type {column.dtype}"
    if column.ndim != 2:
        return _quantities(values, _mode_of(mode, ("regression",), kind, where), names)
    tags = names is not None or column.dtype.kind in "biu"
    order = ("multi_label", "regression") if tags else ("regression", "multi_label")
    if (mode := _mode_of(mode, order, kind, where)) != "multi_label":
        return _quantities(values, mode, names)
    width = values.shape[1]
    if names is not None and len(names) != width:
        raise ValueError(f"{where} has {width} values per row, but class_names has {len(names)}")
    if len(wrong := np.flatnonzero(((values < 0) | (values > 1)).any(axis=1))):
        i = int(wrong[0])
        _refuse(i, column[i].tolist(), where, "must, for tags, have values from 0 to 1")
    return FileLabels(mode, names or [str(i) for i in range(width)], values)


def _quantities(values: NDArray[Any], mode: str | None, names: list[str] | None) -> FileLabels:
    if names is not None:
        raise ValueError("class_names are for classes and tags, but the labels are numbers")
    return FileLabels(mode, [], values)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def _has_tags(column: list[Any]) -> bool:
    """Whether lists hold names; lists that are all empty have no tags either."""
    first = next((tags for tags in column if len(tags)), None)
    return first is None or isinstance(next(iter(first)), str)


def _numbers(column: list[Any], where: str) -> NDArray[Any]:
    """One number per row."""
    if column and all(issubclass(t, int | np.integer) for t in set(map(type, column))):
        try:
            return np.asarray(column, np.int64)
        except OverflowError:
            pass
    values = np.empty(len(column))
    for i, value in enumerate(column):
        try:
            values[i] = value
        except (TypeError, ValueError):
            _refuse(i, value, where, "must be a number")
    return values


def _rows(column: list[Any], where: str) -> NDArray[Any]:
    """As many numbers in each row."""
    rows = [np.asarray(row if hasattr(row, "__array__") else list(row)) for row in column]
    for i, row in enumerate(rows):
        if row.shape != rows[0].shape or row.ndim != 1 or row.dtype.kind not in "biuf":
            _refuse(i, column[i], where, f"must have {rows[0].size} numbers, as row 0")
    return np.stack(rows)
