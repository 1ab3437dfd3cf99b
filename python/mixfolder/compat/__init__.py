"""Keras' `ImageDataGenerator`, and the mixup generator of a popular tutorial, on top of the core,
for existing code that has to run on Keras 3 unchanged.

`docs/migrating.md` lists the differences. New code should use `mixfolder.from_directory`.
"""

from mixfolder.compat._generator import ImageDataGenerator
from mixfolder.compat._iterator import DirectoryIterator
from mixfolder.compat._mixup import MixupImageDataGenerator

__all__ = ["DirectoryIterator", "ImageDataGenerator", "MixupImageDataGenerator"]
