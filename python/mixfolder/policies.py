"""How samples are mixed, and pictures cropped."""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MixUp:
    """Mix each sample with a partner: `lam * a + (1 - lam) * b`, pictures and labels alike, `lam` ~ Beta(alpha, alpha) a sample.

    Args:
        alpha: above 0. Small values (0.1 to 0.4, as usual on ImageNet) leave most samples nearly as they are; 1 makes every share equally
            likely.

    Raises: a ValueError from `from_directory` where alpha is not above 0.

    Example: `mf.from_directory("flowers", mix=mf.MixUp(alpha=0.2))`

    Reference: Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018, arXiv:1710.09412.
    """

    alpha: float = 0.2

    def _options(self) -> dict[str, Any]:
        """What the core is told."""
        return {"alpha": _finite("alpha of MixUp", self.alpha)}


@dataclass(frozen=True)
class RandomResizedCrop:
    """Show a random part of each training picture, stretched to the target; only that part is decoded.

    Up to ten attempts: the part's area uniform in `scale`, its shape log-uniform in `ratio`, its place uniform; where none fits, the
    largest centred part whose shape is within `ratio`: torchvision's algorithm.

    Args:
        scale: `(low, high)` share of the picture's area, with 0 < low <= high <= 1.
        ratio: `(low, high)` width over height, in pixels of the picture.

    Raises: a ValueError from `from_directory` where the bounds are not so.

    Example: `mf.from_directory("flowers", crop=mf.RandomResizedCrop(scale=(0.25, 1)))`

    Reference: Szegedy et al., "Going deeper with convolutions", CVPR 2015, arXiv:1409.4842.
    """

    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)

    def _options(self) -> dict[str, Any]:
        return {name: _pair(f"{name} of RandomResizedCrop", getattr(self, name)) for name in ("scale", "ratio")}


def _finite(name: str, value: Any) -> float:
    if not math.isfinite(number := float(value)):
        raise ValueError(f"{name} must be a finite number, but is {number}")
    return number


def _pair(name: str, value: Any) -> list[float]:
    try:
        low, high = value
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be (low, high), but is {value!r}") from None
    return [_finite(name, low), _finite(name, high)]
