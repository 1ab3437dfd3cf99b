"""Decodes every image of a folder once."""

import json
import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

import keras

from mixfolder import _core
from mixfolder._listing import Listing
from mixfolder._loader import CLOSE_TIMEOUT, HURRIED_CLOSE_TIMEOUT, Loader, Ticket
from mixfolder._options import inspection_document
from mixfolder._records import InspectedFile

#: Files per job: few, for a smooth progress bar and a quick Ctrl-C, but enough that the
#: cost of a job is negligible.
_CHUNK = 16
#: Jobs that are started ahead, so that no thread of the core waits for Python.
_AHEAD = 4


class Inspection:
    """A folder that is opened to decode all of its files.

    Folders that cannot be read are skipped and listed in `bad_folders`: pairs of a path relative
    to the root and a reason. `options` are options of the core; the others have the defaults of
    `from_directory`.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        class_names: Sequence[str] | None,
        options: dict[str, Any],
    ):
        classes = [os.fsencode(c) for c in class_names or ()]
        document = inspection_document(options)
        self._loader = Loader(self)
        try:
            self._loader.open(os.fsencode(directory), classes, document)
            handle = self._loader.handle
            listing = Listing.read(handle)
            self.class_names, self.names = listing.class_names, listing.names
            self.labels, self.warnings = listing.labels, listing.info["warnings"]
            fields = iter(
                _core.split_names(_core.call_bytes("mixfolder_listing", handle, _core.LIST_FAULTS))
            )
            self.bad_folders = list(zip(fields, fields, strict=True))
        except BaseException:
            self._loader.close(HURRIED_CLOSE_TIMEOUT)
            raise

    def results(self) -> Iterator[InspectedFile]:
        """The core's report on each file, in the order of `names`; shows a progress bar on a
        terminal."""
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
            found: list[InspectedFile] = json.loads(self._loader.fetch(tickets[0]))
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
        self._loader.close(HURRIED_CLOSE_TIMEOUT if kind else CLOSE_TIMEOUT)
