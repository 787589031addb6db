"""The four groups of MMLU's subjects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# As the table of the data set's own code (categories.py of github.com/hendrycks/test) sorts them.
MMLU_GROUPS: Mapping[str, tuple[str, ...]] = {
    "stem": (
        "abstract_algebra", "astronomy", "college_biology", "college_chemistry", "college_computer_science",
        "college_mathematics", "college_physics", "computer_security", "conceptual_physics", "electrical_engineering",
        "elementary_mathematics", "high_school_biology", "high_school_chemistry", "high_school_computer_science",
        "high_school_mathematics", "high_school_physics", "high_school_statistics", "machine_learning",
    ),
    "humanities": (
        "formal_logic", "high_school_european_history", "high_school_us_history", "high_school_world_history",
        "international_law", "jurisprudence", "logical_fallacies", "moral_disputes", "moral_scenarios", "philosophy",
        "prehistory", "professional_law", "world_religions",
    ),
    "social_sciences": (
        "econometrics", "high_school_geography", "high_school_government_and_politics", "high_school_macroeconomics",
        "high_school_microeconomics", "high_school_psychology", "human_sexuality", "professional_psychology",
        "public_relations", "security_studies", "sociology", "us_foreign_policy",
    ),
    "other": (
        "anatomy", "business_ethics", "clinical_knowledge", "college_medicine", "global_facts", "human_aging",
        "management", "marketing", "medical_genetics", "miscellaneous", "nutrition", "professional_accounting",
        "professional_medicine", "virology",
    ),
}  # fmt: skip
"""Names of the subjects by group."""

_GROUP_BY_SUBJECT = {subject: group for group, subjects in MMLU_GROUPS.items() for subject in subjects}


def mmlu_groups(subjects: Iterable[str]) -> list[str] | None:
    """The group of each of MMLU's subjects; None if one is none.

    Blanks may stand for underscores, in any case.

    References
    ----------
    Hendrycks et al. (2021), arXiv:2009.03300; the table is categories.py of their code.

    Examples
    --------
    >>> mmlu_groups(["anatomy", "Moral Disputes"]), mmlu_groups(["anatomy", "lore"])
    (['other', 'humanities'], None)
    """
    groups = [_GROUP_BY_SUBJECT.get(subject.strip().casefold().replace(" ", "_")) for subject in subjects]
    return None if None in groups else [group for group in groups if group is not None]
