"""The files of `callbacks.Resume`: which batch follows which optimizer step, and the names of the
images."""

import contextlib
import hashlib
import json
import os
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mixfolder._listing import Listing
from mixfolder._text import few, printable, warn

_FORMAT = "mixfolder.callbacks.Resume 1"

#: Records that are kept besides the first.
_KEPT = 8

#: Number of files of which sizes and times are kept, so that a rename is recognized.
_STATS = 100_000


@dataclass(frozen=True)
class Record:
    """The position of a run after a number of optimizer steps.

    Attributes:
        iterations: optimizer steps.
        batches: batches since the first record.
        epoch: epoch of Keras.
        batch: batches of that epoch that are done.
        state: of the sequence.
    """

    iterations: int
    batches: int
    epoch: int
    batch: int
    state: dict[str, Any]


@dataclass(frozen=True)
class History:
    """The records of a run, oldest first.

    Attributes:
        records: the first and the latest.
        interval: most batches between two records.
        steps_per_epoch: of `fit`; None if its epochs are those of the data set.
    """

    interval: int
    steps_per_epoch: int | None
    records: tuple[Record, ...] = ()

    def find(self, iterations: int) -> tuple[Record, int] | None:
        """The latest record of a model that has taken that many steps, and the number of batches
        that follow it. Between two records, and for two intervals after the last one, each batch
        must be a step."""
        earlier = self.before(iterations + 1)
        if not earlier:
            return None
        record, more = earlier[-1], iterations - earlier[-1].iterations
        later = self.records[len(earlier) :]
        if not more or (later or more <= 2 * self.interval) and self._even(len(earlier)):
            return record, more
        return None

    def _even(self, number: int) -> bool:
        """Whether each batch was a step before record `number`, or the last one."""
        last = min(number, len(self.records) - 1)
        a, b = self.records[max(last - 1, 0)], self.records[last]
        return b.iterations - a.iterations == b.batches - a.batches

    def before(self, iterations: int) -> tuple[Record, ...]:
        """The records of fewer optimizer steps."""
        return tuple(r for r in self.records if r.iterations < iterations)

    @property
    def steps(self) -> str:
        """The optimizer steps of the records, for a message."""
        return f"steps {self.records[0].iterations} to {self.records[-1].iterations}"

    def add(self, record: Record) -> "History":
        first, *rest = *self.records, record
        return replace(self, records=(first, *rest[-_KEPT:]))


class ResumeFile:
    """A history on disk, in two generations: a write never leaves none of them whole."""

    def __init__(self, path: str):
        self.path, self.previous, self.names = path, path + ".previous", path + ".files"

    def read(self) -> History | None:
        """The latest whole generation; None if there is no file.

        Raises:
            ValueError: there are files, but none is whole.
        """
        bad = ""
        for path in (self.path, self.previous):
            try:
                history = _parsed(_content(path))
            except FileNotFoundError:
                continue
            except (ValueError, TypeError, KeyError):
                bad = bad or path
                continue
            if bad:
                warn(f"{bad!r} is damaged or no file of Resume: {path!r} is used instead")
            return history
        if bad:
            raise ValueError(
                f"{bad!r} is damaged or no file of Resume: delete it to begin anew, or choose "
                "another path"
            )
        return None

    def write(self, history: History) -> None:
        """Replace the older generation, and the file by this history."""
        _write(self.path, asdict(history), self.previous)

    def write_names(self, listing: Listing, directory: str) -> None:
        """Keep the names of the images, unless they are there."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            if _content(self.names)["digest"] == listing.digest:
                return
        stats = _stats(listing.paths(directory)) if len(listing.names) <= _STATS else []
        _write(self.names, {"digest": listing.digest, "names": listing.names, "stats": stats})

    def changes(self, digest: str, listing: Listing, directory: str) -> str | None:
        """How the images differ from those with that digest; None if their names are not known."""
        try:
            content = _content(self.names)
            if content["digest"] != digest:
                return None
            before = dict.fromkeys(content["names"])
            before.update(zip(content["names"], map(tuple, content["stats"]), strict=False))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return _changes(before, listing.names, lambda name: os.path.join(directory, name))

    def delete(self) -> None:
        for path in (self.path, self.previous, self.names):
            with contextlib.suppress(FileNotFoundError):
                os.remove(path)


@dataclass
class _Changes:
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)


def _changes(before: dict[str, Any], after: list[str], path: Callable[[str], str]) -> str:
    """The names that were added, removed or renamed; a renamed file has its size and time."""
    known, found = set(after), _Changes()
    gone = {name: stat for name, stat in before.items() if name not in known}
    by_stat = {stat: name for name, stat in gone.items() if stat}
    for name in (name for name in after if name not in before):
        old = by_stat.pop(next(iter(_stats([path(name)]))), None) if by_stat else None
        if old is None:
            found.added.append(printable(name))
        else:
            del gone[old]
            found.renamed.append(f"{printable(old)} to {printable(name)}")
    found.removed = [*map(printable, gone)]
    parts = [
        f"{len(names)} {what} ({few(names, 3)})" for what, names in asdict(found).items() if names
    ]
    return f"images differ: {', '.join(parts)}" if parts else "images have other labels or masks"


def _stats(paths: list[str]) -> list[tuple[int, int] | None]:
    """Size and time of each file; None for one that cannot be accessed."""
    stats: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            stat = os.stat(path)
            stats.append((stat.st_size, stat.st_mtime_ns))
        except OSError:
            stats.append(None)
    return stats


def _write(path: str, content: dict[str, Any], previous: str | None = None) -> None:
    """Write a file, so that after a crash it is whole or does not exist; what was there is renamed
    to `previous`."""
    data = zlib.compress(json.dumps(content).encode(), 1)
    digest = hashlib.sha256(data).hexdigest()
    temporary = f"{path}.tmp"
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(temporary, "wb") as file:
        file.write(f"{_FORMAT} {digest}\n".encode() + data)
        file.flush()
        os.fsync(file.fileno())
    if previous:
        with contextlib.suppress(FileNotFoundError):
            os.replace(path, previous)
    os.replace(temporary, path)


def _content(path: str) -> dict[str, Any]:
    """What `_write` wrote; ValueError for anything else."""
    with open(path, "rb") as file:
        head, _, data = file.read().partition(b"\n")
    if head != f"{_FORMAT} {hashlib.sha256(data).hexdigest()}".encode():
        raise ValueError
    content: dict[str, Any] = json.loads(zlib.decompress(data))
    return content


def _parsed(content: dict[str, Any]) -> History:
    records = tuple(Record(**record) for record in content.pop("records"))
    return History(**content, records=records)
