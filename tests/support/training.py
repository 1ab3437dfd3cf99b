"""Options and a model for tests that train or predict."""

import keras

import mixfolder as mf

#: Every random option.
RANDOM = dict(
    mix=mf.MixUp(0.5),
    pairing="dataset",
    flip="both",
    crop=mf.RandomResizedCrop(),
    augment=[mf.RandAugment(), mf.RandomErasing()],
)


def means():
    """A model that predicts the mean of each channel, which identifies an image of 8 x 8."""
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D()])
