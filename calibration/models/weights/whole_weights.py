"""Networks whose every weight comes from their files and is a number."""

from __future__ import annotations

import logging
import re
import textwrap
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import PreTrainedModel

from ...errors import UnfitWeightsError

# Buffers of earlier versions that every network now computes itself.
_COMPUTED = (r"rotary_emb\.inv_freq",)
_LISTED = 5
NO_TENSOR = r"(?!)"
"""Regular expression that no name of a tensor matches."""
# Loggers that print what was loaded: of weights, and of an adapter on top of them.
_REPORTING = ("transformers.modeling_utils", "transformers.integrations.peft")


def load_network(
    auto_class: Any, spec: str, source: str, options: Mapping[str, Any], *, unused: str = NO_TENSOR
) -> PreTrainedModel:
    """A network of which no tensor is missing, unknown or of another shape.

    Transformers draws missing tensors at random and leaves out those that it does not know.

    Parameters
    ----------
    auto_class : type
        The class of transformers that makes it, such as ``AutoModelForCausalLM``.
    spec : str
        What the user calls the model, for messages.
    source : str
        Folder or name on the hub.
    options : mapping
        Further arguments of ``from_pretrained``.
    unused : str
        Regular expression of tensors that may be missing, since nothing is computed with them.

    Raises
    ------
    ValueError
        Naming the tensors.
    """
    with _without_loading_report() as reports:
        try:
            network, report = auto_class.from_pretrained(
                source, **options, output_loading_info=True, ignore_mismatched_sizes=True
            )
        except RuntimeError as error:
            if not reports:
                raise
            raise RuntimeError(f"{error} {textwrap.shorten(reports[-1], 400)}") from None
    made: PreTrainedModel = network
    missing = {name for name in report["missing_keys"] if not re.match(unused, name)}
    unexpected = set(report["unexpected_keys"])
    mismatched = {
        f"{name} (in the file {_shape(stored)}, in the network {_shape(wanted)})"
        for name, stored, wanted in report["mismatched_keys"]
    }
    refuse_other_tensors(spec, missing=missing, unexpected=unexpected, mismatched=mismatched)
    return made


def refuse_other_tensors(
    spec: str, *, missing: Collection[str], unexpected: Collection[str], mismatched: Collection[str] = ()
) -> None:
    """Refuse weights that do not fit the network.

    Raises
    ------
    ValueError
        Naming some of the tensors of each kind.
    """
    kinds = {
        "missing": missing, "unknown to the network": unexpected, "of another shape": mismatched
    }  # fmt: skip
    faults = [f"{len(names)} {kind} ({_listed(names)})" for kind, names in kinds.items() if names]
    if faults:
        raise UnfitWeightsError(
            f"{spec}: its files must hold the tensors of the network that they describe; {'; '.join(faults)}. A copy "
            "or a conversion that is not whole? What is missing would be drawn at random"
        )


def tell_ignored_tensors(spec: str, network: PreTrainedModel, names: Collection[str]) -> None:
    """Warn of tensors in the files that the architecture ignores.

    Parameters
    ----------
    names : collection of str
        Tensors in the files.
    """
    patterns = [*(network._keys_to_ignore_on_load_unexpected or ()), *_COMPUTED]  # noqa: SLF001 (its only name)
    known = network.state_dict().keys()
    ignored = [name for name in names if name not in known and any(re.search(each, name) for each in patterns)]
    if ignored:
        warnings.warn(
            f"{spec}: {len(ignored)} tensors in its files are left out, as its architecture declares "
            f"({_listed(ignored)})",
            stacklevel=4,
        )


def detach_from_files(network: PreTrainedModel) -> None:
    """Copy weights in main memory, which may be views of their files.

    What is written to a file later would change them.
    """
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.device.type == "cpu":
            tensor.data = tensor.data.clone()


def refuse_not_finite(spec: str, tensors: Callable[[], Iterable[tuple[str, torch.Tensor]]]) -> None:
    """Refuse weights that hold NaN or infinity.

    Parameters
    ----------
    tensors : callable
        Names and tensors, from the beginning at each call. Each is read once, on its own device; those that are not
        finite once more.

    Raises
    ------
    ValueError
        Naming the first such tensor, and how many of its numbers are not finite.
    """
    # Extremes of finite numbers are finite, NaN among them gives NaN; all are fetched from a device at once.
    extremes: dict[torch.device, list[torch.Tensor]] = {}
    names: dict[torch.device, list[str]] = {}
    for name, tensor in tensors():
        if tensor.is_floating_point() and tensor.numel():
            wide = tensor if tensor.element_size() > 1 else tensor.float()
            extremes.setdefault(tensor.device, []).append(torch.stack(torch.aminmax(wide)).float())
            names.setdefault(tensor.device, []).append(name)
    bad = {
        name
        for device, values in extremes.items()
        for name, finite in zip(names[device], torch.stack(values).isfinite().all(dim=1).tolist(), strict=True)
        if not finite
    }
    for name, tensor in tensors() if bad else ():
        if name in bad:
            count = int((~torch.isfinite(tensor.float())).sum())
            more = f", and {len(bad) - 1} other tensors" if len(bad) > 1 else ""
            narrow = "; float16 ends at 65504, does a wider dtype hold them?" if tensor.dtype == torch.float16 else ""
            raise UnfitWeightsError(
                f"{spec}: its weights hold numbers that are not finite ({name}, {count} of {tensor.numel()}{more}): "
                f"a training that diverged, or a damaged copy{narrow}"
            )


def network_tensors(network: PreTrainedModel) -> Iterator[tuple[str, torch.Tensor]]:
    """Parameters and stored buffers, each once.

    Those in main memory or on disk are fetched in turn.
    """
    seen: set[int] = set()
    for prefix, module in network.named_modules():
        own = {**dict(module.named_parameters(recurse=False)), **_stored_buffers(module)}
        away = any(tensor.is_meta for tensor in own.values())
        with _fetched(module) if away else nullcontext():
            for name, kept in own.items():
                tensor = getattr(module, name)
                if id(kept) not in seen and not tensor.is_meta:
                    yield f"{prefix}.{name}" if prefix else name, tensor.detach()
                seen.add(id(kept))


def file_tensors(files: Iterable[Path]) -> Iterator[tuple[str, torch.Tensor]]:
    """Tensors of safetensors files, in main memory."""
    for file in files:
        with safe_open(file, framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118 (it is no mapping)
                yield name, opened.get_tensor(name)


def tensor_names(files: Iterable[Path]) -> list[str]:
    """Names of the tensors in safetensors files."""
    names: list[str] = []
    for file in files:
        with safe_open(file, framework="pt") as opened:
            names += opened.keys()
    return names


def _stored_buffers(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    computed = module._non_persistent_buffers_set  # noqa: SLF001 (torch has no other name for it)
    return {name: buffer for name, buffer in module.named_buffers(recurse=False) if name not in computed}


def _fetched(module: torch.nn.Module) -> AbstractContextManager[None]:
    from accelerate.utils import align_module_device

    context: AbstractContextManager[None] = align_module_device(module)
    return context


class _Catcher(logging.Filter):
    """Keeps the reports that transformers would print of what it loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is printed."""
        text = record.getMessage()
        report = "LOAD REPORT" in text
        if report:
            self.reports.append(re.sub(r"\x1b\[\d+m", "", text))
        return not report


@contextmanager
def _without_loading_report() -> Iterator[list[str]]:
    """Keep transformers' table of tensors off the screen."""
    catcher = _Catcher()
    loggers = [logging.getLogger(name) for name in _REPORTING]
    for logger in loggers:
        logger.addFilter(catcher)
    try:
        yield catcher.reports
    finally:
        for logger in loggers:
            logger.removeFilter(catcher)


def _listed(names: Collection[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return ", ".join(listed[:_LISTED]) + more


def _shape(sizes: Collection[int]) -> str:
    return "×".join(map(str, sizes)) or "a number"
