"""Crops, for `crop=` and `val_crop=`: one class each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mixfolder._component import Component
from mixfolder._validation import as_text


@dataclass(frozen=True)
class Crop(Component):
    """A crop."""


@dataclass(frozen=True)
class RandomResizedCrop(Crop):
    """Show a random part of each training image, stretched to the target. Only that part is
    decoded.

    torchvision's algorithm: up to ten attempts with a uniform area in `scale`, a log-uniform
    aspect ratio in `ratio` and a uniform position; if none fits, the largest centered part whose
    aspect ratio is within `ratio`.

    Args:
        scale: `(low, high)`, fraction of the image's area, with 0 < low <= high <= 1.
        ratio: `(low, high)`, width over height, in pixels of the image.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", crop=mf.RandomResizedCrop(scale=(0.25, 1)))`

    Reference: Szegedy et al., "Going deeper with convolutions", CVPR 2015, arXiv:1409.4842.
    """

    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    _name = "random_resized_crop"

    def _parameters(self) -> dict[str, Any]:
        return self._ranges("scale", "ratio")


@dataclass(frozen=True)
class RandomCrop(Crop):
    """Resize each training image to the target's size, pad it on all sides, and show a random
    part of the target's size.

    Resizing, padding and cropping are one map from the file to the target: pixels that are not
    shown are not computed.

    Args:
        padding: pixels of the target on each side, 1 or more.
        fill_mode: what the padding shows: "constant", "nearest" (the outermost pixels), "reflect"
            or "wrap", as SciPy has them.
        fill_value: of "constant", 0 to 255: one number, or one per channel.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("cifar", image_size=32, crop=mf.RandomCrop(padding=4),
    flip="horizontal")`

    Reference: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016,
        arXiv:1512.03385, section 4.2.
    """

    padding: int = 4
    fill_mode: str = "constant"
    fill_value: int | Sequence[int] = 0
    _name = "random_crop"

    def _parameters(self) -> dict[str, Any]:
        return {
            **self._ints("padding"),
            "fill_mode": as_text(self.fill_mode),
            **self._colors("fill_value"),
        }


@dataclass(frozen=True)
class CenterCrop(Crop):
    """Show the centered part that has the target's shape; for training and, as `val_crop=`, for
    validation.

    Args:
        fraction: of the width and height of the largest such part, above 0 and at most 1. 0.875
            corresponds to torchvision's `Resize(256)` and `CenterCrop(224)`.

    Raises:
        ValueError: `fraction` is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", val_crop=mf.CenterCrop(0.875), validation_split=0.2,
    subset="both")`
    """

    fraction: float = 0.875
    _name = "center_crop"
