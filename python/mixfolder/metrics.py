"""Metrics for labels that are soft, because images are mixed."""

from typing import Any

import keras
from keras import ops

__all__ = ["MixupAccuracy"]


def mixup_accuracy(y_true: Any, y_pred: Any) -> Any:
    """The weight that each label has for the class that is predicted; see `MixupAccuracy`."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    if y_true.shape[-1] == 1:
        return ops.where(y_pred > 0.5, y_true, 1 - y_true)[..., 0]
    predicted = ops.one_hot(ops.argmax(y_pred, axis=-1), y_true.shape[-1], dtype=y_pred.dtype)
    return ops.sum(y_true * predicted, axis=-1)


# Keras declares no types, so its class is Any for mypy.
@keras.saving.register_keras_serializable(package="mixfolder")
class MixupAccuracy(keras.metrics.MeanMetricWrapper):  # type: ignore[misc]
    """Accuracy for soft labels: the mean weight of the predicted class in the label.

    A prediction of "tulip" for 0.71 tulip + 0.29 rose counts 0.71; Keras' "accuracy" counts 1,
    as if the image were a tulip alone. For labels of one class both are equal. The best value
    that is possible is the mean of the largest weights, which is below 1 while images are mixed.
    It is what timm and the code of the mixup paper print during training.

    Labels are `(B, C)`, with predictions of that shape, or `(B, 1)` for `label_mode="binary"`,
    with the probability of the second class. `sample_weight` is respected.

    Args:
        name: name in the logs.
        dtype: dtype of the result; Keras' default if None.

    Example:
        >>> accuracy = mf.metrics.MixupAccuracy()
        >>> model.compile("sgd", "categorical_crossentropy", metrics=[accuracy])
    """

    def __init__(self, name: str = "mixup_accuracy", dtype: Any = None):
        super().__init__(mixup_accuracy, name=name, dtype=dtype)
        self._direction = "up"

    def get_config(self) -> dict[str, Any]:
        """Called by Keras to save the metric with its model."""
        return {"name": self.name, "dtype": self.dtype}
