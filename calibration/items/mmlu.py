"""MMLU: from a folder in the original layout, or from the hub."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from ..files.csv_layouts import DELIMITERS, csv_records
from ..files.field_names import Fields
from ..files.hub import download
from ..files.rows import parquet_rows
from ..files.text import read_text
from .answer_keys import Answers, Key, answer_indices
from .item import Item, select, unique_ids
from .subject_choice import chosen_subjects

Split = Literal["dev", "validation", "test"]

_HUB_DATASET = "cais/mmlu"
_N_COLUMNS = 6
_HUB_FIELDS = Fields(
    ("subject", "question", "options", "answer"), required=("subject", "question", "options", "answer")
)
# The original folder calls the validation split "val".
_FOLDER_NAMES = {"dev": "dev", "validation": "val", "test": "test"}


def load_mmlu(
    source: str | Path | None = None,
    *,
    split: Split = "test",
    subjects: Sequence[str] | None = None,
    answers: Answers | None = None,
) -> list[Item]:
    """Load Massive Multitask Language Understanding (MMLU).

    Parameters
    ----------
    source : str or Path, optional
        A folder in the original layout (``test/SUBJECT_test.csv``: no header; question, four options, letter). If
        omitted, the data set ``cais/mmlu`` of the Hugging Face hub, downloaded once and then read from its cache.
    split : {"test", "dev", "validation"}
        ``test`` is scored; ``dev`` holds the five few-shot examples of each subject.
    subjects : sequence of str, optional
        Names such as ``abstract_algebra``, patterns such as ``high_school_*``, or the groups ``stem``, ``humanities``,
        ``social_sciences`` and ``other``; all 57 if omitted.
    answers : {"letters", "from-zero", "from-one", "text"}, optional
        How each file of a folder writes its answers, if they are not letters (see `calibration.load_items`).

    Returns
    -------
    list of Item
        Subjects in alphabetical order, items in file order, ids ``subject/index`` with the row in the file from 0.

    Raises
    ------
    ValueError
        For a row of another shape, an empty option or a letter beyond D (naming file and line), an empty file, an
        unknown subject.
    FileNotFoundError
        If the folder has no such split.
    ConnectionError
        If the hub cannot be reached and the data are not in its cache.

    References
    ----------
    Hendrycks et al. (2021), "Measuring Massive Multitask Language Understanding", arXiv:2009.03300.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> (folder / "test").mkdir()
    >>> _ = (folder / "test" / "sums_test.csv").write_text("1 + 1 = ?,1,2,3,4,B")
    >>> load_mmlu(folder)[0].id
    'sums/0'
    """
    if split not in _FOLDER_NAMES:
        raise ValueError(f"the split must be one of {', '.join(_FOLDER_NAMES)}, got {split!r}")
    if source is None:
        items = _hub_items(split)
    else:
        items = _folder_items(Path(source), _FOLDER_NAMES[split], subjects, answers)
    return select(items, subjects=subjects)


def _folder_items(folder: Path, split: str, subjects: Sequence[str] | None, answers: Answers | None) -> list[Item]:
    suffix = f"_{split}.csv"
    files = {path.name.removesuffix(suffix): path for path in sorted((folder / split).glob(f"*{suffix}"))}
    if not files:
        raise FileNotFoundError(f"{folder}: must hold {split}/SUBJECT{suffix} files, none was found")
    requested = (
        files if subjects is None else chosen_subjects(subjects, files, absent=f"{folder}: no file for the subject")
    )
    return [item for name in requested for item in _read_subject(files[name], name, answers)]


def _read_subject(path: Path, subject: str, answers: Answers | None) -> list[Item]:
    keys: list[Key] = []
    questions: list[str] = []
    text = read_text(path)
    for line, record in csv_records(path, text, _delimiter(path, text)):
        if len(record) != _N_COLUMNS:
            raise ValueError(
                f"{path}, line {line}: a row must have {_N_COLUMNS} columns (question, four options, letter), got "
                f"{len(record)}"
            )
        question, *options, letter = record
        try:
            Item(f"{subject}/{len(keys)}", subject, question, tuple(options), 0)
        except ValueError as error:
            raise ValueError(f"{path}, line {line}: {error}") from None
        questions.append(question)
        keys.append(Key(letter, f"line {line}", len(options), tuple(options)))
    if not keys:
        raise ValueError(f"{path}: the subject is empty, the file holds no items")
    indices = answer_indices(keys, answers, source=str(path))
    return [
        Item(f"{subject}/{number}", subject, question, key.options, index)
        for number, (question, key, index) in enumerate(zip(questions, keys, indices, strict=True))
    ]


def _delimiter(path: Path, text: str) -> str:
    """The delimiter under which the first row has six columns, else the comma."""
    for delimiter in DELIMITERS:
        with suppress(ValueError):  # quotes that another delimiter explains
            _, record = next(csv_records(path, text, delimiter), (0, []))
            if len(record) == _N_COLUMNS:
                return delimiter
    return DELIMITERS[0]


def _hub_items(split: Split) -> list[Item]:
    path = download(_HUB_DATASET, f"all/{split}-00000-of-00001.parquet", repo_type="dataset")
    items: list[Item] = []
    seen: dict[str, int] = {}
    for row in parquet_rows(path, _HUB_FIELDS):
        subject, question, options, answer = (row.values[name] for name in _HUB_FIELDS.names)
        number = seen.get(subject, 0)
        seen[subject] = number + 1
        try:
            items.append(Item(f"{subject}/{number}", subject, question, tuple(options), answer))
        except ValueError as error:
            raise ValueError(f"{path}, {row.where}: {error}") from None
    return sorted(unique_ids(items), key=lambda item: item.subject)
