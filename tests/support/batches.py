"""Batches as plain arrays."""

import numpy as np


def arrays(batch):
    """The batch as NumPy arrays, whatever the backend hands out."""
    return (
        tuple(np.asarray(part) for part in batch) if isinstance(batch, tuple) else np.asarray(batch)
    )
