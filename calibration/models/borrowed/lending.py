"""Lending: a network computes as if saved and loaded, and stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from transformers import PreTrainedModel

from .adapter_layers import Adapter, refuse_merged, switch_adapters
from .module_states import ModuleStates, RandomStates

Piece = TypeVar("Piece")
# What a caller may have set for itself, and a pass is not made for.
_OUTPUTS = {"return_dict": True, "output_hidden_states": False, "_output_attentions": False}


@dataclass(frozen=True, eq=False)
class Loan:
    """A network that is asked now and then, between steps of a training, say.

    Attributes
    ----------
    root : torch.nn.Module
        What the caller has; its modules are given back as they were.
    network : PreTrainedModel
        The model inside.
    adapter : bool or str
        True: adapters as the caller set them; False: none; otherwise the one of this name.
    """

    root: torch.nn.Module
    network: PreTrainedModel
    adapter: Adapter

    @contextmanager
    def pass_(self) -> Iterator[None]:
        """A pass, in which the network computes as its saved checkpoint would.

        In evaluation mode, without automatic mixed precision and compilation. After it, whatever ended it, modules,
        configurations, `requires_grad` and random numbers are as they were.
        """
        refuse_merged(self.root, self.adapter)
        modules, randomness = ModuleStates.of(self.root), RandomStates()
        try:
            with ExitStack() as stack:
                for device in {"cpu", self.network.device.type} - {"meta"}:
                    stack.enter_context(torch.autocast(device, enabled=False))
                if _is_compiled(self.root):
                    stack.enter_context(torch.compiler.set_stance("force_eager"))
                self._prepare()
                yield
        finally:
            try:
                modules.restore()
                randomness.restore()
            except KeyboardInterrupt:  # it came while things were brought back
                modules.restore()
                randomness.restore()
                raise

    def pieces(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """Pieces of an iterator, each computed in a pass of its own.

        While the caller has one, or has left the rest, the network is as it was.
        """
        while True:
            with self.pass_():
                try:
                    piece = next(pieces)
                except StopIteration:
                    return
            yield piece

    def _prepare(self) -> None:
        for module in self.root.modules():
            # Not by `train`, which modules may have made do more, such as adding an adapter to their weights.
            module.training = False
            if "_original_forward" in vars(module):  # accelerate's mixed precision stands in front of it
                vars(module)["forward"] = vars(module)["_original_forward"]
            if getattr(module, "_compiled_call_impl", None) is not None:
                vars(module)["_compiled_call_impl"] = None
            if isinstance(module, PreTrainedModel):
                vars(module.config).update(_OUTPUTS)
        switch_adapters(self.root, self.adapter)


def _is_compiled(root: torch.nn.Module) -> bool:
    """Whether parts of a network were compiled by themselves."""
    return any(type(module).__name__ == "OptimizedModule" for module in root.modules())
