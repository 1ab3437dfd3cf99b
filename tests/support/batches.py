"""Batches as plain arrays."""

import numpy as np


def arrays(batch):
    """The batch as NumPy arrays on every backend; y may be a tuple or a dict of them."""
    if isinstance(batch, tuple):
        return tuple(map(arrays, batch))
    if isinstance(batch, dict):
        return {name: arrays(part) for name, part in batch.items()}
    return np.asarray(batch)


def all_batches(seq, count=2):
    """All batches of several epochs, in order."""
    return [arrays(batch) for _ in range(count) for batch in seq]


def assert_same(one, other):
    assert len(one) == len(other)
    for (x1, y1), (x2, y2) in zip(one, other, strict=True):
        np.testing.assert_array_equal(x1, x2)
        np.testing.assert_array_equal(y1, y2)


def gathered(seq):
    """All batches of an epoch, concatenated."""
    batches = [arrays(seq[i]) for i in range(len(seq))]
    if isinstance(batches[0], tuple):
        return tuple(map(np.concatenate, zip(*batches, strict=True)))
    return np.concatenate(batches)
