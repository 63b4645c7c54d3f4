"""The tables of the level: rulebooks, facts, evaluations and their frozen results."""

from scoring.models.assessment import Assessment, CreatorContribution
from scoring.models.certificate import Certificate
from scoring.models.evaluation import Evaluation, EvaluationEvent
from scoring.models.fact_part import FactPart
from scoring.models.lever import LeverText
from scoring.models.projection import Projection, ProjectionRun
from scoring.models.row_export import RowExport
from scoring.models.rulebook_version import RulebookVersion

__all__ = [
    "Assessment",
    "Certificate",
    "CreatorContribution",
    "Evaluation",
    "EvaluationEvent",
    "FactPart",
    "LeverText",
    "Projection",
    "ProjectionRun",
    "RowExport",
    "RulebookVersion",
]
