"""How support does: what waits, how soon it answers, by clause, person and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Aggregate, Count, F, IntegerField, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncMonth
from django.utils import timezone

from portal.enums import QuestionState
from portal.models import Question, User
from portal.support.clauses import clause_titles
from portal.support.clock import ZONE

MONTHS: Final = 12


class Median(Aggregate):
    """The middle value; of an even number of values the lower of the two in the middle."""

    function = "PERCENTILE_DISC"
    name = "Median"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Now:
    """What waits at this moment; `oldest` is since when the longest of them does."""

    waiting: int
    overdue: int
    unassigned: int
    oldest: datetime | None


@dataclass(frozen=True)
class Line:
    """Questions that have something in common.

    `answered` had a first answer; `median` is in business minutes; `rating` from 1 to 5. `key` is
    the clause's anchor, the person's id or the month.
    """

    key: Any
    name: str
    asked: int
    answered: int
    late: int
    median: int | None
    rating: Decimal | None

    @property
    def in_time(self) -> Decimal | None:
        """The share of first answers that came within the target; None without one."""
        return Decimal(self.answered - self.late) / self.answered if self.answered else None


@dataclass(frozen=True)
class Figures:
    """The desk's figures for questions asked from `first` to `last`, both included.

    Questions that were merged into another one count there. `months` are the last twelve up to
    now, the oldest first, whatever the days.
    """

    now: Now
    first: date
    last: date
    all: Line
    clauses: tuple[Line, ...]
    people: tuple[Line, ...]
    months: tuple[Line, ...]


def figures(*, first: date, last: date, now: datetime) -> Figures:
    """The figures of the desk. Six queries, however many questions there are."""
    asked = asked_between(first, last)
    together = _lines(asked.annotate(of=Value(0)), {0: ""}, order="of")
    return Figures(
        now=waiting_now(now),
        first=first,
        last=last,
        all=together[0] if together else Line(0, "", 0, 0, 0, None, None),
        clauses=_by_clause(asked, now),
        people=_by_person(asked),
        months=_by_month(now),
    )


def waiting_now(now: datetime) -> Now:
    """What awaits an answer at the moment. One query."""
    return Now(
        **Question.objects.waiting().aggregate(
            waiting=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            unassigned=Count("pk", filter=Q(assignee=None)),
            oldest=Min("waiting_since"),
        )
    )


def asked_between(first: date, last: date) -> QuerySet[Question]:
    """Questions asked on these days, both included; merged ones are part of others."""
    return Question.objects.exclude(state=QuestionState.MERGED).filter(
        asked_at__gte=begins(first), asked_at__lt=begins(last + timedelta(days=1))
    )


def begins(day: date) -> datetime:
    """The first moment of a platform day."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _by_clause(asked: QuerySet[Question], now: datetime) -> tuple[Line, ...]:
    """The most asked first; one that the rules in force lack is called by its anchor."""
    return tuple(_lines(asked.annotate(of=F("clause")), clause_titles(now), order="-asked"))


def _by_person(asked: QuerySet[Question]) -> tuple[Line, ...]:
    """By whom the first answer was; the most answers first."""
    answered = asked.filter(first_answered_by__isnull=False)
    people = User.objects.filter(pk__in=answered.values("first_answered_by")).order_by("pk")
    names = {person.pk: str(person) for person in people}
    return tuple(_lines(answered.annotate(of=F("first_answered_by")), names, order="-asked"))


def _by_month(now: datetime) -> tuple[Line, ...]:
    first = timezone.localdate(now).replace(day=1)
    for _each in range(MONTHS - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    asked = asked_between(first, timezone.localdate(now))
    months = asked.annotate(of=TruncMonth("asked_at", tzinfo=ZONE))
    return tuple(_lines(months, {}, order="of"))


def _lines(grouped: QuerySet[Any], names: dict[Any, str], *, order: str) -> list[Line]:
    rows = (
        grouped.order_by()
        .values("of")
        .annotate(
            asked=Count("pk"),
            answered=Count("first_answered_at"),
            late=Count("pk", filter=Q(first_answer_late=True)),
            median=Median("first_answer_minutes"),
            rated=Count("rating"),
            stars=Sum("rating"),
        )
        .order_by(order, "of")
    )
    return [
        Line(
            key=row["of"],
            name=names.get(row["of"], str(row["of"])),
            asked=row["asked"],
            answered=row["answered"],
            late=row["late"],
            median=row["median"],
            rating=Decimal(row["stars"]) / row["rated"] if row["rated"] else None,
        )
        for row in rows
    ]
