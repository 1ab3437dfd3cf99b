"""Shapes and types of a batch, as the core reports them."""

import numpy as np
import pytest

import mixfolder as mf
from support.internals import BatchSpec

INFO = {
    "x": {"shape": [4, 5, 3], "dtype": "float16"},
    "y": [{"shape": [2], "dtype": "float32"}, {"shape": [], "dtype": "int32"}],
    "images": 2,
    "shuffled": False,
    "mixed": True,
    "altered": False,
}


def test_several_arrays_of_labels_share_a_buffer():
    spec = BatchSpec.read(INFO)
    assert (spec.x_shape(3), spec.x_bytes(3), spec.y_bytes(3)) == ((6, 4, 5, 3), 720, 36)
    first, second = np.arange(6, dtype=np.float32).reshape(3, 2), np.arange(3, dtype=np.int32)
    buffer = np.frombuffer(first.tobytes() + second.tobytes(), np.uint8)
    got = spec.labels(3, buffer)
    assert [y.dtype for y in got] == [np.float32, np.int32]
    np.testing.assert_array_equal(got[0], first)
    np.testing.assert_array_equal(got[1], second)
    assert BatchSpec.read({**INFO, "y": []}).labels(3, np.empty(0, np.uint8)) is None


@pytest.mark.parametrize(
    ("options", "varies"),
    [
        (dict(shuffle=True), True),
        (dict(mix=mf.MixUp(1.0)), True),
        (dict(flip="horizontal"), True),
        (dict(crop=mf.RandomCrop(2)), True),
        (dict(affine=mf.RandomAffine(rotation=5)), True),
        (dict(augment=[mf.Grayscale()]), True),
        (dict(crop=mf.CenterCrop()), False),
        (dict(mix=mf.MixUp(1.0), flip="both", shuffle=True, subset="validation"), False),
    ],
)
def test_epochs_differ_only_by_what_varies(flowers, options, varies):
    options = {"shuffle": False, "mix": None, "seed": 1, **options}
    with mf.from_directory(flowers, image_size=9, verbose=False, **options) as seq:
        first = seq[0][0]
        seq.set_epoch(1)
        assert (not np.array_equal(first, seq[0][0])) == varies
