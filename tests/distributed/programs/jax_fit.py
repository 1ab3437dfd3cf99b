"""`fit` and `evaluate` on several JAX processes with keras.distribution.DataParallel."""

import time

import keras
from recording import OPTIONS, Record, classifier, digest, numbers, rows

import mixfolder as mf
from support.ranks import arguments, report

rank, world, port, options = arguments()
if world > 1:
    keras.distribution.initialize(f"127.0.0.1:{port}", world, rank)
    keras.distribution.set_distribution(keras.distribution.DataParallel())


class Slow(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        time.sleep(options["sleep"] if rank == 1 else 0)


train, val = mf.from_directory(options["root"], **OPTIONS, on_error=options["on_error"])
model, record = classifier(), Record(train)
history = model.fit(
    train, validation_data=val, epochs=2, verbose=0, callbacks=[record, Slow()]
).history
report(
    keras=keras.__version__,
    epochs=record.epochs,
    steps=record.steps,
    validation=rows(val),
    history=history,
    evaluated=model.evaluate(val, verbose=0, return_dict=True),
    digest=digest(model.get_weights()),
    weights=numbers(model.get_weights()),
    bad=[bad["path"] for bad in train.bad_files],
)
