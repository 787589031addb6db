"""Semantic entropy: the spread of meanings among sampled answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from calibration.metrics.validation import float_array, plain_array

from ..answers.cut_answers import answered
from ..answers.responses import Responses
from ..questions.question import Question
from .confidences import KEY, Confidences
from .sampling_agreement import Agreement, agree_both_ways, same_words

Weights = Literal["counts", "logprobs", "logprobs-per-token"]
WEIGHTS: tuple[Weights, ...] = get_args(Weights)
_ENTROPIES = pl.Schema({"entropy": pl.Float64(), "n_clusters": pl.Int64(), "n_samples": pl.Int64()})


def cluster_answers(question: Question, answers: Sequence[str], *, agree: Agreement = same_words) -> NDArray[np.int64]:
    """Cluster answers of the same meaning.

    An answer joins the first cluster whose first member it agrees with, in both directions.

    Parameters
    ----------
    question : Question
        The question that they answer.
    answers : sequence of str
        Their texts; the same text is asked about once.
    agree : callable
        ``agree(question, first, second)``: whether the first answer implies the second one.

    Returns
    -------
    ndarray of int, shape (n_answers,)
        Number of each answer's cluster, from 0 in order of first appearance.

    References
    ----------
    Kuhn, Gal and Farquhar (2023), arXiv:2302.09664, algorithm 1.

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> cluster_answers(question, ["White.", "Yellow!", "white", "It is white"]).tolist()
    [0, 1, 0, 2]
    """
    firsts: list[str] = []
    cluster: dict[str, int] = {}
    for answer in answers:
        if answer in cluster:
            continue
        same = (number for number, first in enumerate(firsts) if agree_both_ways(agree, question, answer, first))
        cluster[answer] = next(same, len(firsts))
        if cluster[answer] == len(firsts):
            firsts.append(answer)
    return np.array([cluster[answer] for answer in answers], dtype=np.int64)


def semantic_entropy(
    samples: Sequence[str], logprobs: ArrayLike | None = None, *, clusters: Sequence[int] | NDArray[np.int64]
) -> float:
    r"""Semantic entropy of the answers to one question, in nats.

    .. math:: -\sum_c p_c \log p_c, \qquad p_c = \frac{n_c}{n} \quad\text{or}\quad
              p_c = \frac{\sum_{s \in c} p(s)}{\sum_{s} p(s)}

    over clusters :math:`c` of answers that mean the same. The first (*discrete*) form needs no probabilities; in the
    second one the sums are over *distinct* texts :math:`s`.

    Parameters
    ----------
    samples : sequence of str
        Answers, sampled at the temperature 1 for the second form.
    logprobs : array_like, shape (n,), optional
        Natural log-probability of each answer under the model. However low they are, nothing underflows. Divided by
        their numbers of tokens they give the length-normalised form, which is no probability of a text but does not
        punish long ones. Of a repeated text the first counts.
    clusters : sequence of int, shape (n,)
        Which answers mean the same, such as from `cluster_answers`.

    Returns
    -------
    float
        From 0 (all mean the same) to log n.

    Raises
    ------
    ValueError
        For no samples, other lengths, log-probabilities that are not finite or above 0, clusters that are no whole
        numbers.

    Notes
    -----
    With repeated texts counted each time, weights would tend to squares of probabilities as samples grow in number.

    References
    ----------
    Kuhn, Gal and Farquhar (2023), arXiv:2302.09664. Farquhar et al. (2024), doi:10.1038/s41586-024-07421-0 (normalised
    over the clusters seen; the discrete form).

    Examples
    --------
    >>> round(semantic_entropy(["white", "White", "yellow", "red"], clusters=[0, 0, 1, 2]), 4)  # 1.5 bits
    1.0397
    >>> round(semantic_entropy(["white", "yellow"], [-5000.0, -5000.0], clusters=[0, 1]), 4)
    0.6931
    """
    labels = plain_array("clusters", clusters)
    n = len(samples)
    if n == 0 or labels.shape != (n,):
        raise ValueError(f"there must be samples and a cluster for each, got {n} samples and clusters {labels.shape}")
    if isinstance(samples, str) or labels.dtype.kind not in "iu":
        got = "one text" if isinstance(samples, str) else f"clusters of {labels.dtype}"
        raise ValueError(f"there must be a list of samples, and a whole number for the cluster of each, got {got}")
    if logprobs is None:
        weights = np.zeros(n)
        kept = np.arange(n)
    else:
        weights = np.asarray(float_array("logprobs", logprobs))
        if weights.shape != (n,) or not np.isfinite(weights).all() or (weights > 0).any():
            raise ValueError(
                f"logprobs must be {n} finite numbers of at most 0, got {weights.tolist()} of shape {weights.shape}"
            )
        first: dict[str, int] = {}
        for number, text in enumerate(samples):
            first.setdefault(text, number)
        kept = np.array(list(first.values()))
    weights, labels = weights[kept], labels[kept]
    masses = np.array([logsumexp(weights[labels == label]) for label in np.unique(labels)])
    masses -= logsumexp(masses)
    return max(0.0, float(-(np.exp(masses) * masses).sum()))


def semantic_entropies(
    samples: Responses,
    responses: Responses | None = None,
    *,
    agree: Agreement = same_words,
    weights: Weights = "counts",
) -> Confidences:
    r"""Semantic entropy of each question's samples, as a confidence :math:`e^{-H}`.

    Parameters
    ----------
    samples : Responses
        Several answers to each question, drawn at a temperature (1 for `weights` other than ``counts``).
    responses : Responses, optional
        The answers given, such as greedy ones to the same questions; the samples themselves if omitted.
    agree : callable
        ``agree(question, first, second)``: whether the first answer implies the second one. It must hold both
        ways. By default the same words; `factuality.agreement_by` makes one of a grader, also of entailment.
    weights : {"counts", "logprobs", "logprobs-per-token"}
        Weight of a cluster: its share of the samples (the discrete form), the probability of its texts, or the same
        with log-probabilities divided by the number of tokens. Probabilities of long answers lie orders of magnitude
        apart, so that of a few samples one has nearly all the weight.

    Returns
    -------
    Confidences
        Of the kind ``semantic-entropy``, in the order of the answers given, with ``entropy`` (nats), ``n_clusters`` and
        ``n_samples``. Samples that were cut off before their answer do not count; null if fewer than two are left.
        The confidence is one over the effective number of meanings: it ranks like the entropy, and it is that of a
        question, not of an answer; it is no probability before `calibration.recalibrate`.

    Raises
    ------
    ValueError
        For an answer to a question that was not sampled, or sampled once; log-probabilities that are not known.

    References
    ----------
    Kuhn, Gal and Farquhar (2023), arXiv:2302.09664. Farquhar et al. (2024), doi:10.1038/s41586-024-07421-0.

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> texts = ["White.", "white", "Yellow.", "yellow!"]
    >>> drawn = pl.concat([Responses.from_texts({"sun/0": text}, [question]).frame for text in texts])
    >>> drawn = Responses(drawn.with_columns(sample=pl.int_range(4)), (question,))
    >>> entropies = semantic_entropies(drawn, Responses.from_texts({"sun/0": "white"}, [question])).frame
    >>> entropies.select(pl.col("confidence", "entropy").round(4), "n_clusters").row(0)
    (0.5, 0.6931, 2)
    """
    if weights not in WEIGHTS:
        raise ValueError(f"weights must be one of {', '.join(WEIGHTS)}, got {weights!r}")
    questions = {question.id: question for question in samples.questions}
    rows = {}
    drawn = samples.frame.with_columns(answered=pl.Series(answered(samples.frame)))
    for (name,), frame in drawn.group_by("question", maintain_order=True):
        if frame.height > 1:
            rows[str(name)] = _entropy(questions[str(name)], frame.filter("answered"), agree, weights)
    given = (samples if responses is None else responses).frame.select(KEY)
    for name in given["question"]:
        if name not in rows:
            raise ValueError(
                f"question {name} needs several samples for its entropy, got fewer than 2; "
                "ask with samples above 1 and a temperature above 0"
            )
    entropies = pl.DataFrame([rows[name] for name in given["question"]], schema=_ENTROPIES)
    confidence = given.with_columns(
        confidence=(-entropies["entropy"]).exp(), confidence_kind=pl.lit("semantic-entropy")
    )
    return Confidences(confidence.hstack(entropies))


def _entropy(
    question: Question, frame: pl.DataFrame, agree: Agreement, weights: Weights
) -> dict[str, float | int | None]:
    answers = frame["response"].to_list()
    if len(answers) < 2:
        return {"entropy": None, "n_clusters": None, "n_samples": len(answers)}
    clusters = cluster_answers(question, answers, agree=agree)
    logprobs = None
    if weights != "counts":
        known = frame["logprob"] / (frame["n_tokens"] if weights == "logprobs-per-token" else 1)
        if known.null_count():
            raise ValueError(f"question {question.id}: the log-probabilities of its samples are not known; use counts")
        logprobs = known.to_numpy()
    entropy = semantic_entropy(answers, logprobs, clusters=clusters)
    return {"entropy": entropy, "n_clusters": int(clusters.max()) + 1, "n_samples": len(answers)}
