"""Names of fields in foreign files, and their usual other names.

Case does not matter; blanks and hyphens are as underscores.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from string import ascii_uppercase
from typing import Any

# Other names of a field, as data sets and harnesses write them.
# fmt: off
ALIASES: dict[str, tuple[str, ...]] = {
    "question": ("prompt", "question_text", "question_stem"),
    "options": ("choices", "answer_choices"),
    "answer": ("label", "gold", "ground_truth", "correct_answer", "answer_key", "correct_option", "gold_label"),
    "item": ("item_id", "id"),
    "ideal": ("answer", "best_answer", "correct_answer"),
    "aliases": ("correct_answers", "correct"),
    "incorrect": ("incorrect_answers",),
    "grade": ("verdict", "label"),
    "model_answer": ("response",),
    "human_truthful": ("truthful", "label"),
    # Columns of frames, and of tables of answers that are graded or have a confidence.
    "confidence": ("prob", "p", "score", "probability", "conf"),
    "correct": ("label", "is_correct", "verdict", "grade"),
    "gold": (
        "answer",
        "target",
        "label",
        "ground_truth",
        "correct_answer",
        "answer_key",
        "correct_option",
        "gold_label",
    ),
    "response": ("model_answer", "model_response", "output", "completion", "prediction"),
    "references": ("reference", "ideal", "target", "gold", "correct_answer", "best_answer", "ground_truth"),
    "reason": ("explanation", "comment", "rationale"),
    "row_id": ("item", "item_id", "id", "question_id", "doc_id"),
    "group": ("subject", "category", "task"),
    "logits": ("logit",),
    "logprobs": ("logprob", "log_probabilities", "log_probs"),
    "probabilities": ("probs",),
}
# fmt: on
_SEPARATORS = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """The fields that a reader knows.

    Attributes
    ----------
    names : tuple of str
        Fields of their own. Each is also recognised by its names in `ALIASES`.
    required : tuple of str
        Those that a file must have.
    lettered : mapping of str to tuple of str
        Families of one column a letter, from A on: the family's name, and the prefixes of the letter.
    """

    names: tuple[str, ...]
    required: tuple[str, ...] = ()
    lettered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def match(self, header: Sequence[str], *, null: Collection[str] = ()) -> Columns:
        """Columns of a header by the fields that they hold.

        Parameters
        ----------
        header : sequence of str
            Names as written in the file.
        null : collection of str
            Those without a value: they give way to another name of their field.

        Raises
        ------
        ValueError
            For a required field that is missing, two columns that mean one field, and lettered columns with a gap.

        Examples
        --------
        >>> fields = Fields(("question", "answer"), lettered={"texts": ("", "option")})
        >>> columns = fields.match(["Question", "option_a", "Option B", "answerKey"])
        >>> columns.named, columns.lettered
        ({'question': 'Question', 'answer': 'answerKey'}, {'texts': ('option_a', 'Option B')})
        """
        by_key: dict[str, list[str]] = {}
        for name in header:
            if name.strip():
                by_key.setdefault(_key(name), []).append(name)
        named = {}
        for name in self.names:
            keys = dict.fromkeys(map(_key, (name, *ALIASES.get(name, ()))))
            columns = [column for key in keys for column in by_key.get(key, ())]
            columns = [column for column in columns if column not in null] or columns[:1]
            if len(columns) > 1:
                raise ValueError(
                    f"{columns[0]!r} and {columns[1]!r} both mean {name!r}: rename or remove the one that is not meant"
                )
            if columns:
                named[name] = columns[0]
        missing = [name for name in self.required if name not in named]
        if missing:
            raise ValueError(missing_fields(missing, header))
        lettered = {}
        for family, prefixes in self.lettered.items():
            letters = _lettered([name for name in header if name not in named.values()], prefixes)
            if letters:
                lettered[family] = letters
        return Columns(named, lettered)

    def n_recognised(self, header: Sequence[str]) -> int:
        """Number of known names in a header."""
        named = {_key(other) for name in self.names for other in (name, *ALIASES.get(name, ()))}
        prefixes = [prefix for family in self.lettered.values() for prefix in family]
        known = named | {_key(prefix + letter) for prefix in prefixes for letter in ascii_uppercase}
        return sum(_key(name) in known for name in header)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a file, by the fields that they hold.

    Attributes
    ----------
    named : dict of str to str
        Name in the file, by field.
    lettered : dict of str to tuple of str
        Names in the file from A on, by family.
    """

    named: dict[str, str]
    lettered: dict[str, tuple[str, ...]]

    def row(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values by field; those of lettered columns as a list by family."""
        named: dict[str, Any] = {name: values[column] for name, column in self.named.items()}
        return named | {family: [values[name] for name in names] for family, names in self.lettered.items()}

    def further_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the columns that hold no known field."""
        known = {*self.named.values(), *(name for names in self.lettered.values() for name in names)}
        return {name.strip(): value for name, value in values.items() if name.strip() and name not in known}


def missing_fields(names: Sequence[str], header: Sequence[str]) -> str:
    """A message on the fields that a header lacks.

    It names the columns of the file, and those that come near.
    """
    keys = {_key(column): column for column in header}
    spelt = [(name, *ALIASES.get(name, ())) for name in names]
    near = dict.fromkeys(
        keys[key]
        for alias in (alias for aliases in spelt for alias in aliases)
        for key in difflib.get_close_matches(_key(alias), keys, n=1, cutoff=0.7)
    )
    wanted = ", ".join(f"{name!r} (or {', '.join(others)})" if others else repr(name) for name, *others in spelt)
    hint = f"; the nearest: {', '.join(map(repr, near))}" if near else ""
    what = "a field" if len(names) == 1 else "the fields"
    return f"there must be {what} {wanted}; the file has {', '.join(map(repr, header)) or 'none'}{hint}"


@lru_cache(maxsize=64)
def _key(name: str) -> str:
    return _SEPARATORS.sub("", name).casefold()


def _lettered(header: Sequence[str], prefixes: Iterable[str]) -> tuple[str, ...]:
    """Columns of one family, from A on."""
    by_key: dict[str, list[str]] = {}
    for name in header:
        by_key.setdefault(_key(name), []).append(name)
    families = [_family(prefix, by_key) for prefix in prefixes]
    present = [family for family in families if family]
    if len(present) > 1:
        raise ValueError(
            f"{present[0][0]!r} and {present[1][0]!r} both mean the option A: remove the columns that are not meant"
        )
    return present[0] if present else ()


def _family(prefix: str, by_key: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Columns of one prefix, from A on.

    None if there is no A (without a prefix, no A and B).
    """
    columns = [by_key.get(_key(prefix + letter), ()) for letter in ascii_uppercase]
    n_columns = next(index for index, names in enumerate([*columns, ()]) if not names)
    if n_columns < (1 if prefix else 2):
        return ()
    for names in columns:
        if len(names) > 1:
            raise ValueError(f"{names[0]!r} and {names[1]!r} mean the same letter: remove the one that is not meant")
    # A lower-case letter behind a gap is a column of its own, an index `n` for instance.
    behind = [name for names in columns[n_columns:] for name in names if prefix or name.strip().isupper()]
    if behind:
        raise ValueError(
            f"columns of letters must run from A without a gap, {ascii_uppercase[n_columns]} is missing before "
            f"{behind[0]!r}"
        )
    return tuple(names[0] for names in columns[:n_columns])
