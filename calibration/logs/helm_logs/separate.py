"""Separate multiple choice of HELM: a request an option, whose log-likelihood is the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..option_rows import OptionRow, item_table, option_table, predictions_of
from ..options import LogOptions, Normalize
from .log_values import HelmLog, item_id, plain_text, real_logprob, subject_of
from .members import HelmRun, reading
from .requests import Request, Requests
from .scores import EXACT, Scores

CALIBRATED = "multiple_choice_separate_calibrated"
SEPARATE = ("multiple_choice_separate_original", CALIBRATED)
_BYTES = "bytes:"
# HELM adds up in float64; scores this near to each other may be tied there.
_TIED = 1e-9


@dataclass(frozen=True)
class _Answer:
    """Log-likelihood of the text of an option, and its number of tokens."""

    logprob: float
    n_tokens: int


def read_separate(run: HelmRun, requests: Requests, scores: Scores, options: LogOptions) -> HelmLog:
    """A run that asked for the likelihood of each option.

    HELM compares means per token (``separate_original``), or log-likelihoods minus those without the question
    (``separate_calibrated``); here sums are compared unless `options` say otherwise, and differences of sums.

    Raises
    ------
    ValueError
        For a record that is not as HELM writes it, an option that was not asked, tokens that do not spell it,
        log-probabilities that are all 0.0, and grades that disagree with HELM's.
    """
    calibrated = run.method == CALIBRATED
    instances: dict[str, list[Request]] = {}
    for request in requests.rows:
        instances.setdefault(request.id, []).append(request)
    rows = []
    exact: list[float] = []
    n_tied = n_spread = 0
    normalize = options.normalize or "none"
    answers_seen: list[float] = []
    for name, asked in instances.items():
        first = asked[0]
        if len(first.correct) != 1:
            raise ValueError(f"{run.path}, {first.where}: one option must be right, {len(first.correct)} are tagged so")
        answers = _answers(run, asked, "original")
        prior = _answers(run, asked, "calibration") if calibrated else [_Answer(0.0, 1)] * len(answers)
        answers_seen += [answer.logprob for answer in answers]
        own = [
            answer.logprob - before.logprob if calibrated else answer.logprob / answer.n_tokens
            for answer, before in zip(answers, prior, strict=True)
        ]
        share = _exact_match(run, first, own, scores)
        exact.append(share)
        n_spread += share not in (0.0, 1.0)
        values = [
            (answer.logprob - before.logprob) / _length(text, answer.n_tokens, normalize)
            for answer, before, text in zip(answers, prior, first.references, strict=True)
        ]
        n_tied += sum(value == max(values) for value in values) > 1
        highest = max(values) if calibrated else 0.0  # differences may be positive, and softmax is the same
        rows.append(
            OptionRow(
                item=item_id(run, name), scores=[value - highest for value in values], where=first.where,
                subject=subject_of(run), answer=first.correct[0], question=first.question, options=first.references,
            )
        )  # fmt: skip
    if not any(answers_seen):
        raise ValueError(
            f"{run.path}: every log-probability is 0.0, which stands for none: nothing is known of options"
        )
    table = option_table(rows)
    content = predictions_of(table, "log-likelihoods", source=str(run.path), model=run.model)
    remarks = [*requests.remarks, *_remarks(content.accuracy, exact, normalize, calibrated=calibrated)]
    if n_tied:
        have = "has" if n_tied == 1 else "have"
        remarks.append(f"{n_tied} of {len(rows)} items {have} several likeliest options: the first counts")
    if n_spread:
        are, count = ("is", "counts") if n_spread == 1 else ("are", "count")
        remarks.append(f"{n_spread} of {len(rows)} items {are} tied in HELM, and {count} in part in its exact_match")
    return HelmLog(run=run, content=content, items=item_table(table), values=exact, remarks=tuple(remarks))


def _answers(run: HelmRun, asked: Sequence[Request], mode: str) -> list[_Answer]:
    """Likelihoods of an instance's options in their order, of one kind of request."""
    first = asked[0]
    by_option: dict[int, _Answer] = {}
    for request in asked:
        with reading(run.path, request.where):
            if (request.state.get("request_mode") or "original") != mode:
                continue
            option = int(request.state["reference_index"])
            text = request.references[option]
        if option in by_option:
            raise ValueError(f"{run.path}, {request.where}: option {option} must be asked once, it is asked twice")
        by_option[option] = _answer(run, request, text)
    missing = [option for option in range(len(first.references)) if option not in by_option]
    if missing:
        raise ValueError(
            f"{run.path}, {first.where}: there must be a request of kind {mode!r} for each of "
            f"{len(first.references)} options, option {missing[0]} has none"
        )
    return [by_option[option] for option in range(len(first.references))]


def _answer(run: HelmRun, request: Request, text: str) -> _Answer:
    """Sum over the last tokens, those that spell the option."""
    wanted = text.strip()
    tokens = request.tokens
    spelled, n_tokens = b"", 0
    while n_tokens < len(tokens) and len(spelled.strip()) < len(wanted.encode()):
        n_tokens += 1
        spelled = _bytes(str(tokens[-n_tokens].get("text", ""))) + spelled
    if spelled.decode(errors="replace").strip() != wanted:
        raise ValueError(
            f"{run.path}, {request.where}: the last tokens must spell the option {wanted[:40]!r}, got "
            f"{spelled.decode(errors='replace')[-40:]!r} of {len(tokens)} tokens"
        )
    # HELM tokenizes the option with a blank before it, which may be a token of its own.
    blank = _bytes(str(tokens[-n_tokens - 1].get("text", ""))) if n_tokens < len(tokens) else b""
    if not spelled.startswith(b" ") and blank == b" ":
        n_tokens += 1
    values = [real_logprob(token) for token in tokens[-n_tokens:]]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        raise ValueError(f"{run.path}, {request.where}: each token of {wanted[:40]!r} must have a log-probability")
    return _Answer(sum(known), n_tokens)


def _bytes(token: str) -> bytes:
    """Bytes of a token; OpenAI writes parts of characters as escapes."""
    if token.startswith(_BYTES):
        return token.removeprefix(_BYTES).encode("latin-1", "replace").decode("unicode_escape").encode("latin-1")
    return plain_text(token).encode()


def _length(text: str, n_tokens: int, normalize: Normalize) -> int:
    """What a log-likelihood is divided by."""
    return {"none": 1, "tokens": n_tokens, "chars": len(text), "bytes": len(text.encode())}[normalize] or 1


def _exact_match(run: HelmRun, first: Request, own: Sequence[float], scores: Scores) -> float:
    """Share of right options among the highest by HELM's own scores."""
    shares = []
    for tolerance in (0.0, _TIED):
        highest = [option for option, score in enumerate(own) if score >= max(own) - tolerance]
        shares.append(sum(option in first.correct for option in highest) / len(highest))
    logged = scores.get(first.id, {}).get(EXACT)
    if logged is not None and logged not in shares:
        raise ValueError(
            f"{run.path}: {EXACT} of {first.id} is {logged:g}, but the log-likelihoods of its options give "
            f"{shares[0]:g} by HELM's rule"
        )
    return shares[0] if logged is None else logged


def _remarks(accuracy: float, exact: Sequence[float], normalize: Normalize, *, calibrated: bool) -> list[str]:
    """What is compared here and in HELM."""
    theirs = sum(exact) / len(exact)
    rule = "log-likelihoods minus those without the question" if calibrated else "log-likelihoods per token"
    kept = rule if calibrated and normalize == "none" else f"log-likelihoods normalised by {normalize}"
    if normalize == "none" and not calibrated:
        kept = "sums of log-likelihoods"
    if (normalize == "none") == calibrated and normalize in ("none", "tokens"):
        return [f"HELM compares {rule}, and so is done here"]
    again = "" if calibrated else "; --normalize tokens compares as HELM does"
    return [f"HELM compares {rule} (exact match {theirs:.4f}), here {kept} are compared ({accuracy:.4f}){again}"]
