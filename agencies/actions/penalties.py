"""Measures: planned with a draft, imposed with the decision, expired by the clock, lifted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.transitions import move, tell
from agencies.enums import Measure, News, PenaltyState
from agencies.models import Agency, Penalty, Violation
from agencies.refusals import Refused

if TYPE_CHECKING:
    from agencies.models.violation import PenaltyQuerySet
    from portal.models import User


@dataclass(frozen=True)
class PlannedMeasure:
    """A measure of a draft; it holds on [starts_on, until), from the decision on where not dated.

    `agency_ids` are the linked agencies that a LINKED_AGENCIES measure hits, `account_ids` the
    people barred by LINKED_ACCOUNTS; other measures hit the violation's agency.
    """

    kind: Measure
    starts_on: date | None = None
    until: date | None = None
    agency_ids: tuple[int, ...] = ()
    account_ids: tuple[int, ...] = ()


def plan_measures(case: Violation, measures: Sequence[PlannedMeasure], *, today: date) -> None:
    """Write the measures of a draft, in place of those planned so far.

    1. Linked agencies must exist and be others than the violation's; linked accounts must exist
       and not be people of the platform. At least one of them is named.
    2. A measure hits the same target once. A removal has no dates: it begins when a second person
       confirms it. Others must end after today, and after they begin.

    Raises Refused. Call it with the violation's agency locked.
    """
    rows = [row for measure in measures for row in _rows(case, measure, today)]
    targets = {(row.kind, row.agency_id, row.account_id) for row in rows}
    if len(targets) < len(rows):
        raise Refused(_("A measure was chosen twice: leave one of them."), rule="measures")
    case.penalties.filter(state=PenaltyState.PLANNED).delete()
    Penalty.objects.bulk_create(rows)


def _rows(case: Violation, measure: PlannedMeasure, today: date) -> list[Penalty]:
    if measure.kind == Measure.REMOVAL and (measure.starts_on or measure.until):
        raise Refused(
            _("A removal has no dates: it begins when a second person confirms it."),
            rule="measures",
        )
    _first_day(measure.kind, measure.starts_on, measure.until, today)
    targets: list[dict[str, int]] = [{"agency_id": case.agency_id}]
    if measure.kind == Measure.LINKED_AGENCIES:
        targets = [{"agency_id": pk} for pk in _linked_agencies(case, measure.agency_ids)]
    elif measure.kind == Measure.LINKED_ACCOUNTS:
        accounts = _linked_accounts(measure.account_ids)
        targets = [{"agency_id": case.agency_id, "account_id": pk} for pk in accounts]
    return [
        Penalty(
            violation=case,
            kind=measure.kind,
            state=PenaltyState.PLANNED,
            starts_on=measure.starts_on,
            until=measure.until,
            **target,
        )
        for target in targets
    ]


def _linked_agencies(case: Violation, ids: tuple[int, ...]) -> tuple[int, ...]:
    found = Agency.objects.filter(pk__in=ids).exclude(pk=case.agency_id).count()
    if not ids or found != len(set(ids)):
        raise Refused(
            _("Choose the linked agencies that are hit: others than the agency itself."),
            rule="measures",
        )
    return ids


def _linked_accounts(ids: tuple[int, ...]) -> tuple[int, ...]:
    found = get_user_model().objects.filter(pk__in=ids, is_staff=False).count()
    if not ids or found != len(set(ids)):
        raise Refused(
            _("Choose the linked accounts that are barred: people of the platform cannot be."),
            rule="measures",
        )
    return ids


def _first_day(kind: str, starts_on: date | None, until: date | None, today: date) -> date:
    """The first day of a measure decided today; raises Refused where it would end before."""
    first = max(starts_on or today, today)
    if until is not None and until <= first:
        raise Refused(
            _(
                "The measure “%(measure)s” would be over on %(until)s, before it begins on"
                " %(first)s: choose a later day."
            )
            % {
                "measure": Measure(kind).label,
                "until": date_format(until),
                "first": date_format(first),
            },
            rule="measures",
        )
    return first


def impose_planned(case: Violation, *, today: date, at: datetime, by: User) -> list[Penalty]:
    """Put the planned measures of a case in force; a removal is proposed to a second person.

    A day planned before today is today: nothing is imposed for days before the decision. Raises
    Refused where a measure would be over before it begins. Linked agencies are told (`as_told`);
    the violation's own agency is told by `issue`. Needs the locks of `lock_cases`.
    """
    imposed = list(case.penalties.filter(state=PenaltyState.PLANNED).order_by("pk"))
    for penalty in imposed:
        who: dict[str, Any] = {"agency_id": penalty.agency_id, "at": at, "by": by}
        if penalty.kind == Measure.REMOVAL:
            move(penalty, "propose", **who, proposed_by=by)
            continue
        penalty.starts_on = _first_day(penalty.kind, penalty.starts_on, penalty.until, today)
        move(penalty, "impose", **who, about=as_told(penalty), starts_on=penalty.starts_on)
        if penalty.agency_id != case.agency_id:
            tell(penalty.agency_id, News.PENALTY_STARTED, at=at, **as_told(penalty))
    return imposed


def lift(penalty: Penalty, *, at: datetime, by: User | None, reason: str) -> bool:
    """Take a measure back as if it had never been; the agency that it held is told.

    False where it is not in a state for it. Needs the agency's lock.
    """
    was_active = penalty.state == PenaltyState.ACTIVE
    lifted = move(penalty, "lift", agency_id=penalty.agency_id, at=at, by=by, reason=reason)
    if lifted and was_active:
        tell(penalty.agency_id, News.PENALTY_LIFTED, at=at, **as_told(penalty))
    return lifted


def expire_penalties(*, now: datetime) -> Iterator[Penalty]:
    """Close the measures whose last day is over, each in a transaction of its own.

    Their effect ended by itself with that day: closing them late changes nothing. Rows that
    somebody else holds are left to the next time. The agency is told. One that fails keeps no other
    from its end: at the end an ExceptionGroup is raised with what failed.
    """
    today = timezone.localdate(now)
    over = Penalty.objects.filter(state=PenaltyState.ACTIVE, until__lte=today)
    faults: list[Exception] = []
    for pk in list(over.order_by("until", "pk").values_list("pk", flat=True)):
        try:
            penalty = _expire(over.filter(pk=pk), now)
        except Exception as fault:
            faults.append(fault)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            continue
        if penalty is not None:
            yield penalty
    if faults:
        raise ExceptionGroup("some measures could not be closed", faults)


@transaction.atomic
def _expire(over: PenaltyQuerySet, now: datetime) -> Penalty | None:
    """Close the one measure, where nobody else holds it or closed it meanwhile."""
    free = over.select_for_update(no_key=True, skip_locked=True, of=("self",))
    penalty = free.select_related("agency").first()
    if penalty is None or not move(penalty, "expire", agency_id=penalty.agency_id, at=now):
        return None
    tell(penalty.agency_id, News.PENALTY_ENDED, at=now, **as_told(penalty))
    return penalty


def as_told(penalty: Penalty) -> dict[str, str | None]:
    """A measure as plain values: `measure`, `starts_on`, `until` (ISO days or None), `reference`.

    A linked agency does not learn the case number, which is of another agency.
    """
    told = {
        "measure": str(penalty.kind),
        "starts_on": penalty.starts_on.isoformat() if penalty.starts_on else None,
        "until": penalty.until.isoformat() if penalty.until else None,
    }
    if penalty.agency_id == penalty.violation.agency_id:
        told["reference"] = penalty.violation.reference
    return told
