"""`fit` and `evaluate` on several JAX processes with keras.distribution.DataParallel."""

import time

import keras
from recording import OPTIONS, classifier, digest, trained

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
model = classifier()
report(
    **trained(model, train, val, [Slow()]),
    evaluated=model.evaluate(val, verbose=0, return_dict=True),
    digest=digest(model.get_weights()),
    bad=[bad["path"] for bad in train.bad_files],
)
