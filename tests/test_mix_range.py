"""A mixed value is between the values of its two images."""

import numpy as np
import pytest
from PIL import Image

import mixfolder as mf
from mixfolder.compat import ImageDataGenerator, MixupImageDataGenerator
from support.batches import arrays
from support.mixing import POLICIES


def rows_of(seq):
    """The rows of the first epoch with their pixels in the batch."""
    return [
        (row, x)
        for n in range(len(seq))
        for row, x in zip(seq.explain(n), arrays(seq[n])[0], strict=True)
    ]


def check(mixed, alone):
    """Compare the rows of a mixed sequence with those of an unmixed one."""
    at = {row["path"]: x for row, x in alone}
    for row, x in mixed:
        a, b = at[row["path"]], at[row["partner"]]
        assert np.all(np.minimum(a, b) <= x) and np.all(x <= np.maximum(a, b)), (
            row["lam"],
            x.dtype,
        )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(
    "values",
    [
        {"rescale": 1 / 255},
        {"rescale": -3.7},
        {"dtype": "uint8"},
        {"dtype": "float16", "rescale": 1 / 255},
    ]
    + [{"preprocess": mode} for mode in ("tf", "torch", "caffe")],
)
def test_mixed_values_stay_within_their_images(flowers, values, data_format):
    options = dict(
        image_size=(20, 24), batch_size=8, seed=4, data_format=data_format, verbose=False, **values
    )
    with mf.from_directory(flowers, mix=None, **options) as plain:
        alone = rows_of(plain)
    for pairing in ("batch", "dataset"):
        with mf.from_directory(flowers, mix=mf.MixUp(0.5), pairing=pairing, **options) as seq:
            for epoch in range(3):
                seq.set_epoch(epoch)
                check(rows_of(seq), alone)


@pytest.fixture(scope="module")
def white(tmp_path_factory):
    folder = tmp_path_factory.mktemp("white")
    for name in ("a", "b"):
        (folder / name).mkdir()
        for i in range(8):
            Image.new("RGB", (9, 7), "white").save(folder / name / f"{i}.png")
    return folder


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_white_with_white_is_white(white, policy, dtype):
    with mf.from_directory(
        white, image_size=(9, 11), rescale=1 / 255, dtype=dtype, mix=policy, verbose=False
    ) as seq:
        for epoch in range(3):
            seq.set_epoch(epoch)
            assert np.all(arrays(seq[0])[0] == 1)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_compat_stays_in_the_range_as_well(flowers, dtype):
    def prepared(x):
        return np.tanh(x / 300)

    generator = ImageDataGenerator(preprocessing_function=prepared, dtype=dtype)
    mixed = MixupImageDataGenerator(generator, flowers, 21, 20, 24, alpha=0.5)
    alone = generator.flow_from_directory(
        flowers, target_size=(20, 24), batch_size=21, shuffle=False
    )
    at = dict(zip(alone.filepaths, alone[0][0], strict=True))
    for _ in range(5):
        batch = next(mixed)[0]
        for row, x in zip(mixed.sequence.explain(0), batch, strict=True):
            a, b = at[row["path"]], at[row["partner"]]
            assert np.all(np.minimum(a, b) <= x) and np.all(x <= np.maximum(a, b)), row["lam"]
