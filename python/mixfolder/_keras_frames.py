"""What Keras does with a data set at the moment, found on the call stack.

Keras' hooks and adapters get no arguments that tell the number of the epoch, its steps, or whether
a batch only shows the shapes. With an unknown implementation of Keras nothing is found, and the
defaults apply.
"""

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

METHODS = {"fit", "evaluate", "predict"}

_BUILDERS = {"_symbolic_build", "_maybe_symbolic_build"}


def of_keras(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("keras.")


def keras_frames() -> Iterator[FrameType]:
    """The frames of Keras that call the caller, innermost first, up to the method that uses the
    data set."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if of_keras(frame):
            yield frame
            if frame.f_code.co_name in METHODS:
                return
        frame = frame.f_back


def trainer_frame() -> FrameType | None:
    """The frame of the method of Keras that uses a data set."""
    return next((f for f in keras_frames() if f.f_code.co_name in METHODS), None)


def epoch_iterator(data: Any) -> tuple[Any, FrameType] | None:
    """Keras' EpochIterator whose adapter is data, and its innermost frame."""
    for frame in keras_frames():
        found = frame.f_locals.get("self")
        if getattr(found, "data_adapter", None) is data and hasattr(found, "steps_per_epoch"):
            return found, frame
    return None


def only_builds() -> bool:
    """Whether Keras takes a batch only to build a model for its shapes."""
    return any(frame.f_code.co_name in _BUILDERS for frame in keras_frames())


def first_epoch() -> tuple[int, int | None] | None:
    """The number of the epoch that `fit` begins with, and its steps, if it begins now and not with
    epoch 0."""
    frame = trainer_frame()
    if frame is None or frame.f_code.co_name != "fit":
        return None
    names = frame.f_locals
    first, steps = names.get("initial_epoch"), names.get("steps_per_epoch")
    if not isinstance(first, int) or first <= 0 or names.get("epoch", first) != first:
        return None
    return first, steps if isinstance(steps, int) and steps > 0 else None
