"""Mixing policies, for `mix=`: one class each. The core has a file of the same name for each."""

from dataclasses import dataclass

from mixfolder._component import Component


@dataclass(frozen=True)
class Mix(Component):
    """A mixing policy."""


@dataclass(frozen=True)
class MixUp(Mix):
    """Mix each sample with a partner: `lam * a + (1 - lam) * b`, images and labels alike, with one
    `lam` per sample, drawn from Beta(alpha, alpha).

    Args:
        alpha: above 0. Small values (0.1 to 0.4, as usual on ImageNet) leave most samples nearly
            unchanged; 1 makes every weight equally likely.

    Raises:
        ValueError: `alpha` is not above 0; raised by `from_directory`.

    Example: `mf.from_directory("flowers", mix=mf.MixUp(alpha=0.2))`

    Reference: Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization",
        ICLR 2018, arXiv:1710.09412.
    """

    alpha: float = 0.2
    _name = "mixup"
