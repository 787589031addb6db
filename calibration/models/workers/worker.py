"""A worker: a process of its own, with a copy of the model."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date
from typing import Any

from ..loading import load
from ..loading_options import Loading
from ..protocol import PlannedModel

# What a model answers by its chat template.
_OF_TEMPLATES = frozenset({"chat", "view"})


class Worker:
    """What runs on the other side."""

    def __init__(self, spec: str, loading: Loading) -> None:
        self._spec, self._loading = spec, loading
        self._model: Any = None

    def identity(self) -> tuple[str, str, dict[str, str]]:
        """Load the model, and say which it is."""
        self._model = load(self._spec, self._loading)
        return self._model.name, self._model.revision, self._model.description

    def answer(self, method: str, values: Any, named: Any, day: date | None) -> tuple[Any, list[str]]:
        """Result of a method, with the texts of its warnings.

        Chats are written on a day if one is given.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if isinstance(self._model, PlannedModel) and "done" in named and len(named["done"]) < len(values[0]):
                # One trial serves many units: seldom does a later one need another.
                self._model = self._model.planned(values[0])
            model = self._model.dated(day) if day is not None and method in _OF_TEMPLATES else self._model
            result = getattr(model, method)(*values, **named)
            result = list(result) if isinstance(result, Iterator) else result
        return result, [str(warning.message) for warning in caught]
