"""Where the partners of samples come from, for `pairing=`."""

from dataclasses import dataclass
from typing import Any

from mixfolder._validation import as_float


@dataclass(frozen=True)
class NearbyLabels:
    """Mix each image with one whose label is similar: partner j of image i has a probability
    proportional to `exp(-|y_i - y_j|**2 / (2 * sigma**2))`.

    Labels are numbers, one or more per file (`label_mode="regression"` or "multi_label"); |.| is
    the Euclidean distance. Partners come from the whole subset; no image is its own partner
    (C-Mixup's code draws it as well). Draws are exact, up to the rounding of 64-bit weights: a
    million files take 0.6 s to open and about 10 us per draw, or 2 s and up to 40 us with three
    numbers per file.

    Args:
        sigma: the distance over which labels are similar, in units of the labels; above 0. A large
            one makes all partners equally likely. Standardize the columns first if there are
            several.

    Raises:
        ValueError: the files have no numbers, or `sigma` is not above 0; raised by
            `from_directory`.

    Example:
        >>> ages = range(len(train.file_paths))
        >>> seq = mf.from_files(
        ...     train.file_paths, ages, label_mode="regression", mix=mf.MixUp(2.0),
        ...     pairing=mf.NearbyLabels(sigma=3.0))

    Reference: Yao, Wang, Zhang, Zou and Finn, "C-Mixup: Improving Generalization in Regression",
        NeurIPS 2022, arXiv:2210.05775.
    """

    sigma: float


def pairing_options(value: Any) -> dict[str, Any]:
    """The core's options for `pairing`."""
    if isinstance(value, NearbyLabels):
        return {"pairing": "nearby_labels", "sigma": as_float("sigma of NearbyLabels", value.sigma)}
    if not isinstance(value, str) or value == "nearby_labels":
        raise ValueError(
            'pairing must be "batch", "global", "reversed", "dataset", "same_class", '
            f'"other_class", "balanced" or mixfolder.NearbyLabels(sigma), but is {value!r}'
        )
    return {"pairing": value, "sigma": 0.0}
