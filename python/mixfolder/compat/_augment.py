"""The arguments of `ImageDataGenerator` as `affine=` and `augment=[...]`."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mixfolder.affine import RandomAffine
from mixfolder.augment import Augmentation, ChannelShift, ColorJitter


class Ranges(Protocol):
    """The attributes of an `ImageDataGenerator` that are read here; the meanings are Keras'."""

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
    """RandomAffine with Keras' shifts and, with `legacy_axes`, its mistakes."""

    height: Any = 0.0
    width: Any = 0.0
    legacy_axes: bool = False

    def _parameters(self) -> dict[str, Any]:
        return {**super()._parameters(), "legacy_axes": self.legacy_axes}

    def _shifts(self) -> list[dict[str, Any]]:
        return [_shift(self.height), _shift(self.width)]


def affine(generator: Ranges) -> RandomAffine | None:
    """The affine map of a generator, without flips."""
    if not _moves(generator):
        return None
    low, high = sorted(generator.zoom_range)
    return _Affine(
        rotation=_symmetric(generator.rotation_range),
        shear=_symmetric(generator.shear_range),
        zoom=(low, high),
        fill_mode=generator.fill_mode,
        fill_value=round(generator.cval) if generator.fill_mode == "constant" else 0,
        height=generator.height_shift_range,
        width=generator.width_shift_range,
        legacy_axes=generator.legacy_axes,
    )


def augmentations(generator: Ranges) -> list[Augmentation]:
    """The augmentations of a generator, in Keras' order."""
    items: list[Augmentation] = []
    if generator.channel_shift_range:
        items.append(ChannelShift(abs(generator.channel_shift_range)))
    if generator.brightness_range is not None:
        low, high = sorted(generator.brightness_range)
        items.append(ColorJitter(brightness=(low, high)))
    return items


def _moves(generator: Ranges) -> bool:
    shifts = (generator.height_shift_range, generator.width_shift_range)
    others = (
        generator.rotation_range or generator.shear_range or list(generator.zoom_range) != [1, 1]
    )
    return bool(others) or any(len(s) > 0 if _is_list(s) else bool(s) for s in shifts)


def _symmetric(limit: float) -> tuple[float, float]:
    return -abs(limit), abs(limit)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) or getattr(value, "ndim", 0) == 1


def _shift(value: Any) -> dict[str, Any]:
    """A shift as the core takes it: from a range, or one of a list of values with a random sign;
    an integer n stands for the values 0 to n-1."""
    if _is_list(value):
        return {"range": [0, 0], "values": [float(v) for v in value]}
    try:
        steps = operator.index(value)
    except TypeError:
        return {"range": list(_symmetric(float(value))), "values": []}
    return {"range": [0, 0], "values": [float(v) for v in range(steps)]}
