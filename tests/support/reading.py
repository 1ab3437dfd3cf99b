"""Reads files whose bytes a test has generated."""

import pytest

import mixfolder as mf
from support.batches import arrays


def write(root, files):
    """Write the files of one class, in order."""
    (root / "c").mkdir(parents=True)
    for k, data in enumerate(files):
        (root / "c" / f"{k:04}.png").write_bytes(data)


def pixels(root, mode, size, **options):
    """The pixels of all files of a folder, which have the same size."""
    options = (
        dict(batch_size=1000, color_mode=mode, mix=None, shuffle=False, verbose=False) | options
    )
    with mf.from_directory(root, image_size=size[::-1], **options) as seq:
        return arrays(seq[0])[0]


def refused(tmp_path, data, match, **options):
    """Check that a folder with this file raises an ImageError that matches."""
    (tmp_path / "all").mkdir(parents=True)
    (tmp_path / "all" / "bad.jpg").write_bytes(data)
    options |= dict(image_size=8, label_mode=None, mix=None, shuffle=False, verbose=False)
    with mf.from_directory(tmp_path, **options) as seq, pytest.raises(mf.ImageError, match=match):
        seq[0]
