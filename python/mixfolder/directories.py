"""`from_directories`: opens the folders of a data set with one list of classes."""

import os
from typing import Any, NamedTuple, overload

from mixfolder._arguments import reject_unknown
from mixfolder._options import Options
from mixfolder._text import few
from mixfolder.directory import from_directory
from mixfolder.sequence import ImageSequence, batches_of

Directory = str | os.PathLike[str]


class TrainVal(NamedTuple):
    """The data sets of `from_directories`, by the names of its arguments."""

    train: ImageSequence
    val: ImageSequence


class TrainTest(NamedTuple):
    """The data sets of `from_directories`, by the names of its arguments."""

    train: ImageSequence
    test: ImageSequence


class TrainValTest(NamedTuple):
    """The data sets of `from_directories`, by the names of its arguments."""

    train: ImageSequence
    val: ImageSequence
    test: ImageSequence


@overload
def from_directories(
    *, train: Directory, val: Directory, test: None = None, **options: Any
) -> TrainVal: ...


@overload
def from_directories(
    *, train: Directory, val: None = None, test: Directory, **options: Any
) -> TrainTest: ...


@overload
def from_directories(
    *, train: Directory, val: Directory, test: Directory, **options: Any
) -> TrainValTest: ...


def from_directories(
    *,
    train: Directory,
    val: Directory | None = None,
    test: Directory | None = None,
    **options: Any,
) -> TrainVal | TrainTest | TrainValTest:
    """Open the folders for training, validation and test of one data set, with the same classes.

    The classes are those of `train`, or `class_names`. A class without a folder or images in
    another folder keeps its label there, with a warning.

    Args:
        train: the folder for training.
        val: the folder for validation.
        test: the folder for the test. `val` and `test` are never mixed, augmented or shuffled, as
            with `subset="validation"` of `from_directory`, and cropped by `val_crop`.
        **options: the arguments of `from_directory` for all of them, except `subset`,
            `validation_split`, `split`, `groups` and `masks`.

    Returns:
        A named tuple of an `ImageSequence` for each folder, by the names of the arguments, in the
        order `train`, `val`, `test`.

    Raises:
        FileNotFoundError: a folder does not exist.
        ValueError: an argument is invalid, a folder is given twice, or `val` or `test` has a
            folder that is no class of `train` (pass `class_names` to leave it out).

    Example:
        >>> data = mf.from_directories(train="data/train", val="data/val", image_size=(224, 224))
        >>> history = model.fit(data.train, validation_data=data.val)
    """
    for name in ("subset", "validation_split", "split", "groups"):
        if name in options:
            raise TypeError(f"from_directories() takes no {name}: each folder is used as a whole")
    if options.get("masks") is not None:
        raise TypeError(
            "from_directories() takes no masks, which each folder has its own: open each with "
            "from_directory(..., masks=)"
        )
    reject_unknown("from_directories", options, Options.__annotations__)
    folders = {"train": train, "val": val, "test": test}
    given = {name: folder for name, folder in folders.items() if folder is not None}
    if len(given) < 2:
        raise TypeError("from_directories() needs val= or test= beside train=")
    _reject_same(given)
    opened = {"train": from_directory(train, **options)}
    try:
        classes = options.pop("class_names", None)
        for name in [*given][1:]:
            part = opened[name] = from_directory(
                given[name],
                subset="validation",
                class_names=opened["train"].class_names,
                **options,
            )
            extra = batches_of(part).listing.info["unused"]
            if extra and not classes:
                raise ValueError(
                    f"{name}={os.fspath(given[name])!r} has folders that are no classes of train: "
                    f"{few([*map(repr, extra)])}: remove them, or pass class_names to leave them "
                    "out"
                )
    except BaseException:
        for sequence in opened.values():
            sequence.close()
        raise
    kind = TrainValTest if len(opened) == 3 else TrainVal if val is not None else TrainTest
    return kind(**opened)


def _reject_same(folders: dict[str, Directory]) -> None:
    known: dict[str, str] = {}
    for name, folder in folders.items():
        path = os.fsdecode(os.path.realpath(folder))
        if other := known.get(path):
            raise ValueError(
                f"{name} and {other} are the same folder, {os.fspath(folder)!r}: images for "
                "training would be used for validation"
            )
        known[path] = name
