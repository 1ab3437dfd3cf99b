"""What a folder holds, as its sequence tells it."""

import json
import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mixfolder import _core
from mixfolder._explain import bad_file
from mixfolder._records import BadFile, ListingInfo

if TYPE_CHECKING:
    from mixfolder._requests import PendingBatches
    from mixfolder.sequence import SequenceConfig

_CHANNELS = {"rgb": 3, "grayscale": 1, "rgba": 4}


class Contents:
    """The attributes of a `ImageSequence` that tell its files, classes and shapes; the sequence
    itself opens the folder."""

    _config: "SequenceConfig"
    _requests: "PendingBatches | None"
    _info: ListingInfo
    _class_names: list[str]
    _names: list[str]
    _labels: NDArray[np.int32]

    def _opened(self) -> "PendingBatches":
        raise NotImplementedError

    def _listed(self) -> None:
        """The listing stays after `close()`; only a pickled sequence has to open first."""
        if self._requests is None:
            self._opened()

    @property
    def class_names(self) -> list[str]:
        """Names of the classes, in the order of their labels; none of a flat folder
        (`label_mode=None`)."""
        self._listed()
        return [name for name in self._class_names if name]

    @property
    def class_indices(self) -> dict[str, int]:
        """Label of each class name."""
        return {name: i for i, name in enumerate(self.class_names)}

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def file_paths(self) -> list[str]:
        """Absolute paths of this subset's files, in the order of the listing: that of the batches
        where nothing is shuffled."""
        self._listed()
        return [os.path.join(self._config.directory, name) for name in self._names]

    @property
    def labels(self) -> NDArray[np.int32]:
        """Labels of `file_paths`, int32, read-only; all 0 of a flat folder."""
        self._listed()
        return self._labels

    @property
    def samples(self) -> int:
        """Number of files in this subset."""
        self._listed()
        return len(self._names)

    @property
    def batch_size(self) -> int:
        """Samples in a full batch."""
        return int(self._config.options["batch_size"])

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """BatchSpec of one image in a batch."""
        options = self._config.options
        (height, width), channels = options["image_size"], _CHANNELS[options["color_mode"]]
        return (
            (channels, height, width)
            if options["data_format"] == "channels_first"
            else (height, width, channels)
        )

    @property
    def seed(self) -> int:
        """The seed in use: the one given, or the one drawn for `seed=None`."""
        return int(self._config.options["seed"])

    @property
    def warnings(self) -> list[str]:
        """What the scan and the split had to say, such as files that were left out."""
        self._listed()
        return list(self._info["warnings"])

    @property
    def bad_files(self) -> list[BadFile]:
        """The files that could not be read so far, each once, in the order of `file_paths`: a
        dict with `path`, `class`, `position` (in `file_paths`) and `reason`.

        Example: `[bad["path"] for bad in train.bad_files]`
        """
        found = json.loads(_core.fetch("mixfolder_listing", self._opened().handle, _core.LIST_BAD))
        paths, labels = self.file_paths, self.labels
        return [
            bad_file(paths, self._class_names, labels, bad["position"], bad["reason"])
            for bad in found
        ]
