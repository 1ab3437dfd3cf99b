"""Arguments of `from_directory` that take more than a conversion to become options of the core."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from mixfolder._component import options_of
from mixfolder._keras_options import reject_keras_workers
from mixfolder._validation import as_float, as_int, as_optional_int, as_text
from mixfolder.affine import Affine
from mixfolder.augment import Augmentation
from mixfolder.crops import Crop
from mixfolder.custom import Custom
from mixfolder.mix import Mix, as_policy
from mixfolder.schedule import Schedule, Sizes, values_of

_KERAS_WORKERS = ("workers", "use_multiprocessing", "max_queue_size")


def reject_unknown(function: str, passed: dict[str, Any], known: Iterable[str]) -> None:
    """Raise for arguments that a function does not have, with the remedy."""
    known = list(known)
    for name, value in passed.items():
        if name in known:
            continue
        if name in _KERAS_WORKERS:
            reject_keras_workers(name, value, None)
        near = difflib.get_close_matches(name, known, n=1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise TypeError(f"{function}() got an unexpected keyword argument {name!r}{hint}")


def scheduled_options(**arguments: Any) -> dict[str, Any]:
    """The options of the arguments that may change over epochs: their values in epoch 0, and as
    "schedule" all values of those that do."""
    val = None
    if isinstance(sizes := arguments["image_size"], Sizes):
        val = None if sizes.val is None else _image_size("val of Sizes", sizes.val)
        arguments["image_size"], batches = sizes._schedules()
        arguments["batch_size"] = batches or arguments["batch_size"]
    options: dict[str, Any] = {}
    schedule: dict[str, Any] = {"val_image_size": val}
    mix = arguments["mix"]
    if isinstance(mix, Schedule) and any(isinstance(m, Custom) for m in values_of("mix", mix)):
        raise ValueError(
            "Custom cannot be part of a schedule of mix: pass it alone, and let its function "
            "decide by plan.epoch"
        )
    for name, value in arguments.items():
        is_scheduled = isinstance(value, Schedule)
        changes = value._changes(name) if is_scheduled else [(0, value)]
        values = [_CONVERSIONS[name](_in_epoch(name, epoch), v) for epoch, v in changes]
        options[name] = values[0]
        schedule[name] = (
            [{"epoch": epoch, "value": v} for (epoch, _), v in zip(changes, values, strict=True)]
            if is_scheduled
            else []
        )
    return {**options, "schedule": schedule}


def _in_epoch(name: str, epoch: int) -> str:
    """An argument as errors name it."""
    return f"{name} from epoch {epoch} on" if epoch else name


def _image_size(name: str, value: Any) -> list[int]:
    """`[height, width]` for a pair, or a number for both."""
    pair = tuple(value) if isinstance(value, Iterable) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{name} must be (height, width), but is {value!r}")
    return [as_int(name, v) for v in pair]


def _augmentations(name: str, items: Any) -> list[dict[str, Any]]:
    """The options of each augmentation."""
    if any(
        isinstance(item, Affine) for item in (items if isinstance(items, Sequence) else [items])
    ):
        raise ValueError(
            "RandomAffine is not an item of augment but has its own argument: use "
            "affine=mixfolder.RandomAffine(...)"
        )
    if not isinstance(items, Sequence) or not all(isinstance(a, Augmentation) for a in items):
        raise ValueError(
            f"{name} must be a list of augmentations, such as "
            f"[mixfolder.ColorJitter(brightness=0.2)], but is {items!r}"
        )
    return [item._options() for item in items]


def _policy(name: str, value: Any) -> dict[str, Any] | None:
    """The options of a policy."""
    return options_of(name, as_policy(value), Custom if isinstance(value, Custom) else Mix)


#: The option for the value of each argument, which errors call by the name.
_CONVERSIONS: dict[str, Callable[[str, Any], Any]] = {
    "image_size": _image_size,
    "batch_size": as_int,
    "mix": _policy,
    "crop": lambda name, value: options_of(name, value, Crop),
    "flip": lambda _, value: as_text(value),
    "affine": lambda name, value: options_of(name, value, Affine),
    "augment": _augmentations,
}


def preprocess_options(value: Any) -> dict[str, Any]:
    """The options for a mode of Keras, for `(mean, std)` in pixel values, or for None."""
    if value is None or isinstance(value, str):
        return {"preprocess": value or "", "normalize": None}
    try:
        mean, std = map(list, value)
    except (TypeError, ValueError):
        raise ValueError(
            f'preprocess must be "tf", "torch", "caffe", (mean, std) or None, but is {value!r}'
        ) from None
    mean = [as_float("mean of preprocess", v) for v in mean]
    std = [as_float("std of preprocess", v) for v in std]
    if all(abs(v) <= 1 for v in mean) and all(v < 1 for v in std):
        raise ValueError(
            f"preprocess={value!r} seems to be for values of 0..1, but mean and std are for pixel "
            "values of 0..255: multiply both by 255"
        )
    return {"preprocess": "", "normalize": {"mean": mean, "std": std}}


def background_option(value: Any) -> list[int] | None:
    """`[red, green, blue]` or None."""
    if value is None:
        return None
    try:
        red, green, blue = value
    except (TypeError, ValueError):
        raise ValueError(
            f"background must be (red, green, blue) of 0 to 255, or None, but is {value!r}"
        ) from None
    return [as_int("background", v) for v in (red, green, blue)]


def seed_option(value: Any) -> int:
    """A seed of 64 bits; None draws one from NumPy's global generator."""
    if value is None:
        return int(np.random.randint(2**63, dtype=np.uint64))
    if not 0 <= (seed := as_int("seed", value)) < 2**64:
        raise ValueError(f"seed must be from 0 to 2**64-1, but is {seed}")
    return seed


def mask_options(masks: Any, mode: str, classes: Any, ignore: Any) -> dict[str, Any]:
    """The options of masks; the value of each class for a number of classes."""
    if masks is None and (classes is not None or ignore is not None):
        raise ValueError("mask_classes and mask_ignore need masks: pass masks= as well")
    if classes is not None and not isinstance(classes, Iterable):
        if not 1 <= (count := as_int("mask_classes", classes)) <= 255:
            raise ValueError(f"mask_classes must be from 1 to 255 classes, but is {count}")
        classes = range(count)
    return {
        "mask_mode": as_text(mode),
        "mask_classes": None
        if classes is None
        else [as_int("mask_classes", value) for value in classes],
        "mask_ignore": as_optional_int("mask_ignore", ignore),
    }
