"""Shapes and dtypes of a batch, and what varies in it, as the core reports them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mixfolder._records import ArrayInfo, BatchInfo, PhaseInfo, TargetInfo

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
class Target:
    """What to make of uint8 images that Python mixes.

    Attributes:
        x: mixed images.
        scale, bias: a value is pixel * scale + bias, per channel, in float32.
        reverse: the channels are reversed.
        channels_first: the channels are moved to the front.
    """

    x: ArraySpec
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    reverse: bool
    channels_first: bool

    @classmethod
    def read(cls, info: TargetInfo) -> "Target":
        return cls(
            ArraySpec.read(info["x"]),
            np.array(info["scale"], np.float32),
            np.array(info["bias"], np.float32),
            info["reverse"],
            info["channels_first"],
        )

    def normalized(self, images: NDArray[Any]) -> NDArray[Any]:
        """Images of 0..255, channels last, as values of x: the same numbers as the core's."""
        if self.x.dtype == np.uint8:
            out = images if images.dtype == np.uint8 else np.rint(images).astype(np.uint8)
        else:
            values = images.astype(np.float32)
            values *= self.scale
            values += self.bias
            out = values.astype(self.x.dtype, copy=False)
        if self.reverse:
            out = out[..., ::-1]
        if self.channels_first:
            out = np.moveaxis(out, -1, 1)
        return np.ascontiguousarray(out)


@dataclass(frozen=True)
class BatchSpec:
    """The arrays of a batch.

    Attributes:
        x: images.
        y: arrays of labels, weights and masks, which follow each other in one buffer; empty for
            batches of x alone.
        images: images in x per sample; more than 1 if partners are delivered unmixed, behind the
            samples' own images.
        target: what Python makes of x and y by `mix=Custom`, or None. y then has the labels of all
            images, like x.
        shuffled: each epoch has its own order.
        mixed: samples are mixed with partners.
        altered: images are cropped, flipped or augmented at random.
    """

    x: ArraySpec
    y: tuple[ArraySpec, ...]
    images: int
    target: Target | None
    shuffled: bool
    mixed: bool
    altered: bool

    @classmethod
    def read(cls, info: BatchInfo) -> "BatchSpec":
        target = info.get("target")
        return cls(
            ArraySpec.read(info["x"]),
            tuple(map(ArraySpec.read, info["y"])),
            info["images"],
            Target.read(target) if target else None,
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

    @property
    def masks(self) -> ArraySpec | None:
        """The array of masks, if there is one."""
        return next((array for array in self.y if array.role == "mask"), None)

    def x_shape(self, samples: int) -> tuple[int, ...]:
        return samples * self.images, *self.x.shape

    def x_bytes(self, samples: int) -> int:
        return samples * self.images * self.x.row_bytes

    def y_bytes(self, samples: int) -> int:
        return self._labels(samples) * sum(array.row_bytes for array in self.y)

    def _labels(self, samples: int) -> int:
        """Rows of each array in y."""
        return samples * self.images if self.target else samples

    @property
    def image(self) -> ArraySpec:
        """One image of a batch, as users get it."""
        return self.target.x if self.target else self.x

    def labels(self, samples: int, buffer: NDArray[np.uint8]) -> tuple[Any, NDArray[Any] | None]:
        """What the buffer of y holds: y, and the weights of the samples; None for what batches do
        not have.

        y is one array, a tuple of several, or a dict of these by the names of heads. Masks beside
        labels make it a dict too, with "mask" and, if heads have no names, "label".
        """
        samples = self._labels(samples)
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
        batch_size: samples in a full batch, of all processes together.
        rows: samples of this process in each batch but the last one.
        last_rows: its samples in the last batch.
        image_size: height and width in pixels.
        spec: the arrays of a batch.
    """

    epoch: int
    batches: int
    batch_size: int
    rows: int
    last_rows: int
    image_size: tuple[int, ...]
    spec: BatchSpec

    @classmethod
    def read(cls, info: PhaseInfo) -> "Phase":
        return cls(
            info["epoch"],
            info["batches"],
            info["batch_size"],
            info["rows"],
            info["last_rows"],
            tuple(info["image_size"]),
            BatchSpec.read(info["batch"]),
        )

    def size(self, number: int) -> int:
        """Samples of this process in a batch."""
        return self.last_rows if number == self.batches - 1 else self.rows


class Phases(tuple[Phase, ...]):
    """The phases of a data set in the order of their epochs: one without schedules."""

    def at(self, epoch: int) -> Phase:
        """What holds in an epoch."""
        return next(phase for phase in reversed(self) if phase.epoch <= epoch)

    @property
    def varies_by_epoch(self) -> bool:
        """Whether batch n of one epoch differs from batch n of another."""
        return len(self) > 1 or self[0].spec.varies_by_epoch
