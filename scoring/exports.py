"""A month's results as the contract's rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models.functions import Collate

from scoring.enums import EvaluationState
from scoring.models import Assessment, Evaluation
from scoring.rulebook import INDICATOR_KEYS

EXPORT_COLUMNS = (
    "agency_code",
    "month",
    "stage",
    "level",
    "total",
    "operating",
    "growth",
    "service",
    "bonus",
    "credit",
    *(column for key in INDICATOR_KEYS for column in (key, f"{key}_points")),
)


def exported_evaluation(month: date, *, latest: bool) -> Evaluation | None:
    """The published revision of a month, or with `latest` the newest computed one."""
    revisions = Evaluation.objects.of_month(month)
    if latest:
        return revisions.exclude(computed_at=None).exclude(state=EvaluationState.FAILED).first()
    return revisions.published().first()


def assessment_rows(evaluation: Evaluation) -> Iterator[list[object]]:
    """One row per agency in scope, by code point of its code; missing values are empty."""
    assessments = (
        Assessment.objects.filter(evaluation=evaluation)
        .select_related("agency")
        .only(
            "stage",
            "level",
            "total",
            "operating",
            "growth",
            "service",
            "bonus",
            "credit",
            "indicators",
            "agency__code",
        )
        .order_by(Collate("agency__code", "C"))
    )
    for found in assessments.iterator(chunk_size=2_000):
        indicators = found.indicators
        yield [
            found.agency.code,
            f"{evaluation.month:%Y-%m}",
            found.stage,
            found.level,
            *map(_cell, (found.total, found.operating, found.growth, found.service, found.bonus)),
            found.credit,
            *(
                _cell(indicators.get(key, {}).get(part))
                for key in INDICATOR_KEYS
                for part in ("value", "points")
            ),
        ]


def _cell(value: object) -> object:
    return "" if value is None else value
