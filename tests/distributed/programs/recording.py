"""What the programs have in common: a small model, and a record of what an epoch consists of."""

import datetime
import hashlib

import keras
import numpy as np

import mixfolder as mf

#: Of the 21 images of `flowers` 18 are for training, so that the last process has none of the last
#: batch. With pairing="global" the images that a model sees are the same for any number of
#: processes.
OPTIONS = dict(
    image_size=8,
    batch_size=12,
    mix=mf.MixUp(0.4),
    pairing="global",
    flip="horizontal",
    validation_split=0.2,
    subset="both",
    seed=3,
    verbose=False,
)


def connect_torch(rank, world, port):
    """Connects this process to the others, by torch.distributed."""
    import torch

    torch.set_num_threads(1)
    address, patience = f"tcp://127.0.0.1:{port}", datetime.timedelta(seconds=60)
    torch.distributed.init_process_group("gloo", address, patience, world_size=world, rank=rank)


def classifier():
    """A compiled model whose weights depend on every pixel. Its loss is the mean over samples
    with a weight above 0, so that rows that fill up a batch change nothing."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    loss = keras.losses.CategoricalCrossentropy(reduction="mean_with_sample_weight")
    model.compile(keras.optimizers.SGD(0.1), loss, weighted_metrics=["accuracy"])
    return model


def rows(sequence):
    """The samples of the current epoch, by batch: path, the bad file that it replaces if there is
    one, and weight."""
    return [
        [(s["path"], s.get("replaces"), s.get("sample_weight", 1.0)) for s in sequence.explain(n)]
        for n in range(len(sequence))
    ]


class Record(keras.callbacks.Callback):
    """The samples of each epoch, and the number of its steps."""

    def __init__(self, sequence):
        super().__init__()
        self.sequence, self.epochs, self.steps = sequence, [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.steps.append(0)

    def on_train_batch_end(self, batch, logs=None):
        self.steps[-1] += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(rows(self.sequence))


def trained(model, train, val, callbacks=()):
    """Trains for two epochs; what there is to compare."""
    record = Record(train)
    callbacks = [record, *callbacks]
    history = model.fit(train, validation_data=val, epochs=2, verbose=0, callbacks=callbacks)
    return dict(
        epochs=record.epochs,
        steps=record.steps,
        validation=rows(val),
        history=history.history,
        weights=numbers(model.get_weights()),
    )


def digest(arrays):
    """A checksum of weights."""
    return hashlib.sha256(b"".join(np.asarray(a).tobytes() for a in arrays)).hexdigest()


def numbers(arrays):
    """Weights as a list of numbers."""
    return np.concatenate([np.asarray(a).ravel() for a in arrays]).tolist()
