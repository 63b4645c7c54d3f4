"""One creator over the last twelve months: the agency's own days, and why others did not count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from django.db.models import Q

from agencies.enums import Subject, UnbindingState
from agencies.models import Agency, Binding, BindingRequest, ConductEvent, Creator, Unbinding
from agencies.models.agency import CODE_PATTERN
from scoring.models import CreatorContribution, Evaluation
from scoring.months import add_months, last_day
from scoring.queries.contributed import Brought
from scoring.queries.creators import published_evaluations

MONTHS = 12
ONE_DAY = timedelta(days=1)


class End(Enum):
    """What ended a binding, as far as the agency itself was told."""

    AGREED = "agreed"
    SILENCE = "silence"
    DECIDED = "decided"
    PLATFORM = "platform"
    RECORDS = "records"


_BY_VERB = {"agree": End.AGREED, "fall_silent": End.SILENCE, "end": End.DECIDED}


@dataclass(frozen=True)
class Period:
    """One binding of the creator to this agency; `last` is its last day, None while it is open.

    `end` says what ended it, None while nothing did; `side` who had asked to part. `start` and
    `width` place it on the line of the last twelve months, in percent; None outside of them.
    """

    binding: Binding
    last: date | None
    request: BindingRequest | None
    by_platform: bool
    end: End | None
    side: str
    decision: str
    start: Decimal | None
    width: Decimal | None
    current: bool

    @property
    def from_records(self) -> bool:
        """Whether both its days came with the records of the platform."""
        return self.request is None and not self.by_platform and self.end is End.RECORDS


@dataclass(frozen=True)
class Gap:
    """Days of a month on which the creator was not bound here, both inclusive, and the dates why.

    `since`: the first day after the binding before; `until`: the first day of the next one.
    """

    first: date
    last: date
    since: date | None
    until: date | None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class MonthOfCreator:
    """What one month counted of the creator; `evaluation` is None while nothing is published.

    `days` are those on which the creator was bound here: as the result counted them, or for a month
    without one as the bindings say. `amended` marks a month whose bindings changed after that.
    """

    month: date
    evaluation: Evaluation | None
    brought: Brought | None
    days: int
    amended: bool
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Tick:
    """The first day of a month on the line, in percent."""

    month: date
    start: Decimal

    @property
    def opens_quarter(self) -> bool:
        """Whether a narrow line names it too: every third month, January with its year too."""
        return self.month.month % 3 == 1


@dataclass(frozen=True)
class Timeline:
    """A creator as this agency may see one: own days only; periods and months newest first.

    `followers` are known while the creator is bound here, or where they are of a day of that time.
    """

    creator: Creator
    followers: int | None
    first: date
    last: date
    periods: tuple[Period, ...]
    months: tuple[MonthOfCreator, ...]
    ticks: tuple[Tick, ...]
    today_at: Decimal

    @property
    def standing(self) -> Period | None:
        """The binding that holds or begins next."""
        found = [period for period in self.periods if period.current]
        return found[-1] if found else None


def timeline_of(agency: Agency, creator_id: str, *, today: date) -> Timeline | None:
    """The timeline of a creator who is or was bound to the agency; None for anybody else.

    Five queries. Nothing of other agencies is read: days elsewhere are days not here.
    """
    if not re.fullmatch(CODE_PATTERN, creator_id):
        return None
    bindings = list(
        agency.bindings.filter(creator__creator_id=creator_id)
        .select_related("creator", "request")
        .order_by("bound_from")
    )
    if not bindings:
        return None
    creator = bindings[0].creator
    first = add_months(today.replace(day=1), 1 - MONTHS)
    last = last_day(today.replace(day=1))
    evaluations = {
        each.month: each for each in published_evaluations(agency) if each.month >= first
    }
    brought = {
        each.evaluation_id: each
        for each in CreatorContribution.objects.filter(
            evaluation_id__in=[each.pk for each in evaluations.values()],
            agency=agency,
            creator=creator,
        )
    }
    months = (
        _month(month, bindings, evaluations.get(month), brought, today=today)
        for month in _months(first, bindings, today)
    )
    span = _Span(first, last)
    return Timeline(
        creator=creator,
        followers=_own_followers(creator, bindings, today),
        first=first,
        last=last,
        periods=tuple(_periods(agency, bindings, span, today))[::-1],
        months=tuple(months),
        ticks=tuple(
            Tick(month, span.at(month)) for month in (add_months(first, n) for n in range(MONTHS))
        ),
        today_at=span.at(today),
    )


def _own_followers(creator: Creator, bindings: list[Binding], today: date) -> int | None:
    counted_on = creator.followers_on
    own = any(
        each.bound_from <= day and (each.bound_until is None or day < each.bound_until)
        for each in bindings
        for day in (today, counted_on)
        if day is not None
    )
    return creator.followers if own else None


@dataclass(frozen=True)
class _Span:
    """The days of the line, both inclusive."""

    first: date
    last: date

    def at(self, day: date) -> Decimal:
        """Where a day begins, in percent; two decimals are finer than a pixel."""
        whole = (self.last - self.first).days + 1
        return round(Decimal(100 * (day - self.first).days) / whole, 2)


def _months(first: date, bindings: list[Binding], today: date) -> Iterator[date]:
    """The months of the line with a day of the first binding or later, the newest first."""
    earliest = max(first, bindings[0].bound_from.replace(day=1))
    ends = [each.bound_until for each in bindings]
    last_end = max((end for end in ends if end is not None), default=today)
    latest = today if None in ends else min(today, last_end - ONE_DAY)
    month = latest.replace(day=1)
    while month >= earliest:
        yield month
        month = add_months(month, -1)


def _month(
    month: date,
    bindings: list[Binding],
    evaluation: Evaluation | None,
    brought: Mapping[int, CreatorContribution],
    *,
    today: date,
) -> MonthOfCreator:
    end = min(last_day(month), today) if evaluation is None else last_day(month)
    gaps = tuple(gaps_of(bindings, month, end))
    bound = (end - month).days + 1 - sum(gap.days for gap in gaps)
    counted = brought.get(evaluation.pk) if evaluation else None
    days = bound if evaluation is None else counted.bound_days if counted else 0
    return MonthOfCreator(
        month=month,
        evaluation=evaluation,
        brought=Brought(counted) if counted else None,
        days=days,
        amended=days != bound,
        gaps=gaps,
    )


def gaps_of(bindings: Iterable[Binding], first: date, last: date) -> Iterator[Gap]:
    """The days from first to last, both inclusive, on which none of the bindings held.

    The bindings are one creator's to one agency, in the order of their days.
    """
    day, since = first, None
    for each in bindings:
        if each.bound_until is not None and each.bound_until <= first:
            since = each.bound_until
            continue
        if each.bound_from > day:
            if day <= last:
                yield Gap(day, min(each.bound_from - ONE_DAY, last), since, each.bound_from)
            if each.bound_from > last:
                return
        if each.bound_until is None:
            return
        day = since = each.bound_until
    if day <= last:
        yield Gap(day, last, since, None)


def _periods(agency: Agency, bindings: list[Binding], span: _Span, today: date) -> Iterator[Period]:
    wishes = {
        each.binding_id: each
        for each in Unbinding.objects.filter(
            binding__in=bindings, state=UnbindingState.ENDED
        ).order_by("pk")
    }
    verbs = _verbs(agency, bindings, wishes.values())
    for each in bindings:
        yield _period(each, wishes.get(each.pk), verbs, span, today)


def _verbs(
    agency: Agency, bindings: Iterable[Binding], wishes: Iterable[Unbinding]
) -> dict[tuple[str, int], set[str]]:
    """The steps of the log about the bindings and the wishes that were closed."""
    steps = ConductEvent.objects.filter(agency=agency).filter(
        Q(subject=Subject.BINDING, subject_id__in=[each.pk for each in bindings])
        | Q(subject=Subject.UNBINDING, subject_id__in=[each.pk for each in wishes])
    )
    found: dict[tuple[str, int], set[str]] = {}
    for subject, pk, verb in steps.order_by("pk").values_list("subject", "subject_id", "verb"):
        found.setdefault((subject, pk), set()).add(verb)
    return found


def _period(
    binding: Binding,
    wish: Unbinding | None,
    verbs: Mapping[tuple[str, int], set[str]],
    span: _Span,
    today: date,
) -> Period:
    steps = verbs.get((Subject.BINDING, binding.pk), set())
    end = _end(binding, wish, steps, verbs)
    by_wish = end in _BY_VERB.values()
    start = max(binding.bound_from, span.first)
    until = min(binding.bound_until or span.last + ONE_DAY, span.last + ONE_DAY)
    shown = start < until
    return Period(
        binding=binding,
        last=binding.bound_until - ONE_DAY if binding.bound_until else None,
        request=getattr(binding, "request", None),
        by_platform=bool(steps & {"bind", "transfer_in"}),
        end=end,
        side=wish.side if wish and by_wish else "",
        decision=wish.decision if wish and end is End.DECIDED else "",
        start=span.at(start) if shown else None,
        width=span.at(until) - span.at(start) if shown else None,
        current=binding.bound_until is None or binding.bound_until > today,
    )


def _end(
    binding: Binding,
    wish: Unbinding | None,
    steps: set[str],
    verbs: Mapping[tuple[str, int], set[str]],
) -> End | None:
    if binding.bound_until is None:
        return None
    for verb in sorted(verbs.get((Subject.UNBINDING, wish.pk), set())) if wish else ():
        if verb in _BY_VERB:
            return _BY_VERB[verb]
    # whether the creator went to another agency is not told, so a transfer reads like any end
    return End.PLATFORM if steps - {"bind", "transfer_in", "correct"} else End.RECORDS
