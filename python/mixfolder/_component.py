"""The base of what `mix=`, `crop=` and `augment=` take: classes of parameters that the core knows
by a name."""

from typing import Any, ClassVar

from mixfolder._values import around, finite


class Component:
    """Parameters of something that the core has registered as `_name`.

    Subclasses are frozen dataclasses. A wrong parameter is a ValueError of `_parameters`, that
    is, when `from_directory` is called.
    """

    _name: ClassVar[str]

    def _options(self) -> dict[str, Any]:
        """What the core is told: an object with one name."""
        return {self._name: self._parameters()}

    def _parameters(self) -> dict[str, Any]:
        """The parameters, checked, by the core's names."""
        return {}

    def _finite(self, *names: str) -> dict[str, float]:
        """Attributes that are finite numbers."""
        return {
            name: finite(f"{name} of {type(self).__name__}", getattr(self, name)) for name in names
        }

    def _around(self, center: float, *names: str) -> dict[str, list[float]]:
        """Attributes that are `(low, high)`, or a distance from the center to both sides."""
        return {
            name: around(f"{name} of {type(self).__name__}", getattr(self, name), center)
            for name in names
        }


def options_of(argument: str, value: Any, kind: type[Component]) -> dict[str, Any] | None:
    """What the core is told for an argument that takes one component of a kind, or None."""
    if value is None:
        return None
    if not isinstance(value, kind):
        names = ", ".join(f"{c.__name__}()" for c in kind.__subclasses__())
        raise ValueError(f"{argument} must be mixfolder.{names} or None, but is {value!r}")
    return value._options()
