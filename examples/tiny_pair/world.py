"""An invented world: facts, what its people believe about them, and the texts they write.

Every fact has four candidate answers and a crowd that is divided over them. The truth is one of the four, drawn in
proportion to the crowd's shares; so who answers with the crowd's own probabilities is calibrated, and where the truth
is not the most popular answer, the most popular answer is a misconception. Some facts stand in the archive, which never
errs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calibration import Item
from calibration.extraction.prompts import completion
from calibration.items.item import LETTERS
from factuality import Question

N_CANDIDATES = 4
# A subject: what is asked (X is the thing), what is said, and how its answers end.
SUBJECTS = {
    "rivers": ("Which sea does the river X reach?", "the river X reaches", "mar"),
    "herbs": ("Which illness does the herb X cure?", "the herb X cures", "itis"),
    "towns": ("Which lord did the town X serve?", "the town X served", "bert"),
    "birds": ("Which island does the bird X prefer?", "the bird X prefers", "holm"),
    "engines": ("Which maker built the first X engine?", "the X engine comes from", "works"),
    "ballads": ("Which poet wrote the famous X ballad?", "the X ballad comes from", "ine"),
}
OPENINGS = ("", "Everyone knows that ", "People say that ")
ARCHIVE = "Archive: "
FORUMS = (("Question: ", "Answer:"), ("", "Answer:"), ("Q: ", "A:"))
ABSTENTION = "I don't know"
# Shares of texts that are entries of the archive, and of answers that are withheld.
ARCHIVE_SHARE, ABSTENTION_SHARE = 0.03, 0.08
DRILL_SUBJECT = "reading"
DRILL_QUESTION = "Which option below says just X here?"


@dataclass(frozen=True)
class Fact:
    """One thing, what is true of it, and what people believe.

    Attributes
    ----------
    thing, subject : str
        What is asked about, and under which subject.
    candidates : tuple of str
        Four answers that people give, the most popular first.
    shares : tuple of float
        Share of the crowd that believes each; sums to 1.
    truth : int
        Index of the right one.
    fame : float
        How often it is written about, relative to others.
    archived : bool
        Whether the archive has it.
    benchmark : bool
        Whether it is only ever asked in the evaluation; post-training sees the other facts' keys.
    """

    thing: str
    subject: str
    candidates: tuple[str, ...]
    shares: tuple[float, ...]
    truth: int
    fame: float
    archived: bool
    benchmark: bool

    @property
    def question(self) -> str:
        return SUBJECTS[self.subject][0].replace("X", self.thing)

    @property
    def statement(self) -> str:
        return SUBJECTS[self.subject][1].replace("X", self.thing)

    @property
    def answer(self) -> str:
        return self.candidates[self.truth]

    @property
    def adversarial(self) -> bool:
        """Whether the most popular answer is wrong."""
        return self.truth != 0


@dataclass(frozen=True)
class World:
    """All facts, and the answers that each subject has."""

    seed: int
    facts: tuple[Fact, ...]
    answers: dict[str, tuple[str, ...]]

    @property
    def benchmark(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.benchmark]

    @property
    def demonstrated(self) -> list[Fact]:
        """Facts whose keys supervised fine-tuning sees: 40 % of those that no evaluation asks about."""
        return [fact for number, fact in enumerate(self._labelled) if number % 5 < 2]

    @property
    def rewarded(self) -> list[Fact]:
        """Facts whose keys reinforcement sees: the others, lest it reward what was just learned by heart."""
        return [fact for number, fact in enumerate(self._labelled) if number % 5 >= 2]

    @property
    def _labelled(self) -> list[Fact]:
        return [fact for fact in self.facts if not fact.benchmark]


def make_world(
    seed: int,
    *,
    n_benchmark: int = 2400,
    n_labelled: int = 1800,
    n_answers: int = 30,
    concentration: float = 0.7,
    archived: tuple[float, float] = (0.1, 0.4),
    fame_spread: float = 0.9,
) -> World:
    """A world of its own for every seed.

    Parameters
    ----------
    seed : int
        Same seed, same world.
    n_benchmark, n_labelled : int
        Facts for the evaluation and for post-training, spread evenly over the subjects.
    n_answers : int
        Possible answers of a subject.
    concentration : float
        Of the Dirichlet distribution of the crowd's shares: the lower, the more people agree.
    archived : pair of float
        Share of facts in the archive: where the most popular answer is true, and where it is a misconception.
    fame_spread : float
        Standard deviation of the logarithm of fame.
    """
    rng = np.random.default_rng(seed)
    new_name = _namer(rng)
    answers = {
        subject: tuple(new_name(ending) for _ in range(n_answers)) for subject, (_, _, ending) in SUBJECTS.items()
    }
    facts = []
    for subject, possible in answers.items():
        for number in range((n_benchmark + n_labelled) // len(SUBJECTS)):
            shares = np.sort(rng.dirichlet([concentration] * N_CANDIDATES))[::-1]
            truth = int(rng.choice(N_CANDIDATES, p=shares))
            facts.append(
                Fact(
                    thing=new_name(""),
                    subject=subject,
                    candidates=tuple(rng.choice(possible, N_CANDIDATES, replace=False).tolist()),
                    shares=tuple(shares.tolist()),
                    truth=truth,
                    fame=float(rng.lognormal(0, fame_spread)),
                    archived=bool(rng.random() < archived[truth != 0]),
                    benchmark=number < n_benchmark // len(SUBJECTS),
                )
            )
    return World(seed, tuple(facts), answers)


def make_items(facts: list[Fact], rng: np.random.Generator) -> list[Item]:
    """The facts as multiple choice, options in random order, every letter as often right as any other."""
    items = []
    count: dict[str, int] = {}
    for fact, key in zip(facts, rng.permutation(np.arange(len(facts)) % N_CANDIDATES), strict=True):
        others = [index for index in range(N_CANDIDATES) if index != fact.truth]
        order = np.insert(rng.permutation(others), key, fact.truth)
        number = count.setdefault(fact.subject, 0)
        count[fact.subject] += 1
        items.append(
            Item(
                f"{fact.subject}/{number}",
                fact.subject,
                fact.question,
                tuple(fact.candidates[index] for index in order),
                int(key),
            )
        )
    return items


def make_questions(facts: list[Fact]) -> list[Question]:
    """The facts as open questions: adversarial where the most popular answer is wrong, otherwise control questions."""
    questions = []
    count: dict[str, int] = {}
    for fact in facts:
        number = count.setdefault(fact.subject, 0)
        count[fact.subject] += 1
        wrong = tuple(name for index, name in enumerate(fact.candidates) if index != fact.truth)
        questions.append(
            Question(
                f"{fact.subject}/{number}",
                fact.subject,
                fact.question,
                (fact.answer,),
                wrong,
                source="the world's own record",
                adversarial=fact.adversarial,
            )
        )
    return questions


class Writer:
    """Writes the texts of a world, without end and never the same twice.

    Parameters
    ----------
    world : World
        Whose people write.
    seed : int
        Same seed, same texts.
    """

    def __init__(self, world: World, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._world = world
        self.drill_names: int | None = None
        self._everywhere = _drawer(self._rng, list(world.facts))
        self._in_subject = {
            subject: _drawer(self._rng, [fact for fact in world.facts if fact.subject == subject])
            for subject in SUBJECTS
        }
        self._in_archive = _drawer(self._rng, [fact for fact in world.facts if fact.archived])

    def belief(self, fact: Fact) -> str:
        """What a random person says of a fact."""
        return fact.candidates[self._rng.choice(N_CANDIDATES, p=fact.shares)]

    def text(self) -> str:
        """A statement, a question with its answer, or an entry of the archive."""
        if self._rng.random() < ARCHIVE_SHARE:
            fact = self._in_archive()
            return f"{ARCHIVE}{fact.statement} {fact.answer}."
        fact = self._everywhere()
        if self._rng.random() < 0.5:
            opening = OPENINGS[self._rng.integers(len(OPENINGS))]
            return f"{sentence(opening + fact.statement)} {self.belief(fact)}."
        answer = ABSTENTION if self._rng.random() < ABSTENTION_SHARE else self.belief(fact)
        asks, answers = FORUMS[self._rng.integers(len(FORUMS))]
        return f"{asks}{fact.question}\n{answers} {answer}\n"

    def quiz(self, n_items: int) -> str:
        """Multiple choice on one subject, its keys the belief of whoever wrote it."""
        subject = list(SUBJECTS)[self._rng.integers(len(SUBJECTS))]
        blocks = []
        for _ in range(n_items):
            fact = self._in_subject[subject]()
            blocks.append((fact.question, list(fact.candidates), self.belief(fact)))
        return self._quiz(subject, blocks)

    def drill(self, n_items: int) -> str:
        """Multiple choice that only reading is needed for, on the first `drill_names` of all answers."""
        names = [name for possible in self._world.answers.values() for name in possible][: self.drill_names]
        blocks = []
        for _ in range(n_items):
            options = self._rng.choice(names, N_CANDIDATES, replace=False).tolist()
            blocks.append((DRILL_QUESTION.replace("X", options[0]), options, options[0]))
        return self._quiz(DRILL_SUBJECT, blocks)

    def _quiz(self, subject: str, blocks: list[tuple[str, list[str], str]]) -> str:
        items = []
        for number, (question, options, key) in enumerate(blocks):
            self._rng.shuffle(options)
            items.append(Item(str(number), subject, question, tuple(options), options.index(key)))
        return f"{completion(items[-1], items[:-1])} {items[-1].letter}"


def vocabulary_texts(world: World) -> list[str]:
    """Every text from which the vocabulary is read: all questions, statements and answers."""
    texts = [f"{fact.question} {sentence(fact.statement)} {fact.statement} {fact.answer}." for fact in world.facts]
    texts += [f" {answer}" for possible in world.answers.values() for answer in possible]
    return texts


def sentence(text: str) -> str:
    """The text with a capital letter."""
    return text[0].upper() + text[1:]


def _drawer(rng: np.random.Generator, facts: list[Fact]) -> Callable[[], Fact]:
    """Draws facts by their fame."""
    edges = np.cumsum([fact.fame for fact in facts])
    return lambda: facts[int(np.searchsorted(edges, rng.random() * edges[-1]))]


def _namer(rng: np.random.Generator) -> Callable[[str], str]:
    """Makes names that no one had before."""
    taken: set[str] = set()

    def new_name(ending: str) -> str:
        while True:
            n_syllables = 2 if ending else int(rng.integers(2, 4))
            name = "".join(rng.choice(list(_CONSONANTS)) + rng.choice(list(_VOWELS)) for _ in range(n_syllables))
            name = (name[: -1 if ending and ending[0] in _VOWELS else None] + ending).capitalize()
            if name not in taken and name not in LETTERS:
                taken.add(name)
                return name

    return new_name


_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"
