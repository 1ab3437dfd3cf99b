"""mixfolder: mixup training for Keras straight from folders of pictures."""

from mixfolder._core import ClosedError, ForkError, InternalError, PictureError, RefusedError, build_info
from mixfolder.augment import (
    AutoContrast,
    ChannelShift,
    ColorJitter,
    Equalize,
    GaussianBlur,
    Grayscale,
    Posterize,
    RandAugment,
    RandomAffine,
    RandomErasing,
    Sharpness,
    Solarize,
    TrivialAugmentWide,
)
from mixfolder.directory import from_directory
from mixfolder.policies import CenterCrop, MixUp, RandomCrop, RandomResizedCrop
from mixfolder.sequence import MixupSequence
from mixfolder.statistics import mean_std
from mixfolder.verify import Report, verify

__all__ = [
    "AutoContrast",
    "CenterCrop",
    "ChannelShift",
    "ClosedError",
    "ColorJitter",
    "Equalize",
    "ForkError",
    "GaussianBlur",
    "Grayscale",
    "InternalError",
    "MixUp",
    "MixupSequence",
    "PictureError",
    "Posterize",
    "RandAugment",
    "RandomAffine",
    "RandomCrop",
    "RandomErasing",
    "RandomResizedCrop",
    "RefusedError",
    "Report",
    "Sharpness",
    "Solarize",
    "TrivialAugmentWide",
    "build_info",
    "from_directory",
    "mean_std",
    "verify",
]
