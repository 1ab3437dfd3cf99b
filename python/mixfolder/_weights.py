"""Weights of files: in the loss (`sample_weight`, `class_weight`), and how often a sampler draws
them."""

import hashlib
import operator
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mixfolder import _core
from mixfolder._labels import plain
from mixfolder._listing import Listing
from mixfolder._text import few
from mixfolder._validation import as_float

#: The kinds of weights, by the argument that asks for them, with the core's numbers.
KINDS = {"sample_weight": 1, "sampler": 2}

#: Versions of the weights of a kind: the epoch from which each holds, and one number per file of
#: the subset. The core remembers as many.
Versions = tuple[tuple[int, NDArray[np.float32]], ...]
REMEMBERED = 2


@dataclass(frozen=True)
class WeightOptions:
    """The weights that a data set begins with.

    Attributes:
        sample: one weight per file of the whole data set, or one for all, or None.
        by_class: weights of the classes, "balanced" or None.
        sampling: weights for the sampler, not checked yet: one per file of the whole data set,
            weights of the classes, or None.
    """

    sample: NDArray[np.float32] | float | None = None
    by_class: str | Mapping[Any, float] | None = None
    sampling: Any = None


def file_weights(values: Any, files: int, where: str) -> NDArray[np.float32]:
    """One weight per file; errors name the row, counted from 0, and the value."""
    try:
        weights = np.array(plain(values, where), np.float64)
    except (TypeError, ValueError):
        weights = np.array([_number(v, i, where) for i, v in enumerate(plain(values, where))])
    if weights.shape != (files,):
        raise ValueError(
            f"{where} has shape {weights.shape}, but there are {files} files: give one weight per "
            "file"
        )
    return _checked(weights, where)


def sample_weight_option(value: Any) -> float | None:
    """One weight for all files."""
    if value is None:
        return None
    if not isinstance(value, Real):
        raise ValueError(
            "sample_weight of from_directory is one number for all files: pass a weight per file "
            "to from_files or from_dataframe"
        )
    if (weight := as_float("sample_weight", value)) < 0:
        raise ValueError(f"sample_weight must be 0 or more, but is {weight}")
    return weight


def class_factors(
    weights: str | Mapping[Any, float], listing: Listing, where: str = "class_weight"
) -> NDArray[np.float64]:
    """The weight of each file of the subset, by its class."""
    names = [name for name in listing.class_names if name]
    if not names or listing.labels.ndim != 1:
        raise ValueError(
            f"{where} needs one class per file, but the labels (those of the first head, if there "
            "are several) are tags or numbers, or there are none: pass a weight per file to "
            "from_files or from_dataframe"
        )
    if isinstance(weights, str) and weights == "balanced":
        counts = np.bincount(listing.labels, minlength=len(names))
        per_class = len(listing.labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    elif isinstance(weights, Mapping):
        per_class = _by_class(weights, names, where)
    else:
        raise ValueError(
            f'{where} must be "balanced", a dict of a weight per class or None, but is {weights!r}'
        )
    factors: NDArray[np.float64] = per_class[listing.labels]
    return factors


def _by_class(weights: Mapping[Any, float], names: list[str], where: str) -> NDArray[np.float64]:
    per_class = np.full(len(names), np.nan)
    for key, value in weights.items():
        weight = as_float(f"the weight of class {key!r} in {where}", value)
        if weight < 0:
            raise ValueError(
                f"the weight of class {key!r} in {where} must be 0 or more, but is {weight}"
            )
        try:
            index = names.index(key) if isinstance(key, str) else operator.index(key)
        except (TypeError, ValueError):
            index = -1
        if not 0 <= index < len(names):
            raise ValueError(
                f"{where} has the class {key!r}, which is not there: choose among "
                f"{few([*map(repr, names)])}, or their indices"
            )
        per_class[index] = weight
    if len(missing := np.flatnonzero(np.isnan(per_class))):
        raise ValueError(
            f"{where} has no weight for the class {names[missing[0]]!r}: give one for each class"
        )
    return per_class


def _number(value: Any, row: int, where: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"row {row} of {where} must be a number, but is {value!r}") from None


def _checked(weights: NDArray[Any], where: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        rounded = weights.astype(np.float32)
    if len(wrong := np.flatnonzero(~(np.isfinite(rounded) & (rounded >= 0)))):
        i = int(wrong[0])
        raise ValueError(
            f"row {i} of {where} must be a finite number of 0 or more, but is {weights[i]}"
        )
    return rounded


class FileWeights:
    """The weights of the files of an open subset, with their versions. The caller holds a lock."""

    def __init__(
        self,
        options: WeightOptions,
        kinds: Iterable[str],
        listing: Listing,
        handle: int,
        known: dict[str, Versions],
    ):
        """Give the core, which has the handle, the weights of the kinds that the batches of this
        subset depend on: the versions of a pickled data set, if they are known, or the first."""
        self._handle = handle
        self._factors: NDArray[np.float64] | None = None
        is_validation = listing.info["subset"] == "validation"
        if options.by_class is not None and not is_validation:
            self._factors = class_factors(options.by_class, listing)
        self.versions = known or {
            kind: ((0, _initial(kind, options, listing, handle)),) for kind in kinds
        }
        for kind, versions in self.versions.items():
            for epoch, weights in versions:
                self._set(kind, epoch, weights)

    @property
    def changed(self) -> bool:
        """Whether the weights differ between epochs."""
        return any(len(versions) > 1 for versions in self.versions.values())

    def kind(self, argument: str | None) -> str:
        """The kind of weights to change: that of an argument, or the only one."""
        if argument is None and len(self.versions) == 1:
            return next(iter(self.versions))
        if argument in self.versions:
            return argument
        if argument is not None and argument not in KINDS:
            raise ValueError(f'of must be "sample_weight" or "sampler", but is {argument!r}')
        if self.versions and argument is None:
            raise ValueError(
                'there are sample weights and a sampler with weights: pass of="sample_weight" or '
                'of="sampler"'
            )
        raise ValueError(
            "this sequence was opened without the weights to change: pass "
            "sampler=mixfolder.WeightedSampler() to draw images by weights, or sample_weight=1 to "
            "weigh samples in the loss"
        )

    def update(self, kind: str, positions: NDArray[np.intp], values: Any, epoch: int) -> None:
        """Change the weights of files from an epoch on."""
        versions = self.versions[kind]
        weights = versions[-1][1].copy()
        weights[positions] = values
        self._set(kind, epoch, weights)  # which may refuse them
        before = tuple(v for v in versions if v[0] < epoch) or ((0, versions[0][1]),)
        kept = before if epoch else ()
        self.versions[kind] = (*kept, (epoch, weights))[-REMEMBERED:]

    def digest(self, kind: str, epoch: int | None) -> str:
        """A digest of the weights of a kind in an epoch; None for the newest ones."""
        versions = self.versions[kind]
        known = [w for start, w in versions if epoch is None or start <= epoch]
        weights = known[-1] if known else versions[0][1]
        digest = hashlib.sha256(weights.tobytes())
        if kind == "sample_weight" and self._factors is not None:
            digest.update(self._factors.tobytes())
        return digest.hexdigest()[:16]

    def _set(self, kind: str, epoch: int, weights: NDArray[np.float32]) -> None:
        """Give a version to the core."""
        if kind == "sample_weight" and self._factors is not None:
            weights = _checked(weights * self._factors, "sample_weight times class_weight")
        data = weights.tobytes()
        _core.call("mixfolder_set_weights", self._handle, KINDS[kind], epoch, data, len(data))


def _initial(
    kind: str, options: WeightOptions, listing: Listing, handle: int
) -> NDArray[np.float32]:
    """The first version of the weights of a kind."""
    start = options.sample if kind == "sample_weight" else options.sampling
    if start is None:
        start = 1.0
    where = "weights of WeightedSampler"
    if isinstance(start, Mapping):
        return _checked(class_factors(start, listing, where), where)
    if not isinstance(start, Real):
        start = file_weights(start, listing.info["files"], where)
        members = _core.call_bytes("mixfolder_listing", handle, _core.LIST_MEMBERS)
        return start[np.frombuffer(members, np.int32)]
    return np.full(len(listing.names), start, np.float32)


def positions_of(ids: Any, listing: Listing, directory: str) -> NDArray[np.intp]:
    """Indices in `file_paths`, from indices or paths."""
    column = plain(ids, "ids")
    if isinstance(column, list) and any(isinstance(i, str | os.PathLike) for i in column):
        paths = listing.paths(directory)
        index = {path: position for position, path in enumerate(paths)}
        if len(index) < len(paths):
            raise ValueError("ids cannot be paths, as a file is listed twice: pass positions")
        column = [_position(path, index) for path in column]
    positions = np.asarray(column)
    if positions.dtype == bool or positions.size and positions.dtype.kind not in "iu":
        raise ValueError("ids must be positions in file_paths, or paths")
    if len(wrong := np.flatnonzero((positions < 0) | (positions >= len(listing.names)))):
        raise ValueError(
            f"ids has the position {positions[wrong[0]]}, but there are {len(listing.names)} "
            "files, counted from 0"
        )
    return positions.astype(np.intp)


def _position(path: Any, index: dict[str, int]) -> int:
    try:
        return index[os.fspath(path)]
    except (KeyError, TypeError):
        raise ValueError(f"ids has {path!r}, which is not in file_paths") from None


def updates_of(w: Any, positions: NDArray[np.intp]) -> NDArray[np.float32]:
    """One weight per id, or one for all."""
    if np.ndim(w) == 0:
        w = np.full(len(positions), as_float("w", w))
    return file_weights(w, len(positions), "w")
