"""States of a network's modules, and of random numbers: kept, and brought back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import GenerationConfig, PretrainedConfig


@dataclass(frozen=True)
class ModuleStates:
    """What the modules of a network hold, beside the numbers in their tensors.

    Attributes
    ----------
    contents : list of (dict, dict)
        Attributes of each module and each configuration, and the tables among them (parameters, buffers, submodules,
        hooks), each with a copy of its content.
    trained : list of (torch.Tensor, bool)
        Parameters, and whether they are trained.
    """

    contents: list[tuple[dict[Any, Any], dict[Any, Any]]]
    trained: list[tuple[torch.Tensor, bool]]

    @classmethod
    def of(cls, network: torch.nn.Module) -> ModuleStates:
        """The present states."""
        return cls(
            [(table, dict(table)) for table in _tables(network)],
            [(tensor, tensor.requires_grad) for tensor in network.parameters()],
        )

    def restore(self) -> None:
        """Bring back what was changed since."""
        for table, content in self.contents:
            if table.keys() == content.keys():
                for key, value in content.items():
                    if table[key] is not value:
                        table[key] = value
            else:  # in their order, which hooks run in
                table.clear()
                table.update(content)
        for tensor, trained in self.trained:
            if tensor.requires_grad != trained:
                tensor.requires_grad_(trained)


def _tables(network: torch.nn.Module) -> Iterator[dict[Any, Any]]:
    """Attributes of modules and configurations, and the tables among them, each once."""
    seen: set[int] = set()
    for module in network.modules():
        for value in (vars(module), *vars(module).values()):
            table = vars(value) if isinstance(value, PretrainedConfig | GenerationConfig) else value
            yield from _unseen(table, seen)


def _unseen(table: object, seen: set[int]) -> Iterator[dict[Any, Any]]:
    if not isinstance(table, dict) or id(table) in seen:
        return
    seen.add(id(table))
    yield table
    for value in table.values():
        if isinstance(value, PretrainedConfig):  # of a part of the model
            yield from _unseen(vars(value), seen)


class RandomStates:
    """States of the random generators that a program shares."""

    def __init__(self) -> None:
        self._states: list[tuple[Callable[[Any], object], Any]] = [
            (random.setstate, random.getstate()),
            (np.random.set_state, np.random.get_state()),  # noqa: NPY002 (it is the program's)
            (torch.set_rng_state, torch.get_rng_state()),
        ]
        if torch.cuda.is_initialized():
            self._states.append((torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))
        if torch.backends.mps.is_available():
            self._states.append((torch.mps.set_rng_state, torch.mps.get_rng_state()))

    def restore(self) -> None:
        """Set the generators back."""
        for set_state, state in self._states:
            set_state(state)
