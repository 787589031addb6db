"""Lettered questions to a judge, with the classes under each letter in turn."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp, softmax

from calibration.errors import AnswerError, PromptTooLongError
from calibration.extraction.letter_forms import LetterForm, letter_forms
from calibration.items.item import LETTERS
from calibration.metrics.arrays import FloatArray
from calibration.models.first_prompts import look_at_prompt
from calibration.models.protocol import Model, Prompt

JudgeStyle = Literal["auto", "chat", "completion"]
JUDGE_STYLES: tuple[JudgeStyle, ...] = get_args(JudgeStyle)

MINIMUM_MASS = 0.01
"""Probability on the letters below which a judge has not answered."""

# Below the logarithm of every probability; -inf would make the mean over the orders one too.
_FLOOR = -1e3


@dataclass(frozen=True, eq=False)
class Readings:
    r"""What a judge's letters say of texts.

    .. math:: p_i(c) \propto \exp \frac{1}{K} \sum_{k=1}^{K} \log p_{ik}(\ell_k(c))

    where :math:`\ell_k(c)` is the letter under which class :math:`c` stands in order :math:`k` and :math:`p_{ik}` the
    softmax over the letters: each class stands under each letter once, so a preference for a letter that adds the
    same to its logarithm whatever stands there cancels.

    Attributes
    ----------
    logprobs : ndarray, shape (n_texts, n_orders, n_classes)
        Natural log-probability of the letter of each class in each order, over the full vocabulary, all forms of the
        letter together; NaN where the prompt was longer than the judge's context window.

    References
    ----------
    Zheng et al. (2024), arXiv:2309.03882 (cyclic permutations; they average probabilities).

    Examples
    --------
    >>> ahead = np.log([[[0.6, 0.2], [0.2, 0.6]]])  # the first letter is favoured, whatever stands there
    >>> Readings(ahead).probabilities.round(6).tolist(), Readings(ahead).flipped([0, 1]).tolist()
    ([[0.5, 0.5]], [True])
    """

    logprobs: FloatArray

    @property
    def mass(self) -> FloatArray:
        """Probability on the letters, mean over the orders (n_texts,)."""
        return np.asarray(np.exp(logsumexp(self.logprobs, axis=2)).mean(axis=1))

    @property
    def probabilities(self) -> FloatArray:
        """Probability of each class among the classes (n_texts, n_classes)."""
        return np.asarray(softmax(log_softmax(np.maximum(self.logprobs, _FLOOR), axis=2).mean(axis=1), axis=1))

    @property
    def problems(self) -> list[str]:
        """Reason why each text has no class; empty if it has.

        The prompt is too long, or the letters have too little probability.
        """
        return [
            "longer than the judge's context window" if np.isnan(mass)
            else f"the judge puts {mass:.1e} on the letters, less than {MINIMUM_MASS}" if mass < MINIMUM_MASS
            else ""
            for mass in self.mass
        ]  # fmt: skip

    def flipped(self, groups: Sequence[Hashable]) -> NDArray[np.bool_]:
        """Whether the likeliest group of classes depends on the letters (n_texts,).

        Parameters
        ----------
        groups : sequence
            The group of each class.
        """
        likeliest = total(softmax(np.maximum(self.logprobs, _FLOOR), axis=2), groups).argmax(axis=2)
        return np.asarray((likeliest != likeliest[:, :1]).any(axis=1))


def total(probabilities: FloatArray, groups: Sequence[Hashable]) -> FloatArray:
    """Sums over the classes (last axis) of each group, by first appearance.

    Examples
    --------
    >>> total(np.array([[0.2, 0.5, 0.3]]), ["right", "wrong", "right"]).tolist()
    [[0.5, 0.5]]
    """
    members = np.array([[group == other for other in dict.fromkeys(groups)] for group in groups], dtype=np.float64)
    return np.asarray(probabilities @ members)


def read_letters(
    judge: Model,
    texts: Sequence[str],
    classes: Sequence[str],
    *,
    style: JudgeStyle = "auto",
    batch_size: int | None = None,
) -> Readings:
    """Ask a judge which class is true of each text, in cyclic orders.

    Each class is listed under each letter once.

    Parameters
    ----------
    judge : Model
        From `calibration.load_model`.
    texts : sequence of str
        What stands in front of the lettered classes: what is judged, and the question.
    classes : sequence of str
        Descriptions of the classes, 2 to 26.
    style : {"auto", "chat", "completion"}
        The judge's chat template, or the text as it is; ``auto``: its chat template where it has one.
    batch_size : int, optional
        Most prompts in one batch; if omitted, as many as suit the memory.

    Raises
    ------
    ValueError
        For an unknown style, fewer than two or more than 26 classes, ``chat`` without a chat template, letters that
        the tokenizer cannot tell apart.

    Warns
    -----
    UserWarning
        If the judge's chat template opens thoughts, inside which its letters are then read.
    """
    n_classes = len(classes)
    if not 2 <= n_classes <= len(LETTERS):
        raise ValueError(f"there must be 2 to {len(LETTERS)} classes, got {n_classes}")
    style = _chosen_style(judge, style)
    orders = (np.arange(n_classes)[:, None] + np.arange(n_classes)) % n_classes  # class under each letter
    prompts = [_prompt(judge, text, [classes[k] for k in order], style) for text in texts for order in orders]
    if prompts:
        look_at_prompt(judge, prompts[0], reads="letters")
    logprobs = _letter_logprobs(judge, prompts, n_classes, style, batch_size)
    by_class = np.empty((len(texts), n_classes, n_classes))
    letters = np.broadcast_to(orders, by_class.shape)
    np.put_along_axis(by_class, letters, logprobs.reshape(by_class.shape), axis=2)
    return Readings(by_class)


def _chosen_style(judge: Model, style: JudgeStyle) -> Literal["chat", "completion"]:
    if style not in JUDGE_STYLES:
        raise ValueError(f"style must be one of {', '.join(JUDGE_STYLES)}, got {style!r}")
    if style != "auto":
        return style
    try:
        judge.chat([{"role": "user", "content": "?"}])
    except ValueError:
        return "completion"
    return "chat"


def _prompt(judge: Model, text: str, classes: Sequence[str], style: Literal["chat", "completion"]) -> Prompt:
    lettered = "\n".join(f"{letter}. {described}" for letter, described in zip(LETTERS, classes, strict=False))
    if style == "completion":
        return Prompt(f"{text}\n{lettered}\nAnswer:")
    return judge.chat([{"role": "user", "content": f"{text}\n{lettered}\n\nReply with the letter alone."}])


def _letter_logprobs(
    judge: Model,
    prompts: Sequence[Prompt],
    n_letters: int,
    style: Literal["chat", "completion"],
    batch_size: int | None,
) -> FloatArray:
    """Log-probability of each letter after each prompt (n_prompts, n_letters).

    NaN for prompts that are too long.
    """
    values = np.full((len(prompts), n_letters), np.nan)
    rows = list(range(len(prompts)))
    while rows:
        try:
            forms = _forms(judge, prompts[rows[0]], n_letters, style)
            candidates = [text for form in forms for text in form.texts]
            logprobs = judge.next_token_logprobs([prompts[row] for row in rows], candidates, batch_size=batch_size)
        except PromptTooLongError as error:
            # Without this text, in any order of the classes.
            long = rows[error.row] // n_letters
            rows = [row for row in rows if row // n_letters != long]
        except AnswerError as error:
            text = rows[error.row] // n_letters
            raise ValueError(f"text {text + 1} of {len(prompts) // n_letters}: {error}") from None
        else:
            values[rows] = logsumexp(logprobs.astype(np.float64).reshape(len(rows), len(forms), n_letters), axis=1)
            break
    return values


def _forms(judge: Model, prompt: Prompt, n_letters: int, style: Literal["chat", "completion"]) -> list[LetterForm]:
    """Forms in which the letters are read: all of one token, otherwise the first."""
    forms = letter_forms(lambda text: judge.added_tokens(prompt, text), n_letters, style)
    return [form for form in forms if form.single] or [forms[0]]
