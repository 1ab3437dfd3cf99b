"""Warnings and errors for data sets that do not fit the Keras method that uses them, which is
found on the call stack.

Everything that depends on the implementation of Keras' trainers and data adapters is here. With
an unknown implementation nothing is found, and nothing is reported.
"""

import sys
import warnings
import weakref
from types import FrameType
from typing import Any

import keras

from mixfolder._keras_traits import Traits, check_losses, same_labels

_METHODS = {"fit", "evaluate", "predict"}


class KerasData:
    """A data set of this package; its `on_epoch_begin` calls `keras_begins`."""

    _warned: frozenset[str] = frozenset()

    def _traits(self) -> Traits:
        raise NotImplementedError


def keras_begins(data: KerasData) -> None:
    """Check, at the beginning of an epoch, that the data fits the Keras method that uses it.

    Raises:
        ValueError: the training and validation data of `fit` have different labels, the loss does
            not fit the labels, or `fit` has a `class_weight` that Keras would apply to the wrong
            class.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if _of_keras(frame):
            if frame.f_code.co_name == "on_epoch_begin":
                _hold_weakly(frame.f_locals.get("self"), data)
            elif frame.f_code.co_name in _METHODS:
                _check(data, frame)
                return
        frame = frame.f_back


def _of_keras(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("keras.")


def _hold_weakly(adapter: Any, data: KerasData) -> None:
    """Make Keras' adapter refer to data weakly, as TensorFlow keeps the adapter for the lifetime of
    the process. The frame of `fit`, `evaluate` or `predict` keeps data alive while it is used."""
    is_adapter = getattr(adapter, "py_dataset", None) is data
    if is_adapter and keras.backend.backend() == "tensorflow":
        adapter.py_dataset = weakref.proxy(data)


def _check(data: KerasData, trainer: FrameType) -> None:
    method = trainer.f_code.co_name
    if method != "fit":
        _warn(data, method, trainer)
        return
    if trainer.f_locals.get("class_weight") is not None and data._traits().by_argmax:
        raise ValueError(
            "fit(class_weight=...) weighs a sample by the largest value of its label alone, and "
            "replaces no weights that a batch has: pass class_weight= (or sample_weight=) to the "
            "function that opens the data set, which weighs each image by its share"
        )
    check_losses(data._traits(), trainer.f_locals.get("self"))
    validation = trainer.f_locals.get("validation_data")
    if isinstance(validation, KerasData):
        same_labels(data._traits(), validation._traits())
        _warn(validation, "evaluate", trainer)


def _warn(data: KerasData, method: str, trainer: FrameType) -> None:
    """Warn once if data does not fit `evaluate` or `predict`."""
    if method in data._warned:
        return
    traits = data._traits()
    if method == "predict":
        problems = [
            (
                traits.shuffled,
                "are shuffled, so the rows of the result do not follow file_paths and labels",
            ),
            (traits.mixed, "are mixed"),
        ]
    else:
        problems = [
            (
                traits.mixed,
                "are mixed, so loss and metrics are not those of the images in the files",
            ),
            (traits.altered, "are randomly cropped, flipped or augmented"),
        ]
    if found := ", and ".join(problem for applies, problem in problems if applies):
        data._warned |= {method}
        text = f"Keras {method}s with {traits.directory!r}, whose images {found}"
        _warn_at(f"{text}: open it for that with {traits.remedy}", trainer)


def _warn_at(text: str, trainer: FrameType) -> None:
    """Warn at the line that called Keras."""
    user = trainer
    while user.f_back is not None and _of_keras(user):
        user = user.f_back
    registry = user.f_globals.setdefault("__warningregistry__", {})
    line = user.f_code.co_filename, user.f_lineno
    warnings.warn_explicit(text, UserWarning, *line, registry=registry)
