"""Augmentations: what `augment=[...]` takes. They are applied to each image in the order of the
list.

Every item has its own random stream, so that adding or removing one does not change the draws of
the others; `ImageSequence.explain` shows what was drawn. Pixel values are 0 to 255 at this stage:
`rescale` and `preprocess` come later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mixfolder._component import Component
from mixfolder._validation import as_color, as_range


@dataclass(frozen=True)
class Augmentation(Component):
    """An item of `augment=[...]`."""


@dataclass(frozen=True)
class ColorJitter(Augmentation):
    """Change brightness, contrast, saturation and hue at random, in random order; the formulas
    are Pillow's, the draws torchvision's.

    Args:
        brightness, contrast, saturation: factors; `(low, high)` of 0 or more, or a number v for
            (max(0, 1 - v), 1 + v).
        hue: fraction of the color circle; `(low, high)` from -0.5 to 0.5, or a number v for
            (-v, v).
        prob: probability per image.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.ColorJitter(brightness=0.4, contrast=0.4,
    saturation=0.4, hue=0.1)])`
    """

    brightness: float | tuple[float, float] = 0.0
    contrast: float | tuple[float, float] = 0.0
    saturation: float | tuple[float, float] = 0.0
    hue: float | tuple[float, float] = 0.0
    prob: float = 1.0
    _name = "color_jitter"

    def _parameters(self) -> dict[str, Any]:
        factors = self._symmetric_ranges(1, "brightness", "contrast", "saturation")
        for name, bounds in factors.items():
            if not isinstance(getattr(self, name), Sequence):
                bounds[0] = max(0.0, bounds[0])
        return {**factors, **self._symmetric_ranges(0, "hue"), **self._floats("prob")}


@dataclass(frozen=True)
class ChannelShift(Augmentation):
    """Add one random amount to all channels, clipped to the range of values in the image:
    Keras' `channel_shift_range`.

    Args:
        range: the amount is uniform in (-range, range); pixel values, 0 to 255.
        prob: probability per image.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.ChannelShift(20)])`
    """

    range: float
    prob: float = 1.0
    _name = "channel_shift"


@dataclass(frozen=True)
class Grayscale(Augmentation):
    """Make all channels the luma (ITU-R 601-2, Pillow's mode L): torchvision's `RandomGrayscale`.

    Args:
        prob: probability per image.

    Raises:
        ValueError: `prob` is not from 0 to 1; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.Grayscale(0.2)])`
    """

    prob: float = 0.1
    _name = "grayscale"


@dataclass(frozen=True)
class AutoContrast(Augmentation):
    """Stretch each channel to 0..255: Pillow's `ImageOps.autocontrast`.

    Args:
        prob: probability per image.

    Raises:
        ValueError: `prob` is not from 0 to 1; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.AutoContrast()])`
    """

    prob: float = 0.5
    _name = "auto_contrast"


@dataclass(frozen=True)
class Equalize(Augmentation):
    """Flatten each channel's histogram: Pillow's `ImageOps.equalize`.

    Args:
        prob: probability per image.

    Raises:
        ValueError: `prob` is not from 0 to 1; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.Equalize()])`
    """

    prob: float = 0.5
    _name = "equalize"


@dataclass(frozen=True)
class Posterize(Augmentation):
    """Keep the upper bits of each value: Pillow's `ImageOps.posterize`.

    Args:
        bits: 1 to 8.
        prob: probability per image.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.Posterize(bits=4)])`
    """

    bits: int
    prob: float = 0.5
    _name = "posterize"

    def _parameters(self) -> dict[str, Any]:
        return {**self._ints("bits"), **self._floats("prob")}


@dataclass(frozen=True)
class Solarize(Augmentation):
    """Invert the values from a threshold on: Pillow's `ImageOps.solarize`.

    Args:
        threshold: 0 to 256; 256 inverts none.
        prob: probability per image.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.Solarize(threshold=192)])`
    """

    threshold: float = 128
    prob: float = 0.5
    _name = "solarize"


@dataclass(frozen=True)
class Sharpness(Augmentation):
    """Sharpen or smooth: Pillow's `ImageEnhance.Sharpness`, torchvision's
    `RandomAdjustSharpness`.

    Args:
        factor: 0 is smooth, 1 the image, 2 sharp; 0 or more.
        prob: probability per image.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.Sharpness(2)])`
    """

    factor: float
    prob: float = 0.5
    _name = "sharpness"


@dataclass(frozen=True)
class GaussianBlur(Augmentation):
    """Blur by a Gaussian of random width, mirrored at the edges: torchvision's `GaussianBlur` with
    OpenCV's kernel size.

    Args:
        sigma: standard deviation, in pixels of the target; `(low, high)` above 0, or one number.
        prob: probability per image.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.GaussianBlur(sigma=(0.1, 2), prob=0.5)])`
    """

    sigma: float | tuple[float, float] = (0.1, 2.0)
    prob: float = 0.5
    _name = "gaussian_blur"

    def _parameters(self) -> dict[str, Any]:
        sigma = self.sigma if isinstance(self.sigma, Sequence) else (self.sigma, self.sigma)
        return {"sigma": as_range(self._label("sigma"), sigma), **self._floats("prob")}


@dataclass(frozen=True)
class RandomErasing(Augmentation):
    """Fill a random rectangle, by torchvision's algorithm.

    Args:
        prob: probability per image.
        scale: `(low, high)` fraction of the image's area.
        ratio: `(low, high)` height over width.
        value: the fill: a number from 0 to 255, one per channel, or "random" for random
            values of each pixel, as in the paper. None is ImageNet's mean color, which is 0 after
            `preprocess="torch"`.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.RandomErasing(prob=0.25)])`

    Reference: Zhong, Zheng, Kang, Li and Yang, "Random erasing data augmentation", AAAI 2020,
        arXiv:1708.04896.
    """

    prob: float = 0.5
    scale: tuple[float, float] = (0.02, 0.33)
    ratio: tuple[float, float] = (0.3, 3.3)
    value: int | Sequence[int] | str | None = None
    _name = "random_erasing"

    def _parameters(self) -> dict[str, Any]:
        noise = isinstance(self.value, str)
        if noise and self.value != "random":
            raise ValueError(
                f'value of RandomErasing must be a color, "random" or None, but is {self.value!r}'
            )
        color = (124, 116, 104) if self.value is None or noise else self.value
        return {
            **self._floats("prob"),
            **self._ranges("scale", "ratio"),
            "value": as_color(self._label("value"), color),
            "noise": noise,
        }


@dataclass(frozen=True)
class RandAugment(Augmentation):
    """Apply a few random operations of one strength, from torchvision's table of the paper's
    operations.

    Args:
        num_ops: operations per image, 1 or more.
        magnitude: their strength, 0 to 30.

    Raises:
        ValueError: an argument is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", augment=[mf.RandAugment(num_ops=2, magnitude=9)])`

    Reference: Cubuk, Zoph, Shlens and Le, "RandAugment: Practical automated data augmentation
        with a reduced search space", NeurIPS 2020,
        arXiv:1909.13719.
    """

    num_ops: int = 2
    magnitude: int = 9
    _name = "rand_augment"

    def _parameters(self) -> dict[str, Any]:
        return self._ints("num_ops", "magnitude")


@dataclass(frozen=True)
class TrivialAugmentWide(Augmentation):
    """Apply one random operation of any strength, from torchvision's table of the paper's wide
    space.

    Example: `mf.from_directory("flowers", augment=[mf.TrivialAugmentWide()])`

    Reference: Müller and Hutter, "TrivialAugment: Tuning-free yet state-of-the-art data
        augmentation", ICCV 2021, arXiv:2103.10158.
    """

    _name = "trivial_augment_wide"
