"""The description of a data set that is pickled in its place."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixfolder._files import FileList
from mixfolder._requests import BatchSpec

_CHANNELS = {"rgb": 3, "grayscale": 1, "rgba": 4}


@dataclass(frozen=True)
class SequenceConfig:
    """Everything that another process needs to open the same data set.

    Attributes:
        directory: absolute path of the folder.
        class_names: subfolders to read, in label order; empty for all of them.
        options: the core's options, by the names that the core uses.
        prefetch: number of batches to request ahead.
        digest: digest of the listing, which must be unchanged; None if it was never read.
        epoch: the epoch to start with.
        chosen_epoch: the argument of the last `set_epoch`, or None.
        files: a list of files that replaces the scan of `directory`.
    """

    directory: str
    class_names: tuple[str, ...]
    options: dict[str, Any] = field(repr=False)
    prefetch: int
    digest: str | None = None
    epoch: int = 0
    chosen_epoch: int | None = None
    files: FileList | None = field(default=None, repr=False)

    @property
    def training(self) -> bool:
        """False for validation data, which is never shuffled, mixed or augmented."""
        return bool(self.options["subset"] != "validation")

    @property
    def shuffled(self) -> bool:
        """Whether each epoch has its own order."""
        return self.training and bool(self.options["shuffle"])

    @property
    def mixed(self) -> bool:
        """Whether samples are mixed with partners."""
        return self.training and bool(self.options["mix"])

    @property
    def altered(self) -> bool:
        """Whether images are cropped, flipped or augmented at random."""
        options = self.options
        random_crop = {"random_crop", "random_resized_crop"} & set(options["crop"] or ())
        random = options["flip"] or options["affine"] or options["augment"] or random_crop
        return self.training and bool(random)

    @property
    def varies_by_epoch(self) -> bool:
        """Whether batch n of one epoch differs from batch n of another."""
        return self.shuffled or self.mixed or self.altered

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Shape of one image in a batch."""
        options = self.options
        (height, width), channels = options["image_size"], _CHANNELS[options["color_mode"]]
        if options["data_format"] == "channels_first":
            return channels, height, width
        return height, width, channels

    def batch_spec(self, num_classes: int) -> BatchSpec:
        """Shapes and dtypes of the arrays of a batch."""
        options = self.options
        mode, mix = options["label_mode"], options["mix"] if self.mixed else {}
        label = {"categorical": (num_classes,), "binary": (1,), "int": (), "": None}[mode]
        label_dtype = np.dtype(np.int32 if mode == "int" else np.float32)
        return BatchSpec(
            2 if mix.get("apart") else 1,
            self.image_shape,
            np.dtype(options["dtype"]),
            label,
            label_dtype,
        )
