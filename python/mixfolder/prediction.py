"""Predictions beside the files that they belong to."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mixfolder.sequence import ImageSequence, batches_of


def predict_table(
    model: Any,
    data: ImageSequence,
    class_names: Sequence[str] | None = None,
    **options: Any,
) -> dict[str, list[Any]]:
    """Predict the classes of all images, as columns that pandas and polars take as they are.

    Args:
        model: a Keras model that returns `(B, C)` probabilities, or `(B, 1)` for two classes:
            that of the second one.
        data: images in order and unmixed: a folder opened with `subset="validation"`, or a test
            set opened with `label_mode=None`.
        class_names: names of the model's classes, such as `train.class_names`; by default those
            of `data`. Needed for a test set without classes.
        **options: passed to `model.predict`.

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
    spec = batches_of(data).spec
    if spec.shuffled or spec.mixed:
        raise ValueError(
            "predict_table needs images in the order of their files and unmixed: open the folder "
            'with from_directory(..., subset="validation")'
        )
    if isinstance(data.labels, dict) or data.labels.ndim > 1:
        raise ValueError(
            "predict_table is for one class per image, but the labels are tags or numbers, or "
            "of several heads: model.predict(data) returns a row per path in file_paths"
        )
    names = list(data.class_names if class_names is None else class_names)
    scores = np.asarray(model.predict(data, **options), np.float64)
    if scores.ndim == 2 and scores.shape[1] == 1 and len(names) == 2:
        scores = np.hstack([1 - scores, scores])
    if scores.ndim != 2 or scores.shape[1] != len(names):
        raise ValueError(
            f"the model returns the shape {scores.shape}, but there are {len(names)} classes: "
            "pass class_names=train.class_names"
        )
    paths = data.file_paths[: len(scores)]
    scores[np.isin(paths, [bad["path"] for bad in data.bad_files])] = np.nan
    table: dict[str, list[Any]] = {"path": paths}
    if own := data.class_names:
        table["label"] = [own[label] for label in data.labels[: len(scores)]]
    readable = ~np.isnan(scores[:, 0])
    best = np.argmax(scores, axis=1)
    table["predicted"] = [names[b] if ok else None for b, ok in zip(best, readable, strict=True)]
    table["probability"] = scores[np.arange(len(scores)), best].tolist()
    return table | {f"p({name})": scores[:, i].tolist() for i, name in enumerate(names)}
