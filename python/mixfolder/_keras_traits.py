"""What decides whether data sets fit a `fit`: their labels, and the losses of the model."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras

from mixfolder._batch_spec import Phases
from mixfolder._batches import Batches


@dataclass(frozen=True)
class HeadTraits:
    """The labels of one head."""

    mode: str
    class_names: list[str]
    width: int  # values per file; 0 if each has one class
    smoothing: float  # of the labels in batches


@dataclass(frozen=True)
class Traits:
    """What decides whether a data set fits a use."""

    directory: str
    heads: dict[str, HeadTraits]  # none where batches have no labels
    pairs: bool  # labels are (y_a, y_b, lam)
    mixed: bool
    altered: bool  # by random crops, flips or augmentation
    shuffled: bool
    phases: Phases
    epoch: int  # the current one
    by_argmax: bool  # a class weight of Keras would be that of the largest value of a label
    processes: int  # that share the images
    remedy: str  # how to open the folder for evaluation or prediction


def traits_of(batches: Batches, remedy: str) -> Traits:
    """The traits of an open data set."""
    config, spec, listing = batches.config, batches.spec, batches.listing
    options, training = config.options, config.options["subset"] != "validation"
    heads = {
        head["name"]: HeadTraits(
            head["label_mode"],
            labels.class_names,
            layout["width"],
            head["label_smoothing"] if training else 0.0,
        )
        for head, labels, layout in zip(
            options["heads"], listing.heads, listing.info["layouts"], strict=False
        )
    }
    return Traits(
        directory=config.directory,
        heads=heads,
        pairs=training and options["targets"] == "pair",
        mixed=spec.mixed,
        altered=spec.altered,
        shuffled=spec.shuffled,
        phases=batches.phases,
        epoch=batches.epoch,
        by_argmax=spec.mixed or len(spec.y) != 1 or listing.labels.ndim > 1,
        processes=options["shard"]["count"],
        remedy=remedy,
    )


def same_labels(train: Traits, val: Traits) -> None:
    """Reject a `fit` whose two data sets have labels of different meanings."""
    if not train.heads or not val.heads:
        return
    if train.heads.keys() != val.heads.keys():
        raise ValueError(
            f"validation_data has other heads than the training data: {list(val.heads)} in "
            f"{val.directory!r} and {list(train.heads)} in {train.directory!r}"
        )
    for name, ours in train.heads.items():
        of_head = f" of head {name!r}" if name else ""
        theirs = val.heads[name]
        if ours.class_names != theirs.class_names:
            label = len(os.path.commonprefix([ours.class_names, theirs.class_names]))
            a, b = (
                repr(names[label]) if label < len(names) else "no class"
                for names in (ours.class_names, theirs.class_names)
            )
            raise ValueError(
                f"validation_data has other classes than the training data: label {label}{of_head} "
                f"is {a} in {train.directory!r} and {b} in {val.directory!r}: open the latter with "
                "class_names=train.class_names"
            )
        for what in ("mode", "width"):
            a, b = getattr(ours, what), getattr(theirs, what)
            if a != b:
                argument = {"mode": "label_mode", "width": "numbers per file"}[what]
                raise ValueError(
                    f"validation_data has other labels than the training data: {argument}{of_head} "
                    f"is {a!r} in {train.directory!r} and {b!r} in {val.directory!r}: open both "
                    "alike"
                )


def check_losses(train: Traits, model: Any) -> None:
    """Reject losses that smooth labels once more, take the classes of mixed labels as integers, or
    do not take pairs.

    Losses are found where `compile` has them. A model with a `train_step` or `compute_loss` of its
    own may not use those.
    """
    own = any(
        getattr(type(model), name, None) is not getattr(keras.Model, name)
        for name in ("train_step", "compute_loss")
    )
    if own:
        return
    if train.pairs:
        raise ValueError(
            f'the labels of {train.directory!r} are (y_a, y_b, lam), by targets="pair", which no '
            "loss of compile takes: compute the loss in the model's compute_loss, as in "
            "docs/labels.md, or in a training loop"
        )
    for name, head in train.heads.items():
        of_head = f" of head {name!r}" if name else ""
        loss = _loss_of(model, name)
        if head.smoothing and (twice := _label_smoothing(loss)):
            raise ValueError(
                f"the loss{of_head} has label_smoothing={twice}, but the labels of "
                f"{train.directory!r} are smoothed already, by label_smoothing={head.smoothing}: "
                "leave it out of the loss, which would smooth validation data as well"
            )
        soft = train.mixed or head.smoothing
        if soft and head.mode in ("binary", "categorical", "multi_label") and _is_sparse(loss):
            raise ValueError(
                f"the loss{of_head} takes labels as integers, so it would truncate the mixed or "
                f"smoothed labels of {train.directory!r}: use categorical_crossentropy (or "
                'binary_crossentropy for label_mode="binary"), or label_mode="int" with mix=None'
            )


def _loss_of(model: Any, head: str) -> Any:
    """The compiled loss of a head, or None."""
    loss = getattr(model, "loss", None)
    if isinstance(loss, list | tuple):
        outputs = getattr(model, "output_names", None) or [head]
        loss = dict(zip(outputs, loss, strict=False))
    if isinstance(loss, Mapping):
        only = next(iter(loss.values())) if len(loss) == 1 and not head else None
        loss = loss.get(head or "label", only)  # beside masks, the only head is "label"
    if isinstance(loss, str):
        try:
            return keras.losses.get(loss)
        except ValueError:
            return None
    return loss


def _label_smoothing(loss: Any) -> float:
    options = loss.keywords if isinstance(loss, partial) else {}
    return options.get("label_smoothing", 0) or getattr(loss, "label_smoothing", 0) or 0.0


def _is_sparse(loss: Any) -> bool:
    function = loss.func if isinstance(loss, partial) else loss
    return (
        isinstance(loss, keras.losses.SparseCategoricalCrossentropy)
        or function is keras.losses.sparse_categorical_crossentropy
    )
