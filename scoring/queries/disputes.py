"""Which months an agency may dispute, its disputes, and the staff's list of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Case, Count, F, IntegerField, Prefetch, QuerySet, Value, When

from agencies.models import Agency
from scoring.enums import DisputeState
from scoring.models import Dispute, DisputeFile, Evaluation
from scoring.months import add_months, current_month, last_day, publication_due

LATEST_MONTHS: Final = 3
UNDECIDED: Final = (DisputeState.OPEN, DisputeState.ACCEPTED)


@dataclass(frozen=True)
class Window:
    """A month that may be disputed: over, not published; `held` once publication is overdue."""

    month: date
    due_at: datetime
    held: bool


def open_windows(agency: Agency, *, now: datetime) -> tuple[Window, ...]:
    """The months that the agency may dispute at `now`, the newest first. One query.

    1. From the first day of the next month until the month's result is published, be it late
       (D, docs/rules.md §2).
    2. Of the last three full ones, none before the newest published one, which is decided; those
       before joining and after a removal are not assessed.
    """
    running = current_month(now)
    full = [add_months(running, -count) for count in range(1, LATEST_MONTHS + 1)]
    published = Evaluation.objects.published().filter(month__in=full)
    newest = published.order_by("-month").values_list("month", flat=True).first()
    return tuple(
        Window(month, publication_due(month), now >= publication_due(month))
        for month in full
        if _in_scope(agency, month) and (newest is None or month > newest)
    )


def _in_scope(agency: Agency, month: date) -> bool:
    """As `Agency.objects.in_scope` has it."""
    joined = agency.joined_on <= last_day(month)
    return joined and (agency.removed_on is None or agency.removed_on >= month)


def disputes_of(agency: Agency) -> QuerySet[Dispute]:
    """An agency's own disputes, the newest first."""
    return agency.disputes.select_related("filed_by").order_by("-pk")


def with_files(disputes: QuerySet[Dispute]) -> QuerySet[Dispute]:
    """With the names of their files, without what is in them."""
    return disputes.prefetch_related(Prefetch("files", DisputeFile.objects.defer("content")))


def all_disputes() -> QuerySet[Dispute]:
    """Every dispute: open ones, then accepted ones, the oldest first; then the rest, newest first.

    With agency and filer.
    """
    return (
        Dispute.objects.select_related("agency", "filed_by")
        .annotate(
            urgency=Case(
                When(state=DisputeState.OPEN, then=Value(0)),
                When(state=DisputeState.ACCEPTED, then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            ),
            waiting=Case(When(state__in=UNDECIDED, then=F("pk"))),
        )
        .order_by("urgency", F("waiting").asc(nulls_last=True), "-pk")
    )


@dataclass(frozen=True)
class Waiting:
    """How many disputes of a month wait: `open` for an answer, `accepted` for their correction.

    `holds` says that the accepted ones keep the month from being published.
    """

    month: date
    open: int
    accepted: int
    holds: bool


def waiting() -> list[Waiting]:
    """What waits, month by month, the oldest first. Two queries."""
    rows: dict[date, dict[str, int]] = {}
    counted = Dispute.objects.filter(state__in=UNDECIDED).values("month", "state")
    for row in counted.annotate(number=Count("pk")).order_by("month", "state"):
        rows.setdefault(row["month"], {})[row["state"]] = row["number"]
    published = set(
        Evaluation.objects.published().filter(month__in=rows).values_list("month", flat=True)
    )
    return [
        Waiting(
            month,
            open=found.get(DisputeState.OPEN, 0),
            accepted=found.get(DisputeState.ACCEPTED, 0),
            holds=DisputeState.ACCEPTED in found and month not in published,
        )
        for month, found in rows.items()
    ]


def is_published(month: date) -> bool:
    """Whether the month has a published result."""
    return Evaluation.objects.published().filter(month=month).exists()


def unanswered(agency: Agency, month: date) -> int:
    """How many of the agency's disputes of a month wait for an answer."""
    return agency.disputes.filter(month=month, state=DisputeState.OPEN).count()
