"""Published results without running an evaluation, for pages and boards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory

from agencies.enums import Stage
from rankings.models import Board, BoardKind, Place
from scoring.enums import EvaluationState
from scoring.models import Assessment, Evaluation, RulebookVersion
from scoring.points import Totals, indicator_values, level_for, percentiles, score
from scoring.rulebook import INDICATOR_KEYS
from tests.factories.conduct import AgencyFactory

TOTALS = Totals(
    settled_cents=123_456_789,
    showcase_cents=12_345_678,
    good_goods_cents=23_456_789,
    settled_orders=12_345,
    worry_free_orders=4_321,
    live_minutes=54_321,
    creator_days=620,
    l5_creators=7,
    showcase_creators=13,
    reputation_points=5_740_425,
    reputation_orders=12_345,
)


class EvaluationFactory(factory.django.DjangoModelFactory[Evaluation]):
    """A published evaluation of October 2026 under the rulebook in force."""

    class Meta:
        model = Evaluation

    month = date(2026, 10, 1)
    revision = 1
    state = EvaluationState.PUBLISHED
    attempt = 1
    requested_at = datetime(2026, 11, 2, 19, 0, tzinfo=UTC)
    published_at = datetime(2026, 11, 2, 19, 1, tzinfo=UTC)
    data_through = factory.LazyAttribute(lambda o: date(o.month.year, o.month.month, 28))
    inputs_digest = "1" * 64
    result_digest = "2" * 64
    progress = 100
    rulebook = factory.LazyAttribute(lambda o: RulebookVersion.objects.for_month(o.month))


class AssessmentFactory(factory.django.DjangoModelFactory[Assessment]):
    """A result computed from `TOTALS` by the real scoring, assessed unless told otherwise."""

    class Meta:
        model = Assessment

    evaluation = factory.SubFactory(EvaluationFactory)
    agency = factory.SubFactory(AgencyFactory)
    stage = Stage.ASSESSED
    credit = 120

    @classmethod
    def _create(cls, model_class: type[Assessment], *args: Any, **kwargs: Any) -> Assessment:
        totals = kwargs.pop("from_totals", TOTALS)
        if kwargs["stage"] == Stage.NOVICE:
            return model_class.objects.create(**kwargs)
        rulebook = kwargs["evaluation"].rulebook.rulebook
        values = indicator_values(totals)
        result = score(rulebook, values)
        percentile = percentiles([Decimal(0), Decimal(1)])[1]
        found = {
            "operating": result.operating,
            "growth": result.growth,
            "service": result.service,
            "bonus": result.bonus,
            "total": result.total,
            "totals": {name: getattr(totals, name) for name in totals.__dataclass_fields__},
            "indicators": {
                key: {
                    "value": None if values[key] is None else str(values[key]),
                    "points": str(result.points[key]),
                    "percentile": str(percentile) if kwargs["stage"] == Stage.ASSESSED else None,
                }
                for key in INDICATOR_KEYS
            },
        }
        if kwargs["stage"] == Stage.ASSESSED:
            found["level"] = level_for(rulebook, result.total).key
        return model_class.objects.create(**{**found, **kwargs})


class BoardFactory(factory.django.DjangoModelFactory[Board]):
    class Meta:
        model = Board

    evaluation = factory.SubFactory(EvaluationFactory)
    kind = BoardKind.STRENGTH


class PlaceFactory(factory.django.DjangoModelFactory[Place]):
    class Meta:
        model = Place

    board = factory.SubFactory(BoardFactory)
    agency = factory.SubFactory(AgencyFactory)
    rank = factory.Sequence(lambda n: n + 1)
    code = factory.LazyAttribute(lambda o: o.agency.code)
    name = factory.LazyAttribute(lambda o: o.agency.name)
    level = "V3"
    score = Decimal("612.34")
