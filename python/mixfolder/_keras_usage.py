"""Warnings and errors for data sets that do not fit the Keras method that uses them, which is
found on the call stack.

With an unknown implementation of Keras' trainers and data adapters nothing is found, and nothing is
reported.
"""

import warnings
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

import keras

from mixfolder._batch_spec import Phase
from mixfolder._keras_frames import METHODS, keras_frames, of_keras
from mixfolder._keras_traits import Traits, check_losses, same_labels


class KerasData:
    """A data set of this package; its `on_epoch_begin` calls `keras_begins`, when it has begun its
    own epoch."""

    _warned: frozenset[str] = frozenset()

    def _traits(self) -> Traits:
        raise NotImplementedError


def keras_begins(data: KerasData) -> None:
    """Check, at the beginning of an epoch, that the data fits the Keras method that uses it.

    Raises:
        ValueError: the training and validation data of `fit` have different labels, the loss does
            not fit the labels, `fit` has a `class_weight` that Keras would apply to the wrong
            class, or it cannot follow what changes over epochs.
    """
    iterator: Any = None
    for frame in keras_frames():
        if frame.f_code.co_name == "on_epoch_begin":
            _hold_weakly(frame.f_locals.get("self"), data)
        elif frame.f_code.co_name == "_enumerate_iterator":
            iterator = frame.f_locals.get("self")
        elif frame.f_code.co_name in METHODS:
            _check(data, frame)
            _follow_schedule(data, iterator, frame)
            return


def keras_counts(data: KerasData, samples: Callable[[], list[Any]]) -> None:
    """Tell Keras' adapter for TensorFlow which shapes occur, as `samples` has them, if it is about
    to infer them from two batches. Called by `num_batches`, which it asks for first."""
    frame = next(keras_frames(), None)
    if frame is None or frame.f_code.co_name != "get_tf_dataset":
        return
    adapter: Any = frame.f_locals.get("self")
    utils: Any = frame.f_globals.get("data_adapter_utils")
    if (
        getattr(adapter, "_output_signature", data) is None
        and hasattr(adapter, "_standardize_batch")
        and hasattr(utils, "get_tensor_spec")
        and len(data._traits().phases) > 1
    ):
        batches = [adapter._standardize_batch(batch) for batch in samples()]
        adapter._output_signature = utils.get_tensor_spec(batches)


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
            "takes no batches with several labels, masks or weights: pass class_weight= (or "
            "sample_weight=) to the function that opens the data set, which weighs each image by "
            "its share"
        )
    check_losses(data._traits(), trainer.f_locals.get("self"))
    validation = trainer.f_locals.get("validation_data")
    if isinstance(validation, KerasData):
        same_labels(data._traits(), validation._traits())
        _warn(validation, "evaluate", trainer)
    _warn_alone(data, trainer)


def _warn_alone(data: KerasData, trainer: FrameType) -> None:
    """Warn once if processes that share the images train a model each."""
    model: Any = trainer.f_locals.get("self")
    if keras.backend.backend() == "jax":
        together = keras.distribution.distribution() is not None
    else:
        # Keras on PyTorch wraps the model since 3.16. A step of the user's may do anything.
        together = hasattr(model, "ddp_model") or not type(model).train_step.__module__.startswith(
            "keras."
        )
    if "fit" in data._warned or together or data._traits().processes == 1:
        return
    data._warned |= {"fit"}
    _warn_at(
        f"{data._traits().processes} processes share the images, but this fit trains a model in "
        "each by itself: docs/scale.md tells what trains one model, or open the folder with "
        "shard=None",
        trainer,
    )


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
    while user.f_back is not None and of_keras(user):
        user = user.f_back
    registry = user.f_globals.setdefault("__warningregistry__", {})
    line = user.f_code.co_filename, user.f_lineno
    warnings.warn_explicit(text, UserWarning, *line, registry=registry)


def _follow_schedule(data: KerasData, iterator: Any, trainer: FrameType) -> None:
    """Let Keras' iterator take the batches of this epoch, if options change over epochs.

    Keras counts the batches once, at the beginning of `fit`. On TensorFlow it also infers their
    shapes there, unless `keras_counts` tells it, and takes no others later.
    """
    traits = data._traits()
    if len(traits.phases) == 1:
        return
    current = traits.phases.at(traits.epoch)
    if in_steps := getattr(iterator, "steps_per_epoch", None):
        if len({phase.batches for phase in traits.phases}) > 1:
            raise ValueError(
                "steps_per_epoch does not go with batch sizes that change over epochs: leave it "
                "out, or use Sizes([(epoch, image size), ...]) without batch sizes"
            )
    elif hasattr(iterator, "_num_batches") and iterator.data_adapter is not data:
        iterator._num_batches = current.batches
    if trainer.f_code.co_name == "fit":
        names = trainer.f_locals
        epoch = names.get("epoch", names.get("initial_epoch", 0))  # while it is built, it has none
        rest = range(traits.epoch + 1, traits.epoch + names.get("epochs", 1) - epoch)
        _check_signature(
            getattr(iterator, "data_adapter", None),
            [current, *(phase for phase in traits.phases if phase.epoch in rest)],
            epoch - traits.epoch,
        )
        if not in_steps:
            show_steps(trainer, getattr(iterator, "num_batches", current.batches))
            _check_epoch(data, traits.epoch, epoch, trainer)


def show_steps(trainer: FrameType, steps: int) -> None:
    """Let the progress bar of `fit` end at this number of steps in this epoch."""
    for callback in getattr(trainer.f_locals.get("callbacks"), "callbacks", ()):
        if isinstance(callback, keras.callbacks.ProgbarLogger) and callback.progbar:
            callback.target = callback.progbar.target = steps


def _check_signature(adapter: Any, phases: list[Phase], ahead: int) -> None:
    """Reject image sizes that Keras' signature for TensorFlow rules out. `ahead` is the number of
    epochs by which Keras is ahead of the data set."""
    signature = keras.tree.flatten(getattr(adapter, "_output_signature", None))
    if not signature or not hasattr(signature[0], "shape"):
        return
    for phase in phases:
        sizes = list(zip(signature[0].shape[1:], phase.spec.x.shape, strict=True))
        if any(fixed not in (None, size) for fixed, size in sizes):
            now, later = (" x ".join(map(str, shape)) for shape in zip(*sizes, strict=True))
            epoch = phase.epoch + ahead
            raise ValueError(
                f"on TensorFlow, images have one size in a fit, but these have {later} from epoch "
                f"{epoch} on and {now} before: call fit once per size, fit(..., epochs={epoch}) "
                f"first and fit(..., initial_epoch={epoch}, epochs=...) then"
            )


def _check_epoch(data: KerasData, ours: int, theirs: int, trainer: FrameType) -> None:
    """Warn once if a schedule follows other epochs than those of `fit`."""
    if ours != theirs and "epoch" not in data._warned:
        data._warned |= {"epoch"}
        _warn_at(
            f"Keras trains epoch {theirs} with epoch {ours} of {data._traits().directory!r}, which "
            f"its schedules go by: call set_epoch({theirs}) before fit to begin there, or pass "
            f"initial_epoch={ours} to fit",
            trainer,
        )
