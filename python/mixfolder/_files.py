"""The folder that is opened, and a list of files in the place of one that is scanned."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def absolute(directory: str | os.PathLike[str]) -> str:
    """The folder's path, which stays right when the working directory changes, or in another
    process. Links stay as they are."""
    path = os.fsdecode(directory)
    return os.fspath(Path(path).absolute()) if path else path


class FileList:
    """Files with labels, given to `from_directory` in the place of a directory, with the names of
    the classes as `class_names`.

    Args:
        root: the folder that the paths start from.
        paths: the files, relative to root, in any order.
        labels: the place of each file's class in `class_names`.
        options: of the core, where `from_directory` has no argument for them.
    """

    def __init__(
        self, root: str | os.PathLike[str], paths: Sequence[str], labels: Any, **options: Any
    ):
        self._root = os.fspath(root)
        self.options = options
        # As the core takes them, which is also the shortest pickle.
        self.paths = b"".join(os.fsencode(path) + b"\0" for path in paths)
        self.labels = np.asarray(labels, np.int32).tobytes()

    def __fspath__(self) -> str:
        return self._root
