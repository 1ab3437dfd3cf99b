"""Checks of what several processes report."""

from collections import Counter
from pathlib import Path

import pytest


@pytest.fixture
def each_once():
    """Checks that rows with a weight, of all ranks together, are each file once in each epoch, and
    that all batches have the same number of rows."""

    def check(epochs_by_rank, files, short=False):
        for epochs in zip(*epochs_by_rank, strict=True):
            assert len({len(batches) for batches in epochs}) == 1
            assert len({len(batch) for batches in epochs for batch in batches}) == 1 or short
            seen = Counter(
                replaced or path
                for batches in epochs
                for batch in batches
                for path, replaced, weight in batch
                if weight
            )
            assert seen == Counter(files)

    return check


@pytest.fixture(scope="session")
def split_files():
    """The files of the training and of the validation part, as the programs split a folder."""
    import mixfolder as mf

    def split(root: Path):
        both = mf.from_directory(
            root, image_size=8, validation_split=0.2, subset="both", seed=3, verbose=False
        )
        parts = [list(part.file_paths) for part in both]
        for part in both:
            part.close()
        return parts

    return split
