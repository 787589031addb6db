"""MMLU: from a folder in the original layout, or from the hub."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from .hub import download
from .items import Item, letter_index, parquet_rows, select, unique_ids

Split = Literal["dev", "validation", "test"]

_HUB_DATASET = "cais/mmlu"
# The original folder calls the validation split "val".
_FOLDER_NAMES = {"dev": "dev", "validation": "val", "test": "test"}


def load_mmlu(
    source: str | Path | None = None, *, split: Split = "test", subjects: Sequence[str] | None = None
) -> list[Item]:
    """Load Massive Multitask Language Understanding (MMLU).

    Parameters
    ----------
    source : str or Path, optional
        A folder in the original layout (``test/SUBJECT_test.csv``: no header; question, four options, letter). Where
        absent, the data set ``cais/mmlu`` of the Hugging Face hub, downloaded once and then read from its cache.
    split : {"test", "dev", "validation"}
        ``test`` is scored; ``dev`` holds the five shots of each subject.
    subjects : sequence of str, optional
        Names such as ``abstract_algebra``; all 57 where absent.

    Returns
    -------
    list of Item
        Subjects in alphabetical order, items in file order, ids ``subject/index`` with the row in the file from 0.

    Raises
    ------
    ValueError
        For a row of another shape or a letter beyond D (naming file and line), an empty file, an unknown subject.
    FileNotFoundError
        Where the folder has no such split.
    ConnectionError
        Where the hub cannot be reached and the data are not in its cache.

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
    items = _hub_items(split) if source is None else _folder_items(Path(source), _FOLDER_NAMES[split], subjects)
    return select(items, subjects=subjects)


def _folder_items(folder: Path, split: str, subjects: Sequence[str] | None) -> list[Item]:
    suffix = f"_{split}.csv"
    files = {path.name.removesuffix(suffix): path for path in sorted((folder / split).glob(f"*{suffix}"))}
    if not files:
        raise FileNotFoundError(f"{folder}: must hold {split}/SUBJECT{suffix} files, none was found")
    wanted = list(files) if subjects is None else [name for name in files if name in subjects]
    items = [item for name in wanted for item in _read_subject(files[name], name)]
    # Unknown subjects are named by `select`, which needs at least the names of the known ones.
    unknown = [name for name in subjects or () if name not in files]
    if unknown:
        raise ValueError(f"{folder}: no file for the subject {unknown[0]!r}; there are: {', '.join(files)}")
    return items


def _read_subject(path: Path, subject: str) -> list[Item]:
    items: list[Item] = []
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        try:
            for row in reader:
                if len(row) != 6:
                    raise ValueError(f"a row must have 6 columns (question, four options, letter), got {len(row)}")
                question, *options, letter = row
                answer = letter_index(letter, len(options))
                items.append(Item(f"{subject}/{len(items)}", subject, question, tuple(options), answer))
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: must be UTF-8, byte {error.start} is not") from None
        except (ValueError, csv.Error) as error:
            raise ValueError(f"{path}, line {reader.line_num}: {error}") from None
    if not items:
        raise ValueError(f"{path}: the subject is empty, the file holds no items")
    return items


def _hub_items(split: Split) -> list[Item]:
    path = download(_HUB_DATASET, f"all/{split}-00000-of-00001.parquet", repo_type="dataset")
    items: list[Item] = []
    seen: dict[str, int] = {}
    for _, row in parquet_rows(path):
        subject = row["subject"]
        number = seen.get(subject, 0)
        seen[subject] = number + 1
        items.append(Item(f"{subject}/{number}", subject, row["question"], tuple(row["choices"]), row["answer"]))
    return sorted(unique_ids(items), key=lambda item: item.subject)
