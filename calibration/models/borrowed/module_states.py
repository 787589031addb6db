"""States of a network's modules, and of random numbers: kept, and brought back."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import GenerationConfig, PretrainedConfig

_CONFIGURATIONS = (PretrainedConfig, GenerationConfig)
_PLAIN = frozenset({bool, int, float, str, type(None)})


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


def _tables(network: torch.nn.Module) -> list[dict[Any, Any]]:
    """Attributes of modules and configurations, and the tables among them, each once."""
    tables: dict[int, dict[Any, Any]] = {}
    configurations: dict[int, object] = {}
    for module in network.modules():
        tables[id(vars(module))] = vars(module)
        for value in vars(module).values():
            if type(value) in _PLAIN:  # most are, and a large network has thousands
                continue
            if isinstance(value, dict):
                tables[id(value)] = value
            elif isinstance(value, _CONFIGURATIONS):
                configurations[id(value)] = value
    pending = [*configurations.values()]
    while pending:
        content = vars(pending.pop())
        if id(content) not in tables:
            tables[id(content)] = content
            tables |= {id(value): value for value in content.values() if isinstance(value, dict)}
            pending += [value for value in content.values() if isinstance(value, PretrainedConfig)]  # of a part
    return list(tables.values())


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
