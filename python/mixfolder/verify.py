"""`verify`: decodes all images of a folder and reports the bad ones."""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from mixfolder._explain import bad_file, dark
from mixfolder._files import absolute
from mixfolder._inspect import Inspection
from mixfolder._records import BadFile
from mixfolder._text import few, printable
from mixfolder._validation import as_optional_int

_MAX_LINES = 10


@dataclass(frozen=True)
class Report:
    """The result of `verify`; `print(report)` shows it.

    Attributes:
        directory: the folder, as an absolute path.
        files: number of image files.
        classes: number of files per class, in label order; empty if the images lie directly in
            the folder.
        formats: number of good images per format, for example "jpeg".
        modes: number of good images per mode, by Pillow's names, for example "RGB".
        sizes: number of good images per `(height, width)`, after EXIF orientation.
        sample_bits: number of good 16-bit images, by the number of low bits that hold all samples
            of the image.
        bad_files: files that cannot be read as images: dicts with `path`, `class`, `position` and
            `reason`.
        bad_folders: folders that cannot be read, and classes without images: dicts with `path`
            and `reason`.
        duplicates: groups of paths with the same content (by SHA-256).
        warnings: other warnings of the scan, for example about files that are ignored.
    """

    directory: str
    files: int
    classes: dict[str, int]
    formats: dict[str, int]
    modes: dict[str, int]
    sizes: dict[tuple[int, int], int]
    sample_bits: dict[int, int]
    bad_files: list[BadFile]
    bad_folders: list[dict[str, str]]
    duplicates: list[list[str]]
    warnings: list[str]

    def __str__(self) -> str:
        sizes = {f"{height}x{width}": n for (height, width), n in self.sizes.items()}
        good = self.files - len(self.bad_files)
        lines = [
            f"{printable(self.directory)}: {self.files} files in {len(self.classes) or 'no'} "
            f"classes, {good} good images"
        ]
        for name, counts in [
            ("classes", self.classes),
            ("formats", self.formats),
            ("modes", self.modes),
            ("height x width", sizes),
        ]:
            lines.append(f"{name}: {_counted(counts)}")
        if self.sample_bits:
            lines.append(
                "16-bit images by bits in use: "
                f"{_counted({f'{bits} bits': n for bits, n in self.sample_bits.items()})}"
            )
        lines += _listed(
            "bad folders",
            [f"{self._relative(bad['path'])}: {bad['reason']}" for bad in self.bad_folders],
        )
        lines += _listed(
            "bad files",
            [f"{self._relative(bad['path'])}: {bad['reason']}" for bad in self.bad_files],
        )
        lines += _listed(
            "groups of files with the same content",
            [", ".join(map(self._relative, group)) for group in self.duplicates],
        )
        return "\n".join(lines + self.warnings)

    def _relative(self, path: str) -> str:
        """The path relative to the folder, for printing."""
        return printable(os.path.relpath(path, self.directory))


def verify(
    directory: str | os.PathLike[str],
    *,
    class_names: Sequence[str] | None = None,
    threads: int | None = None,
    follow_links: bool = False,
    truncated: str = "raise",
    max_pixels: int | None = None,
) -> Report:
    """Decode every image of a folder once, as for training, and report what the folder contains
    and which files are bad.

    Shows a progress bar on a terminal; Ctrl-C stops it.

    Args:
        directory: the folder, with one subfolder per class, or with images directly in it and no
            subfolders.
        class_names: subfolders to read; None reads all, sorted by name.
        threads: number of threads of the core; None for one per available processor, up to 16.
        follow_links: follow symbolic links to folders below the class folders.
        truncated: "raise" reports a truncated file as bad, "keep" accepts it, as in
            `from_directory`.
        max_pixels: report larger images as bad; None for Pillow's limit, 178956970.

    Returns:
        A `Report`.

    Raises:
        FileNotFoundError: the folder does not exist.
        RefusedError: the operating system refuses a file for a reason other than the file itself,
            for example too many open files.
        ValueError: an argument is invalid; the message names it.

    Example:
        >>> report = mf.verify("flowers")
        >>> print(report)
        >>> for bad in report.bad_files:
        ...     os.remove(bad["path"])
    """
    options = {
        "threads": as_optional_int("threads", threads),
        "follow_links": bool(follow_links),
        "truncated": truncated,
        "max_pixels": as_optional_int("max_pixels", max_pixels),
    }
    root = absolute(directory)
    with Inspection(root, class_names, options) as inspection:
        paths = [os.path.join(root, name) for name in inspection.names]
        classes = Counter(dict.fromkeys(inspection.class_names, 0))
        formats: Counter[str] = Counter()
        modes: Counter[str] = Counter()
        sizes: Counter[tuple[int, int]] = Counter()
        sample_bits: Counter[int] = Counter()
        bad_files: list[BadFile] = []
        by_content: defaultdict[str, list[str]] = defaultdict(list)
        for position, found in enumerate(inspection.results()):
            classes[inspection.class_names[inspection.labels[position]]] += 1
            if found["sha256"]:
                by_content[found["sha256"]].append(paths[position])
            if found["reason"]:
                bad_files.append(
                    bad_file(
                        paths, inspection.class_names, inspection.labels, position, found["reason"]
                    )
                )
                continue
            formats[found["format"]] += 1
            modes[found["mode"]] += 1
            sizes[found["height"], found["width"]] += 1
            if found["bits"]:
                sample_bits[found["bits"]] += 1
        return Report(
            directory=root,
            files=len(paths),
            classes={name: n for name, n in classes.items() if name},
            formats=dict(formats.most_common()),
            modes=dict(modes.most_common()),
            sizes=dict(sizes.most_common()),
            sample_bits=dict(sorted(sample_bits.items())),
            bad_files=bad_files,
            bad_folders=[
                {"path": os.path.join(root, name), "reason": reason}
                for name, reason in inspection.bad_folders
            ],
            duplicates=[group for group in by_content.values() if len(group) > 1],
            warnings=inspection.warnings
            + ([warning] if (warning := dark(max(sample_bits, default=0))) else []),
        )


def _counted(counts: dict[str, int]) -> str:
    return few([f"{printable(name)} {n}" for name, n in counts.items()], _MAX_LINES) or "none"


def _listed(title: str, entries: list[str]) -> list[str]:
    shown = [f"  {entry}" for entry in entries[:_MAX_LINES]]
    return [f"{title}: {len(entries)}", *shown] + [f"  and {len(entries) - _MAX_LINES} more"] * (
        len(entries) > _MAX_LINES
    )
