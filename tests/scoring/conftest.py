"""A small platform with three months of facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from django.utils import timezone

from agencies.models import Agency, Creator
from scoring.evaluation.actions import publish, request_evaluation
from scoring.evaluation.run import run_evaluation
from scoring.models import Evaluation
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory
from tests.factories.facts import days_of, deliver_facts

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
STRONG = {
    "settled_cents": 500_000_000,
    "showcase_cents": 100_000_000,
    "good_goods_cents": 150_000_000,
    "settled_orders": 20_000,
}
NOW = timezone.make_aware(datetime(2026, 8, 10, 12, 0))


@dataclass
class Platform:
    """Two agencies with a creator each; `quiet` has no creators, `fresh` joined in July."""

    strong: Agency
    weak: Agency
    quiet: Agency
    fresh: Agency
    star: Creator
    starter: Creator


@pytest.fixture
def platform(transactional_db: None) -> Platform:
    strong = AgencyFactory(code="strong")
    weak = AgencyFactory(code="weak")
    quiet = AgencyFactory(code="quiet")
    fresh = AgencyFactory(code="fresh", joined_on=date(2026, 7, 31))
    star, starter = CreatorFactory(), CreatorFactory()
    BindingFactory(agency=strong, creator=star)
    BindingFactory(agency=weak, creator=starter)
    days = [day for month in (MAY, JUNE, JULY) for day in days_of(month)]
    deliver_facts({(star, day): STRONG for day in days} | {(starter, day): {} for day in days})
    return Platform(strong, weak, quiet, fresh, star, starter)


def computed(month: date, **wanted: object) -> Evaluation:
    """Ask for a month and compute it here."""
    evaluation = request_evaluation(month=month, at=NOW, **wanted)  # type: ignore[arg-type]
    run_evaluation(evaluation.pk)
    evaluation.refresh_from_db()
    return evaluation


def published(month: date, **wanted: object) -> Evaluation:
    """Ask for a month, compute and publish it."""
    return publish(evaluation_id=computed(month, **wanted).pk, at=NOW)
