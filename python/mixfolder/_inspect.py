"""Looking at every image of a folder once."""

import json
import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

import keras

from mixfolder import _core
from mixfolder._loader import IN_A_HURRY, PATIENCE, Loader, Ticket
from mixfolder._records import Finding, ListingInfo

#: Files a ticket: few, so that the progress moves and Ctrl-C is quick, and enough that
#: starting a ticket costs nothing beside them.
_CHUNK = 16
#: Tickets that are started ahead, so that no thread of the core waits for Python.
_AHEAD = 4


class Inspection:
    """An open folder, past its folders that cannot be read, which are its `faults`: pairs of a
    path below the root and a reason.

    `options` are those of the core that a inspection heeds, by their names there; those that are
    missing mean what they mean for training.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        class_names: Sequence[str] | None,
        options: dict[str, Any],
    ):
        classes = [os.fsencode(c) for c in class_names or ()]
        document = {
            "color_mode": "rgb",
            "truncated": "raise",
            "exif": True,
            **options,
            "inspect": True,
        }
        self._loader = Loader(self)
        try:
            self._loader.open(os.fsencode(directory), classes, document)
            handle = self._loader.handle
            self.class_names, self.names, self.labels = _core.listing(handle)
            info: ListingInfo = json.loads(
                _core.fetch("mixfolder_listing", handle, _core.LIST_INFO)
            )
            self.warnings = info["warnings"]
            told = iter(_core.names(_core.fetch("mixfolder_listing", handle, _core.LIST_FAULTS)))
            self.faults = list(zip(told, told, strict=True))
        except BaseException:
            self._loader.close(IN_A_HURRY)
            raise

    def findings(self) -> Iterator[Finding]:
        """What the core finds about each file, in the order of `names`; with a progress bar where
        the output is a terminal."""
        bar = (
            keras.utils.Progbar(len(self.names), unit_name="image")
            if self.names and sys.stdout.isatty()
            else None
        )
        tickets: deque[Ticket] = deque()
        started = done = 0
        while done < len(self.names):
            while started < len(self.names) and len(tickets) < _AHEAD:
                count = min(_CHUNK, len(self.names) - started)
                tickets.append(Ticket())
                self._loader.start(tickets[-1], "mixfolder_inspect", started, count)
                started += count
            self._loader.wait(tickets[0])
            found: list[Finding] = json.loads(self._loader.fetch(tickets[0]))
            self._loader.release([tickets.popleft()])
            done += len(found)
            if bar:
                bar.update(done)
            yield from found

    def __enter__(self) -> "Inspection":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loader.close(IN_A_HURRY if kind else PATIENCE)
