"""Conversion of arguments to the types that the core takes; errors name the argument. Ranges of
values are checked by the core."""

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np


def as_float(name: str, value: Any) -> float:
    """A finite number; ValueError otherwise."""
    try:
        number = float(_no_bool(value))
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, but is {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, but is {number}")
    return number


def as_int(name: str, value: Any) -> int:
    """An integer; ValueError otherwise."""
    try:
        return operator.index(_no_bool(value))
    except TypeError:
        raise ValueError(f"{name} must be an integer, but is {value!r}") from None


def _no_bool(value: Any) -> Any:
    """True and False count as numbers in Python, but are a mistake where one is asked for."""
    if isinstance(value, bool):
        raise TypeError
    return value


def as_bool(name: str, value: Any) -> bool:
    """True or False, or 1 or 0; ValueError otherwise."""
    if not isinstance(value, bool | int | np.bool_) or value not in (0, 1):
        raise ValueError(f"{name} must be True or False, but is {value!r}")
    return bool(value)


def as_text(value: Any) -> str:
    """A text as it is, "" for None, and anything else as the core's error is to show it: the core
    knows which texts are valid."""
    return "" if value is None else value if isinstance(value, str) else repr(value)


def as_optional_float(name: str, value: Any) -> float | None:
    """A finite number or None; ValueError otherwise."""
    return None if value is None else as_float(name, value)


def as_optional_int(name: str, value: Any) -> int | None:
    """An integer or None; ValueError otherwise."""
    return None if value is None else as_int(name, value)


def as_range(name: str, value: Any) -> list[float]:
    """`[low, high]`; ValueError if value is not two finite numbers."""
    try:
        low, high = value
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be (low, high), but is {value!r}") from None
    return [as_float(name, low), as_float(name, high)]


def symmetric_range(name: str, value: Any, center: float) -> list[float]:
    """`[low, high]`: as passed, or from `center - value` to `center + value`."""
    if isinstance(value, Sequence):
        return as_range(name, value)
    if (distance := as_float(name, value)) < 0:
        raise ValueError(f"{name} must be 0 or more, or (low, high), but is {distance}")
    return [center - distance, center + distance]


def as_color(name: str, value: Any) -> list[int]:
    """Four bytes, from one number for all channels or one number per channel."""
    values = [as_int(name, v) for v in (value if isinstance(value, Sequence) else [value] * 4)]
    if not 1 <= len(values) <= 4 or not all(0 <= v <= 255 for v in values):
        raise ValueError(
            f"{name} must be a number from 0 to 255, or one per channel, but is {value!r}"
        )
    return values + [255] * (4 - len(values))
