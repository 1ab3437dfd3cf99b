"""What a data set is opened from: a folder to scan, or a list of files."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mixfolder._labels import plain
from mixfolder._records import Layout


def absolute(folder: str | os.PathLike[str], argument: str = "directory") -> str:
    """The absolute path of a folder, which stays valid if the working directory changes and in
    other processes. Symbolic links are not resolved."""
    try:
        path = os.fsdecode(folder)
    except TypeError:
        raise ValueError(f"{argument} must be the path of a folder, but is {folder!r}") from None
    return os.fspath(Path(path).absolute()) if path else path


def read_paths(paths: Any, where: str) -> list[str]:
    """The paths of a list or column, as text."""
    names = [
        path if type(path) is str and path else _path(path, i, where)
        for i, path in enumerate(plain(paths, where))
    ]
    if not names:
        raise ValueError(f"{where} has no files: name one at least")
    if "\0" in "".join(names):
        i = next(i for i, name in enumerate(names) if "\0" in name)
        raise ValueError(f"row {i} of {where} contains NUL: {names[i]!r}")
    return names


def relative(names: list[str], directory: str) -> tuple[str, list[str]]:
    """A folder and the names of files relative to it. Relative paths start from `directory`, and
    stay as they are if all of them are relative."""
    if not any(map(os.path.isabs, names)):
        return directory, names
    names = [os.path.join(directory, name) for name in names]
    root = os.path.commonprefix([min(names), max(names)]).rpartition(os.sep)[0] + os.sep
    return root.rstrip(os.sep) or os.sep, [name[len(root) :] for name in names]


def _path(path: Any, row: int, where: str) -> str:
    try:
        name = os.fsdecode(path)
    except TypeError:
        name = ""
    if not name:
        raise ValueError(f"row {row} of {where} must be the path of a file, but is {path!r}")
    return name


#: The layout of a data set whose labels have no heads.
ONE_HEAD: dict[str, Layout] = {"": {"classes": 0, "width": 0}}


class Source:
    """A folder, passed to `from_directory` instead of a directory.

    Args:
        root: the folder.
        options: options of the core that `from_directory` has no argument for.
    """

    def __init__(self, root: str | os.PathLike[str], **options: Any):
        self._root = os.fspath(root)
        self.options = options

    def __fspath__(self) -> str:
        return self._root


class FileList(Source):
    """Files with labels, passed to `from_directory` together with `class_names`.

    Args:
        root: the folder that the paths are relative to.
        paths: the files, in any order.
        *labels: index into `class_names`, one per file; float32 numbers, as many for each file; or
            None. One for each head.
        layouts: the part of `class_names` and labels that is that of each head, by its name.
        groups: the name of each file's group, as `group_names` returns them; empty for none.
        options: as in `Source`.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        paths: Sequence[str],
        *labels: Any,
        layouts: Mapping[str, Layout] = ONE_HEAD,
        groups: bytes = b"",
        **options: Any,
    ):
        super().__init__(root, **options)
        self.layouts = dict(layouts)
        # In the form that the core takes, which also pickles best.
        self.paths = os.fsencode("\0".join([*paths, ""]))
        columns = [np.asarray([] if column is None else column) for column in labels]
        self.labels = b"".join(
            column.astype(np.int32).tobytes() for column in columns if column.dtype != np.float32
        )
        self.values = b"".join(column.tobytes() for column in columns if column.dtype == np.float32)
        self.groups = groups


class MaskFiles:
    """Masks: those with the names of their images in a folder, or one per file of a list.

    Args:
        root: the folder.
        names: the file of each mask, relative to the folder; None for the names of the images.
    """

    def __init__(self, root: str | os.PathLike[str], names: Sequence[str] | None = None):
        self.root = os.fspath(root)
        # In the form that the core takes, which also pickles best.
        self.blob = os.fsencode("\0".join([self.root, *(names or ()), ""]))

    def __fspath__(self) -> str:
        return self.root
