"""Workers of Keras and of torch, which would run a sequence in their own threads or processes."""

import sys
from typing import Any

NO_EPOCH_IN_WORKERS = (
    "a torch DataLoader has loaded this sequence into worker processes, which cannot tell when an "
    "epoch ends: use num_workers=0 (mixfolder loads images with threads of its own), or call "
    "set_epoch(epoch) of the sequence before each epoch, with persistent_workers=False"
)


class NoKerasWorkers:
    """The properties by which Keras asks how many workers a sequence wants; they cannot be set."""

    @property
    def workers(self) -> int:
        """Always 1: the core has its own threads."""
        return 1

    @workers.setter
    def workers(self, value: int) -> None:
        refuse_keras_workers("workers", value, 1)

    @property
    def use_multiprocessing(self) -> bool:
        """Always False: see `workers`."""
        return False

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        refuse_keras_workers("use_multiprocessing", value, False)

    @property
    def max_queue_size(self) -> int:
        """Always 10, Keras' default; it has no meaning with one worker."""
        return 10

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        refuse_keras_workers("max_queue_size", value, 10)


def refuse_keras_workers(name: str, value: Any, only: Any) -> None:
    """Raise for an option of Keras' own workers, unless it has the one value that means none."""
    if value != only:
        raise ValueError(
            f"{name}={value!r} is not supported: the images are loaded by the core's own threads, "
            "without worker threads or processes of "
            "Keras: use threads= and prefetch= of from_directory"
        )


def in_torch_worker() -> bool:
    """Whether this process is a worker of a torch `DataLoader`."""
    data = sys.modules.get("torch.utils.data")
    return data is not None and data.get_worker_info() is not None
