"""Names of files and folders as they are shown to people."""

from collections.abc import Sequence


def printable(name: str) -> str:
    """The name, or its `repr` where it holds what a terminal would obey or cannot show."""
    return name if name.isprintable() else repr(name)


def few(entries: Sequence[str], most: int = 10) -> str:
    """The first entries, and how many more there are."""
    more = [f"and {len(entries) - most} more"] * (len(entries) > most)
    return ", ".join([*entries[:most], *more])
