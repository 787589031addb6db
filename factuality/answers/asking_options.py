"""Options that, with model and questions, decide the answers of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from .primers import PRIMERS, Primer
from .requests import REQUEST, target_request

Style = Literal["completion", "chat"]
STYLES: tuple[Style, ...] = get_args(Style)


@dataclass(frozen=True, kw_only=True)
class AskingOptions:
    r"""Options of `factuality.ask`, as described there.

    Raises
    ------
    ValueError
        For an unknown style or primer, several samples at the temperature 0, an empty stop text, a target
        outside [0, 1), and stated confidence after few-shot examples.

    Examples
    --------
    >>> AskingOptions(stop=("###",)).ends
    ('\n', '###')
    """

    style: Style = "completion"
    primer: Primer = "none"
    state_confidence: bool = False
    confidence_target: float | None = None
    samples: int = 1
    temperature: float = 0.0
    seed: int = 0
    max_new_tokens: int = 64
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value, known in (("style", self.style, STYLES), ("primer", self.primer, PRIMERS)):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")
        if self.samples < 1:
            raise ValueError(f"samples must be at least 1, got {self.samples}")
        if self.samples > 1 and not self.temperature:
            raise ValueError(
                "several samples need a temperature above 0, where they differ; got "
                f"samples={self.samples}, temperature=0"
            )
        if self.requests and self.primer != "none":
            raise ValueError(
                f"stated confidence and confidence targets need the primer none, got {self.primer!r}: few-shot "
                "examples have neither"
            )
        if "" in self.stop:
            raise ValueError("a stop text must not be empty")

    @property
    def requests(self) -> list[str]:
        """Requests to the model beside the question."""
        target = self.confidence_target
        stated = [REQUEST] if self.state_confidence else []
        return stated if target is None else [*stated, target_request(target)]

    @property
    def ends(self) -> tuple[str, ...]:
        """Texts that end an answer."""
        return tuple(dict.fromkeys((*(("\n",) if self.style == "completion" else ()), *self.stop)))

    @property
    def settings(self) -> dict[str, Any]:
        """The options as a run's manifest records them."""
        return {
            "style": self.style,
            "primer": self.primer,
            "state_confidence": self.state_confidence,
            "confidence_target": self.confidence_target,
            "decoding": "sampled" if self.temperature else "greedy",
            "samples": self.samples,
            "temperature": float(self.temperature),
            # Without draws the seed decides nothing.
            **({"seed": self.seed} if self.temperature else {}),
            "max_new_tokens": self.max_new_tokens,
            "stop": list(self.ends),
        }
