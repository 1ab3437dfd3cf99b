"""Checks of arguments: each gives the value as the core takes it, or a ValueError that names the
argument."""

import math
import operator
from collections.abc import Sequence
from typing import Any


def finite(name: str, value: Any) -> float:
    """A number, or a ValueError that names it."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, but is {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, but is {number}")
    return number


def whole(name: str, value: Any) -> int:
    """A whole number, or a ValueError that names it."""
    try:
        return operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, but is {value!r}") from None


def pair(name: str, value: Any) -> list[float]:
    """Two numbers, or a ValueError that names them."""
    try:
        low, high = value
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be (low, high), but is {value!r}") from None
    return [finite(name, low), finite(name, high)]


def around(name: str, value: Any, center: float) -> list[float]:
    """`(low, high)`: as given, or so far on both sides of the center."""
    if isinstance(value, Sequence):
        return pair(name, value)
    if (reach := finite(name, value)) < 0:
        raise ValueError(f"{name} must be 0 or more, or (low, high), but is {reach}")
    return [center - reach, center + reach]


def fill(name: str, value: Any) -> list[int]:
    """Four bytes: of one number for all channels, or of one a channel."""
    values = [whole(name, v) for v in (value if isinstance(value, Sequence) else [value] * 4)]
    if not 1 <= len(values) <= 4 or not all(0 <= v <= 255 for v in values):
        raise ValueError(f"{name} must be a number of 0 to 255, or one a channel, but is {value!r}")
    return values + [255] * (4 - len(values))


def optional_int(name: str, value: Any) -> int | None:
    """A whole number or None, or a ValueError that names the argument."""
    return None if value is None else whole(name, value)
