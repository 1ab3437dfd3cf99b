"""Options that change from epoch to epoch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mixfolder._validation import as_int

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Schedule(Generic[T_co]):
    """Values of an option over epochs, for `mix`, `augment`, `crop`, `affine`, `flip`,
    `image_size` and `batch_size`.

    An epoch is one pass over the files, as everywhere in this package: `fit` with
    `steps_per_epoch` has shorter ones. The batches of an epoch are those of the same options
    without a schedule.

    Args:
        phases: `[(epoch, value), ...]`, in ascending order: each value holds from its epoch to the
            next one. The first epoch is 0.

    Raises:
        ValueError: the epochs do not begin with 0 or do not ascend, or a value is invalid; raised
            by `from_directory`.

    Example:
        >>> train = mf.from_directory(
        ...     "flowers",
        ...     mix=mf.Schedule([(0, mf.MixUp(0.8)), (90, None)]),
        ...     augment=mf.Schedule([(0, []), (5, [mf.RandAugment(magnitude=9)])]))
    """

    phases: Sequence[tuple[int, T_co]]

    def _changes(self, argument: str) -> list[tuple[int, T_co]]:
        """The validated pairs of epoch and value."""
        try:
            pairs = [(epoch, value) for epoch, value in self.phases]
        except (TypeError, ValueError):
            pairs = []
        if not pairs:
            raise ValueError(
                f"the schedule of {argument} must be [(epoch, value), ...], but is {self.phases!r}"
            )
        return [(as_int(f"an epoch of the schedule of {argument}", e), v) for e, v in pairs]


@dataclass(frozen=True)
class Sizes:
    """Sizes of images over epochs, for `image_size` (progressive resizing).

    Small images at first make training faster; with each size comes the batch size that fills the
    memory. The model must take any size: `keras.Input(train.image_shape)`, which is
    `(None, None, channels)` here, and global pooling.

    Args:
        phases: `[(epoch, image size, batch size), ...]`, in ascending order: the sizes hold from
            their epoch to the next one. The first epoch is 0. An image size is `(height, width)` or
            one number for both, in pixels. The batch sizes replace `batch_size`; without them,
            `[(epoch, image size), ...]`, that holds.
        val: image size of validation data in all epochs; None for the last one of `phases`.
            Validation data has the last batch size.

    Raises:
        ValueError: the epochs do not begin with 0 or do not ascend, or a size is invalid; raised
            by `from_directory`.

    Example:
        >>> train = mf.from_directory(
        ...     "flowers", image_size=mf.Sizes([(0, 128, 64), (30, 192, 32), (45, 224, 24)]))

    Reference: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", ICML 2021,
        arXiv:2104.00298; Touvron, Vedaldi, Douze and Jegou, "Fixing the train-test resolution
        discrepancy", NeurIPS 2019, arXiv:1906.06423.
    """

    phases: (
        Sequence[tuple[int, int | Sequence[int], int]] | Sequence[tuple[int, int | Sequence[int]]]
    )
    val: int | Sequence[int] | None = None

    def _schedules(self) -> tuple[Schedule[Any], Schedule[int] | None]:
        """The schedules of image_size and, if there are batch sizes, of batch_size."""
        try:
            phases: list[Any] = [tuple(phase) for phase in self.phases]
        except TypeError:
            phases = []
        lengths = {len(phase) for phase in phases}
        if lengths not in ({2}, {3}):
            raise ValueError(
                "Sizes must be [(epoch, image size, batch size), ...], or [(epoch, image size), "
                f"...] without any batch size, but is {self.phases!r}"
            )
        batches = Schedule([(p[0], p[2]) for p in phases]) if lengths == {3} else None
        return Schedule([(p[0], p[1]) for p in phases]), batches


def values_of(argument: str, value: Any) -> list[Any]:
    """All values that an argument has over epochs: one without a schedule."""
    return [v for _, v in value._changes(argument)] if isinstance(value, Schedule) else [value]
