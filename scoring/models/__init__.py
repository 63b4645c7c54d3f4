"""The tables of the level: rulebooks, facts, evaluations and their frozen results."""

from scoring.models.assessment import Assessment, CreatorContribution
from scoring.models.back_test import BackTest, BackTestResult
from scoring.models.certificate import Certificate
from scoring.models.consultation import Consultation, ConsultationComment
from scoring.models.dispute import Dispute, DisputeFile
from scoring.models.evaluation import Evaluation, EvaluationEvent, GateRelease, StaleMark
from scoring.models.fact_part import FactPart
from scoring.models.lever import LeverText
from scoring.models.projection import Projection, ProjectionRun
from scoring.models.row_export import RowExport
from scoring.models.rulebook_version import RulebookVersion, RulebookWithdrawal
from scoring.models.upload import Retraction, Upload

__all__ = [
    "Assessment",
    "BackTest",
    "BackTestResult",
    "Certificate",
    "Consultation",
    "ConsultationComment",
    "CreatorContribution",
    "Dispute",
    "DisputeFile",
    "Evaluation",
    "EvaluationEvent",
    "FactPart",
    "GateRelease",
    "LeverText",
    "Projection",
    "ProjectionRun",
    "Retraction",
    "RowExport",
    "RulebookVersion",
    "RulebookWithdrawal",
    "StaleMark",
    "Upload",
]
