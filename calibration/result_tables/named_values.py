"""Values of a result by name, as attributes that editors complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

from ..nearest_names import nearest

Value = TypeVar("Value")


class NamedValues(Generic[Value]):
    """A result whose dictionaries of values are attributes too.

    Attributes
    ----------
    holding : tuple of str
        Names of its dictionaries.
    """

    holding: ClassVar[tuple[str, ...]]

    def _named(self) -> Mapping[str, Value]:
        own = vars(self)  # empty while a copy is made
        return {name: value for field in self.holding for name, value in own.get(field, {}).items()}

    def __getattr__(self, name: str) -> Value:
        values = self._named()
        if name not in values:
            raise AttributeError(f"{type(self).__name__} has no {name!r}{nearest(name, values)}")
        return values[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._named()]
