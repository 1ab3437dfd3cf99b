"""The heads of a data set: each has labels of its own. Most have one, without a name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixfolder._labels import INFERRED, FileLabels, read_labels
from mixfolder._records import Layout
from mixfolder._validation import as_float, as_optional_float, as_text


@dataclass(frozen=True)
class LabelColumn:
    """The labels of one head, not checked yet.

    Attributes:
        values: labels of any kind, one per file.
        where: what errors call them.
        mode: as the argument `label_mode`.
        class_names: as the argument of that name.
    """

    values: Any
    where: str
    mode: str | None
    class_names: Sequence[str] | None

    def read(self) -> FileLabels:
        return read_labels(self.values, self.mode, self.class_names, self.where)


def label_columns(labels: Any, label_mode: Any, class_names: Any) -> dict[str, LabelColumn]:
    """The labels of each head, by its name: the columns of a dict or, if `label_mode` is a dict, of
    a table. Other labels are of one head, ""."""
    if not isinstance(labels, Mapping):
        if not isinstance(label_mode, Mapping):
            return {"": LabelColumn(labels, "labels", label_mode, class_names)}
        if not (names := list(getattr(labels, "columns", ()))):
            raise ValueError(
                "label_mode is a dict, so labels must be a dict or a table with a column per head"
            )
        labels = {name: labels[name] for name in names}
    return {
        name: LabelColumn(labels[name], f"labels[{name!r}]", *arguments)
        for name, arguments in head_arguments(labels, label_mode, class_names).items()
    }


def head_arguments(
    heads: Iterable[Any], label_mode: Any, class_names: Any
) -> dict[str, tuple[str | None, Sequence[str] | None]]:
    """The label mode and the class names of several heads, whose names are checked."""
    names = list(heads)
    if not names:
        raise ValueError("the labels have no heads: name one at least, or pass None")
    for name in names:
        if not isinstance(name, str) or not name or name == "mask":
            raise ValueError(
                f"a head must have a name (str), which is not 'mask', but has {name!r}"
            )
    if class_names is not None and not isinstance(class_names, Mapping):
        raise ValueError("class_names must be a dict by head, as the labels have several heads")
    modes = _per_head("label_mode", label_mode, names, INFERRED)
    if None in modes.values():
        raise ValueError("label_mode=None is for all labels: leave the labels of the head out")
    chosen = _per_head("class_names", class_names, names, None)
    return {name: (modes[name], chosen[name]) for name in names}


def head_options(
    label_mode: Any, label_smoothing: Any, binarize: Any, layouts: Mapping[str, Layout]
) -> list[dict[str, Any]]:
    """What the core is told about each head; nothing if `label_mode` is None."""
    if label_mode is None:
        if label_smoothing or binarize is not None:
            raise ValueError("label_smoothing and binarize need labels, but label_mode is None")
        return []
    modes = _per_head("label_mode", label_mode, layouts, "")
    smoothing = _per_head("label_smoothing", label_smoothing, layouts, 0.0)
    threshold = _per_head("binarize", binarize, layouts, None)
    return [
        {
            "name": name,
            "label_mode": as_text(modes[name]),
            "label_smoothing": as_float("label_smoothing", smoothing[name]),
            "binarize": as_optional_float("binarize", threshold[name]),
            **layout,
        }
        for name, layout in layouts.items()
    ]


def _per_head(argument: str, value: Any, heads: Iterable[str], default: Any) -> dict[str, Any]:
    """The value of an argument for each head: that of a dict, or the same for all."""
    names = list(heads)
    if not isinstance(value, Mapping):
        return dict.fromkeys(names, value)
    if names == [""]:
        raise ValueError(
            f"{argument} is a dict, which is for several heads: pass their labels to from_files as "
            "a dict of columns"
        )
    for name in value:
        if name not in names:
            raise ValueError(f"{argument} has {name!r}, but the heads are {names}")
    return {name: value.get(name, default) for name in names}
