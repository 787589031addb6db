"""The hash of tensors: names, types, shapes and bytes, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from calibration.models.weights.tensor_hash import tensors_hash

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(True)}


def hashed(tensors: dict[str, Any]) -> str:
    return tensors_hash(tensors.items(), total=0)


@pytest.mark.parametrize(
    "changed",
    [
        {"a": TENSORS["a"], "c": TENSORS["b"]},
        {"a": TENSORS["a"].double(), "b": TENSORS["b"]},
        {"a": TENSORS["a"].reshape(3, 2), "b": TENSORS["b"]},
        {"a": -TENSORS["a"], "b": TENSORS["b"]},  # 0 becomes −0
        {"a": TENSORS["a"], "b": ~TENSORS["b"]},
        {"a": TENSORS["a"]},
        {"a": TENSORS["a"], "b": TENSORS["b"], "c": (TENSORS["b"], 1.5)},
    ],
)
def test_other_content_is_another_hash(changed: dict[str, Any]) -> None:
    assert hashed(changed) != hashed(TENSORS)


@pytest.mark.parametrize(
    "same",
    [
        dict(reversed(TENSORS.items())),
        {"a": TENSORS["a"].T.contiguous().T, "b": TENSORS["b"]},
        {"a": torch.nn.Parameter(TENSORS["a"].clone()), "b": TENSORS["b"]},
    ],
)
def test_order_memory_and_training_do_not_count(same: dict[str, Any]) -> None:
    assert hashed(same) == hashed(TENSORS)


def test_every_piece_of_a_large_tensor_counts() -> None:
    large = torch.zeros(9_000_000)
    hashes = {hashed({"a": large})}
    for index in (0, 4_194_303, 4_194_304, 8_999_999):
        changed = large.clone()
        changed[index] = 1.0
        hashes.add(hashed({"a": changed}))
    assert len(hashes) == 5


@pytest.mark.parametrize(
    "dtype", [torch.bfloat16, torch.float16, torch.float8_e4m3fn, torch.int8, torch.uint8, torch.int64, torch.bool]
)
def test_every_type_can_be_hashed(dtype: torch.dtype) -> None:
    assert hashed({"a": torch.ones(3).to(dtype)}) != hashed({"a": torch.zeros(3).to(dtype)})


def test_an_empty_tensor_has_a_hash() -> None:
    assert hashed({"a": torch.empty(0, 3)}) != hashed({"a": torch.empty(3, 0)})


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_quantised_tensors_count_with_their_scale() -> None:
    tensors = [torch.quantize_per_tensor(torch.tensor([1.0, 2.0]) * k, 0.1 * k, 0, torch.qint8) for k in (1, 2)]
    rows = torch.quantize_per_channel(torch.ones(2, 2), torch.tensor([0.1, 0.2]), torch.tensor([0, 0]), 0, torch.qint8)
    assert len({hashed({"a": tensor}) for tensor in (*tensors, rows)}) == 3


def test_other_content_is_refused() -> None:
    with pytest.raises(TypeError, match="tensors, numbers and texts can be hashed, got object"):
        hashed({"a": object()})
