"""mixfolder: mixup training for Keras straight from folders of pictures."""

from mixfolder._core import ClosedError, ForkError, InternalError, PictureError, build_info
from mixfolder.directory import from_directory
from mixfolder.policies import MixUp, RandomResizedCrop
from mixfolder.sequence import MixupSequence
from mixfolder.statistics import mean_std
from mixfolder.verify import Report, verify

__all__ = [
    "ClosedError",
    "ForkError",
    "InternalError",
    "MixUp",
    "MixupSequence",
    "PictureError",
    "RandomResizedCrop",
    "Report",
    "build_info",
    "from_directory",
    "mean_std",
    "verify",
]
