"""`fit` and `evaluate` on several PyTorch processes, which Keras 3.16 wraps itself."""

import keras
import torch
from recording import OPTIONS, classifier, connect_torch, digest, trained

import mixfolder as mf
from support.ranks import arguments, report

rank, world, port, options = arguments()
connect_torch(rank, world, port)
if options["distribution"]:
    keras.distribution.set_distribution(keras.distribution.DataParallel())
train, val = mf.from_directory(options["root"], **OPTIONS)
model = classifier()
model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy", weighted_metrics=["accuracy"])
report(
    **trained(model, train, val),
    evaluated=model.evaluate(val, verbose=0, return_dict=True),
    digest=digest(w.detach() for w in model.parameters()),
)
torch.distributed.destroy_process_group()
