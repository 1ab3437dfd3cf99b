"""Lists the files and classes of a folder by the rules of Keras' `DirectoryIterator`, which differ
from mixfolder's."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mixfolder._text import few

#: Keras accepts names with these endings, even without a dot.
EXTENSIONS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

#: The one that the core does not read.
_UNREADABLE = "ppm"


@dataclass
class Listing:
    """Files as Keras lists them: `classes` are names in label order, `files` are relative to the
    directory."""

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
    """List a folder by Keras' rules, except that PPM files are left out, and that a folder reached
    by several links is listed once.

    Hidden and empty folders are classes as well. Links to folders are followed at the top level,
    and below it with `follow_links`. `split` selects a range of each class's files, as fractions
    of their number. PPM files count for it, so that each file is in the same subset as in Keras.
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
            f"{skipped} .{_UNREADABLE} file(s) are ignored, as mixfolder cannot read them: convert "
            "them to PNG to use them"
        )
    if empty:
        listing.warnings.append(
            "class folder(s) without images are classes nevertheless, as in Keras: "
            f"{few([*map(repr, empty)])}"
        )
        letters = {
            unicodedata.normalize("NFC", name): name for name in set(found).difference(names)
        }
        for name in empty:
            if other := letters.get(unicodedata.normalize("NFC", name)):
                listing.warnings.append(
                    f"`classes` has {name!a}, but the folder is {other!a}: the same letters in "
                    "another Unicode normalization form: use the name that os.listdir returns, or "
                    "rename the folder"
                )
    if not listing.files:
        raise ValueError(
            f"no images were found in {root!r} ({len(names)} classes): put the images of each "
            "class into its own subfolder, with names that end in one of "
            f"{', '.join(e for e in EXTENSIONS if e != _UNREADABLE)}"
        )
    return listing


def _valid_files(root: str, name: str, follow_links: bool) -> Iterator[str]:
    """The image files of a class: folders sorted by path, and the files of each by name."""
    for folder, files in sorted(_folders(os.path.join(root, name), follow_links)):
        for file in sorted(files):
            if file.lower().endswith(EXTENSIONS):
                yield os.path.relpath(os.path.join(folder, file), root)


def _folders(top: str, follow_links: bool) -> Iterator[tuple[str, list[str]]]:
    """The folders below top with their files, each once. Of several paths to a folder, the one with
    the fewest links is used, then the first."""
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
