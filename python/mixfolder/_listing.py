"""The files and classes of an open folder."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixfolder import _core
from mixfolder._explain import bad_file
from mixfolder._records import BadFile, ListingInfo

if TYPE_CHECKING:
    from mixfolder._batches import Batches


class Labels(NamedTuple):
    """The labels of one head."""

    class_names: list[str]  # in label order; one empty name for a flat folder
    values: NDArray[Any]  # int32, one per file, or float32, one row per file; read-only


@dataclass(frozen=True)
class Listing:
    """What the scan of a folder found.

    Attributes:
        names: paths of the files of this subset, relative to the folder.
        heads: the labels of each head.
        masks: paths of the masks of the files, relative to their folder; none without masks.
        info: counts, digest and warnings.
    """

    names: list[str]
    heads: list[Labels]
    masks: list[str]
    info: ListingInfo

    @classmethod
    def read(cls, handle: int) -> "Listing":
        """The listing of an open loader."""
        info = json.loads(_core.call_bytes("mixfolder_listing", handle, _core.LIST_INFO))
        class_names, names, values = _core.listing(handle)
        masks = _core.split_names(_core.call_bytes("mixfolder_listing", handle, _core.LIST_MASKS))
        heads = []
        for layout in info["layouts"]:
            count, width = layout["classes"], layout["width"]
            chosen, class_names = class_names[:count], class_names[count:]
            part, values = np.split(values, [len(names) * (width or 1)])
            heads.append(
                Labels(chosen, part.view(np.float32).reshape(-1, width) if width else part)
            )
        return cls(names, heads, masks, info)

    @property
    def class_names(self) -> list[str]:
        """The classes or tags of the first head."""
        return self.heads[0].class_names

    @property
    def labels(self) -> NDArray[Any]:
        """The labels of the first head."""
        return self.heads[0].values

    @cached_property
    def digest(self) -> str:
        """A digest of the names and labels of the files."""
        digest = hashlib.sha256()
        for names in (self.names, self.masks, *(head.class_names for head in self.heads)):
            digest.update("\0".join([*names, "\0"]).encode(errors="surrogateescape"))
        for head in self.heads:
            digest.update(head.values.tobytes())
        return digest.hexdigest()[:32]

    def paths(self, directory: str) -> list[str]:
        """Absolute paths of the files."""
        return [os.path.join(directory, name) for name in self.names]


def bad_files_of(batches: "Batches") -> list[BadFile]:
    """The files of an open data set that could not be read so far."""
    listing, paths = batches.listing, batches.listing.paths(batches.config.directory)
    return [
        bad_file(paths, listing.class_names, listing.labels, bad["position"], bad["reason"])
        for bad in batches.bad_files()
    ]


class ListingProperties:
    """The attributes of an `ImageSequence` that describe its files, classes and shapes."""

    _batches: "Batches"

    def _by_head(self, value: Callable[[Labels], Any]) -> Any:
        """A value of the labels: that of the only head, or a dict by the names of heads."""
        names = [head["name"] for head in self._batches.config.options["heads"]] or [""]
        values = dict(zip(names, map(value, self._batches.listing.heads), strict=True))
        return values.get("", values)

    # A type of `dict | list` would have to be narrowed at each use.

    @property
    def class_names(self) -> list[str] | Any:
        """Names of the classes or tags in label order; empty for a flat folder (`label_mode=None`)
        and for labels that are numbers. For several heads, a dict by head."""
        return self._by_head(lambda head: [name for name in head.class_names if name])

    @property
    def class_indices(self) -> dict[str, int] | Any:
        """Label of each class name; for several heads, a dict by head."""
        return self._by_head(
            lambda head: {name: i for i, name in enumerate(head.class_names) if name}
        )

    @property
    def num_classes(self) -> int | Any:
        """Number of classes; for several heads, a dict by head."""
        return self._by_head(lambda head: len([name for name in head.class_names if name]))

    @property
    def file_paths(self) -> list[str]:
        """Absolute paths of this subset's files, in the order in which unshuffled batches return
        them."""
        return self._batches.listing.paths(self._batches.config.directory)

    @property
    def mask_paths(self) -> list[str]:
        """Absolute paths of the masks of `file_paths`; empty without masks."""
        masks = self._batches.config.masks
        return [os.path.join(masks or "", name) for name in self._batches.listing.masks]

    @property
    def labels(self) -> NDArray[Any] | Any:
        """Labels of `file_paths`, read-only: int32 indices of classes, all 0 for a flat folder; or
        one float32 row per file, if the labels are tags (1 for those that it has) or numbers. For
        several heads, a dict of these by head."""
        return self._by_head(lambda head: head.values)

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
        shapes = [phase.spec.image.shape for phase in self._batches.phases]
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
        return bad_files_of(self._batches)
