"""Messages for users."""

import sys
import warnings
from collections.abc import Sequence


def printable(name: str) -> str:
    """The name, or its `repr` if a terminal would interpret or cannot show some characters."""
    return name if name.isprintable() else repr(name)


def few(entries: Sequence[str], limit: int = 10) -> str:
    """The first entries, comma-separated, and the number of the others."""
    more = [f"and {len(entries) - limit} more"] * (len(entries) > limit)
    return ", ".join([*entries[:limit], *more])


def warn(message: str) -> None:
    """Issue a warning for the line that called this package."""
    level, frame = 2, sys._getframe(1)
    while str(frame.f_globals.get("__name__")).startswith("mixfolder.") and frame.f_back:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level)
