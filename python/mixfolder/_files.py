"""What a data set is opened from: a folder to scan, or a list of files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def absolute(directory: str | os.PathLike[str]) -> str:
    """The absolute path of a folder, which stays valid if the working directory changes and in
    other processes. Symbolic links are not resolved."""
    path = os.fsdecode(directory)
    return os.fspath(Path(path).absolute()) if path else path


class FileList:
    """Files with labels, passed to `from_directory` instead of a directory, together with
    `class_names`.

    Args:
        root: the folder that the paths are relative to.
        paths: the files, in any order.
        labels: index into `class_names`, one per file.
        options: options of the core that `from_directory` has no argument for.
    """

    def __init__(
        self, root: str | os.PathLike[str], paths: Sequence[str], labels: Any, **options: Any
    ):
        self._root = os.fspath(root)
        self.options = options
        # In the form that the core takes, which also pickles best.
        self.paths = b"".join(os.fsencode(path) + b"\0" for path in paths)
        self.labels = np.asarray(labels, np.int32).tobytes()

    def __fspath__(self) -> str:
        return self._root
