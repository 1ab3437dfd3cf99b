"""Affine maps: what `affine=` takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mixfolder._component import Component
from mixfolder._values import around, fill, pair


class Affine(Component):
    """What `affine=` takes."""


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
        fill_mode: what is shown outside of the image: "constant", "nearest" (the outermost
            pixels), "reflect" or "wrap", as SciPy has them.
        fill_value: of "constant", 0 to 255: one number, or one per channel.

    Raises: a ValueError from `from_directory` if an argument is invalid.

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
            **self._around(0, "rotation", "shear"),
            **self._around(1, "zoom"),
            "shift_height": height,
            "shift_width": width,
            "fill_mode": self.fill_mode,
            "fill_value": fill("fill_value of RandomAffine", self.fill_value),
            "legacy_axes": False,
        }

    def _shifts(self) -> list[dict[str, Any]]:
        """What the core calls a shift, along the height and the width."""
        reach = pair(
            "shift of RandomAffine",
            self.shift if isinstance(self.shift, Sequence) else (self.shift, self.shift),
        )
        return [{"range": around("shift of RandomAffine", s, 0), "values": []} for s in reach]
