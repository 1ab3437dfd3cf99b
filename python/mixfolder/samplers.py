"""Which images an epoch has, and how often, for `sampler=`: one class each. The core has a file of
the same name for each kind."""

from dataclasses import dataclass, field
from typing import Any

from mixfolder._component import Component
from mixfolder._validation import as_bool, as_float, as_optional_int


@dataclass(frozen=True)
class Sampler(Component):
    """A sampler. Each takes `num_samples`, the number of samples in an epoch; None for the number
    of training images."""

    num_samples: int | None = field(default=None, kw_only=True)

    def _parameters(self) -> dict[str, Any]:
        return {"samples": as_optional_int(self._label("num_samples"), self.num_samples)}


@dataclass(frozen=True)
class BalancedSampler(Sampler):
    """Show all classes equally often; `sampler="balanced"` is the same.

    In an epoch the numbers of samples of two classes differ by 1 at most, and so do those of two
    images of one class. Which images of a large class are left out, and the order, are drawn anew
    in each epoch. (imbalanced-learn's RandomOverSampler and torch's WeightedRandomSampler draw
    each sample independently, so that counts vary.) Classes without images are left out.

    Args:
        num_samples: samples per epoch; None for the number of training images.

    Raises:
        ValueError: the labels are tags or numbers, or there are none; raised by `from_directory`.

    Example: `mf.from_directory("flowers", sampler=mf.BalancedSampler(num_samples=6))`
    """

    _name = "balanced"


@dataclass(frozen=True, eq=False)  # as weights may be an array
class WeightedSampler(Sampler):
    """Draw images at random by their weights, like torch's WeightedRandomSampler.

    With replacement each sample is image i with probability `w_i / sum(w)`, whatever the others
    are. Without, an image comes at most once per epoch: images are drawn one after the other, by
    their weights among those that are left, and then shuffled.

    Args:
        weights: one number of 0 or more per file (of the whole list for `from_files` and
            `from_dataframe`, before a split), a dict of a weight for each image of a class, by
            name or index, or None for equal weights. `update_weights` changes them.
        replacement: whether an image may come several times in an epoch.
        num_samples: samples per epoch; None for the number of training images. Needed without
            replacement, and then at most the number of images with a weight above 0.

    Raises:
        ValueError: a weight is invalid or all are 0, or `num_samples` is too large; raised by
            `from_directory`.

    Example: `mf.from_directory("flowers", sampler=mf.WeightedSampler({"rose": 1, "tulip": 3}))`

    Reference: Efraimidis and Spirakis, "Weighted random sampling with a reservoir", Information
        Processing Letters 97, 2006 (without replacement).
    """

    weights: Any = None
    replacement: bool = True
    _name = "weighted"

    def _parameters(self) -> dict[str, Any]:
        return super()._parameters() | {
            "replacement": as_bool(self._label("replacement"), self.replacement)
        }


@dataclass(frozen=True)
class RepeatedAugmentation(Sampler):
    """Show each image several times in a row, with other crops, flips and augmentations each time,
    and correspondingly fewer images per epoch.

    Position p of an epoch shows image `floor(p / repeats)` of a random order, so the copies of an
    image are in one batch, or in two that follow each other. DeiT's RASampler and timm's
    RepeatAugSampler use the same order on one process (on several, the copies are on different
    ones), and round the length of an epoch down to a multiple of 256, which `num_samples` can do.

    Args:
        repeats: copies of an image, 1 or more; 1.5 is two copies and one in turn.
        num_samples: samples per epoch; None for the number of training images, so that an epoch
            shows one image in `repeats`.

    Raises:
        ValueError: `repeats` is below 1, or `num_samples` is too large; raised by
            `from_directory`.

    Example: `mf.from_directory("flowers", flip="both", sampler=mf.RepeatedAugmentation(repeats=3))`

    Reference: Hoffer, Ben-Nun, Hubara, Giladi, Hoefler and Soudry, "Augment Your Batch: Improving
        Generalization Through Instance Repetition", CVPR 2020, arXiv:1901.09335; Berman, Jégou,
        Vedaldi, Kokkinos and Douze, "MultiGrain: a unified image embedding for classes and
        instances", 2019, arXiv:1902.05509.
    """

    repeats: float = 3
    _name = "repeated"

    def _parameters(self) -> dict[str, Any]:
        return super()._parameters() | {"repeats": as_float(self._label("repeats"), self.repeats)}


def as_sampler(value: Any) -> Any:
    """The text "balanced" is a `BalancedSampler`; everything else is itself."""
    return BalancedSampler() if isinstance(value, str) and value == "balanced" else value


def sampling_weights(sampler: Any) -> Any:
    """The weights that a sampler begins with, if it has any."""
    return sampler.weights if isinstance(sampler, WeightedSampler) else None
