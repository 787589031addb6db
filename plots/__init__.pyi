from .answers import factuality_bars as factuality_bars
from .answers import outcomes as outcomes
from .before_after_panels import before_after as before_after
from .corrected_diagrams import corrected_reliability as corrected_reliability
from .diagnoses import diagnosis as diagnosis
from .forests import by_group as by_group
from .forests import by_subject as by_subject
from .isotonic_diagrams import isotonic_reliability as isotonic_reliability
from .reliability_diagrams import reliability as reliability
from .rubrics import rubric_bars as rubric_bars
from .run_measures import runs as runs
from .selective import risk_coverage as risk_coverage
from .style_blocks import style as style
from .targets import confidence_targets as confidence_targets
from .training_stages import stages as stages
from .truthful_answers import truthful_bars as truthful_bars
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
    "runs",
    "stages",
    "style",
    "truthful_bars",
    "truthfulqa_bars",
]
