"""Projections without running the engine, for pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory

from scoring.models import Projection, ProjectionRun, RulebookVersion
from scoring.points import indicator_values, score
from scoring.rulebook import INDICATOR_KEYS
from tests.factories.conduct import AgencyFactory
from tests.factories.level import TOTALS


class ProjectionRunFactory(factory.django.DjangoModelFactory[ProjectionRun]):
    """November 2026 with facts of its first fourteen days; no day up to the last is missing."""

    class Meta:
        model = ProjectionRun

    month = date(2026, 11, 1)
    data_through = date(2026, 11, 14)
    days = factory.LazyAttribute(lambda o: o.data_through.day)
    rulebook = factory.LazyAttribute(lambda o: RulebookVersion.objects.for_month(o.month))
    inputs = "3" * 64
    computed_at = datetime(2026, 11, 15, 1, 0, tzinfo=UTC)


class ProjectionFactory(factory.django.DjangoModelFactory[Projection]):
    """A projection computed from `TOTALS` by the real scoring; `novice=True` has no points."""

    class Meta:
        model = Projection

    run = factory.SubFactory(ProjectionRunFactory)
    agency = factory.SubFactory(AgencyFactory)

    @classmethod
    def _create(cls, model_class: type[Projection], *args: Any, **kwargs: Any) -> Projection:
        totals = kwargs.pop("from_totals", TOTALS)
        if kwargs.pop("novice", False):
            return model_class.objects.create(**kwargs)
        values = indicator_values(totals)
        result = score(kwargs["run"].rulebook.rulebook, values)
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
                    "percentile": str(Decimal("50.0")),
                }
                for key in INDICATOR_KEYS
            },
        }
        return model_class.objects.create(**{**found, **kwargs})
