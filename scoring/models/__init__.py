"""The tables of the level: rulebooks, facts, evaluations and their frozen results."""

from scoring.models.assessment import Assessment, CreatorContribution
from scoring.models.evaluation import Evaluation, EvaluationEvent
from scoring.models.fact_part import FactPart
from scoring.models.rulebook_version import RulebookVersion

__all__ = [
    "Assessment",
    "CreatorContribution",
    "Evaluation",
    "EvaluationEvent",
    "FactPart",
    "RulebookVersion",
]
