"""Parameters that a server refuses: read from what servers say, in their own words."""

from __future__ import annotations

from typing import Any

import pytest

from calibration.errors import RefusedError
from calibration.models.servers.parameters import Parameters, changed, refused_parameter

BODY = {
    "model": "m",
    "messages": [{"role": "user", "content": "Hi"}],
    "logprobs": True,
    "top_logprobs": 20,
    "max_tokens": 1,
    "temperature": 0,
    "top_p": 1.0,
    "seed": 3,
    "stop": ["\n"],
    "top_k": -1,
    "return_tokens_as_token_ids": True,
}


def error(details: dict[str, Any], status: int = 400) -> RefusedError:
    said = str(details.get("message") or details.get("detail") or details.get("error") or "")[:200]
    return RefusedError(f"http://h/v1: HTTP {status}, {said}", status=status, reason=said, details=details)


REFUSALS: dict[str, tuple[dict[str, Any], str | None]] = {
    "OpenAI, renamed": (
        {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            "param": "max_tokens",
            "code": "unsupported_parameter",
        },
        "max_tokens",
    ),
    "OpenAI, value": (
        {
            "message": "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) "
            "value is supported.",
            "param": "temperature",
            "code": "unsupported_value",
        },
        "temperature",
    ),
    "OpenAI, stop": ({"message": "Unsupported parameter: 'stop' is not supported", "param": "stop"}, "stop"),
    "OpenAI, old": ({"message": "Unrecognized request argument supplied: seed", "param": None}, "seed"),
    "OpenAI, log-probabilities": (
        {"message": "'logprobs' is not supported with this model; temperature is", "param": "logprobs"},
        None,
    ),
    "TGI": ({"error": "Input validation error: `top_p` must be > 0.0 and < 1.0"}, "top_p"),
    "TGI, temperature": ({"error": "Input validation error: `temperature` must be strictly positive"}, "temperature"),
    "TGI, alternatives": ({"error": "Input validation error: `top_n_tokens` must be >= 0 and <= 5"}, None),
    "vLLM, old": (
        {"message": "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted'}]"},
        "seed",
    ),
    "vLLM, pydantic": (
        {"message": "1 validation error for ChatCompletionRequest\ntop_p\n  Input should be less than 1"},
        "top_p",
    ),
    "vLLM, sentence": ({"message": "top_k must be -1 (disable), or at least 1, got 0."}, "top_k"),
    "vLLM, alternatives": (
        {"message": "Requested sample logprobs of 20, which is greater than max allowed: 5"},
        None,
    ),
    "vLLM, length": (
        {
            "message": "'max_tokens' or 'max_completion_tokens' is too large: 64. This model's maximum context length "
            "is 700 tokens and your request has 690 input tokens",
            "param": "max_tokens",
        },
        None,
    ),
    "FastAPI": ({"detail": [{"loc": ["body", "stop"], "msg": "extra fields not permitted"}]}, "stop"),
    "Mistral": (
        {"message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs"}]}},
        "seed",
    ),
    "llama.cpp": ({"message": "Unsupported param: top_k", "type": "invalid_request_error"}, "top_k"),
    "Anthropic": ({"message": "`temperature` and `top_p` cannot both be specified for this model."}, "top_p"),
    "a value of the length": ({"message": "max_tokens must be at least 16"}, None),
    "another": ({"message": "this model has been retired"}, None),
    "a word of a text": ({"message": "our content filter flagged: stop at the sign"}, None),
    "a part of a word": ({"message": "invalid stop_token_ids or top_probs"}, None),
    "nothing": ({}, None),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_the_parameter_that_is_refused(name: str) -> None:
    details, parameter = REFUSALS[name]
    assert refused_parameter(error(details), BODY) == parameter
    assert refused_parameter(error(details, 422), BODY) == parameter
    # Not of a server that is ill, or does not know who asks.
    assert refused_parameter(error(details, 403), BODY) is None
    # What was not sent is not left out.
    without = {key: value for key, value in BODY.items() if key != parameter}
    assert refused_parameter(error(details), without) in (None, "temperature")


def test_what_is_sent_instead() -> None:
    assert changed({"max_tokens": 4, "top_p": 1.0, "prompt": "Hi"}, {"max_tokens": "", "top_p": "", "seed": ""}) == {
        "max_completion_tokens": 4,
        "prompt": "Hi",
    }
    known = Parameters()
    known.remember({"seed": "unknown"})
    known.remember({"top_p": "below 1"})
    assert known.refused == {"seed": "unknown", "top_p": "below 1"}
