"""Looking at every picture of a folder once."""

import json
import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

import keras

from mixfolder import _core

#: Files a ticket: few, so that the progress moves and Ctrl-C is quick, and enough that starting a ticket costs nothing beside them.
_CHUNK = 16
#: Tickets that are started ahead, so that no thread of the core waits for Python.
_AHEAD = 4


class Survey:
    """An open folder, past its folders that cannot be read, which are its `faults`: pairs of a path below the root and a reason.

    `options` are those of the core that a survey heeds, by their names there; those that are missing mean what they mean for training.
    """

    def __init__(self, directory: str | os.PathLike, class_names: Sequence[str] | None, options: dict[str, Any]):
        classes = [os.fsencode(c) for c in class_names or ()]
        document = {"color_mode": "rgb", "truncated": "raise", "exif": True, **options, "survey": True}
        self._handle = _core.open_loader(os.fsencode(directory), classes, document)
        try:
            self.class_names, self.names, self.labels = _core.listing(self._handle)
            self.warnings = json.loads(_core.fetch("mixfolder_listing", self._handle, _core.LIST_INFO))["warnings"]
            told = iter(_core.names(_core.fetch("mixfolder_listing", self._handle, _core.LIST_FAULTS)))
            self.faults = list(zip(told, told, strict=True))
        except BaseException:
            _core.close_loader(self._handle)
            raise

    def findings(self) -> Iterator[dict[str, Any]]:
        """What the core finds about each file, in the order of `names`; with a progress bar where the output is a terminal."""
        bar = keras.utils.Progbar(len(self.names), unit_name="picture") if self.names and sys.stdout.isatty() else None
        tickets: deque[int] = deque()
        started = done = 0
        while done < len(self.names):
            while started < len(self.names) and len(tickets) < _AHEAD:
                count = min(_CHUNK, len(self.names) - started)
                tickets.append(_core.start_survey(self._handle, started, count))
                started += count
            _core.wait(self._handle, tickets[0])
            found = json.loads(_core.result(self._handle, tickets.popleft()))
            done += len(found)
            if bar:
                bar.update(done)
            yield from found

    def __enter__(self) -> "Survey":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        _core.close_loader(self._handle)
