"""Keras' `ImageDataGenerator` on top of the core."""

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import keras
import numpy as np

from mixfolder.compat._iterator import DirectoryIterator
from mixfolder.compat._standardize import STEPS, standardize


class ImageDataGenerator:
    """Keras' `ImageDataGenerator` for folders of images, on any backend: the same arguments,
    defaults and attributes.

    The core decodes, resizes and augments the images, and applies `rescale`, the
    `preprocess_input` functions of `keras.applications` and fitted featurewise statistics. Any
    other `preprocessing_function` and the samplewise options run in NumPy, image by image, as in
    Keras.

    Args:
        ...: the arguments of Keras' class. `zca_whitening=True`, and an `interpolation_order`
            other than 1, are not supported.
        legacy_axes: Keras swaps the axes of the shifts, and rotates images that are not square
            about a point beside their center. False corrects this; True reproduces it, for models
            that were tuned to it.

    Raises:
        ValueError: an argument is invalid, with Keras' message, or not supported, with the
            remedy.

    Example:
        >>> datagen = ImageDataGenerator(rescale=1 / 255, validation_split=0.2)
        >>> train = datagen.flow_from_directory("flowers", (150, 150), subset="training")

    Reference: keras/src/legacy/preprocessing/image.py. `docs/migrating.md` lists the differences.
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], Any] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
        legacy_axes: bool = False,
    ):
        self.featurewise_center = featurewise_center
        self.samplewise_center = samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.brightness_range = brightness_range
        self.shear_range = shear_range
        self.zoom_range = zoom_range
        self.channel_shift_range = channel_shift_range
        self.fill_mode = fill_mode
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.data_format = keras.config.image_data_format() if data_format is None else data_format
        self.interpolation_order = interpolation_order
        self.dtype = keras.config.floatx() if dtype is None else dtype
        self.legacy_axes = legacy_axes
        self._validation_split = validation_split  # Keras' name
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self._check()

    def _check(self) -> None:
        """Keras' checks, with Keras' messages, and those of this class."""
        if self.data_format not in {"channels_last", "channels_first"}:
            raise ValueError(
                '`data_format` should be `"channels_last"` (channel after row and column) or '
                '`"channels_first"` (channel before row and '
                f"column). Received: {self.data_format}"
            )
        self.channel_axis = 3 if self.data_format == "channels_last" else 1
        self.row_axis, self.col_axis = (1, 2) if self.data_format == "channels_last" else (2, 3)
        if self.validation_split and not 0 < self.validation_split < 1:
            raise ValueError(
                "`validation_split` must be strictly between 0 and 1.  Received: "
                f"{self.validation_split}"
            )
        if isinstance(self.zoom_range, (float, int)):
            self.zoom_range = [1 - self.zoom_range, 1 + self.zoom_range]
        elif len(self.zoom_range) == 2 and all(
            isinstance(v, (float, int)) for v in self.zoom_range
        ):
            self.zoom_range = list(self.zoom_range)
        else:
            raise ValueError(
                "`zoom_range` should be a float or a tuple or list of two floats. "
                f"Received: {self.zoom_range}"
            )
        if self.brightness_range is not None and not (
            isinstance(self.brightness_range, (tuple, list)) and len(self.brightness_range) == 2
        ):
            raise ValueError(
                "`brightness_range should be tuple or list of two floats. Received: "
                f"{self.brightness_range}"
            )
        if self.interpolation_order != 1:
            raise ValueError(
                f"interpolation_order={self.interpolation_order} is not supported: "
                "only 1, which is bilinear"
            )
        if self.zca_whitening:
            raise ValueError(
                "zca_whitening=True is not supported: its matrix is quadratic in the image size "
                "(18 GB for 150x150x3), and it has no advantage with batch normalization: use "
                "featurewise_center and featurewise_std_normalization"
            )
        for finer, coarser in (
            ("featurewise_std_normalization", "featurewise_center"),
            ("samplewise_std_normalization", "samplewise_center"),
        ):
            if getattr(self, finer) and not getattr(self, coarser):
                setattr(self, coarser, True)
                warnings.warn(
                    f"This ImageDataGenerator specifies `{finer}`, which overrides setting of "
                    f"`{coarser}`.",
                    stacklevel=3,
                )

    @property
    def validation_split(self) -> float:
        """The fraction of each class's images that is for validation."""
        return self._validation_split

    def flow(self, *_: Any, **__: Any) -> NoReturn:
        """Not supported, as arrays need no loader; raises ValueError."""
        raise ValueError(
            "flow() is not supported, as images that are already arrays need no loader: pass them "
            "to model.fit(x, y), with augmentation by keras.layers (RandomFlip, RandomRotation, "
            "MixUp), or load the files with flow_from_directory"
        )

    def flow_from_dataframe(self, *_: Any, **__: Any) -> NoReturn:
        """Not supported; raises ValueError."""
        raise ValueError(
            "flow_from_dataframe() is not supported: use mixfolder.from_dataframe(df, x_col, "
            "y_col, directory=...), or flow_from_directory with a folder per class"
        )

    def flow_from_directory(
        self,
        directory: str | os.PathLike[str],
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | os.PathLike[str] | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:
        """Open a folder with one subfolder per class, as Keras' method of this name does.

        Args:
            ...: the arguments of Keras' method. `seed=None` draws a seed from NumPy's global
                generator, which `keras.utils.set_random_seed` seeds.

        Returns:
            A `DirectoryIterator` for `model.fit`.

        Raises:
            FileNotFoundError: the folder does not exist.
            ValueError: an argument is invalid, or there are no images.

        Example: `train = datagen.flow_from_directory("flowers", target_size=(150, 150),
        class_mode="binary")`
        """
        return DirectoryIterator(
            directory,
            self,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode=class_mode,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            follow_links=follow_links,
            subset=subset,
            interpolation=interpolation,
            keep_aspect_ratio=keep_aspect_ratio,
            dtype=self.dtype,
        )

    def standardize(self, x: np.ndarray) -> Any:
        """Normalize an image or a batch of floats with the steps of this generator, in place unless
        `preprocessing_function` returns a new array.

        Example: `model.predict(datagen.standardize(image.astype("float32"))[None])`
        """
        return standardize(self, x, set(STEPS))

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Compute the featurewise mean and standard deviation of an array of images; as in Keras,
        only `rescale` is applied before.

        Args:
            x: images, of rank 4, in the data format of this generator.
            augment, rounds, seed: must have their defaults.

        Raises:
            ValueError: x has another rank, or `augment` is True.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(
                f"Input to `.fit()` should have rank 4. Got array with shape: {x.shape}"
            )
        if augment:
            raise ValueError(
                "fit(augment=True) is not supported, as images are augmented only while files are "
                "loaded: use augment=False"
            )
        if x.shape[self.channel_axis] not in {1, 3, 4}:
            warnings.warn(
                "Expected input to be images (as Numpy array) following the data format "
                f'convention "{self.data_format}" (channels on axis '
                f"{self.channel_axis}), i.e. expected either 1, 3 or 4 channels on axis "
                f"{self.channel_axis}. However, it was passed an "
                f"array with shape {x.shape} ({x.shape[self.channel_axis]} channels).",
                stacklevel=2,
            )
        if self.rescale:
            x *= self.rescale
        axes = (0, self.row_axis, self.col_axis)
        self._fitted(np.mean(x, axes), np.std(x, axes))

    def fit_directory(
        self,
        directory: str | os.PathLike[str],
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        batch_size: int = 32,
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> None:
        """Compute the featurewise mean and standard deviation of a folder, batch by batch,
        without augmentation.

        Unlike `fit`, it uses the images as the featurewise steps will get them, after
        `preprocessing_function`, `rescale` and the samplewise steps. Call it before
        `flow_from_directory`, with the same arguments.

        Raises:
            ImageError: a file cannot be read.
            ValueError, OSError: see `flow_from_directory`.

        Example: `datagen.fit_directory("flowers", target_size=(150, 150), subset="training")`
        """
        plain = ImageDataGenerator(
            samplewise_center=self.samplewise_center,
            samplewise_std_normalization=self.samplewise_std_normalization,
            rescale=self.rescale,
            preprocessing_function=self.preprocessing_function,
            data_format=self.data_format,
            validation_split=self.validation_split,
        )
        batches = plain.flow_from_directory(
            directory,
            target_size,
            color_mode,
            classes,
            None,
            batch_size,
            shuffle=False,
            follow_links=follow_links,
            subset=subset,
            interpolation=interpolation,
            keep_aspect_ratio=keep_aspect_ratio,
        )
        axes, values = (0, self.row_axis, self.col_axis), 0
        total = squares = np.float64(0)
        for i in range(len(batches)):
            x = batches[i].astype(np.float64)
            total = total + x.sum(axes)
            squares = squares + np.square(x).sum(axes)
            values += x.size // x.shape[self.channel_axis]
        mean = total / values
        std = np.sqrt(np.maximum(squares / values - mean**2, 0))
        self._fitted(mean.astype(keras.config.floatx()), std.astype(keras.config.floatx()))

    def _fitted(self, mean: np.ndarray, std: np.ndarray) -> None:
        """Store the statistics that are enabled, in Keras' shape."""
        shape = [1, 1, 1]
        shape[self.channel_axis - 1] = -1
        if self.featurewise_center:
            self.mean = mean.reshape(shape)
        if self.featurewise_std_normalization:
            self.std = std.reshape(shape)
