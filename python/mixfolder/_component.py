"""The base class of mixing policies, crops, affine maps and augmentations."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from mixfolder._validation import as_color, as_float, as_int, as_range, symmetric_range


@dataclass(frozen=True)
class Component:
    """The parameters of a transform that the core has registered as `_name`.

    Subclasses are frozen dataclasses. `_parameters` validates, so that an invalid parameter is a
    ValueError of `from_directory`, not of the constructor.
    """

    _name: ClassVar[str]

    def _options(self) -> dict[str, Any]:
        """The core's options: `{name: {parameters}}`."""
        return {self._name: self._parameters()}

    def _parameters(self) -> dict[str, Any]:
        """The validated parameters, by the core's names; by default all fields, as numbers."""
        return self._floats(*(field.name for field in fields(self)))

    def _label(self, name: str) -> str:
        """A field as errors name it."""
        return f"{name} of {type(self).__name__}"

    def _floats(self, *names: str) -> dict[str, float]:
        """Fields that are finite numbers."""
        return {name: as_float(self._label(name), getattr(self, name)) for name in names}

    def _ints(self, *names: str) -> dict[str, int]:
        """Fields that are integers."""
        return {name: as_int(self._label(name), getattr(self, name)) for name in names}

    def _ranges(self, *names: str) -> dict[str, list[float]]:
        """Fields that are `(low, high)`."""
        return {name: as_range(self._label(name), getattr(self, name)) for name in names}

    def _symmetric_ranges(self, center: float, *names: str) -> dict[str, list[float]]:
        """Fields that are `(low, high)`, or a distance from the center to both sides."""
        return {
            name: symmetric_range(self._label(name), getattr(self, name), center) for name in names
        }

    def _colors(self, *names: str) -> dict[str, list[int]]:
        """Fields that are a color: a number, or one per channel."""
        return {name: as_color(self._label(name), getattr(self, name)) for name in names}


def options_of(argument: str, value: Any, kind: type[Component]) -> dict[str, Any] | None:
    """The core's options for an argument that takes a component of one kind, or None."""
    if value is None:
        return None
    if not isinstance(value, kind):
        names = ", ".join(f"{c.__name__}()" for c in kind.__subclasses__())
        raise ValueError(f"{argument} must be mixfolder.{names} or None, but is {value!r}")
    return value._options()
