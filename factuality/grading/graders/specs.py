"""Names of graders, parsed: a kind, and what it compares with."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.nearest_names import nearest

SPECS = (
    "match", "similarity", "similarity:NAME", "combined", "combine:FILE", "combine+references:FILE", "nli:MODEL",
    "model:SPEC", "human:FILE",
)  # fmt: skip

_KINDS = tuple(dict.fromkeys(spec.partition(":")[0] for spec in SPECS))
_COMBINATIONS = ("combined", "combine", "combine+references")


@dataclass(frozen=True)
class GraderSpec:
    """The parsed name of a grader.

    Attributes
    ----------
    text : str
        The name as it is written; it goes into the judgments.
    kind : str
        The part before the colon.
    target : str
        The part after it: a similarity, a file or a model; empty if there is none.
    template : str
        What a judge is asked, the part after ``#``; empty if it is not named.
    """

    text: str
    kind: str
    target: str = ""
    template: str = ""

    def __str__(self) -> str:
        return self.text


def parse_spec(text: str) -> GraderSpec:
    """Parse the name of a grader.

    Raises
    ------
    ValueError
        For an unknown grader.

    Examples
    --------
    >>> parse_spec("model:Qwen/Qwen3-8B#fact")
    GraderSpec(text='model:Qwen/Qwen3-8B#fact', kind='model', target='Qwen/Qwen3-8B', template='fact')
    """
    kind, _, target = text.partition(":")
    if text == "match" or kind == "similarity" or (kind in ("nli", "human") and target):
        return GraderSpec(text, kind, target)
    if kind == "model" and target:
        name, _, template = target.partition("#")
        return GraderSpec(text, kind, name, template)
    if kind in _COMBINATIONS:
        if target in ("", "words") if kind == "combined" else target:
            return GraderSpec(text, kind, target)
        raise ValueError(
            f"a combination must be combined, combined:words, combine:FILE or combine+references:FILE, got {text!r}"
        )
    judge = f"; a model that judges is written model:{text}" if ":" in text or "/" in text else ""
    raise ValueError(f"the grader must be one of {', '.join(SPECS)}, got {text!r}{nearest(kind, _KINDS) or judge}")
