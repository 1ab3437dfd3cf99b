"""An own training loop with DistributedDataParallel, on the batches that a process gets."""

import keras
import torch
from recording import OPTIONS, classifier, connect_torch, digest, numbers, rows

import mixfolder as mf
from support.ranks import arguments, report

rank, world, port, options = arguments()
connect_torch(rank, world, port)
train, val = mf.from_directory(options["root"], **OPTIONS)
model = classifier()
replica = torch.nn.parallel.DistributedDataParallel(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
epochs = []
for _ in range(2):
    for x, y, *w in train:
        losses = keras.losses.categorical_crossentropy(y, replica(x))
        # Weights of one process alone are missing where no batch has to be filled up.
        (losses * (w[0] if w else 1)).sum().div(12 / world).backward()
        optimizer.step()
        optimizer.zero_grad()
    epochs.append(rows(train))
report(
    epochs=epochs,
    validation=rows(val),
    digest=digest(w.detach() for w in model.parameters()),
    weights=numbers(w.detach() for w in model.parameters()),
)
torch.distributed.destroy_process_group()
