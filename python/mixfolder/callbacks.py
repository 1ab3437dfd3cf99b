"""Callbacks for `fit`."""

import os
from dataclasses import replace
from typing import Any

import keras

from mixfolder._keras_adapter import KerasAdapter
from mixfolder._keras_frames import trainer_frame
from mixfolder._keras_usage import show_steps
from mixfolder._resume_file import History, Record, ResumeFile
from mixfolder._state import load_state, state_at
from mixfolder._text import warn
from mixfolder._validation import as_int

__all__ = ["Resume"]


# Keras declares no types, so its class is Any for mypy.
class Resume(keras.callbacks.Callback):  # type: ignore[misc]
    """Lets a run that was interrupted go on in mid-epoch, from any checkpoint of the model.

    Keras' checkpoints do not tell which batch is next: `BackupAndRestore` begins its epoch again.
    This callback keeps in a small file which batch of the sequence follows which step of the
    optimizer. When `fit` begins with a model that was restored, the first epoch has exactly the
    remaining batches. If `fit` completes, the file is deleted.

    The model may be restored by `BackupAndRestore`, which must be listed before this callback, or
    loaded from the file of a `ModelCheckpoint` (a whole model, with its optimizer). The number of
    steps that its optimizer has taken finds the batch. Only the process with shard 0 writes; all
    processes read.

    Args:
        path: the file. `path + ".previous"` is the one before, which is used if a crash damaged
            the file, and `path + ".files"` has the names of the images.
        save_every: batches between two records. Restoring is exact at each step, not only at
            these, if each batch is a step of the optimizer. If not (a loss scale that skips steps,
            several optimizers), it is exact for checkpoints at the steps with a record: choose 1.
        strict: False to go on with a warning if files or options have changed, or if the file does
            not know the model's steps.

    `docs/resume.md` tells what is equal to a run without interruption, and what is not.

    Raises:
        ValueError: the file does not fit the model, the sequence or `fit`, or is damaged. `fit`
            raises it.
        RuntimeError: this Keras does not take the sequence as its own adapter.

    Example:
        >>> train = mf.from_directory("flowers", image_size=8, seed=1)
        >>> resume = mf.callbacks.Resume("resume")
        >>> checkpoint = keras.callbacks.ModelCheckpoint("{batch}.keras", save_freq=100)
        >>> _ = model.fit(train, verbose=0, callbacks=[checkpoint, resume])
    """

    def __init__(
        self, path: str | os.PathLike[str], save_every: int = 10, strict: bool = True
    ) -> None:
        super().__init__()
        self._save_every, self._strict = as_int("save_every", save_every), strict
        if self._save_every < 1:
            raise ValueError(f"save_every must be 1 or more, but is {save_every}")
        self._file = ResumeFile(os.fspath(path))

    # What Keras calls.

    def on_train_begin(self, logs: Any = None) -> None:
        """Called by Keras; finds the record of the restored model."""
        trainer = trainer_frame()
        iterator = trainer.f_locals.get("epoch_iterator") if trainer else None
        sequence = getattr(iterator, "data_adapter", None)
        if iterator is None or not isinstance(sequence, KerasAdapter):
            raise RuntimeError(
                "Resume works where fit takes a sequence of mixfolder as it is, which needs a "
                "Keras from 3.10 on and no wrapper around the sequence; without, restore whole "
                "epochs: BackupAndRestore(save_freq='epoch')"
            )
        self._iterator = iterator
        self._sequence, self._batches = sequence, sequence._batches
        self._require_order(trainer)
        self._steps: int | None = self._iterator.steps_per_epoch
        interval = self._save_every + self._iterator.steps_per_execution
        self._history = History(interval, self._steps)
        self._iterations_before = self._iterations()
        self._start = self._restore()
        self._writes = self._batches.config.options["shard"]["index"] == 0
        self._finished = self._of_epoch = self._done = self._saved = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called by Keras."""
        self._epoch, self._begins = epoch, True

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called by Keras; the number of batches in the epoch is known now."""
        if not self._begins:
            return
        self._begins, is_first = False, not self._of_epoch
        self._finished += self._of_epoch
        self._of_epoch, self._done = self._iterator.num_batches, 0
        if trainer := trainer_frame():
            show_steps(trainer, self._of_epoch)
        if is_first:
            self._offset = self._start.batch if self._start else 0
            self._batches_before = self._start.batches if self._start else 0
            self._add(self._start or self._record(self._iterations_before))
            if self._writes:
                self._file.write_names(self._batches.listing, self._batches.config.directory)
        else:
            self._offset = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called by Keras; saves a record if one is due."""
        self._done = min(batch + 1, self._of_epoch)
        done = self._finished + self._done
        if done - self._saved >= self._save_every or self._done == self._of_epoch:
            self._saved = done
            self._add(self._record(self._iterations()))

    def on_train_end(self, logs: Any = None) -> None:
        """Called by Keras; deletes the files."""
        self.model._initial_epoch = None
        if self._writes:
            self._file.delete()

    def _require_order(self, trainer: Any) -> None:
        callbacks = list(getattr(trainer.f_locals.get("callbacks"), "callbacks", ()))
        later = callbacks[callbacks.index(self) :] if self in callbacks else []
        if any(isinstance(c, keras.callbacks.BackupAndRestore) for c in later):
            raise ValueError(
                "Resume must be listed after BackupAndRestore, which restores the model: pass "
                "callbacks=[backup, resume]"
            )

    def _iterations(self) -> int:
        """Number of steps that the optimizer has taken."""
        optimizer = self.model.optimizer  # which synchronizes it on JAX
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        # Unlike `iterations`, this counts each batch of accumulated gradients.
        steps = getattr(optimizer, "_iterations", None)
        return int(keras.ops.convert_to_numpy(optimizer.iterations if steps is None else steps))

    def _restore(self) -> Record | None:
        """Go to the batch that follows the model's steps; None if a new run begins."""
        if (history := self._file.read()) is None:
            return None
        if (found := history.find(self._iterations_before)) is None:
            self._refuse(
                f"the optimizer has taken {self._iterations_before} steps, but {self._file.path!r} "
                f"has records of {history.steps}: restore a checkpoint of that run, or delete the "
                "file to begin anew"
            )
            return None
        if history.steps_per_epoch != self._steps:
            self._refuse(
                f"the run in {self._file.path!r} had steps_per_epoch={history.steps_per_epoch}, "
                f"not {self._steps}"
            )
            return None
        start = self._after(*found)
        listing, directory = self._batches.listing, self._batches.config.directory
        changes = None
        if (digest := start.state["files"]) != listing.digest:
            changes = self._file.changes(digest, listing, directory)
        load_state(self._batches, start.state, self._strict, changes)
        self._sequence._steps_done = start.batch
        self.model._initial_epoch = start.epoch
        self._history = replace(self._history, records=history.before(start.iterations))
        return start

    def _after(self, record: Record, more: int) -> Record:
        """The record that follows another by a number of batches."""
        then = record.state["epoch"]
        epoch, number = self._batches.locate(then, record.state["batch"] + more)
        kerases, batch = record.epoch + epoch - then, 0
        if self._steps:
            kerases, batch = divmod(record.batch + more, self._steps)
            kerases += record.epoch
        weights = record.state["weights"]
        if epoch > then:
            weights = {kind: digests[-1:] for kind, digests in weights.items()}
        state = record.state | {"epoch": epoch, "batch": number, "weights": weights}
        return Record(record.iterations + more, record.batches + more, kerases, batch, state)

    def _record(self, iterations: int) -> Record:
        """The position after the batches that are done."""
        epoch, first = self._sequence._begun
        streamed = self._finished if self._steps else 0
        position = self._batches.locate(epoch, first + streamed + self._done)
        whole = self._done == self._of_epoch
        return Record(
            iterations,
            self._batches_before + self._finished + self._done,
            self._epoch + whole,
            self._offset + self._done if self._steps and not whole else 0,
            state_at(self._batches, *position),
        )

    def _add(self, record: Record) -> None:
        self._history = self._history.add(record)
        if self._writes:
            self._file.write(self._history)

    def _refuse(self, text: str) -> None:
        if self._strict:
            raise ValueError(text)
        warn(f"{text}. A new run begins")
