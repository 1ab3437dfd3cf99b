"""The tutorial that the project grew from, on Keras 3 ("How to do mixup training from image files
in Keras", dlology.com).

The code of its notebook is unchanged, except for its layout, the import lines, `fit_generator`,
which is `fit` now, `lr`, which is `learning_rate`, fewer epochs, and a small network instead of
VGG16, whose weights would have to be downloaded.
"""

import keras
import numpy as np
import pytest
from keras import layers, models, optimizers
from keras.preprocessing import image

from mixfolder.compat import ImageDataGenerator, MixupImageDataGenerator
from support.images import real


# Keras 3 counts a data set through: 34 validation steps of 35 leave one batch for the
# second epoch, of which it warns.
@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_the_notebook():
    keras.utils.set_random_seed(1)
    train_dir = real("caltech4")
    batch_size = 5

    validation_split = 0.3
    img_height = 150
    img_width = 150
    epochs = 2

    input_imgen = ImageDataGenerator(
        rescale=1.0 / 255,
        rotation_range=5,
        width_shift_range=0.05,
        height_shift_range=0,
        shear_range=0.05,
        zoom_range=0,
        brightness_range=(1, 1.3),
        horizontal_flip=True,
        fill_mode="nearest",
        validation_split=validation_split,
    )

    train_generator = MixupImageDataGenerator(
        generator=input_imgen,
        directory=train_dir,
        batch_size=batch_size,
        img_height=img_height,
        img_width=img_height,
        subset="training",
    )

    validation_generator = input_imgen.flow_from_directory(
        train_dir,
        target_size=(img_height, img_width),
        class_mode="categorical",
        batch_size=batch_size,
        shuffle=True,
        subset="validation",
    )

    sample_x, sample_y = next(train_generator)
    for i in range(batch_size):
        image.array_to_img(sample_x[i])

    assert train_generator.get_steps_per_epoch() == 81
    assert validation_generator.samples // batch_size == 34
    for item in train_generator:
        sample_x, sample_y = item
        for i in range(batch_size):
            image.array_to_img(sample_x[i])
        np.testing.assert_allclose(sample_y.sum(1), 1, rtol=1e-6)
        break

    conv_base = models.Sequential(
        [
            keras.Input((img_height, img_width, 3)),
            layers.Conv2D(8, 7, strides=4, activation="relu"),
            layers.Conv2D(16, 5, strides=4, activation="relu"),
        ]
    )

    model = models.Sequential()
    model.add(conv_base)
    model.add(layers.Flatten())
    model.add(layers.Dense(4, activation="sigmoid"))

    model.compile(
        optimizer=optimizers.RMSprop(learning_rate=2e-3),
        loss="binary_crossentropy",
        metrics=["acc"],
    )

    train_generator.reset()
    validation_generator.reset()
    # Start the traning.
    history = model.fit(
        train_generator,
        steps_per_epoch=train_generator.get_steps_per_epoch(),
        validation_data=validation_generator,
        validation_steps=validation_generator.samples // batch_size,
        epochs=epochs,
        verbose=0,
    )

    assert [len(history.history[name]) for name in ("loss", "acc", "val_loss", "val_acc")] == [
        epochs
    ] * 4
    assert history.history["loss"][1] < history.history["loss"][0]
