"""`mean_std` against NumPy over all images at once."""

import numpy as np
import pytest

import mixfolder as mf
from support.batches import arrays


@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
def test_mean_std_equals_numpy(flowers, color_mode):
    options = dict(image_size=(9, 14), color_mode=color_mode)
    with mf.from_directory(
        flowers, mix=None, label_mode=None, batch_size=100, verbose=False, **options
    ) as seq:
        x = arrays(seq[0]).astype(np.float64)
    mean, std = mf.mean_std(flowers, batch_size=4, **options)
    np.testing.assert_allclose(mean, x.mean((0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(std, x.std((0, 1, 2)), rtol=1e-9)


def test_its_result_normalizes(flowers):
    part = dict(image_size=8, validation_split=0.4, split="stratified", seed=3)
    normal = mf.mean_std(flowers, subset="training", **part)
    train, val = mf.from_directory(
        flowers, mix=None, batch_size=100, subset="both", preprocess=normal, verbose=False, **part
    )
    x, _ = arrays(train[0])
    assert np.abs(x.mean((0, 1, 2))).max() < 1e-4 and np.abs(x.std((0, 1, 2)) - 1).max() < 1e-4
    val.close(), train.close()


@pytest.mark.parametrize("name", ["mix", "flip", "crop", "preprocess", "dtype", "shuffle"])
def test_options_for_training_are_rejected(flowers, name):
    with pytest.raises(TypeError, match=f"does not accept '{name}'"):
        mf.mean_std(flowers, **{name: None})


def test_subset_both_is_rejected(flowers):
    with pytest.raises(ValueError, match="subset='training'"):
        mf.mean_std(flowers, validation_split=0.2, subset="both")
