"""The steps of `ImageDataGenerator.standardize`: those that the core takes over, and those that
run in NumPy."""

import warnings
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from mixfolder.compat._applications import mode_of

#: Added to standard deviations, as in Keras.
EPSILON = 1e-6

#: In the order in which they are applied.
STEPS = (
    "preprocessing_function",
    "rescale",
    "samplewise_center",
    "samplewise_std_normalization",
    "featurewise_center",
    "featurewise_std_normalization",
)

_CHANNELS = {"rgb": 3, "grayscale": 1, "rgba": 4}


class Normalization(Protocol):
    """The attributes of an `ImageDataGenerator` that are used here, with Keras' meanings."""

    data_format: str
    channel_axis: int
    preprocessing_function: Callable[[np.ndarray], Any] | None
    rescale: float | None
    samplewise_center: bool
    samplewise_std_normalization: bool
    featurewise_center: bool
    featurewise_std_normalization: bool
    mean: np.ndarray | None
    std: np.ndarray | None


def standardize(generator: Normalization, x: Any, steps: set[str]) -> Any:
    """Apply those of the steps that the generator has enabled to an image or a batch."""
    if generator.preprocessing_function and "preprocessing_function" in steps:
        x = generator.preprocessing_function(x)
    if generator.rescale and "rescale" in steps:
        x *= generator.rescale
    if generator.samplewise_center:
        x -= np.mean(x, keepdims=True)
    if generator.samplewise_std_normalization:
        x /= np.std(x, keepdims=True) + EPSILON
    mean = _fitted(generator, "featurewise_center", generator.mean, steps)
    if mean is not None:
        x -= mean
    std = _fitted(generator, "featurewise_std_normalization", generator.std, steps)
    if std is not None:
        x /= std + EPSILON
    return x


def _fitted(
    generator: Normalization, step: str, statistic: np.ndarray | None, steps: set[str]
) -> np.ndarray | None:
    """The featurewise statistic of an enabled step; warns if it was not computed yet."""
    if not getattr(generator, step) or step not in steps:
        return None
    if statistic is None:
        warnings.warn(
            f"This ImageDataGenerator specifies `{step}`, but it hasn't been fit on any "
            "training data. Fit it first by calling "
            "`.fit_directory(directory)` or `.fit(numpy_data)`.",
            stacklevel=4,
        )
    return statistic


def core_steps(generator: Normalization, color_mode: str) -> tuple[dict[str, Any], set[str]]:
    """Options of `from_directory` for the leading steps, as far as the core has them, and the
    steps that remain."""
    remaining = {step for step in STEPS if getattr(generator, step)}
    mode = mode_of(generator.preprocessing_function, generator.data_format, color_mode)
    if mode is None:
        return {}, remaining
    remaining.discard("preprocessing_function")
    if mode:  # the core applies either a mode or a scale
        return {"preprocess": mode}, remaining
    options: dict[str, Any] = {}
    if generator.rescale:
        options = {"rescale": float(generator.rescale)}
        remaining.discard("rescale")
    statistics = _statistics(generator, _CHANNELS[color_mode])
    if statistics and not generator.samplewise_center:
        options = {"preprocess": statistics}
        remaining -= {"featurewise_center", "featurewise_std_normalization"}
    return options, remaining


def _statistics(generator: Normalization, channels: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The featurewise mean and standard deviation in pixel values; None if they are unknown, or
    not in a form that the core takes."""
    wanted = (
        (generator.featurewise_center, generator.mean, 0),
        (generator.featurewise_std_normalization, generator.std, 1),
    )
    if not generator.featurewise_center or any(on and value is None for on, value, _ in wanted):
        return None
    shape = [1, 1, 1]
    shape[generator.channel_axis - 1] = channels
    try:
        mean, std = (
            np.broadcast_to(np.asarray(value if on else default, np.float64), shape).ravel()
            for on, value, default in wanted
        )
    except ValueError:  # set by the user to something else than one number per channel
        return None
    scale = float(generator.rescale or 1)
    mean = mean / scale
    std = (std + EPSILON * generator.featurewise_std_normalization) / scale
    # from_directory rejects what looks like statistics of values in 0..1.
    return None if np.abs(mean).max() <= 1 and std.max() < 1 else (mean, std)
