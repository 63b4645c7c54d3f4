"""What the staff's desk asks about evaluations: the list, and one revision with its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from scoring.enums import Cause, DisputeState, EvaluationState, ReleaseState
from scoring.models import (
    Assessment,
    Dispute,
    Evaluation,
    EvaluationEvent,
    FactPart,
    GateRelease,
    StaleMark,
)
from scoring.months import last_day, previous_month, publication_due

UNDER_WAY: Final = (EvaluationState.REQUESTED, EvaluationState.RUNNING)
BY_ITSELF: Final = _("the portal by itself, or a command")
ON_THE_COMMAND_LINE: Final = _("an operator, on the command line")


def listed_evaluations() -> QuerySet[Evaluation]:
    """All revisions, the newest month first; annotated with what stands in the list.

    `causes` are those of the changes since the inputs were frozen, `proposed` says that a release
    waits for a second person.
    """
    first_mark = (
        StaleMark.objects.filter(evaluation=OuterRef("pk"), at=OuterRef("stale_since"))
        .order_by("id")
        .values("id")[:1]
    )
    return (
        Evaluation.objects.select_related("requested_by", "published_by")
        .annotate(first_mark=first_mark)
        .annotate(
            causes=ArrayAgg(
                "marks__cause",
                filter=Q(marks__id__gte=F("first_mark")),
                distinct=True,
                default=[],
            ),
            proposed=Exists(
                GateRelease.objects.filter(
                    evaluation=OuterRef("pk"),
                    state=ReleaseState.PROPOSED,
                    result_digest=OuterRef("result_digest"),
                )
            ),
        )
        .order_by("-month", "-revision")
    )


def cause_names(causes: Iterable[str]) -> list[str]:
    """The causes in the reader's language, in the order of the vocabulary."""
    found = set(causes)
    return [str(cause.label) for cause in Cause if cause in found]


def published_around(month: date) -> dict[date, int]:
    """The published revisions of a month and the month before, by month."""
    months = [month, previous_month(month)]
    return dict(Evaluation.objects.published().filter(month__in=months).values_list("month", "pk"))


@dataclass(frozen=True)
class Day:
    """A day of the month and the facts that were frozen for it.

    `state` is missing, corrected (it replaced other facts), late (imported when the month was due
    already), or there; `changed` says that other facts count now.
    """

    day: date
    state: str
    part: FactPart | None
    changed: bool


@dataclass(frozen=True)
class Days:
    """The days of a month; `blanks` stand before the first in a week that begins on Monday."""

    days: tuple[Day, ...]

    @property
    def blanks(self) -> range:
        return range(self.days[0].day.weekday())

    @property
    def frozen(self) -> tuple[Day, ...]:
        """Those with facts."""
        return tuple(each for each in self.days if each.part is not None)

    def counted(self, state: str) -> int:
        return sum(each.state == state for each in self.days)

    @property
    def missing(self) -> int:
        return self.counted("missing")

    @property
    def late(self) -> int:
        return self.counted("late")

    @property
    def corrected(self) -> int:
        return self.counted("corrected")

    @property
    def changed(self) -> int:
        return sum(each.changed for each in self.days)


def days_of(evaluation: Evaluation) -> Days:
    """The month's days with the facts the revision was computed from. One query."""
    first, last = evaluation.month, last_day(evaluation.month)
    frozen: dict[date, FactPart] = {}
    current: dict[date, str] = {}
    known: dict[int, FactPart] = {}
    through = Evaluation.parts.through.objects.filter(
        evaluation=evaluation, factpart=OuterRef("pk")
    )
    parts = (
        FactPart.objects.of_days(first, last)
        .select_related("imported_file")
        .annotate(is_frozen=Exists(through))
    )
    for part in parts:
        known[part.pk] = part
        if part.is_frozen:
            frozen[part.day] = part
        if part.superseded_at is None:
            current[part.day] = part.sha256
    due = publication_due(evaluation.month)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return Days(
        tuple(
            Day(
                day,
                _state(_delivered(frozen.get(day), known), due),
                frozen.get(day),
                changed=(frozen[day].sha256 if day in frozen else None) != current.get(day),
            )
            for day in days
        )
    )


def _delivered(part: FactPart | None, known: Mapping[int, FactPart]) -> list[FactPart]:
    """What imports made of the day up to a part, the newest first.

    Without those that had been taken back by then: a copy leads to what it brought back.
    """
    found = []
    while part is not None:
        written = known[part.copies_id] if part.copies_id else part
        found.append(written)
        part = known[written.replaces_id] if written.replaces_id else None
    return found


def _state(delivered: Sequence[FactPart], due: datetime) -> str:
    if not delivered or not delivered[0].rows:
        return "missing"
    if any(each.sha256 != delivered[0].sha256 for each in delivered):
        return "corrected"
    return "late" if delivered[-1].created_at > due else "there"


@dataclass(frozen=True)
class DisputeCounts:
    """Disputes of a month: waiting for an answer, and accepted with the data not corrected yet."""

    open: int
    accepted: int


def dispute_counts(month: date) -> DisputeCounts:
    """How many disputes of the month need somebody. One query."""
    found = Dispute.objects.filter(month=month).aggregate(
        open=Count("pk", filter=Q(state=DisputeState.OPEN)),
        accepted=Count("pk", filter=Q(state=DisputeState.ACCEPTED)),
    )
    return DisputeCounts(**found)


@dataclass(frozen=True)
class Mover:
    """An agency whose total moved much against last month."""

    agency_id: int
    code: str
    name: str
    level_before: str
    stage_before: str
    level: str
    stage: str
    total_before: Decimal
    total: Decimal

    @property
    def change(self) -> Decimal:
        return self.total - self.total_before


def movers_of(evaluation: Evaluation) -> tuple[tuple[Mover, ...], tuple[Mover, ...]]:
    """The largest rises and falls of the stored report, the largest first. At most one query."""
    last_month = evaluation.gate.get("last_month") or {}
    agencies = [each["agency"] for each in last_month.get("movers", [])]
    if not agencies:
        return (), ()
    both = Assessment.objects.filter(
        evaluation__in=[evaluation.pk, last_month["evaluation"]], agency__in=agencies
    ).select_related("agency")
    found = {(each.evaluation_id, each.agency_id): each for each in both}
    told = [
        _mover(before, now)
        for agency in agencies
        if (before := found.get((last_month["evaluation"], agency)))
        and (now := found.get((evaluation.pk, agency)))
    ]
    rises = tuple(each for each in told if each.change > 0)
    return rises, tuple(each for each in told if each.change < 0)


def _mover(before: Assessment, now: Assessment) -> Mover:
    return Mover(
        agency_id=now.agency_id,
        code=now.agency.code,
        name=now.agency.name,
        level_before=before.level,
        stage_before=before.get_stage_display(),
        level=now.level,
        stage=now.get_stage_display(),
        total_before=before.total or Decimal(0),
        total=now.total or Decimal(0),
    )


@dataclass(frozen=True)
class Step:
    """Something that was done about a revision: when, who, what, why."""

    at: datetime
    who: str
    what: str
    reason: str


def history_of(evaluation: Evaluation, releases: Iterable[GateRelease]) -> list[Step]:
    """Who asked, computed, proposed, released and published, in the order of time. One query."""
    steps = [*_transitions(evaluation), *_proposals(releases)]
    return sorted(steps, key=lambda step: step.at)


def releases_of(evaluation: Evaluation) -> list[GateRelease]:
    """The proposals to release it, the newest first. One query."""
    return list(evaluation.releases.select_related("proposed_by", "decided_by"))


def open_release(evaluation: Evaluation, releases: Iterable[GateRelease]) -> GateRelease | None:
    """The proposal that waits for a second person; None where none can be confirmed any more."""
    for release in releases:
        if release.state == ReleaseState.PROPOSED:
            still = evaluation.state == EvaluationState.COMPUTED
            return release if still else None
    return None


def _transitions(evaluation: Evaluation) -> Iterator[Step]:
    for event in evaluation.events.select_related("actor"):
        what = event.get_to_state_display()
        if event.to_state == EvaluationState.RUNNING and event.attempt > 1:
            what = gettext("%(state)s, attempt %(number)d") % {
                "state": what,
                "number": event.attempt,
            }
        released = event.to_state == EvaluationState.PUBLISHED and event.reason
        if released:
            what = gettext("%(state)s: what the gate held was released") % {"state": what}
        nobody = ON_THE_COMMAND_LINE if released else BY_ITSELF
        yield Step(event.at, str(event.actor or nobody), what, _reason(event))


def _reason(event: EvaluationEvent) -> str:
    """What a person wrote, or what the house wrote by its code (`actions.UNCHANGED`)."""
    if event.to_state == EvaluationState.SUPERSEDED and event.reason == "unchanged":
        return gettext("It gave the published result once more.")
    return event.reason


def _proposals(releases: Iterable[GateRelease]) -> Iterator[Step]:
    for release in releases:
        yield Step(
            release.proposed_at,
            str(release.proposed_by),
            pgettext("step of a release", "Release proposed"),
            release.reason,
        )
        if release.decided_at is not None:
            yield Step(
                release.decided_at, str(release.decided_by), _decision(release), release.note
            )


def _decision(release: GateRelease) -> str:
    return {
        ReleaseState.CONFIRMED.value: pgettext("step of a release", "Release confirmed"),
        ReleaseState.DECLINED.value: pgettext("step of a release", "Release declined"),
        ReleaseState.WITHDRAWN.value: pgettext("step of a release", "Proposal withdrawn"),
    }[release.state]


def comparable(evaluation: Evaluation) -> list[Evaluation]:
    """What a revision may be laid beside: those of its month, and of the months around published.

    Only revisions with a result; the best one first: the published one of the month, then its
    other revisions, then the published months before, the newest first. One query.
    """
    with_result = Evaluation.objects.exclude(result_digest="").exclude(pk=evaluation.pk)
    found = with_result.filter(
        Q(month=evaluation.month) | Q(state=EvaluationState.PUBLISHED, month__lt=evaluation.month)
    ).order_by("-month", "-revision")
    return sorted(found, key=lambda each: _fitness(evaluation, each))


def _fitness(evaluation: Evaluation, other: Evaluation) -> tuple[Any, ...]:
    if other.month != evaluation.month:
        return 2, -other.month.toordinal()
    return other.state != EvaluationState.PUBLISHED, -other.revision
