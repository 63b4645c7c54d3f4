"""Which days have facts, since when, how often corrected, and what published months used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, Prefetch
from django.utils import timezone
from django.utils.translation import gettext

from scoring.enums import EvaluationState
from scoring.models import Evaluation, FactPart, StaleMark
from scoring.months import current_month, first_day, last_day, publication_due
from scoring.queries.stale_marks import told

DAYS_OF_WEEK: Final = 7
MOST_STALE: Final = 24
MOST_CHANGES: Final = 5


class Standing(StrEnum):
    """What there is to say first about a day."""

    FUTURE = "future"
    MISSING = "missing"
    DIFFERS = "differs"
    LATE = "late"
    CORRECTED = "corrected"
    THERE = "there"


@dataclass(frozen=True)
class CoveredDay:
    """One day: its parts in the order in which they came, and what the published result used.

    `frozen` is the part that the published evaluation of the month was computed from.
    """

    day: date
    today: date
    due: datetime
    parts: tuple[FactPart, ...]
    frozen: FactPart | None
    published: bool

    @property
    def current(self) -> FactPart | None:
        """The part that says what is known now."""
        return next((part for part in self.parts if part.superseded_at is None), None)

    @property
    def first_at(self) -> datetime | None:
        """When facts of the day first came, imports that were taken back left out."""
        return self._delivered[0].created_at if self._delivered else None

    @property
    def corrected(self) -> int:
        """How many imports changed what the day held, those taken back left out."""
        return sum(
            part.replaces is not None and part.replaces.sha256 != part.sha256
            for part in self._delivered
        )

    @property
    def _delivered(self) -> list[FactPart]:
        """What imports made of the day, those taken back left out."""
        return [part for part in self.parts if part.copies_id is None and not _is_taken_back(part)]

    @property
    def taken_back(self) -> int:
        """How many imports of the day were taken back."""
        return len({part.imported_file_id for part in self.parts if _is_taken_back(part)})

    @property
    def changes(self) -> str:
        """How often it was corrected and taken back, in words; nothing where never."""
        times = [
            (self.corrected, gettext("corrected %(count)d×")),
            (self.taken_back, gettext("taken back %(count)d×")),
        ]
        return ", ".join(words % {"count": count} for count, words in times if count)

    @property
    def late(self) -> bool:
        """Whether the day's facts first came after the month's result was due."""
        return self.first_at is not None and self.first_at > self.due

    @property
    def differs(self) -> bool:
        """Whether the published result was computed from something else than is there now."""
        if not self.published:
            return False
        now, then = self.current, self.frozen
        return (now.sha256 if now else "") != (then.sha256 if then else "")

    @property
    def standing(self) -> Standing:
        if self.day >= self.today and self.current is None:
            return Standing.FUTURE
        if self.differs:
            return Standing.DIFFERS
        if self.current is None:
            return Standing.MISSING
        if self.late:
            return Standing.LATE
        return Standing.CORRECTED if self.corrected or self.taken_back else Standing.THERE


def _is_taken_back(part: FactPart) -> bool:
    return getattr(part.imported_file, "retraction", None) is not None


@dataclass(frozen=True)
class Coverage:
    """A month of days; `published` is its published evaluation."""

    month: date
    days: tuple[CoveredDay, ...]
    published: Evaluation | None

    @property
    def weeks(self) -> Iterator[list[CoveredDay | None]]:
        """The days as weeks from Monday to Sunday; None beside the month."""
        cells: list[CoveredDay | None] = [None] * self.month.weekday() + list(self.days)
        cells += [None] * (-len(cells) % DAYS_OF_WEEK)
        for start in range(0, len(cells), DAYS_OF_WEEK):
            yield cells[start : start + DAYS_OF_WEEK]

    def count(self, standing: Standing) -> int:
        """How many days stand like this."""
        return sum(each.standing == standing for each in self.days)

    @property
    def with_facts(self) -> int:
        return sum(each.current is not None for each in self.days)

    @property
    def missing(self) -> int:
        """Days before today without facts, whatever else is to be said of them."""
        return sum(each.current is None and each.day < each.today for each in self.days)

    @property
    def differing(self) -> int:
        return self.count(Standing.DIFFERS)

    @property
    def late(self) -> int:
        return sum(each.late for each in self.days)


def coverage_of(month: date, *, now: datetime) -> Coverage:
    """The days of a month. Three queries, whatever is in it.

    A day is late when its facts first came after the month's result was due (D, docs/rules.md
    §2); it differs where the published result was computed from another content.
    """
    today, last = timezone.localdate(now), last_day(month)
    parts: dict[date, list[FactPart]] = defaultdict(list)
    found = FactPart.objects.of_days(month, last).order_by("day", "id")
    for part in found.select_related("imported_file__retraction", "replaces"):
        parts[part.day].append(part)
    published = Evaluation.objects.filter(month=month, state=EvaluationState.PUBLISHED).first()
    frozen = {part.day: part for part in published.parts.all()} if published else {}
    days = tuple(
        CoveredDay(
            day=day,
            today=today,
            due=publication_due(month),
            parts=tuple(parts[day]),
            frozen=frozen.get(day),
            published=published is not None,
        )
        for day in (month + timedelta(days=n) for n in range(last.day))
    )
    return Coverage(month, days, published)


@dataclass(frozen=True)
class StaleMonth:
    """A published month whose inputs changed: why, and the revision that tells what it changes."""

    published: Evaluation
    newer: int | None
    under_way: bool

    @property
    def changes(self) -> list[tuple[datetime, str]]:
        """What changed since it was frozen, the newest first: when, and what, in a sentence."""
        marks = list(self.published.marks.all())
        # the mark of that time is the first that counts; a later one may bear an earlier time
        since = self.published.stale_since
        first = min((mark.pk for mark in marks if mark.at == since), default=0)
        return [(mark.at, told(mark)) for mark in marks if mark.pk >= first][:MOST_CHANGES]


def stale_months() -> list[StaleMonth]:
    """Published months whose inputs changed, the newest first. Two queries."""
    later = Evaluation.objects.filter(month=OuterRef("month"), revision__gt=OuterRef("revision"))
    stale = Evaluation.objects.filter(state=EvaluationState.PUBLISHED, stale_since__isnull=False)
    marks = Prefetch("marks", StaleMark.objects.order_by("-id"))
    found = stale.annotate(
        newer=later.filter(state=EvaluationState.COMPUTED).order_by("-revision").values("pk")[:1],
        under_way=Exists(
            later.filter(state__in=[EvaluationState.REQUESTED, EvaluationState.RUNNING])
        ),
    )
    rows = found.prefetch_related(marks).order_by("-month")[:MOST_STALE]
    return [StaleMonth(row, row.newer, row.under_way) for row in rows]


def months_shown(*, now: datetime) -> tuple[date, date]:
    """The first and the last month that the calendar can show: from the first facts to now."""
    newest = current_month(now)
    first = FactPart.objects.order_by("day").values_list("day", flat=True).first()
    return min(first.replace(day=1), newest) if first else newest, newest


def asked_month(text: str, first: date, last: date) -> date:
    """The month that `?month=YYYY-MM` asks for; the nearest one shown, the last for no month."""
    try:
        return min(max(first_day(text), first), last)
    except ValueError:
        return last
