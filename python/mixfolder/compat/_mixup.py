"""The tutorial's mixup generator."""

import os

from mixfolder.compat._generator import ImageDataGenerator
from mixfolder.compat._iterator import DirectoryIterator


class MixupImageDataGenerator(DirectoryIterator):
    """Batches of a folder, each image mixed with another one, by a second permutation of the same
    images.

    `iterator[i]` and `next(iterator)` are `(x, y)`: x `(B, *image_shape)`, y `(B, C)`, NumPy
    arrays of the generator's dtype (the tutorial's are float64). The last batch of an epoch may
    be short.

    Args:
        generator: an `ImageDataGenerator`; images are augmented and normalized by it before they
            are mixed.
        directory: a folder with one sub-folder a class.
        batch_size: samples in a full batch.
        img_height: height of the images, in pixels.
        img_width: width of the images, in pixels.
        alpha: of Beta(alpha, alpha), from which a sample's share is drawn; above 0.
        subset: "training" or "validation" where the generator has a `validation_split`, or None
            for all.

    Errors: a TypeError for a generator of Keras' own class; those of
        `ImageDataGenerator.flow_from_directory`.

    Example:
        >>> datagen = ImageDataGenerator(rescale=1 / 255)
        >>> train = MixupImageDataGenerator(datagen, "flowers", 32, 150, 150)
        >>> model.fit(train, steps_per_epoch=train.get_steps_per_epoch(), epochs=10)

    Reference: "How to do mixup training from image files in Keras", dlology.com, and its
        repository Tony607/keras_mixup_generator.
    """

    def __init__(
        self,
        generator: ImageDataGenerator,
        directory: str | os.PathLike[str],
        batch_size: int,
        img_height: int,
        img_width: int,
        alpha: float = 0.2,
        subset: str | None = None,
    ):
        if not isinstance(generator, ImageDataGenerator):
            raise TypeError(
                "generator must be a mixfolder.compat.ImageDataGenerator, but is "
                f"{generator!r}: change its import, too"
            )
        self.alpha = alpha
        super().__init__(
            directory,
            generator,
            target_size=(img_height, img_width),
            class_mode="categorical",
            batch_size=batch_size,
            shuffle=True,
            data_format=generator.data_format,
            subset=subset,
            dtype=generator.dtype,
        )

    def _mix(self) -> float | None:
        return self.alpha

    def get_steps_per_epoch(self) -> int:
        """Batches in an epoch, a short last one counted. (The tutorial's number leaves it out, as
        that batch breaks it.)"""
        return len(self)

    def reset_index(self) -> None:
        """Start a new epoch, in a new order and with new partners."""
        self._batches.new_epoch()
