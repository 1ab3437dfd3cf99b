"""Shapes and dtypes of a batch, and what varies in it, as the core reports them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mixfolder._records import ArrayInfo, BatchInfo, PhaseInfo

#: x, y and the weights of the samples. y and weights are None if batches have none; y is an
#: array, or a tuple or dict of them.
Arrays = tuple[NDArray[Any], Any, NDArray[Any] | None]


@dataclass(frozen=True)
class ArraySpec:
    """An array without its batch axis.

    Attributes:
        shape: of a row.
        dtype: of the values.
        role: "image", "label", "weight" (of samples) or "mask".
        name: the head that it belongs to, "" if there is one without a name.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    role: str
    name: str

    @classmethod
    def read(cls, info: ArrayInfo) -> "ArraySpec":
        return cls(tuple(info["shape"]), np.dtype(info["dtype"]), info["role"], info["name"])

    @property
    def row_bytes(self) -> int:
        """Bytes of one row; exact for any shape."""
        return int(np.prod(self.shape, dtype=object)) * self.dtype.itemsize


@dataclass(frozen=True)
class BatchSpec:
    """The arrays of a batch.

    Attributes:
        x: images.
        y: arrays of labels, weights and masks, which follow each other in one buffer; empty for
            batches of x alone.
        images: images in x per sample; more than 1 if partners are delivered unmixed, behind the
            samples' own images.
        shuffled: each epoch has its own order.
        mixed: samples are mixed with partners.
        altered: images are cropped, flipped or augmented at random.
    """

    x: ArraySpec
    y: tuple[ArraySpec, ...]
    images: int
    shuffled: bool
    mixed: bool
    altered: bool

    @classmethod
    def read(cls, info: BatchInfo) -> "BatchSpec":
        return cls(
            ArraySpec.read(info["x"]),
            tuple(map(ArraySpec.read, info["y"])),
            info["images"],
            info["shuffled"],
            info["mixed"],
            info["altered"],
        )

    @property
    def varies_by_epoch(self) -> bool:
        """Whether batch n of one epoch differs from batch n of another."""
        return self.shuffled or self.mixed or self.altered

    @property
    def weighted(self) -> bool:
        """Whether batches have weights of samples."""
        return any(array.role == "weight" for array in self.y)

    def x_shape(self, samples: int) -> tuple[int, ...]:
        return samples * self.images, *self.x.shape

    def x_bytes(self, samples: int) -> int:
        return samples * self.images * self.x.row_bytes

    def y_bytes(self, samples: int) -> int:
        return samples * sum(array.row_bytes for array in self.y)

    def labels(self, samples: int, buffer: NDArray[np.uint8]) -> tuple[Any, NDArray[Any] | None]:
        """What the buffer of y holds: y, and the weights of the samples; None for what batches do
        not have.

        y is one array, a tuple of several, or a dict of these by the names of heads. Masks beside
        labels make it a dict too, with "mask" and, if heads have no names, "label".
        """
        heads: dict[str, list[NDArray[Any]]] = {}
        weights, start = None, 0
        for spec in self.y:
            end = start + samples * spec.row_bytes
            array = buffer[start:end].view(spec.dtype).reshape(samples, *spec.shape)
            start = end
            if spec.role == "weight":
                weights = array
            else:
                name = spec.name or spec.role
                heads.setdefault(name, []).append(array)
        y = {name: tuple(a) if len(a) > 1 else a[0] for name, a in heads.items()}
        if len(y) > 1 or any(spec.name for spec in self.y):
            return y, weights
        return next(iter(y.values()), None), weights


@dataclass(frozen=True)
class Phase:
    """What holds from one epoch to the next change of a schedule.

    Attributes:
        epoch: the first epoch.
        batches: per epoch.
        batch_size: samples in a full batch.
        spec: the arrays of a batch.
    """

    epoch: int
    batches: int
    batch_size: int
    spec: BatchSpec

    @classmethod
    def read(cls, info: PhaseInfo) -> "Phase":
        return cls(
            info["epoch"], info["batches"], info["batch_size"], BatchSpec.read(info["batch"])
        )


class Phases(tuple[Phase, ...]):
    """The phases of a data set in the order of their epochs: one without schedules."""

    def at(self, epoch: int) -> Phase:
        """What holds in an epoch."""
        return next(phase for phase in reversed(self) if phase.epoch <= epoch)

    @property
    def varies_by_epoch(self) -> bool:
        """Whether batch n of one epoch differs from batch n of another."""
        return len(self) > 1 or self[0].spec.varies_by_epoch
