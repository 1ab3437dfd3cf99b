"""The groups of files that a split keeps together."""

import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from mixfolder._labels import plain

#: How a path names its group.
GroupRule = str | re.Pattern[str] | Callable[[str], Any]
Groups = GroupRule | Iterable[Any]


def group_names(groups: Groups, paths: Sequence[str], where: str | None = None) -> bytes:
    """The name of each file's group, in the form that the core takes.

    Args:
        groups: a regular expression, a function of the path, or a value per file.
        paths: the files, as the user knows them.
        where: what errors call a column of values; None if there can be none.
    """
    if isinstance(groups, str | re.Pattern):
        names = _matches(groups, paths)
    elif callable(groups):
        names = _results(groups, paths)
    elif where is None:
        raise ValueError(
            "groups must be a regular expression or a function of the path, which returns its "
            f"group, but is {groups!r}: a list of groups is for from_files"
        )
    else:
        names = _column(groups, len(paths), where)
    blob = "\0".join([*names, ""])
    if blob.count("\0") != len(names):
        i = next(i for i, name in enumerate(names) if "\0" in name)
        raise ValueError(f"the group of {paths[i]!r} contains NUL: {names[i]!r}")
    return os.fsencode(blob)


def _matches(pattern: str | re.Pattern[str], paths: Sequence[str]) -> list[str]:
    try:
        search = re.compile(pattern).search
    except re.error as e:
        raise ValueError(f"groups={pattern!r} is not a regular expression: {e}") from None
    names = []
    for path in paths:
        found = search(path)
        name = found and found.group(1 if found.re.groups else 0)
        if not name:
            raise ValueError(
                f"groups={re.compile(pattern).pattern!r} finds no group in {path!r}: change the "
                "expression, or pass a function of the path"
            )
        names.append(name)
    return names


def _results(function: Callable[[str], Any], paths: Sequence[str]) -> list[str]:
    names = []
    for path in paths:
        value = function(path)
        if (name := _name(value)) is None:
            raise ValueError(
                f"groups returns {value!r} for {path!r}: return the name or number of its group"
            )
        names.append(name)
    return names


def _column(values: Any, count: int, where: str) -> list[str]:
    column = plain(values, where)
    if len(column) != count:
        raise ValueError(
            f"{where} has {len(column)} rows, but there are {count} files: give one group per file"
        )
    names = []
    for i, value in enumerate(column.tolist() if isinstance(column, np.ndarray) else column):
        if (name := _name(value)) is None:
            raise ValueError(
                f"row {i} of {where} must be the name or number of a group, but is {value!r}"
            )
        names.append(name)
    return names


def _name(value: Any) -> str | None:
    """The name of a group; None for a missing value."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float | np.floating):  # numbers of a column with gaps are floats
        if not math.isfinite(value):
            return None
        return str(int(value)) if value == int(value) else repr(float(value))
    name = str(value)
    return None if value is None or name in ("<NA>", "NaT") else name
