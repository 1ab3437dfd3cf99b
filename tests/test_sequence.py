"""Attributes and subclasses of ImageSequence."""

import keras
import numpy as np
import pytest

import mixfolder as mf
from support.batches import gathered
from support.internals import reopened
from support.training import means

OPTIONS = dict(image_size=(8, 8), batch_size=4, verbose=False)


class Own(mf.ImageSequence):
    """A subclass with its own attributes."""

    crop = None

    def __init__(self, batches):
        super().__init__(batches)
        self.note, self.crop = "mine", 3


def test_an_option_cannot_be_set_on_an_open_sequence(flowers):
    seq = mf.from_directory(flowers, **OPTIONS)
    for name in (
        "mix",
        "batch_size",
        "shuffle",
        "seed",
        "class_names",
        "prefetch",
        "rescale",
        "subset",
    ):
        with pytest.raises(
            AttributeError,
            match=f"{name} of an open data set cannot be changed: call "
            f"from_directory again with another {name}=",
        ):
            setattr(seq, name, None)
    seq.note = "mine"
    own = reopened(seq, Own)
    assert (own.note, own.crop) == ("mine", 3) and own.stats()["epoch"] == 0
    with pytest.raises(AttributeError, match="mix of an open data set"):
        own.mix = None


def test_keras_can_train_on_it_and_on_a_subclass(flowers):
    net = keras.Sequential([means(), keras.layers.Dense(3, "softmax")])
    net.compile("sgd", "categorical_crossentropy")
    seq = mf.from_directory(flowers, **OPTIONS)
    val = mf.from_directory(flowers, subset="validation", **OPTIONS)
    for train, held in ((seq, val), (reopened(seq, Own), reopened(val, Own))):
        net.fit(train, validation_data=held, epochs=2, verbose=0)


def test_the_seed_of_keras_is_the_default(flowers):
    def drawn(seed):
        keras.utils.set_random_seed(seed)
        train, _ = mf.from_directory(flowers, validation_split=0.3, subset="both", **OPTIONS)
        return train.seed, mf.from_directory(flowers, **OPTIONS).seed, gathered(train)

    (one, other, x), (again, too, same) = drawn(3), drawn(3)
    assert (one, other) == (again, too) and one != other and max(one, other) > 2**32
    np.testing.assert_array_equal(x[0], same[0])
    assert drawn(4)[0] != one
