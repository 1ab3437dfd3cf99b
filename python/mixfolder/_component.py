"""The base class of mixing policies, crops, affine maps and augmentations: parameters of something
that the core knows by a name."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from mixfolder._values import around, finite


@dataclass(frozen=True)
class Component:
    """Parameters of something that the core has registered as `_name`.

    Subclasses are frozen dataclasses. `_parameters` checks them, so `from_directory` raises the
    ValueError for a wrong one.
    """

    _name: ClassVar[str]

    def _options(self) -> dict[str, Any]:
        """The document for the core: an object with one name."""
        return {self._name: self._parameters()}

    def _parameters(self) -> dict[str, Any]:
        """The parameters by the core's names; by default all fields, as finite numbers."""
        return self._finite(*(field.name for field in fields(self)))

    def _finite(self, *names: str) -> dict[str, float]:
        """Fields that are finite numbers."""
        return {
            name: finite(f"{name} of {type(self).__name__}", getattr(self, name)) for name in names
        }

    def _around(self, center: float, *names: str) -> dict[str, list[float]]:
        """Fields that are `(low, high)`, or a distance from the center to both sides."""
        return {
            name: around(f"{name} of {type(self).__name__}", getattr(self, name), center)
            for name in names
        }


def options_of(argument: str, value: Any, kind: type[Component]) -> dict[str, Any] | None:
    """The document for an argument that takes one component of a kind, or None."""
    if value is None:
        return None
    if not isinstance(value, kind):
        names = ", ".join(f"{c.__name__}()" for c in kind.__subclasses__())
        raise ValueError(f"{argument} must be mixfolder.{names} or None, but is {value!r}")
    return value._options()
