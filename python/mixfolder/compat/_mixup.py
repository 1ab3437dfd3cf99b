"""The mixup generator of the tutorial that many Keras projects have copied."""

import os

from mixfolder.compat._generator import ImageDataGenerator
from mixfolder.compat._iterator import DirectoryIterator


class MixupImageDataGenerator(DirectoryIterator):
    """Batches of a folder, in which each image is mixed with one from a second permutation of the
    same images.

    `iterator[i]` and `next(iterator)` are `(x, y)`: x `(B, *image_shape)`, y `(B, C)`, NumPy
    arrays with the generator's dtype (the tutorial's are float64). The last batch of an epoch may
    be smaller.

    Args:
        generator: an `ImageDataGenerator`, which augments and normalizes images before they are
            mixed.
        directory: a folder with one subfolder per class.
        batch_size: number of samples in a full batch.
        img_height: height of the images, in pixels.
        img_width: width of the images, in pixels.
        alpha: parameter of Beta(alpha, alpha), from which the weights are drawn; above 0.
        subset: "training" or "validation" if the generator has a `validation_split`, or None for
            all images.

    Raises:
        TypeError: the generator is of Keras' class.
        ValueError, OSError: see `ImageDataGenerator.flow_from_directory`.

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
                f"{generator!r}: import it from mixfolder.compat as well"
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
        """Batches per epoch, including a smaller last one (which the tutorial omits, as it fails
        there)."""
        return len(self)

    def reset_index(self) -> None:
        """Start a new epoch, with a new order and new partners."""
        self._batches.new_epoch()
