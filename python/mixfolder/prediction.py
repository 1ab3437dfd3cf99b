"""Predictions beside the files that they belong to."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from mixfolder._batch_spec import Arrays
from mixfolder.sequence import ImageSequence, batches_of
from mixfolder.tta import Views, mode_of, require_whole


def predict_table(
    model: Any,
    data: ImageSequence | Views,
    class_names: Sequence[str] | None = None,
    **options: Any,
) -> dict[str, list[Any]]:
    """Predict the classes of all images, as columns that pandas and polars take as they are.

    Args:
        model: a Keras model that returns `(B, C)` probabilities, or `(B, 1)` for two classes:
            that of the second one.
        data: images in order and unmixed: a folder opened with `subset="validation"`, or a test
            set opened with `label_mode=None`; or several views of them (`data.tta("hflip")`),
            whose probabilities are averaged.
        class_names: names of the model's classes, such as `train.class_names`; by default those
            of `data`. Needed for a test set without classes.
        **options: passed to `model.predict`, or for views to `Views.predict`.

    Returns:
        A dict of columns with a value per image: `path`; `label`, the name of its class, if
        `data` has labels; `predicted`, the name of the most probable class; `probability`, that
        of the predicted class; and `p(NAME)` for each class. With `on_error="skip"`, a file that
        could not be read has None for `predicted` and NaN for its probabilities.

    Raises:
        ValueError: `data` is shuffled or mixed, or the model has another number of classes.

    Example:
        >>> val = mf.from_directory("flowers", image_size=8, subset="validation", verbose=False)
        >>> table = mf.predict_table(model, val, verbose=0)
        >>> doubtful = [p for p, c in zip(table["path"], table["probability"]) if c < 0.6]
    """
    views, data = (data, data.data) if isinstance(data, Views) else (None, data)
    spec = batches_of(data).spec
    if spec.shuffled or spec.mixed:
        raise ValueError(
            "predict_table needs images in the order of their files and unmixed: open the folder "
            'with from_directory(..., subset="validation")'
        )
    require_whole(batches_of(data))
    if isinstance(data.labels, dict) or data.labels.ndim > 1:
        raise ValueError(
            "predict_table is for one class per image, but the labels are tags or numbers, or "
            "of several heads: model.predict(data) returns a row per path in file_paths"
        )
    names = list(data.class_names if class_names is None else class_names)
    predicted = views.predict(model, **options) if views else model.predict(data, **options)
    # Without the rows that fill up a last batch.
    scores = np.asarray(predicted, np.float64)[: data.samples]
    if scores.ndim == 2 and scores.shape[1] == 1 and len(names) == 2:
        scores = np.hstack([1 - scores, scores])
    if scores.ndim != 2 or scores.shape[1] != len(names):
        raise ValueError(
            f"the model returns the shape {scores.shape}, but there are {len(names)} classes: "
            "pass class_names=train.class_names"
        )
    paths = data.file_paths[: len(scores)]
    scores[np.isin(paths, [bad["path"] for bad in (views or data).bad_files])] = np.nan
    table: dict[str, list[Any]] = {"path": paths}
    if own := data.class_names:
        table["label"] = [own[label] for label in data.labels[: len(scores)]]
    readable = ~np.isnan(scores[:, 0])
    best = np.argmax(scores, axis=1)
    table["predicted"] = [names[b] if ok else None for b, ok in zip(best, readable, strict=True)]
    table["probability"] = scores[np.arange(len(scores)), best].tolist()
    return table | {f"p({name})": scores[:, i].tolist() for i, name in enumerate(names)}


def evaluate_tta(
    model: Any, data: ImageSequence | Views, verbose: int | str = "auto"
) -> dict[str, float]:
    """Evaluate a model with test-time augmentation.

    Args:
        model: a Keras model that returns `(B, C)`, as for `model.evaluate`.
        data: views of validation or test images with labels, such as `val.tta("five")`; an
            `ImageSequence` stands for `data.tta("hflip")`.
        verbose: 0 for no progress bar.

    Returns:
        A dict with `accuracy` of the averaged predictions (for tags, the share of tags that are
        right with a threshold of 0.5; not for quantities), and `loss`, if the model is compiled
        with one: that of the averaged predictions, with the weights of the samples, if any.

    Raises:
        ValueError: batches have no labels, or the model does not return one row of values per
            image.

    Example:
        >>> val = mf.from_directory("flowers", image_size=8, subset="validation")
        >>> mf.evaluate_tta(model, val.tta("five"), verbose=0)["accuracy"]
    """
    views = data if isinstance(data, Views) else data.tta()
    mode = mode_of(batches_of(views.data))
    batches = list(views.predictions(model, verbose))
    scores = np.concatenate([p for p, _ in batches])
    labels: list[Arrays] = [arrays for _, arrays in batches]
    if not isinstance(labels[0][1], np.ndarray):
        raise ValueError(
            "evaluate_tta needs one array of labels per batch, not none, several heads or pairs"
        )
    y = np.concatenate([y for _, y, _ in labels])
    result = {}
    if (right := _right(y, scores, mode)) is not None:
        result["accuracy"] = float(right.mean())
    if getattr(model, "compiled", False) and getattr(model, "loss", None) is not None:
        weights = [w for _, _, w in labels if w is not None]
        loss = model.compute_loss(
            y=keras.ops.convert_to_tensor(y),
            y_pred=keras.ops.convert_to_tensor(scores),
            sample_weight=keras.ops.convert_to_tensor(np.concatenate(weights)) if weights else None,
        )
        result["loss"] = float(keras.ops.convert_to_numpy(loss))
    return result


def _right(y: NDArray[Any], scores: NDArray[Any], mode: str) -> NDArray[Any] | None:
    """Which predictions are right; None for quantities."""
    if mode == "regression":
        return None
    if mode == "multi_label" or scores.shape[1] == 1:
        return np.equal(scores > 0.5, y.reshape(scores.shape) > 0.5)
    classes = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)
    return np.asarray(scores.argmax(axis=1) == classes)
