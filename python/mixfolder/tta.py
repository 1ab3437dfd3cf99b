"""Test-time augmentation: several views of each image, whose predictions are averaged."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from numpy.typing import NDArray

from mixfolder._batch_spec import Arrays
from mixfolder._batches import Batches
from mixfolder._listing import bad_files_of
from mixfolder._records import BadFile
from mixfolder._requests import BatchKey

if TYPE_CHECKING:
    from mixfolder.sequence import ImageSequence

_CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")

#: The part that each of the five crops shows if there is no CenterCrop, as in Resize(256) and
#: FiveCrop(224) of torchvision.
_FRACTION = 0.875

_AVERAGES = ("arithmetic", "geometric")


class Views:
    """Several views of the images of a data set, for test-time augmentation; created by
    `ImageSequence.tta`.

    `views[i]` is `(x, y)` of batch i, or x alone for `label_mode=None`: NumPy arrays, x with
    shape `(V, B, height, width, channels)` for V views, or channels first.

    Attributes:
        data: the data set.
        count: number of views.

    Example:
        >>> val = mf.from_directory("flowers", image_size=8, subset="validation")
        >>> views = val.tta("hflip")
        >>> x, y = views[0]
        >>> table = mf.predict_table(model, views, verbose=0)
    """

    def __init__(self, data: "ImageSequence", batches: Batches, kind: str | int, average: str):
        self._check(batches, average)
        self.data = data
        self._average = average
        self._by_tag = mode_of(batches) == "multi_label"
        self._mirrored = kind == "hflip"
        # Where each view comes from, and in which epoch.
        self._sources: list[tuple[Batches, int]] = [(batches, 0)]
        if kind == "five":
            self._sources = [(opened, 0) for opened in _five(batches)]
        elif isinstance(kind, int) and not isinstance(kind, bool) and kind >= 1:
            augmented = _opened(batches, augmented=True)
            if not augmented.spec.altered:
                raise ValueError(
                    f"tta({kind}) needs random augmentation, but {batches.config.directory!r} was "
                    "opened without: pass crop, flip, affine or augment to from_directory, as for "
                    "training"
                )
            self._sources = [(augmented, epoch) for epoch in range(kind)]
        elif kind != "hflip":
            raise ValueError(
                f'views must be "hflip", "five" or a number of random draws, 1 or more, but are '
                f"{kind!r}"
            )
        self.count = 2 if self._mirrored else len(self._sources)

    @staticmethod
    def _check(batches: Batches, average: str) -> None:
        if average not in _AVERAGES:
            raise ValueError(f'average must be "arithmetic" or "geometric", but is {average!r}')
        if batches.config.options["subset"] != "validation":
            raise ValueError(
                "tta is for validation and test images: open the folder with "
                'from_directory(..., subset="validation"), or take the validation part of a split'
            )
        require_whole(batches)
        if batches.config.masks:
            raise ValueError(
                "tta averages the classes of images, not of pixels: open the folder without masks"
            )

    def __len__(self) -> int:
        """Number of batches."""
        return len(self._sources[0][0])

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no batch {index}: there are {len(self)}")
        batches = list(self._views(index % len(self)))
        x, (_, y, _) = np.stack([x for x, _, _ in batches]), batches[0]
        return x if y is None else (x, y)

    def __iter__(self) -> Iterator[Any]:
        for i in range(len(self)):
            yield self[i]

    @property
    def bad_files(self) -> list[BadFile]:
        """The files that could not be read so far; see `ImageSequence.bad_files`."""
        return bad_files_of(self._sources[0][0])

    def predict(self, model: Any, verbose: int | str = "auto") -> NDArray[Any]:
        """The average of the model's predictions for the views of each image.

        Args:
            model: a Keras model that returns `(B, C)`.
            verbose: 0 for no progress bar.

        Returns:
            An array of the shape that the model returns, with a row per file of `data.file_paths`.

        Raises:
            ValueError: the model does not return one row of values per image, or they are no
                probabilities and `average="geometric"`.

        Example: `mf.from_directory("flowers", subset="validation").tta("hflip").predict(model)`
        """
        return np.concatenate([p for p, _ in self.predictions(model, verbose)])

    def predictions(
        self, model: Any, verbose: int | str = "auto"
    ) -> Iterator[tuple[NDArray[Any], Arrays]]:
        """The average for each batch, with one of its views."""
        bar = keras.utils.Progbar(len(self)) if verbose else None
        for i in range(len(self)):
            total: NDArray[Any] = np.zeros(())
            for batch in self._views(i):
                scores = model.predict_on_batch(batch[0])
                if np.ndim(scores) != 2:
                    raise ValueError(
                        "tta needs a model that returns one row of values per image, but it "
                        f"returns {keras.tree.map_structure(np.shape, scores)}"
                    )
                total = total + self._transformed(scores.astype(np.float64))
            yield self._averaged(total / self.count).astype(scores.dtype), batch
            if bar:
                bar.update(i + 1)

    def _views(self, number: int) -> Iterator[Arrays]:
        """A batch as each view shows it."""
        if self._mirrored:
            batches = self._sources[0][0]
            x, y, weights = batches.peek(batches.current_key(number), _next(number, batches))
            yield x, y, weights
            width = -1 if batches.config.options["data_format"] == "channels_first" else -2
            yield np.ascontiguousarray(np.flip(x, width)), y, weights
            return
        for v, (batches, epoch) in enumerate(self._sources):
            ahead = [BatchKey(e, number) for other, e in self._sources[v + 1 :] if other is batches]
            yield batches.peek(BatchKey(epoch, number), ahead or _next(number, batches))

    def _transformed(self, p: NDArray[Any]) -> NDArray[Any]:
        """What is summed: predictions, or for a geometric mean logarithms of probabilities, with
        those of the opposite if each value stands for itself."""
        if self._average == "arithmetic":
            return p
        if not ((p >= 0) & (p <= 1)).all():
            raise ValueError(
                'average="geometric" needs probabilities, but the model returns values from '
                f"{p.min():.3g} to {p.max():.3g}: end it with softmax or sigmoid, or use "
                '"arithmetic"'
            )
        both = np.stack([p, 1 - p]) if self._alone(p) else p
        logarithms: NDArray[Any] = np.log(np.maximum(both, keras.config.epsilon()))
        return logarithms

    def _averaged(self, mean: NDArray[Any]) -> Any:
        if self._average == "arithmetic":
            return mean
        p = np.exp(mean)
        with_opposites = p.ndim > 2
        return (p / p.sum(axis=0))[0] if with_opposites else p / p.sum(axis=-1, keepdims=True)

    def _alone(self, p: NDArray[Any]) -> bool:
        """Whether each value is the probability of a class or tag of its own."""
        return bool(self._by_tag or p.shape[-1] == 1)


def require_whole(batches: Batches) -> None:
    """Raise if other processes read a part of the images."""
    if batches.config.options["shard"]["count"] > 1:
        raise ValueError(
            "predictions per file need all images, but this process has a part of each batch: "
            "open the folder with shard=None"
        )


def mode_of(batches: Batches) -> str:
    """The label mode; "" if there are no labels, or several heads."""
    heads = batches.config.options["heads"]
    return str(heads[0]["label_mode"]) if len(heads) == 1 else ""


def _next(number: int, batches: Batches) -> list[BatchKey]:
    """The batches of the first view that follow."""
    last = min(number + 1 + batches.config.prefetch, len(batches))
    return [BatchKey(0, n) for n in range(number + 1, last)]


def _opened(batches: Batches, **options: Any) -> Batches:
    """The same files in the same order, with other options."""
    config = batches.config
    config = replace(config, options={**config.options, **options}, digest=None)
    return Batches(config, share_with=batches)


def _five(batches: Batches) -> list[Batches]:
    """The crops in the corners and the center, in torchvision's order."""
    options = batches.config.options
    # Validation shows what holds in the last epochs.
    last = [change["value"] for change in options["schedule"]["crop"]][-1:] or [options["crop"]]
    crops: Sequence[Any] = (options["val_crop"], *last)
    fractions = [crop["center_crop"]["fraction"] for crop in crops if "center_crop" in (crop or {})]
    part = {"fraction": fractions[0] if fractions else _FRACTION}
    wanted = [{"corner_crop": {**part, "corner": corner}} for corner in _CORNERS]
    return [_opened(batches, val_crop=crop) for crop in [*wanted, {"center_crop": part}]]
