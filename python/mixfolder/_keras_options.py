"""Attributes that Keras or a user may try to set: options of Keras' workers, and options that are
fixed once the folder is open."""

import itertools
import sys
from typing import Any

NO_EPOCH_IN_WORKERS = (
    "a torch DataLoader has loaded this sequence into worker processes, which cannot detect the "
    "end of an epoch: use num_workers=0 (mixfolder loads images with its own threads), or call "
    "set_epoch(epoch) of the sequence before each epoch, with persistent_workers=False"
)


class FixedOptions:
    """A data set whose options cannot be set after the folder was opened, as that would have no
    effect. A user's subclass may declare an attribute with the name of an option."""

    def _fixed(self) -> dict[str, str]:
        """The names that can no longer be set, each with the remedy."""
        raise NotImplementedError

    def __setattr__(self, name: str, value: Any) -> None:
        remedy = self._fixed().get(name)
        if remedy is not None and not self._declares(name):
            raise AttributeError(f"{name} of an open data set cannot be changed: {remedy}")
        super().__setattr__(name, value)

    def _declares(self, name: str) -> bool:
        """Whether a class outside of this package declares the attribute."""
        users = itertools.takewhile(
            lambda c: not c.__module__.startswith("mixfolder."), type(self).__mro__
        )
        return any(name in vars(c) for c in users)


class NoKerasWorkers:
    """The properties from which Keras reads how many workers to start; they cannot be set."""

    @property
    def workers(self) -> int:
        """Always 1: the core loads images with its own threads."""
        return 1

    @workers.setter
    def workers(self, value: int) -> None:
        reject_keras_workers("workers", value, 1)

    @property
    def use_multiprocessing(self) -> bool:
        """Always False: see `workers`."""
        return False

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        reject_keras_workers("use_multiprocessing", value, False)

    @property
    def max_queue_size(self) -> int:
        """Always 10, Keras' default; unused with one worker."""
        return 10

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        reject_keras_workers("max_queue_size", value, 10)


def reject_keras_workers(name: str, value: Any, only: Any) -> None:
    """Raise ValueError for an option of Keras' workers, unless it has its default."""
    if value != only:
        raise ValueError(
            f"{name}={value!r} is not supported: the core loads the images with its own threads, "
            "not with Keras' workers: use threads= and prefetch= of from_directory"
        )


def in_torch_worker() -> bool:
    """Whether this process is a worker of a torch `DataLoader`."""
    data = sys.modules.get("torch.utils.data")
    return data is not None and data.get_worker_info() is not None
