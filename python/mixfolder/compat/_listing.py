"""Which files of a folder belong to which class: the rules of Keras' `DirectoryIterator`, which
differ from mixfolder's own."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mixfolder._text import few

#: Keras takes names that end so, without asking for a dot.
ENDINGS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

#: Of these the core reads none.
_UNREADABLE = "ppm"


@dataclass
class Listing:
    """Files as Keras lists them; `classes` are names in the order of their labels, `files` are
    relative to the directory."""

    classes: list[str]
    files: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def list_files(
    directory: str | os.PathLike[str],
    classes: Sequence[str] | None,
    follow_links: bool,
    split: tuple[float, float] | None,
) -> Listing:
    """List a folder by Keras' rules, but leave PPM files out, and list a folder that several
    links lead to once.

    Hidden folders are classes, too, as are empty ones; links to folders are followed at the top,
    and below it with `follow_links`. A split takes the share from split[0] to split[1] of each
    class's files in their order, PPM files counted: so each file is in the same part as with
    Keras.
    """
    root = os.fspath(directory)
    found = sorted(name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name)))
    names = list(classes or found)
    for name, times in Counter(names).items():
        if not name or os.path.basename(name) != name:
            raise ValueError(f"`classes` must be names of folders in {root!r}. Received: {name!r}")
        if times > 1:
            raise ValueError(f"`classes` has {name!r} twice: name each class once")
    listing, skipped, empty = Listing(names), 0, []
    for label, name in enumerate(names):
        files = list(_valid_files(root, name, follow_links))
        if not files:
            empty.append(name)
        if split is not None:
            files = files[int(split[0] * len(files)) : int(split[1] * len(files))]
        readable = [f for f in files if not f.lower().endswith(_UNREADABLE)]
        skipped += len(files) - len(readable)
        listing.files += readable
        listing.labels += [label] * len(readable)
    if skipped:
        listing.warnings.append(
            f"{skipped} .{_UNREADABLE} file(s) are left out, as mixfolder does not read them: "
            "convert them to PNG to train on them"
        )
    if empty:
        listing.warnings.append(
            "class folder(s) without an image count as classes, as Keras has "
            f"it: {few([*map(repr, empty)])}"
        )
        letters = {
            unicodedata.normalize("NFC", name): name for name in set(found).difference(names)
        }
        for name in empty:
            if other := letters.get(unicodedata.normalize("NFC", name)):
                listing.warnings.append(
                    f"`classes` has {name!a}, but the folder is {other!a}: the same letters in "
                    "another Unicode form: take the name as "
                    "os.listdir gives it, or rename the folder"
                )
    if not listing.files:
        raise ValueError(
            f"no images were found in {root!r} ({len(names)} classes): put the images of each "
            "class into a folder of its own below it, "
            f"with names that end in one of {', '.join(e for e in ENDINGS if e != _UNREADABLE)}"
        )
    return listing


def _valid_files(root: str, name: str, follow_links: bool) -> Iterator[str]:
    """The image files of a class: folder by folder in the order of their paths, and in each by
    name."""
    for folder, files in sorted(_folders(os.path.join(root, name), follow_links)):
        for file in sorted(files):
            if file.lower().endswith(ENDINGS):
                yield os.path.relpath(os.path.join(folder, file), root)


def _folders(top: str, follow_links: bool) -> Iterator[tuple[str, list[str]]]:
    """The folders below top with their files, each once: of several paths to it that with the
    fewest links, then the first."""
    level, seen = [top], set()
    while level:
        links = []
        for start in level:
            for folder, below, files in os.walk(start):
                at = os.stat(folder)
                if (at.st_dev, at.st_ino) in seen:
                    below.clear()
                    continue
                seen.add((at.st_dev, at.st_ino))
                below.sort()
                paths = [os.path.join(folder, name) for name in below]
                links += [path for path in paths if os.path.islink(path)]
                yield folder, files
        level = links if follow_links else []
