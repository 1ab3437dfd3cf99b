"""The files and classes of an open folder."""

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mixfolder import _core
from mixfolder._explain import bad_file
from mixfolder._records import BadFile, ListingInfo

if TYPE_CHECKING:
    from mixfolder._batches import Batches


@dataclass(frozen=True)
class Listing:
    """What the scan of a folder found.

    Attributes:
        class_names: names in label order; one empty name for a flat folder.
        names: paths of the files of this subset, relative to the folder.
        labels: int32, one per file, or float32, one row per file; read-only.
        info: counts, digest and warnings.
    """

    class_names: list[str]
    names: list[str]
    labels: NDArray[Any]
    info: ListingInfo

    @classmethod
    def read(cls, handle: int) -> "Listing":
        """The listing of an open loader."""
        info = json.loads(_core.call_bytes("mixfolder_listing", handle, _core.LIST_INFO))
        class_names, names, labels = _core.listing(handle)
        if width := info["label_width"]:
            return cls(class_names, names, labels.view(np.float32).reshape(-1, width), info)
        return cls(class_names, names, labels, info)

    def paths(self, directory: str) -> list[str]:
        """Absolute paths of the files."""
        return [os.path.join(directory, name) for name in self.names]


class ListingProperties:
    """The attributes of an `ImageSequence` that describe its files, classes and shapes."""

    _batches: "Batches"

    @property
    def class_names(self) -> list[str]:
        """Names of the classes or tags in label order; empty for a flat folder (`label_mode=None`)
        and for labels that are numbers."""
        return [name for name in self._batches.listing.class_names if name]

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
        """Absolute paths of this subset's files, in the order in which unshuffled batches return
        them."""
        return self._batches.listing.paths(self._batches.config.directory)

    @property
    def labels(self) -> NDArray[Any]:
        """Labels of `file_paths`, read-only: int32 indices of classes, all 0 for a flat folder; or
        one float32 row per file, if the labels are tags (1 for those that it has) or numbers."""
        return self._batches.listing.labels

    @property
    def samples(self) -> int:
        """Number of files in this subset."""
        return len(self._batches.listing.names)

    @property
    def batch_size(self) -> int:
        """Number of samples in a full batch of the current epoch."""
        return self._batches.phase.batch_size

    @property
    def image_shape(self) -> tuple[int | Any, ...]:
        """Shape of one image in a batch, for `keras.Input`; None for a height or width that
        changes over epochs."""
        shapes = [phase.spec.x.shape for phase in self._batches.phases]
        return tuple(v[0] if len({*v}) == 1 else None for v in zip(*shapes, strict=True))

    @property
    def seed(self) -> int:
        """The seed in use: the one passed, or the one drawn for `seed=None`."""
        return int(self._batches.config.options["seed"])

    @property
    def warnings(self) -> list[str]:
        """Warnings of the scan and the split, for example about files that are ignored."""
        return list(self._batches.listing.info["warnings"])

    @property
    def bad_files(self) -> list[BadFile]:
        """The files that could not be read so far, each once, in the order of `file_paths`: dicts
        with `path`, `class` ("" if there are none), `position` (index in `file_paths`) and
        `reason`.

        Example: `[bad["path"] for bad in train.bad_files]`
        """
        listing, paths = self._batches.listing, self.file_paths
        return [
            bad_file(paths, listing.class_names, listing.labels, bad["position"], bad["reason"])
            for bad in self._batches.bad_files()
        ]
