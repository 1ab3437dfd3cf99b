"""What `ImageDataGenerator`'s arguments are in `augment=[...]`."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mixfolder.augment import Augmentation, ChannelShift, ColorJitter, RandomAffine


class Ranges(Protocol):
    """What is read of an `ImageDataGenerator` here; the meanings are Keras'."""

    rotation_range: float
    width_shift_range: Any
    height_shift_range: Any
    brightness_range: Sequence[float] | None
    shear_range: float
    zoom_range: Any
    channel_shift_range: float
    fill_mode: str
    cval: float
    legacy_axes: bool


@dataclass(frozen=True)
class _Affine(RandomAffine):
    """RandomAffine with Keras' shifts, and with its mistakes if that is wanted."""

    height: Any = 0.0
    width: Any = 0.0
    legacy_axes: bool = False

    def _parameters(self) -> dict[str, Any]:
        return {**super()._parameters(), "legacy_axes": self.legacy_axes}

    def _shifts(self) -> list[dict[str, Any]]:
        return [_shift(self.height), _shift(self.width)]


def augmentations(generator: Ranges) -> list[Augmentation]:
    """The list for a generator, in Keras' order; flips are no part of it."""
    items: list[Augmentation] = []
    if _moves(generator):
        low, high = sorted(generator.zoom_range)
        items.append(
            _Affine(
                rotation=_around(generator.rotation_range),
                shear=_around(generator.shear_range),
                zoom=(low, high),
                fill_mode=generator.fill_mode,
                fill_value=round(generator.cval) if generator.fill_mode == "constant" else 0,
                height=generator.height_shift_range,
                width=generator.width_shift_range,
                legacy_axes=generator.legacy_axes,
            )
        )
    if generator.channel_shift_range:
        items.append(ChannelShift(abs(generator.channel_shift_range)))
    if generator.brightness_range is not None:
        low, high = sorted(generator.brightness_range)
        items.append(ColorJitter(brightness=(low, high)))
    return items


def _moves(generator: Ranges) -> bool:
    shifts = (generator.height_shift_range, generator.width_shift_range)
    turns = (
        generator.rotation_range or generator.shear_range or list(generator.zoom_range) != [1, 1]
    )
    return bool(turns) or any(len(s) > 0 if _is_list(s) else bool(s) for s in shifts)


def _around(reach: float) -> tuple[float, float]:
    return -abs(reach), abs(reach)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) or getattr(value, "ndim", 0) == 1


def _shift(value: Any) -> dict[str, Any]:
    """A shift as the core takes it: one of a list of values, of 0..n-1 for a whole number n, both
    with a random sign, or from a range."""
    if _is_list(value):
        return {"range": [0, 0], "values": [float(v) for v in value]}
    try:
        steps = operator.index(value)
    except TypeError:
        return {"range": list(_around(float(value))), "values": []}
    return {"range": [0, 0], "values": [float(v) for v in range(steps)]}
