"""mixfolder: mixup training for Keras, straight from folders of images."""

from mixfolder import callbacks, metrics
from mixfolder._core import (
    ClosedError,
    ForkError,
    ImageError,
    InternalError,
    RefusedError,
    build_info,
)
from mixfolder.affine import RandomAffine
from mixfolder.augment import (
    AutoContrast,
    ChannelShift,
    ColorJitter,
    Equalize,
    GaussianBlur,
    Grayscale,
    Posterize,
    RandAugment,
    RandomErasing,
    Sharpness,
    Solarize,
    TrivialAugmentWide,
)
from mixfolder.crops import CenterCrop, RandomCrop, RandomResizedCrop
from mixfolder.custom import Custom, MixPlan
from mixfolder.dataframe import from_dataframe
from mixfolder.directories import from_directories
from mixfolder.directory import from_directory
from mixfolder.files import from_files
from mixfolder.folds import Folds, folds
from mixfolder.mix import (
    BalancedMixUp,
    CutMix,
    FMix,
    GridMix,
    MixUp,
    Mosaic,
    OneOf,
    Remix,
    ResizeMix,
    SamplePairing,
    SmoothMix,
)
from mixfolder.normalization import mean_std
from mixfolder.pairing import NearbyLabels
from mixfolder.prediction import evaluate_tta, predict_table
from mixfolder.recipes import recipe, timm
from mixfolder.samplers import BalancedSampler, RepeatedAugmentation, WeightedSampler
from mixfolder.schedule import Schedule, Sizes
from mixfolder.sequence import ImageSequence
from mixfolder.tta import Views
from mixfolder.verify import Report, verify

__all__ = [
    "AutoContrast",
    "BalancedMixUp",
    "BalancedSampler",
    "CenterCrop",
    "ChannelShift",
    "ClosedError",
    "ColorJitter",
    "Custom",
    "CutMix",
    "Equalize",
    "FMix",
    "Folds",
    "ForkError",
    "GaussianBlur",
    "Grayscale",
    "GridMix",
    "ImageError",
    "ImageSequence",
    "InternalError",
    "MixPlan",
    "MixUp",
    "Mosaic",
    "NearbyLabels",
    "OneOf",
    "Posterize",
    "RandAugment",
    "RandomAffine",
    "RandomCrop",
    "RandomErasing",
    "RandomResizedCrop",
    "RefusedError",
    "Remix",
    "RepeatedAugmentation",
    "ResizeMix",
    "Report",
    "SamplePairing",
    "Schedule",
    "Sharpness",
    "Sizes",
    "SmoothMix",
    "Solarize",
    "TrivialAugmentWide",
    "Views",
    "WeightedSampler",
    "build_info",
    "callbacks",
    "evaluate_tta",
    "folds",
    "from_dataframe",
    "from_directories",
    "from_directory",
    "from_files",
    "mean_std",
    "metrics",
    "predict_table",
    "recipe",
    "timm",
    "verify",
]
