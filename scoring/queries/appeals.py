"""Levels that undecided appeals hold: by which cases, and what would be without them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce, TruncDate

from agencies.enums import EntryKind, ViolationState
from agencies.models import CreditEntry, Violation
from scoring.enums import EvaluationState
from scoring.models import Assessment
from scoring.months import last_day
from scoring.points import level_for
from scoring.rulebook import Rulebook

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


class NextMonth(Func):
    """The first day of the month after a month."""

    template = "(%(expressions)s + interval '1 month')::date"
    output_field = DateField()


class MonthBefore(Func):
    """The first day of the month before a month."""

    template = "(%(expressions)s - interval '1 month')::date"
    output_field = DateField()


@dataclass(frozen=True)
class Hold:
    """Why an agency below the floor of credit keeps its level (D, docs/rules.md §8).

    `level` is held in `month`; the total alone gives `by_points`. `cases` are the numbers of those
    whose appeal was undecided, and which took `contested` points of the credit of `day`: with them
    it would be `without` and reach the `floor`.
    """

    month: date
    level: str
    level_before: str
    by_points: str
    cases: tuple[str, ...]
    credit: int
    contested: int
    floor: int
    day: date

    @property
    def without(self) -> int:
        """The credit without the contested deductions, which decides about the hold."""
        return self.credit + self.contested

    @property
    def lowered(self) -> bool:
        """Whether the total gives a higher level than the one that is held."""
        return self.by_points != self.level


def holding_cases() -> Combinable:
    """The case numbers that hold an `Assessment`, for `annotate`; empty where nothing is held.

    The agency's own cases with a deduction by the month's end whose appeal was filed, and not yet
    decided, when the month was computed.
    """
    computed = Coalesce(
        OuterRef("evaluation__computed_at"),
        OuterRef("evaluation__published_at"),
        OuterRef("evaluation__requested_at"),
        output_field=DateTimeField(),
    )
    decided_later = Q(reviewed_on__gte=TruncDate(computed), appeal__decided_at__gt=computed)
    cases = Violation.objects.filter(
        Q(state=ViolationState.APPEALED) | decided_later,
        agency=OuterRef("agency"),
        appeal__filed_at__lte=computed,
        credit_entries__kind=EntryKind.DEDUCTION,
        credit_entries__points__lt=0,
        credit_entries__effective_on__lt=NextMonth(OuterRef("evaluation__month")),
    )
    named = ArraySubquery(cases.order_by("reference").values("reference"))
    return Case(When(held=True, then=named), default=None)


def contested_numbers() -> Combinable:
    """The ledger numbers of deductions under undecided appeals, for `annotate` of an agency's own.

    In the order of `contested_cases`.
    """
    return ArraySubquery(_contested().values("number"))


def contested_cases() -> Combinable:
    """The case numbers of deductions under undecided appeals, for `annotate` of an agency's own.

    In the order of `contested_numbers`.
    """
    return ArraySubquery(_contested().values("violation__reference"))


def _contested() -> QuerySet[CreditEntry]:
    return CreditEntry.objects.filter(
        agency=OuterRef("agency"),
        kind=EntryKind.DEDUCTION,
        points__lt=0,
        violation__state=ViolationState.APPEALED,
    ).order_by("number")


def level_of_month_before() -> Combinable:
    """The published level of the calendar month before that of a `Projection`, for `annotate`."""
    before = Assessment.objects.filter(
        agency=OuterRef("agency"),
        evaluation__state=EvaluationState.PUBLISHED,
        evaluation__month=MonthBefore(OuterRef("run__month")),
    )
    return Subquery(before.values("level"))


def hold_of(assessment: Assessment, rulebook: Rulebook, cases: Any) -> Hold | None:
    """The hold of a result, with the `cases` of `holding_cases`; None where nothing is held."""
    if not assessment.held or assessment.total is None:
        return None
    month = assessment.evaluation.month
    return Hold(
        month=month,
        level=assessment.level,
        level_before=assessment.level_before,
        by_points=level_for(rulebook, assessment.total).key,
        cases=tuple(cases or ()),
        credit=assessment.credit,
        contested=assessment.contested,
        floor=rulebook.stages.credit_floor,
        day=last_day(month),
    )


def months_held_by(violation: Violation) -> list[tuple[date, str]]:
    """The published months, the newest first, with the level that a case's open appeal holds.

    Empty unless the case is under an undecided appeal, then one query.
    """
    if violation.state != ViolationState.APPEALED:
        return []
    found = (
        Assessment.objects.filter(
            agency=violation.agency_id, held=True, evaluation__state=EvaluationState.PUBLISHED
        )
        .annotate(cases=holding_cases())
        .order_by("-evaluation__month")
        .values_list("evaluation__month", "level", "cases")
    )
    return [(month, level) for month, level, cases in found if violation.reference in cases]
