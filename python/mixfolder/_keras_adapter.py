"""`ImageSequence` as Keras' own `DataAdapter`: Keras then takes its batches as they come.

The class is private in Keras, which passes an instance on as it is since version 3.7. Where it is
missing or not passed on, `ADAPTER` is object, and Keras wraps the sequence as any `PyDataset`: it
requests batches to learn their shapes, and the others by permuted indices, which
`_epochs.EpochState` puts in order.
"""

import contextlib
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from mixfolder._batch_spec import Arrays, BatchSpec
from mixfolder._batches import Batches
from mixfolder._buffers import ALIGNMENT
from mixfolder._keras_frames import epoch_iterator, first_epoch, only_builds
from mixfolder._keras_usage import keras_counts


def _adapter_class() -> Any:
    """Keras' class of data adapters if Keras takes an instance as it is, otherwise object."""
    try:
        from keras.src.trainers.data_adapters import get_data_adapter
        from keras.src.trainers.data_adapters.data_adapter import DataAdapter

        adapter = DataAdapter()
        return DataAdapter if get_data_adapter(adapter) is adapter else object
    except Exception:  # another implementation may raise anything
        return object


ADAPTER: Any = _adapter_class()

#: `class_weight` of `fit`, by Keras' EpochIterator.
_class_weights: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


class KerasAdapter(ADAPTER):  # type: ignore[misc]
    """What `fit`, `evaluate` and `predict` call instead of `__getitem__`.

    Each epoch of Keras is an epoch of the data set, whole and in order. With `steps_per_epoch`
    the batches go on over the data set, however many Keras counts as an epoch.
    """

    _batches: Batches
    _built = False  # whether the last epoch of Keras only built a model
    _begun = (0, 0)  # epoch and number of the batch that Keras' iterator began with
    _steps_done = 0  # of Keras' next epoch, by an earlier run

    def __len__(self) -> int:
        raise NotImplementedError

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError

    @property
    def num_batches(self) -> int | None:
        """Batches per epoch. For Keras, None with `steps_per_epoch`: batches without an end."""
        if (found := epoch_iterator(self)) is None:
            data: Any = self
            keras_counts(data, lambda: [_placeholder(p.spec, 1) for p in self._batches.phases])
            return len(self)
        taker, frame = found
        if frame.f_code.co_name == "__init__":
            _require_alone(frame.f_locals)
            if (class_weight := frame.f_locals.get("class_weight")) is not None:
                _class_weights[taker] = class_weight
        return None if taker.steps_per_epoch else self._batches.claimable

    @property
    def has_partial_batch(self) -> bool:
        """Whether the last batch of an epoch is short."""
        return self.partial_batch_size is not None

    @property
    def partial_batch_size(self) -> int | None:
        """Samples in the last batch of an epoch if it is short, otherwise None."""
        phase = self._batches.phase
        return phase.last_rows if phase.last_rows != phase.rows else None

    def get_numpy_iterator(self) -> Iterator[Any]:
        """Called by Keras: batches of NumPy arrays."""
        return self._stream(lambda array: array)

    def get_jax_iterator(self, super_batch: int | None = None) -> Iterator[Any]:
        """Called by Keras: batches of NumPy arrays, which JAX takes without a copy; several at once
        for `steps_per_execution`."""
        batches = self.get_numpy_iterator()
        if not super_batch:
            return batches
        import jax.numpy as jnp
        from keras.src.trainers.data_adapters import data_adapter_utils

        several: Iterator[Any] = data_adapter_utils.super_batch_iterator(
            batches, super_batch, stack_fn=jnp.stack
        )
        return several

    def get_torch_dataloader(self) -> Iterator[Any]:
        """Called by Keras: batches of tensors that share the memory of the arrays."""
        import torch

        return self._stream(torch.as_tensor)

    def get_tf_dataset(self) -> Any:
        """Called by Keras: an iterable of batches of tensors that share the memory of the arrays;
        for a distribution strategy a `tf.data.Dataset`, which is slower."""
        import tensorflow as tf

        taker, frame = epoch_iterator(self) or (None, None)
        strategy = frame.f_locals.get("distribute_strategy") if frame else None
        if tf.distribute.has_strategy() or strategy is not tf.distribute.get_strategy():
            replicas = getattr(strategy or tf.distribute.get_strategy(), "num_replicas_in_sync", 1)
            return self._tf_dataset(tf, taker, replicas)
        return _Iterable(weakref.ref(self), weakref.ref(taker), _eager_tensor)

    def _tf_dataset(self, tf: Any, taker: Any, replicas: int) -> Any:
        sizes = {phase.spec.image.shape for phase in self._batches.phases}

        def spec(array: np.ndarray) -> Any:
            changes = len(sizes) > 1 and array.shape[1:] in sizes
            shape = [None] * (array.ndim - 1) if changes else array.shape[1:]
            return tf.TensorSpec((None, *shape), array.dtype)

        class_weight = _class_weights.get(taker) if taker is not None else None
        batch = _weighted(_placeholder(self._batches.phase.spec, 1), class_weight)
        # TensorFlow keeps a function for the lifetime of the process, so it holds nothing.
        takers = _Iterable(
            weakref.ref(self), weakref.ref(taker) if taker else None, lambda array: array, replicas
        )
        dataset = tf.data.Dataset.from_generator(
            takers.__iter__, output_signature=keras.tree.map_structure(spec, batch)
        )
        return dataset.prefetch(1)

    def _stream(
        self, convert: Callable[[Any], Any], taker: Any = None, replicas: int = 1
    ) -> Iterator[Any]:
        """The batches of an epoch, or without end for `steps_per_epoch`, their arrays converted
        for a backend."""
        # TensorFlow's threads, which take the batches for a strategy, are not below Keras on the
        # stack. Keras adds up what the replicas get, so all must get as many rows.
        if only_builds() or (replicas > 1 and self._built):
            rows = -(-self._batches.phase.size(0) // replicas) * replicas
            return iter([_placeholder(self._batches.phase.spec, rows)])
        if taker is None:
            taker, _ = epoch_iterator(self) or (None, None)
        class_weight = _class_weights.get(taker) if taker is not None else None
        endless = bool(getattr(taker, "steps_per_epoch", None))
        return self._converted(convert, class_weight, endless)

    def _converted(
        self, convert: Callable[[Any], Any], class_weight: Any, endless: bool
    ) -> Iterator[Any]:
        more = True
        while more:
            epoch, numbers = self._batches.claim_epoch()
            for number in numbers:
                # In no variable, so that its buffer is free once Keras has used the batch.
                yield keras.tree.map_structure(
                    lambda part: None if part is None else convert(part),
                    _weighted(self._batch(epoch, number), class_weight),
                )
            more = endless

    def _batch(self, epoch: int, number: int) -> Any:
        if not type(self).__getitem__.__module__.startswith("mixfolder."):
            batch = self[number]  # of a user's subclass
            return tuple(batch) if isinstance(batch, tuple | list) else (batch,)
        return standard(self._batches.result(self._batches.reserve_next(epoch, number)))

    def _begin_keras_epoch(self) -> None:
        """An epoch of Keras begins."""
        if self._built:
            self._batches.restart()
        taker, _ = epoch_iterator(self) or (None, None)
        self._built = taker is not None and only_builds()
        self._batches.begin_epoch()
        if found := first_epoch():
            self._batches.resume(*found)
        if taker is None:
            return
        steps = getattr(taker, "_steps_of_epoch", taker.steps_per_epoch)
        if not steps or getattr(taker, "_current_iterator", None) is None:
            count = self._batches.begin_claim()
            self._begun = self._batches.epoch, self._batches.begins_with
        if not steps:
            taker._num_batches = count
        elif not self._built:
            # An epoch that an earlier run began has fewer steps, and only that one.
            taker._steps_of_epoch, taker.steps_per_epoch = steps, steps - self._steps_done
            self._steps_done = 0


class _Iterable:
    """The batches of a sequence, from the beginning of an epoch for each `iter`."""

    def __init__(self, sequence: Any, taker: Any, convert: Callable[[Any], Any], replicas: int = 1):
        self._sequence, self._taker, self._convert = sequence, taker, convert
        self._replicas = replicas

    def __iter__(self) -> Iterator[Any]:
        sequence = self._sequence()
        if sequence is None:
            return iter(())
        batches: Iterator[Any] = sequence._stream(
            self._convert, self._taker() if self._taker else None, self._replicas
        )
        return batches


def _require_alone(arguments: dict[str, Any]) -> None:
    """Reject arguments of `fit` that are part of the batches."""
    for name, what in (("y", "labels"), ("sample_weight", "weights")):
        if arguments.get(name) is not None:
            raise ValueError(
                f"{name}= cannot be combined with a sequence of mixfolder, whose batches have "
                f"their own {what}: leave it out"
            )


def standard(arrays: Arrays) -> tuple[Any, ...]:
    """x, y and weights as Keras takes them."""
    x, y, w = arrays
    if w is not None:
        return x, y, w
    return (x,) if y is None else (x, y)


def _placeholder(spec: BatchSpec, rows: int) -> tuple[Any, ...]:
    """Zeros in the form of a batch; those of x take no memory."""
    x = np.broadcast_to(np.zeros((), spec.image.dtype), (rows, *spec.image.shape))
    spec = replace(spec, target=None)
    return standard((x, *spec.labels(rows, np.zeros(spec.y_bytes(rows), np.uint8))))


def _weighted(batch: tuple[Any, ...], class_weight: Any) -> tuple[Any, ...]:
    """A batch with the weights of its labels, as Keras weighs those of any `PyDataset`."""
    if class_weight is None or len(batch) != 2:
        return batch
    from keras.src.trainers.data_adapters import data_adapter_utils

    weights = data_adapter_utils.class_weight_to_sample_weights(batch[1], class_weight)
    return *batch, np.asarray(weights, np.float32)


def _eager_tensor(array: Any) -> Any:
    """A tensor that shares the memory of an aligned array, or a copy of other values."""
    import tensorflow as tf

    # TensorFlow aborts at the use of other memory.
    if isinstance(array, np.ndarray) and array.ctypes.data % ALIGNMENT == 0:
        with contextlib.suppress(BufferError, RuntimeError, tf.errors.OpError):  # by its dtype
            return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.convert_to_tensor(array)
