"""Affine maps: what `affine=` takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mixfolder._component import Component
from mixfolder._validation import as_range, as_text, symmetric_range


@dataclass(frozen=True)
class Affine(Component):
    """An affine map: what `affine=` takes."""


@dataclass(frozen=True)
class RandomAffine(Affine):
    """Rotate, shift, shear and zoom about the center, as Keras' `ImageDataGenerator` does, but
    with the axes in the right order.

    The map is combined with the crop, the resizing and the flips, so that the file's pixels are
    sampled once (bilinear). If the result is smaller, they are averaged first to avoid aliasing.

    Args:
        rotation: degrees; `(low, high)`, or a number r for (-r, r). Positive angles rotate the
            image counter-clockwise.
        shift: how far the image moves: a number for both axes, or `(height, width)`; s stands for
            (-s, s). Below 1 it is a fraction of the target's extent, else pixels of the target.
            Positive shifts, as `explain` shows them, move it up and to the left.
        shear: degrees; as rotation.
        zoom: factors, one drawn for each axis; `(low, high)`, or a number z for (1 - z, 1 + z).
            Above 1 shows the image smaller.
        fill_mode: SciPy's mode for pixels outside of the image: "constant", "nearest", "reflect"
            or "wrap".
        fill_value: for "constant", 0 to 255: one number, or one per channel.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", affine=mf.RandomAffine(rotation=15, shift=0.1,
    zoom=0.2))`
    """

    rotation: float | tuple[float, float] = 0.0
    shift: float | tuple[float, float] = 0.0
    shear: float | tuple[float, float] = 0.0
    zoom: float | tuple[float, float] = 0.0
    fill_mode: str = "nearest"
    fill_value: int | Sequence[int] = 0
    _name = "random_affine"

    def _parameters(self) -> dict[str, Any]:
        height, width = self._shifts()
        return {
            **self._symmetric_ranges(0, "rotation", "shear"),
            **self._symmetric_ranges(1, "zoom"),
            "shift_height": height,
            "shift_width": width,
            "fill_mode": as_text(self.fill_mode),
            **self._colors("fill_value"),
            "legacy_axes": False,
        }

    def _shifts(self) -> list[dict[str, Any]]:
        """The core's options for the shift along the height and along the width."""
        name = self._label("shift")
        both = self.shift if isinstance(self.shift, Sequence) else (self.shift, self.shift)
        return [
            {"range": symmetric_range(name, shift, 0), "values": []}
            for shift in as_range(name, both)
        ]
