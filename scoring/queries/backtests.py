"""What the back-test lab asks: kept tests, what may be tried, who moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Value, When

from agencies.enums import Stage
from scoring.enums import BackTestState, RulebookState
from scoring.models import BackTest, BackTestResult, Evaluation, RulebookVersion
from scoring.models.back_test import MOVED

# What is tried most comes first.
_ORDER: Final = (
    RulebookState.DRAFT,
    RulebookState.CONSULTATION,
    RulebookState.SCHEDULED,
    RulebookState.IN_FORCE,
    RulebookState.RETIRED,
)
_APART: Final = """
    SELECT agency.code, agency.name, own.stage, own.level, own.total,
        other.stage, other.level, other.total
    FROM scoring_backtestresult own
    JOIN scoring_backtestresult other
        ON other.agency_id = own.agency_id AND other.month = own.month AND other.back_test_id = %s
    JOIN agencies_agency agency ON agency.id = own.agency_id
    WHERE own.back_test_id = %s AND own.month = %s
        AND (own.stage, own.level) <> (other.stage, other.level)
    ORDER BY own.agency_id
    LIMIT %s OFFSET %s
"""


def kept_tests() -> QuerySet[BackTest]:
    """All back-tests, the newest first, with the figures of all their months as `figures`."""
    tests = BackTest.objects.select_related("version", "asked_by").order_by("-id")
    return tests.defer("text", "summary", "version__text").annotate(figures=F("summary__all"))


def choosable_versions() -> QuerySet[RulebookVersion]:
    """The versions that may be tried: drafts first, then what is asked about, the newest first."""
    place = Case(*(When(state=state, then=Value(n)) for n, state in enumerate(_ORDER)))
    return RulebookVersion.objects.defer("text").order_by(place, "-effective_from", "-id")


def published_months() -> list[date]:
    """The months with a published result, the newest first. One query."""
    return list(Evaluation.objects.published().order_by("-month").values_list("month", flat=True))


def replaced_months(test: BackTest) -> list[date]:
    """The months of a test whose published revision is another one by now. One query."""
    current = dict(
        Evaluation.objects.published()
        .filter(month__in=test.months)
        .order_by("month")
        .values_list("month", "pk")
    )
    return [
        month for month in test.months if current.get(month) != test.revisions[f"{month:%Y-%m}"]
    ]


def comparable_tests(test: BackTest) -> QuerySet[BackTest]:
    """Other ready tests that share a month with this one, the newest first."""
    ready = BackTest.objects.filter(state=BackTestState.READY, months__overlap=test.months)
    return ready.exclude(pk=test.pk).select_related("version").defer("text").order_by("-id")


def results_of(test: BackTest) -> QuerySet[BackTestResult]:
    """Every result of a test, by month and agency."""
    results = BackTestResult.objects.filter(back_test=test).select_related("agency")
    return results.order_by("month", "agency_id")


def movers(
    test: BackTest, *, month: date | None, before: str, after: str, moved_by: str | None
) -> QuerySet[BackTestResult]:
    """Whose stage or level would have been another one, the largest loss of points first.

    month: that one; all of them, the newest first, when None. before, after: places of the matrix,
    "" for any. moved_by: an indicator's key, "" for none of them, None for any.
    """
    found = BackTestResult.objects.filter(MOVED, back_test=test).select_related("agency")
    if month is not None:
        found = found.filter(month=month)
    if before:
        found = found.filter(_at(before, "stage_before", "level_before"))
    if after:
        found = found.filter(_at(after, "stage", "level"))
    if moved_by is not None:
        found = found.filter(moved_by=moved_by)
    change = F("total") - F("total_before")
    return found.annotate(change=change).order_by("-month", change.asc(), "agency_id")


def _at(place: str, stage: str, level: str) -> Q:
    if place in (Stage.NOVICE, Stage.OBSERVATION):
        return Q(**{stage: place})
    return Q(**{level: place})


@dataclass(frozen=True)
class Difference:
    """An agency that two tests give another stage or level in a month."""

    code: str
    name: str
    stage: str
    level: str
    total: Decimal | None
    other_stage: str
    other_level: str
    other_total: Decimal | None


@dataclass(frozen=True)
class Differences:
    """The agencies that two tests tell apart in a month, by agency: read slice by slice."""

    test: BackTest
    other: BackTest
    month: date

    def __getitem__(self, part: slice) -> list[Difference]:
        with connection.cursor() as cursor:
            cursor.execute(
                _APART,
                [
                    *(self.other.pk, self.test.pk, self.month),
                    *(part.stop - (part.start or 0), part.start or 0),
                ],
            )
            return [Difference(*row) for row in cursor.fetchall()]


def exported(test: BackTest) -> Iterator[list[object]]:
    """Each result as a row of the file."""
    for each in results_of(test).iterator(chunk_size=2_000):
        yield [
            *(f"{each.month:%Y-%m}", each.agency.code, each.agency.name, each.creators),
            *(each.stage_before, each.level_before, each.total_before),
            *(each.stage, each.level, each.total, each.moved_by),
            *(each.strength_before, each.strength, each.growth_before, each.growth),
        ]
