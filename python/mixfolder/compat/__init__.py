"""Keras' `ImageDataGenerator`, and the tutorial's mixup generator around it, over the core: for
code that is to run on Keras 3 as it is.

`docs/migrating.md` tells what differs. New code is better served by `mixfolder.from_directory`.
"""

from mixfolder.compat._generator import ImageDataGenerator
from mixfolder.compat._iterator import DirectoryIterator
from mixfolder.compat._mixup import MixupImageDataGenerator

__all__ = ["DirectoryIterator", "ImageDataGenerator", "MixupImageDataGenerator"]
