"""Arguments of published recipes: `**mf.timm(...)` and `**mf.recipe(name)`."""

from collections.abc import Sequence
from typing import Any

from mixfolder._text import few
from mixfolder._validation import as_float
from mixfolder.augment import (
    ColorJitter,
    GaussianBlur,
    Grayscale,
    RandAugment,
    RandomErasing,
    Solarize,
)
from mixfolder.crops import CenterCrop, RandomCrop, RandomResizedCrop
from mixfolder.mix import CutMix, Mix, MixUp, OneOf
from mixfolder.samplers import RepeatedAugmentation

#: timm's modes, as `per` of a policy.
_MODES = {"batch": "batch", "pair": "pair", "elem": "sample"}


def timm(
    mixup_alpha: float = 0.8,
    cutmix_alpha: float = 1.0,
    cutmix_minmax: Sequence[float] | None = None,
    prob: float = 1.0,
    switch_prob: float = 0.5,
    mode: str = "batch",
    label_smoothing: float = 0.1,
) -> dict[str, Any]:
    """The arguments of `from_directory` that mix as `timm.data.Mixup` of timm 1.0.31 does: `mix`,
    `pairing` and `label_smoothing`.

    Row i of n is mixed with row n-1-i. Batches may have any size, odd ones too, which timm refuses:
    the row in the middle is mixed with the next one, and the only row of a batch with another
    image. Differences: boxes of `cutmix_minmax` may have the upper bound itself as height and
    width; labels always have the weights of the pixels (`correct_lam=True`); and images are mixed
    before they are normalized, so values differ from timm's by rounding only. docs/mixing.md has
    the measured differences.

    Args:
        mixup_alpha: of `MixUp`; 0 for CutMix alone.
        cutmix_alpha: of `CutMix`; 0 for MixUp alone, unless there is `cutmix_minmax`.
        cutmix_minmax: `(low, high)`, as `minmax` of `CutMix`.
        prob: probability that a batch, pair or sample is mixed.
        switch_prob: probability of CutMix instead of MixUp, if both are possible.
        mode: what is drawn once, whether to mix, by which of the two, weight and box: "batch",
            "pair" (rows i and n-1-i) or "elem" (each row).
        label_smoothing: see `from_directory`.

    Raises:
        ValueError: there is nothing to mix by, or `mode` is unknown ("half", which makes half as
            many images, is close to `pairing="dataset"` with `mode="elem"`); other arguments are
            checked by `from_directory`.

    Example: `mf.from_directory("flowers", **mf.timm(mixup_alpha=0.1, cutmix_alpha=1.0))`
    """
    if mode not in _MODES:
        raise ValueError(
            f'mode of timm must be "batch", "pair" or "elem", but is {mode!r} (instead of "half", '
            'use "elem" and pairing="dataset")'
        )
    per, prob = _MODES[mode], as_float("prob of timm", prob)
    switch_prob = as_float("switch_prob of timm", switch_prob)
    minmax = None if cutmix_minmax is None else (cutmix_minmax[0], cutmix_minmax[1])
    if minmax:
        cutmix_alpha = 1.0
    mixup = as_float("mixup_alpha of timm", mixup_alpha) > 0
    cutmix = as_float("cutmix_alpha of timm", cutmix_alpha) > 0
    if not mixup and not cutmix:
        raise ValueError(
            "timm needs mixup_alpha or cutmix_alpha above 0, or cutmix_minmax: use mix=None to mix "
            "nothing"
        )
    mix: Mix
    if mixup and cutmix:
        policies = [
            (MixUp(mixup_alpha, per=per), prob * (1 - switch_prob)),
            (CutMix(cutmix_alpha, minmax=minmax, per=per), prob * switch_prob),
        ]
        mix = OneOf(policies, per=per)
    elif mixup:
        mix = MixUp(mixup_alpha, prob=prob, per=per)
    else:
        mix = CutMix(cutmix_alpha, minmax=minmax, prob=prob, per=per)
    return {"mix": mix, "pairing": "reversed", "label_smoothing": label_smoothing}


def _imagenet(size: int, val_fraction: float) -> dict[str, Any]:
    return {
        "image_size": (size, size),
        "crop": RandomResizedCrop(),
        "val_crop": CenterCrop(val_fraction),
        "flip": "horizontal",
        "interpolation": "bicubic",
    }


def _rsb_a2() -> dict[str, Any]:
    return {
        **_imagenet(224, 0.95),
        **timm(0.1, 1.0, label_smoothing=0.0),
        "augment": [RandAugment(2, 21)],
        "binarize": 0.2,
        "sampler": RepeatedAugmentation(3),
    }


def _rsb_a3() -> dict[str, Any]:
    changes = {"image_size": (160, 160), "augment": [RandAugment(2, 18)], "sampler": None}
    return _rsb_a2() | changes


def _deit() -> dict[str, Any]:
    return {
        **_imagenet(224, 0.875),
        **timm(0.8, 1.0),
        "augment": [RandAugment(2, 27), RandomErasing(0.25, value="random")],
        "sampler": RepeatedAugmentation(3),
    }


def _deit3() -> dict[str, Any]:
    return {
        **_imagenet(224, 1.0),
        **timm(0.8, 1.0, label_smoothing=0.0),
        "augment": [
            Grayscale(1 / 3),
            Solarize(prob=1 / 3),
            GaussianBlur(prob=1 / 3),
            ColorJitter(0.3, 0.3, 0.3),
        ],
        "binarize": 0.0,
        "sampler": RepeatedAugmentation(3),
    }


def _cifar() -> dict[str, Any]:
    return {
        "image_size": (32, 32),
        "crop": RandomCrop(padding=4),
        "flip": "horizontal",
        "mix": MixUp(1.0, per="batch"),
        "pairing": "batch",
    }


_RECIPES = {
    "rsb_a2": _rsb_a2,
    "rsb_a3": _rsb_a3,
    "deit": _deit,
    "deit3": _deit3,
    "cifar": _cifar,
}


def recipe(name: str) -> dict[str, Any]:
    """The arguments of `from_directory` of a published training recipe; a new dict for each call.

    - "rsb_a2" and "rsb_a3": procedures A2 and A3 of Wightman, Touvron and Jégou, "ResNet strikes
      back", 2021, arXiv:2110.00476, table 2, with timm's `bce_target_thresh=0.2`. The loss is
      `binary_crossentropy`. A3 trains at 160 pixels and is tested at 224: open the validation
      folder with another `image_size`.
    - "deit": Touvron et al., "Training data-efficient image transformers & distillation through
      attention", ICML 2021, arXiv:2012.12877, table 9.
    - "deit3": Touvron, Cord and Jégou, "DeiT III: Revenge of the ViT", ECCV 2022, arXiv:2204.07118,
      for ImageNet-1k, with `binary_crossentropy`. One of grayscale, solarization and blur is
      applied there; here each is with probability 1/3.
    - "cifar": mixup of Zhang et al., ICLR 2018, arXiv:1710.09412, section 3.2, for CIFAR-10 and
      CIFAR-100, with one `lam` per batch, as in the paper's code.

    Not in the dict: normalization (`preprocess=`), batch size, optimizer and epochs. With repeated
    augmentation, 3 times in rsb_a2, deit and deit3, an epoch shows a third of the images. timm's
    RandAugment, which the first three use, applies each of two operations with probability 1/2,
    varies the magnitude (`mstd0.5`), and has Invert and SolarizeAdd too; `RandAugment` is
    torchvision's, with the same mean magnitude. timm erases with normally distributed values
    (`remode="pixel"`), `RandomErasing` with uniform ones.

    Args:
        name: one of the above.

    Raises:
        ValueError: the name is unknown; the message lists all.

    Example:
        >>> options = mf.recipe("deit") | {"image_size": 32}
        >>> seq = mf.from_directory("flowers", **options)
    """
    if name not in _RECIPES:
        raise ValueError(
            f"there is no recipe {name!r}: choose one of {few([*map(repr, _RECIPES)], 9)}"
        )
    return _RECIPES[name]()
