"""`Custom`: mixing by a function of the user."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import keras
import numpy as np
from numpy.typing import NDArray

from mixfolder._batch_spec import Arrays, BatchSpec
from mixfolder._component import Component


@dataclass(frozen=True)
class MixPlan:
    """What a function of `Custom` may know about its batch.

    Attributes:
        epoch: the epoch, from 0.
        index: number of the batch in the epoch, as `explain` counts.
        rng: random numbers that depend on the seed, the epoch, the index and the number of this
            process (`shard`) alone. NumPy keeps the bits of its generators, but may change its
            distributions in new versions.
        labels: the unmixed labels of all images, `(images, B, ...)`, arranged as y is; None without
            labels.

    Example:
        >>> import numpy as np
        >>> plan = mf.MixPlan(0, 0, np.random.default_rng(1), None)  # to try a function by itself
    """

    epoch: int
    index: int
    rng: np.random.Generator
    labels: Any


@dataclass(frozen=True)
class Custom(Component):
    """Mix by a NumPy function. Images are decoded, cropped, flipped and augmented by the core;
    then the function mixes a whole batch, on the thread that asks for it, which is slower than
    the policies of the core.

    `fn(images, plan)` gets uint8 `(images, B, height, width, channels)`: `images[0]` are the
    samples' own images, `images[1]` their partners, by `pairing=`. It may write to them. `plan` is
    a `MixPlan`: take random numbers from `plan.rng` alone, so that batches stay functions of the
    seed, the epoch and their index. It returns `(x, weights)`: x `(B, height, width, channels)`,
    uint8 or floats of 0 to 255, and weights `(B, images)`, the weights of the labels, which sum up
    to 1 in each row; `(B,)` for the weights of the own labels, if there are two images.

    Then x is normalized (`rescale`, `preprocess`, `dtype`, `data_format`) with the core's numbers,
    and labels and sample weights are mixed by `weights`. `explain` reports the partners, but 1 as
    `lam`, and `preview` shows the samples' own images: only the function knows more. To load the
    data set in other processes, `fn` must be a function of a module, which can be pickled.

    Args:
        fn: the function.
        images: images per sample, from 2 to 4, its own included.

    Raises:
        ValueError: `fn` is no function or `images` is out of range, raised by `from_directory`; or
            `fn` returned something else, raised with the batch. Exceptions of `fn` are passed on
            with a note that names it.

    Example:
        >>> import numpy as np
        >>> def halves(images, plan):
        ...     x, half = images[0], images.shape[3] // 2
        ...     x[:, :, half:] = images[1][:, :, half:]
        ...     return x, np.full(len(x), half / images.shape[3])
        >>> with mf.from_directory("flowers", mix=mf.Custom(halves)) as seq:
        ...     x, y = seq[0]
    """

    fn: Callable[[NDArray[np.uint8], MixPlan], tuple[NDArray[Any], NDArray[Any]]]
    images: int = 2
    _name = "custom"

    def _parameters(self) -> dict[str, Any]:
        if not callable(self.fn):
            raise ValueError(f"fn of Custom must be a function, but is {self.fn!r}")
        return self._ints("images")

    def _mixed(
        self, batch: Arrays, spec: BatchSpec, options: dict[str, Any], epoch: int, index: int
    ) -> Arrays:
        """A batch of mixed images, from the images, labels and weights as the core delivers
        them."""
        assert spec.target is not None
        x, y, weights = batch
        images = x.reshape(spec.images, -1, *spec.x.shape)

        def by_image(array: NDArray[Any]) -> NDArray[Any]:
            return array.reshape(images.shape[:2] + array.shape[1:])

        y = None if y is None else keras.tree.map_structure(by_image, y)
        rng = np.random.default_rng([options["seed"], epoch, index, options["shard"]["index"]])
        try:
            returned = self.fn(images, MixPlan(epoch, index, rng, y))
        except Exception as e:
            e.add_note(f"raised by {self._describe()}, for batch {index} of epoch {epoch}")
            raise
        mixed, shares = self._checked(returned, images)
        return (
            spec.target.normalized(mixed),
            None if y is None else _mixed_labels(y, shares),
            None if weights is None else _mean(by_image(weights), shares),
        )

    def _describe(self) -> str:
        name = getattr(self.fn, "__qualname__", None) or repr(self.fn)
        return f"the function {name} of mix=Custom"

    def _refuse(self, problem: str) -> NoReturn:
        raise ValueError(f"{self._describe()} must return (x, weights): {problem}")

    def _checked(
        self, returned: Any, images: NDArray[np.uint8]
    ) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """The images and, for each, one weight per image that it was made of."""
        try:
            x, weights = map(np.asarray, returned)
        except (TypeError, ValueError):
            self._refuse(f"it returned {type(returned).__name__}")
        if x.shape != images.shape[1:]:
            self._refuse(f"x must have shape {images.shape[1:]}, but has {x.shape}")
        if x.dtype != np.uint8 and (x.dtype.kind != "f" or not (x.min() >= 0 and x.max() <= 255)):
            self._refuse(f"x must be uint8, or floats of 0 to 255, but has dtype {x.dtype}")
        count, samples = images.shape[:2]
        shares = np.array(weights, np.float64)
        if shares.shape == (samples,) and count == 2:
            shares = np.stack([shares, 1 - shares], axis=1)
        if shares.shape != (samples, count):
            self._refuse(f"weights must have shape {(samples, count)}, but has {shares.shape}")
        if not ((shares >= 0).all() and np.allclose(shares.sum(axis=1), 1, rtol=0, atol=1e-6)):
            self._refuse("weights must be 0 or more and sum up to 1 in each row")
        return x, shares


def _mixed_labels(y: Any, shares: NDArray[np.float64]) -> Any:
    """Mixed labels, or those of both images and the weight of the first for `targets="pair"`."""
    if isinstance(y, dict):
        return {name: _mixed_labels(labels, shares) for name, labels in y.items()}
    if isinstance(y, tuple):
        return y[0][0], y[1][1], shares[:, 0].astype(np.float32)
    return _mean(y, shares)


def _mean(values: NDArray[Any], shares: NDArray[np.float64]) -> NDArray[Any]:
    """Means of `(images, B, ...)` over the images of each sample."""
    weights = shares.T.reshape(values.shape[:2] + (1,) * (values.ndim - 2))
    mean: NDArray[Any] = (weights * values).sum(axis=0).astype(values.dtype)
    return mean
