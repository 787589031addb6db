from .answers import factuality_bars as factuality_bars
from .answers import outcomes as outcomes
from .corrected_diagrams import corrected_reliability as corrected_reliability
from .diagnoses import diagnosis as diagnosis
from .diagrams import before_after as before_after
from .diagrams import isotonic_reliability as isotonic_reliability
from .diagrams import reliability as reliability
from .forests import by_group as by_group
from .forests import by_subject as by_subject
from .rubrics import rubric_bars as rubric_bars
from .selective import risk_coverage as risk_coverage
from .targets import confidence_targets as confidence_targets
from .theme import style as style
from .truthfulqa import truthfulqa_bars as truthfulqa_bars

__all__ = [
    "before_after",
    "by_group",
    "by_subject",
    "confidence_targets",
    "corrected_reliability",
    "diagnosis",
    "factuality_bars",
    "isotonic_reliability",
    "outcomes",
    "reliability",
    "risk_coverage",
    "rubric_bars",
    "style",
    "truthfulqa_bars",
]
