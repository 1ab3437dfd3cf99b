"""A training that is killed and restarted: `python -m support.interrupted OPTIONS`, in JSON.

Each run is a process forked from this one, which has imported Keras but not used it. With several
ranks, the death of one ends all.
"""

import contextlib
import hashlib
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import keras
import numpy as np

import mixfolder as mf
from support.internals import served, watch_batches

#: A mid-epoch checkpoint is every so many steps, so that some steps are repeated.
FREQUENCY = 3


class Watch(keras.callbacks.Callback):
    """Notes which images each step was trained with, and how many were decoded by then."""

    def __init__(self, log, seq, run):
        super().__init__()
        self.log, self.seq, self.run, self.count = log, seq, run, 0

    def on_train_batch_end(self, batch, logs=None):
        paths = served(self.seq)[self.count][2]
        self.count += 1
        entry = {
            "run": self.run,
            "step": steps_of(self.model),
            "paths": paths,
            "decoded": self.seq.stats()["images_decoded"],
        }
        with open(self.log, "a") as file:
            file.write(json.dumps(entry) + "\n")


class Killer(keras.callbacks.Callback):
    """Kills the process at the end of a step, at its place among the callbacks."""

    def __init__(self, step, place):
        super().__init__()
        self.step = step if step is not None and step % 3 == place else None

    def on_train_batch_end(self, batch, logs=None):
        if self.step is not None and steps_of(self.model) == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


class Backup(keras.callbacks.BackupAndRestore):
    """Keeps the file of the first process. All save: if only one does, Keras hangs on JAX."""

    def __init__(self, work, rank):
        super().__init__(str(work / "backup"), save_freq=FREQUENCY)
        self.is_first, self.scratch = rank == 0, work / f"scratch{rank}.weights.h5"

    def _save_model(self):
        if self.is_first:
            super()._save_model()
        else:
            self.model.save_weights(self.scratch, overwrite=True)

    def on_train_end(self, logs=None):
        if self.is_first:
            super().on_train_end(logs)


def steps_of(model):
    return int(keras.ops.convert_to_numpy(model.optimizer.iterations))


def network():
    keras.utils.set_random_seed(1)
    net = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    net.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy")
    return net


def train(options, work, run, kill, rank, port):
    """One run, from the last checkpoint to the end, or until it is killed."""
    world = options["world"]
    if world > 1:
        keras.distribution.initialize(f"127.0.0.1:{port}", world, rank)
        keras.distribution.set_distribution(keras.distribution.DataParallel())
    watch_batches()
    seq = mf.from_directory(
        options["folder"],
        image_size=8,
        batch_size=options["batch_size"],
        flip="both",
        seed=5,
        prefetch=0,
        verbose=False,
    )
    net = network()
    callbacks = [
        Watch(work / f"log{rank}", seq, run),
        Killer(kill, 0),
        Backup(work, rank),
        Killer(kill, 1),
        mf.callbacks.Resume(work / "resume", save_every=options["save_every"]),
        Killer(kill, 2),
    ]
    net.fit(
        seq,
        epochs=options["epochs"],
        steps_per_epoch=options["steps_per_epoch"],
        verbose=0,
        callbacks=callbacks,
    )
    numbers = [keras.ops.convert_to_numpy(v) for v in [*net.weights, *net.optimizer.variables]]
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(v).tobytes() for v in numbers))
    (work / f"end{rank}").write_text(digest.hexdigest())


def forked(options, work, run, kill, rank, port):
    """The id of a process that trains."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        train(options, work, run, kill, rank, port)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def run_until_killed(options, work, run, kill):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    running = {
        forked(options, work, run, kill, rank, port): rank for rank in range(options["world"])
    }
    end, statuses = time.monotonic() + options["seconds"], []
    try:
        while running and time.monotonic() < end:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                time.sleep(0.02)
                continue
            del running[pid]
            statuses.append(os.waitstatus_to_exitcode(status))
            if statuses[-1]:
                break
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)
        for pid in running:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
    want = [-signal.SIGKILL] if kill is not None else [0] * options["world"]
    if statuses != want:
        sys.exit(f"run {run}, killed at {kill}: {statuses} instead of {want}")


if __name__ == "__main__":
    with contextlib.suppress(ImportError):
        import tensorflow  # noqa: F401, which Keras imports where it is, on all backends
    options = json.loads(sys.argv[1])
    for name, kills in (("whole", []), ("killed", options["kills"])):
        work = Path(options["work"]) / name
        work.mkdir()
        for run, kill in enumerate([*kills, None]):
            run_until_killed(options, work, run, kill)
