"""Shapes and types of a batch, as the core reports them."""

import numpy as np
import pytest

import mixfolder as mf
from support.internals import BatchSpec


def array(shape, dtype, role="label", name=""):
    return {"shape": shape, "dtype": dtype, "role": role, "name": name}


INFO = {
    "x": array([4, 5, 3], "float16", "image"),
    "y": [array([2], "float32"), array([], "int32")],
    "images": 2,
    "shuffled": False,
    "mixed": True,
    "altered": False,
}


def labels(*arrays):
    """What a batch of 3 samples has of arrays with the values 0, 1, 2 and so on."""
    spec = BatchSpec.read({**INFO, "y": list(arrays)})
    parts = [np.arange(3 * int(np.prod(a["shape"])), dtype=a["dtype"]) for a in arrays]
    buffer = np.frombuffer(b"".join(part.tobytes() for part in parts), np.uint8)
    assert spec.y_bytes(3) == len(buffer)
    return spec.labels(3, buffer)


def test_several_arrays_of_labels_share_a_buffer():
    spec = BatchSpec.read(INFO)
    assert (spec.x_shape(3), spec.x_bytes(3), spec.y_bytes(3)) == ((6, 4, 5, 3), 720, 36)
    (first, second), weights = labels(*INFO["y"])
    assert weights is None
    assert (first.dtype, second.dtype) == (np.float32, np.int32)
    np.testing.assert_array_equal(first, np.arange(6).reshape(3, 2))
    np.testing.assert_array_equal(second, np.arange(3))


def test_y_is_none_an_array_a_tuple_or_a_dict():
    one, mask = array([2], "float32"), array([2, 2], "uint8", "mask")
    weight = array([], "float32", "weight")
    age, kind = array([1], "float32", name="age"), array([2], "float32", name="kind")

    def structure(*arrays):
        y, weights = labels(*arrays)
        if isinstance(y, dict):
            y = {name: len(a) if isinstance(a, tuple) else a.shape for name, a in y.items()}
        elif isinstance(y, tuple):
            y = len(y)
        return getattr(y, "shape", y), weights is not None and weights.tolist() == [0, 1, 2]

    assert structure() == (None, False)
    assert structure(weight) == (None, True)
    assert structure(one) == ((3, 2), False)
    assert structure(one, weight) == ((3, 2), True)
    assert structure(one, one, one, weight) == (3, True)
    assert structure(age, kind, weight) == ({"age": (3, 1), "kind": (3, 2)}, True)
    assert structure(age) == ({"age": (3, 1)}, False)
    assert structure(age, age, age, kind) == ({"age": 3, "kind": (3, 2)}, False)
    assert structure(mask) == ((3, 2, 2), False)
    assert structure(weight, mask) == ((3, 2, 2), True)
    assert structure(one, weight, mask) == ({"label": (3, 2), "mask": (3, 2, 2)}, True)
    assert structure(age, mask) == ({"age": (3, 1), "mask": (3, 2, 2)}, False)


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
