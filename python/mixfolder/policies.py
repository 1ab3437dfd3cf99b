"""How samples are mixed."""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MixUp:
    """Mix each sample with a partner: `lam * a + (1 - lam) * b`, pictures and labels alike, `lam` ~ Beta(alpha, alpha) a sample.

    Args:
        alpha: above 0. Small values (0.1 to 0.4, as usual on ImageNet) leave most samples nearly as they are; 1 makes every share equally
            likely.

    Raises: a ValueError from `from_directory` where alpha is not above 0.

    Example: `mf.from_directory("flowers", mix=mf.MixUp(alpha=0.2))`

    Reference: Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018, arXiv:1710.09412.
    """

    alpha: float = 0.2

    def _options(self) -> dict[str, Any]:
        """What the core is told."""
        alpha = float(self.alpha)
        if not math.isfinite(alpha):
            raise ValueError(f"alpha of MixUp must be a finite number above 0, but is {alpha}")
        return {"alpha": alpha}
