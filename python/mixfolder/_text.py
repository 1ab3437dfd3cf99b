"""File and folder names for messages."""

from collections.abc import Sequence


def printable(name: str) -> str:
    """The name, or its `repr` if a terminal would interpret or cannot show some characters."""
    return name if name.isprintable() else repr(name)


def few(entries: Sequence[str], limit: int = 10) -> str:
    """The first entries, comma-separated, and the number of the others."""
    more = [f"and {len(entries) - limit} more"] * (len(entries) > limit)
    return ", ".join([*entries[:limit], *more])
