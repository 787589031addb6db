"""A second opinion beside the rules: weights of the wording of abstentions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .answer_features import features_of
from .answer_text import AnswerText

# Log-odds of abstaining in hundredths, from which on the weights overrule the rules: probabilities of .7 and .1, which
# were chosen on sets of answers whose weights were fitted on the other sets.
_ABSTAINS, _ANSWERS = 85, -220
# The weights were fitted on short answers: in longer ones common words add up to any sum. The shortest are what rules
# read as a whole.
_FEWEST_WORDS, _MOST_WORDS = 4, 40
_FILE = "word_weights.txt"


@dataclass(frozen=True, eq=False, slots=True)
class WordWeights:
    """What features of an answer add to the log-odds of abstaining.

    Attributes
    ----------
    bias : int
        Log-odds of an answer without features, in hundredths.
    weights : Mapping
        What a feature (`factuality.grading.abstention_phrases.answer_features.features_of`) adds, in hundredths.
    data : str
        Hash of the labelled answers that the weights were fitted on.
    """

    bias: int
    weights: Mapping[str, int]
    data: str

    def log_odds(self, answer: AnswerText) -> int:
        """Log-odds of abstaining, in hundredths."""
        weights = self.weights
        return self.bias + sum(weights[feature] for feature in features_of(answer) if feature in weights)

    def abstains(self, answer: AnswerText, *, ruled: bool) -> bool:
        """Whether an answer abstains: as ruled, unless the weights are sure of the opposite.

        A single clause that declines leaves nothing that could answer, and stays as ruled.

        Examples
        --------
        >>> from factuality.grading.abstention_phrases.answer_text import read_answer
        >>> word_weights().abstains(read_answer("That one stumps me, I'm afraid."), ruled=False)
        True
        >>> word_weights().abstains(read_answer("She's never named; we only know her as Mrs de Winter."), ruled=True)
        False
        """
        if not _FEWEST_WORDS <= len(answer.text.split()) <= _MOST_WORDS or (ruled and len(answer.clauses) == 1):
            return ruled
        return self.log_odds(answer) > (_ANSWERS if ruled else _ABSTAINS)

    def as_text(self) -> str:
        """The weights as written to a file."""
        lines = [f"{weight}\t{feature}" for feature, weight in sorted(self.weights.items())]
        return "\n".join([f"data\t{self.data}", f"{self.bias}\tbias", *lines, ""])


@cache
def word_weights() -> WordWeights:
    """The weights that come with the package."""
    lines = (files(__package__) / _FILE).read_text(encoding="utf-8").splitlines()
    data, bias, *rows = [line.split("\t") for line in lines]
    return WordWeights(int(bias[0]), {feature: int(weight) for weight, feature in rows}, data[1])
