"""`mixfolder.compat` and Keras' own class, side by side."""

import warnings

import numpy as np
from keras.src.legacy.preprocessing import image as legacy

from mixfolder.compat import ImageDataGenerator


def both(directory, ours=None, theirs=None, **options):
    """Both iterators for the same arguments; `ours` and `theirs` are arguments of one generator
    only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty folders, and of TIFF
        theirs = legacy.ImageDataGenerator(**(theirs or {})).flow_from_directory(
            directory, **options
        )
        ours = ImageDataGenerator(**(ours or {})).flow_from_directory(directory, **options)
    return ours, theirs


def same_listing(ours, theirs):
    for name in (
        "filenames",
        "filepaths",
        "class_indices",
        "num_classes",
        "samples",
        "n",
        "batch_size",
        "image_shape",
    ):
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in ("classes", "labels"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
        assert getattr(ours, name).dtype == getattr(theirs, name).dtype
    assert len(ours) == len(theirs)


def same_batches(ours, theirs, tolerance=0.0):
    for i in range(len(theirs)):
        got, want = ours[i], theirs[i]
        for a, b in zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]:
            assert isinstance(a, np.ndarray) and (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)
