"""Mixing policies, for `mix=`: one class each. The core has a file of the same name for each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from mixfolder._component import Component
from mixfolder._validation import as_bool, as_float, as_text


@dataclass(frozen=True)
class Mix(Component):
    """A mixing policy. Each takes `prob`, the probability that a sample is mixed at all, and
    `per`, for which samples its draws are the same: "sample" (each has its own), "batch" (one draw
    for all), or "pair" (one for two samples that are each other's partner, with
    `pairing="reversed"`; otherwise as "sample").
    """

    prob: float = field(default=1.0, kw_only=True)
    per: str = field(default="sample", kw_only=True)

    def _options(self) -> dict[str, Any]:
        policy = super()._options()
        prob = as_float(self._label("prob"), self.prob)
        if prob != 1:
            policy = {"gate": {"prob": prob, "policy": policy}}
        return self._shared(policy)

    def _shared(self, policy: dict[str, Any]) -> dict[str, Any]:
        if (per := as_text(self.per)) == "sample":
            return policy
        return {"shared": {"per": per, "policy": policy}}


@dataclass(frozen=True)
class MixUp(Mix):
    """Mix each sample with a partner: `lam * a + (1 - lam) * b`, images and labels alike, with one
    `lam` per sample, drawn from Beta(alpha, alpha).

    Args:
        alpha: above 0. Small values (0.1 to 0.4, as usual on ImageNet) leave most samples nearly
            unchanged; 1 makes every weight equally likely.
        fold: True uses `max(lam, 1 - lam)`, so that a sample's own image is never the weaker one,
            as in fastai and DivideMix.

    Raises:
        ValueError: `alpha` is not above 0; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.MixUp(alpha=0.2))`

    Reference: Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization",
        ICLR 2018, arXiv:1710.09412.
    """

    alpha: float = 0.2
    fold: bool = False
    _name = "mixup"

    def _parameters(self) -> dict[str, Any]:
        return self._floats("alpha") | {"fold": as_bool(self._label("fold"), self.fold)}


@dataclass(frozen=True)
class CutMix(Mix):
    """Replace a random box of each image by the same box of its partner. Labels are weighted by
    the pixels that each image has in the result.

    Args:
        alpha: above 0. The fraction of the image outside the box is drawn from Beta(alpha, alpha),
            before the box is placed.
        box: where the box may lie. "clipped": its center is any pixel, and what lies outside the
            image is cut off, as in the paper (rounded as in timm 1.0.31). "inside": all of it lies
            in the image, so that half of the results show mostly the partner. "uniform": clipped,
            with a center outside the image as well, so that all pixels are covered equally often.
        minmax: `(low, high)`, bounds of the box's height and width as fractions of the image's;
            both are drawn independently and the box lies inside. `alpha` and `box` are not used.

    Raises:
        ValueError: a parameter is out of range; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.CutMix())`

    Reference: Yun, Han, Oh, Chun, Choe and Yoo, "CutMix: Regularization Strategy to Train Strong
        Classifiers with Localizable Features", ICCV 2019, arXiv:1905.04899.
    """

    alpha: float = 1.0
    box: str = "clipped"
    minmax: tuple[float, float] | None = None
    _name = "cutmix"

    def _parameters(self) -> dict[str, Any]:
        minmax = {"minmax": None} if self.minmax is None else self._ranges("minmax")
        return self._floats("alpha") | minmax | {"box": as_text(self.box)}


@dataclass(frozen=True)
class ResizeMix(Mix):
    """Paste the whole partner, made smaller, at a random position inside each image. Labels are
    weighted by the pixels that each image has in the result.

    The partner is resized from its finished image, by the filter of `interpolation=`.

    Args:
        scale: `(low, high)`, bounds of the factor by which height and width are multiplied, drawn
            uniformly; above 0 and at most 1.

    Raises:
        ValueError: `scale` is out of range; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.ResizeMix())`

    Reference: Qin, Fang, Zhang, Liu, Wang and Wang, "ResizeMix: Mixing Data with Preserved Object
        Information and True Labels", 2020, arXiv:2012.11101.
    """

    scale: tuple[float, float] = (0.1, 0.8)
    _name = "resizemix"

    def _parameters(self) -> dict[str, Any]:
        return self._ranges("scale")


@dataclass(frozen=True)
class Mosaic(Mix):
    """Show four images, one in each of the rectangles around a random point. Labels are weighted
    by their areas. The point is drawn from the middle half of both axes.

    Args:
        fit: "crop" shows the part of each image that touches the point, as if a window were moved
            over a sheet of two by two images (as Keras' layer does); "resize" shows all of each.

    Raises:
        ValueError: `fit` is unknown; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.Mosaic())`

    Reference: Bochkovskiy, Wang and Liao, "YOLOv4: Optimal Speed and Accuracy of Object
        Detection", 2020, arXiv:2004.10934.
    """

    fit: str = "crop"
    _name = "mosaic"

    def _parameters(self) -> dict[str, Any]:
        return {"fit": as_text(self.fit)}


@dataclass(frozen=True)
class GridMix(Mix):
    """Take each square cell of a grid from one of two images, by a mask of their own for each
    pair (MaskMix). Labels are weighted by the pixels that each image has in the result.

    Args:
        cell: the side of a cell in pixels, 1 or more. Cells start at the upper left corner; those
            at the other edges are cut off.
        alpha: above 0. The fraction of cells that stay, rounded up to whole cells, is drawn from
            Beta(alpha, alpha).

    Raises:
        ValueError: a parameter is out of range; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.GridMix(cell=32))`

    Reference: Zhao, Huang, Hu, Zhang and Liu, "MixPro: Data Augmentation with MaskMix
        and Progressive Attention Labeling for Vision Transformer", ICLR 2023, arXiv:2304.12043.
    """

    cell: int = 64
    alpha: float = 1.0
    _name = "gridmix"

    def _parameters(self) -> dict[str, Any]:
        return self._ints("cell") | self._floats("alpha")


@dataclass(frozen=True)
class FMix(Mix):
    """Take each pixel from one of two images, by a mask of random shape: the image itself has the
    pixels where noise of low frequencies is largest. Labels are weighted by the mask's mean.

    Args:
        alpha: above 0. The fraction of the pixels that stay is drawn from Beta(alpha, alpha), and
            rounded up or down to whole pixels with equal probability.
        decay: 0 or more. Frequencies of the noise are weakened by this power: the larger it is, the
            smoother are the shapes. 2.5 takes about twice as long as 3, and 2 ten times.
        soft: 0 to 0.5, the fraction of all pixels on each side of the mask's edge whose weights
            fall from 1 to 0 in equal steps; at most as many as either image has. 0.1 takes about
            four times as long as 0.

    The noise is the inverse Fourier transform of the spectrum that the paper defines, at the size
    of the images. The authors' code differs: it fills in two horizontal frequencies alone.
    Frequencies that contribute less than 0.002 of the standard deviation together are left out;
    with `decay=3` these are all above 17 periods, and about 1 pixel in 1,000 differs.

    Raises:
        ValueError: a parameter is out of range; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.FMix())`

    Reference: Harris, Marcu, Painter, Niranjan, Prügel-Bennett and Hare, "FMix: Enhancing Mixed
        Sample Data Augmentation", 2020, arXiv:2002.12047.
    """

    alpha: float = 1.0
    decay: float = 3.0
    soft: float = 0.0
    _name = "fmix"

    def _parameters(self) -> dict[str, Any]:
        return self._floats("alpha", "decay", "soft")


@dataclass(frozen=True)
class SmoothMix(Mix):
    """Fade the partner in around a random point: its weight at a pixel is a Gaussian function of
    the distance. The weight of its label is the mean over all pixels.

    Args:
        sigma: `(low, high)`, bounds of the standard deviation as a fraction of the height, drawn
            uniformly; above 0 and at most 1.

    Raises:
        ValueError: `sigma` is out of range; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.SmoothMix())`

    Reference: Lee, Zaheer, Astrid and Lee, "SmoothMix: A Simple Yet Effective Data Augmentation to
        Train Robust Classifiers", CVPR Workshops 2020.
    """

    sigma: tuple[float, float] = (0.25, 0.5)
    _name = "smoothmix"

    def _parameters(self) -> dict[str, Any]:
        return self._ranges("sigma")


@dataclass(frozen=True)
class SamplePairing(Mix):
    """Average each image with its partner. The label stays that of the image itself.

    Example: `mf.from_directory("flowers", mix=mf.SamplePairing())`

    Reference: Inoue, "Data Augmentation by Pairing Samples for Images Classification", 2018,
        arXiv:1801.02929.
    """

    _name = "samplepairing"

    def _parameters(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class OneOf(Mix):
    """Mix by one of several policies, chosen at random.

    Args:
        policies: `[(policy, probability), ...]`; a number is a `MixUp`. If the probabilities sum up
            to less than 1, the rest is the probability that nothing is mixed.
        per: "sample" chooses for each sample, "batch" once for all samples of a batch, "pair" once
            for two samples that are each other's partner. What the chosen policy draws has its own
            `per`.

    Raises:
        ValueError: `policies` or `per` is invalid; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.OneOf([(0.8, 0.5), (mf.CutMix(), 0.5)]))`
    """

    policies: Sequence[tuple[Mix | float, float]]
    _name = "one_of"

    def _parameters(self) -> dict[str, Any]:
        try:
            pairs = [(as_policy(policy), prob) for policy, prob in self.policies]
        except (TypeError, ValueError):
            pairs = []
        if not pairs or not all(isinstance(policy, Mix) for policy, _ in pairs):
            raise ValueError(
                f"policies of OneOf must be [(policy, probability), ...], but is {self.policies!r}"
            )
        return {
            "policies": [policy._options() for policy, _ in pairs],
            "probs": [as_float("a probability of OneOf", prob) for _, prob in pairs],
            "per": as_text(self.per),
        }

    def _shared(self, policy: dict[str, Any]) -> dict[str, Any]:
        return policy


@dataclass(frozen=True)
class BalancedMixUp(Mix):
    """Mix each sample with a partner from class-balanced sampling, for data with rare classes:
    `(1 - lam) * a + lam * b`, images and labels alike, with `lam` from Beta(alpha, 1).

    Use it with `pairing="balanced"`: the class of the partner is drawn first, each with the same
    probability. The paper's code draws one `lam` per batch, as `per="batch"` does.

    Args:
        alpha: above 0; the mean weight of the partner is `alpha / (1 + alpha)`. The paper uses 0.1
            to 0.3.

    Raises:
        ValueError: `alpha` is not above 0, or `pairing` is not "balanced"; raised by
            `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.BalancedMixUp(0.2), pairing="balanced")`

    Reference: Galdran, Carneiro and González Ballester, "Balanced-MixUp for Highly Imbalanced
        Medical Image Classification", MICCAI 2021, arXiv:2109.09850.
    """

    alpha: float = 0.2
    _name = "balanced_mixup"

    def _parameters(self) -> dict[str, Any]:
        return self._floats("alpha")


@dataclass(frozen=True)
class Remix(Mix):
    """Mix by a policy, and give the label of a much rarer class all of the weight, for data with
    rare classes. Images are mixed as by the policy.

    With n images in the class of the sample, m in that of its partner and `lam`, the weight of the
    sample's own image: the label is the partner's if `n / m >= kappa` and `lam < tau`, the sample's
    own if `m / n >= kappa` and `1 - lam < tau`, and mixed by `lam` otherwise. n and m count the
    images of the training subset.

    Args:
        policy: a policy that mixes two images, such as `MixUp` or `CutMix`; a number is a `MixUp`.
        kappa: 1 or more.
        tau: from 0, which changes no label, to 1.

    Raises:
        ValueError: a parameter is out of range, or the files have no classes; raised by
            `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.Remix(mf.MixUp(1.0)))`

    Reference: Chou, Chang, Pan, Wei and Juan, "Remix: Rebalanced Mixup", ECCV Workshops 2020,
        arXiv:2007.03943.
    """

    policy: "Mix | float" = MixUp(1.0)
    kappa: float = 3.0
    tau: float = 0.5
    _name = "remix"

    def _parameters(self) -> dict[str, Any]:
        if not isinstance(policy := as_policy(self.policy), Mix):
            raise ValueError(f"policy of Remix must be a mixing policy, but is {self.policy!r}")
        return {**self._floats("kappa", "tau"), "policy": policy._options()}


def as_policy(mix: Any) -> Any:
    """A number is a `MixUp`; everything else is itself."""
    is_number = isinstance(mix, Real) and not isinstance(mix, bool)
    return MixUp(mix) if is_number else mix
