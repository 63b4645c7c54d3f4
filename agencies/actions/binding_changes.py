"""How bindings begin and end, whoever wants it: locks, clashes, news and the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg import errors

from agencies.actions.transitions import record, tell
from agencies.enums import News, Subject, UnbindingState
from agencies.models import Agency, Binding, ConductEvent, Creator, Unbinding
from agencies.models.request import OPEN_UNBINDING
from agencies.refusals import Refused
from agencies.signals import Changed, history_changed

if TYPE_CHECKING:
    from portal.models import User

ONE_DAY = timedelta(days=1)


def day_after(day: date) -> date:
    """The next day; the last one that a calendar has is its own."""
    return day if day == date.max else day + ONE_DAY


def hold(
    creator_ids: Iterable[int], agency_ids: Iterable[int]
) -> tuple[dict[int, Creator], dict[int, Agency]]:
    """Lock creators by id, then agencies by id, and read them as they are now.

    The order is the same everywhere, so nobody waits in a circle. Rows that refer to them can still
    be written by an import: `clash_refused` answers for those.
    """
    creators = Creator.objects.select_for_update(no_key=True).filter(pk__in=set(creator_ids))
    agencies = Agency.objects.select_for_update(no_key=True).filter(pk__in=set(agency_ids))
    return (
        {creator.pk: creator for creator in creators.order_by("pk")},
        {agency.pk: agency for agency in agencies.order_by("pk")},
    )


@contextmanager
def clash_refused() -> Iterator[None]:
    """Turn a clash with bindings that an import writes at the same moment into a sentence.

    Only the clash of days and the deadlock that PostgreSQL may report in its place; what was done
    inside is undone. Raises Refused(rule="bound").
    """
    try:
        with transaction.atomic():
            yield
    except (IntegrityError, OperationalError) as error:
        if not isinstance(error.__cause__, errors.ExclusionViolation | errors.DeadlockDetected):
            raise
        raise Refused(
            _(
                "An import changed this creator's bindings at the same moment. Nothing was done;"
                " look at them again, then try once more."
            ),
            rule="bound",
        ) from error


def begin(
    agency: Agency,
    creator: Creator,
    *,
    on: date,
    at: datetime,
    by: User | None = None,
    reason: str = "",
) -> Binding:
    """Bind from a day on, without an end; the checks are the caller's, under the locks of `hold`.

    Logged, told to the agency, and sent up as changed history. Raises Refused on a clash.
    """
    with clash_refused():
        binding = Binding.objects.create(agency=agency, creator=creator, bound_from=on)
    record(
        Subject.BINDING,
        binding.pk,
        "bind",
        agency_id=agency.pk,
        creator=creator,
        at=at,
        by=by,
        reason=reason,
        about={"on": on.isoformat()},
    )
    tell(agency.pk, News.CREATOR_BOUND, at=at, on=on.isoformat(), **named(creator))
    _announce(on, None)
    return binding


def finish(
    binding: Binding,
    *,
    until: date,
    at: datetime,
    verb: str = "unbind",
    by: User | None = None,
    reason: str = "",
) -> bool:
    """End a binding with the day before `until`; False where it ends by then already.

    One that begins on the last day of the calendar has no later day to end on and stays.
    Logged, told to the agency, and sent up as changed history. The caller holds the locks of
    `hold`; the binding is locked here, as an import may be closing it.
    """
    binding = Binding.objects.select_for_update(of=("self",)).get(pk=binding.pk)
    before = binding.bound_until
    if (before is not None and before <= until) or until <= binding.bound_from:
        return False
    Binding.objects.filter(pk=binding.pk).update(bound_until=until)
    last_day = (until - ONE_DAY).isoformat()
    record(
        Subject.BINDING,
        binding.pk,
        verb,
        agency_id=binding.agency_id,
        creator=binding.creator,
        at=at,
        by=by,
        reason=reason,
        about={"last_day": last_day},
    )
    tell(
        binding.agency_id,
        News.CREATOR_UNBOUND,
        at=at,
        last_day=last_day,
        **named(binding.creator),
    )
    _announce(until, before and before - ONE_DAY)
    return True


def _announce(first: date, last: date | None) -> None:
    """Say that the days of one creator's binding changed."""
    history_changed.send(
        sender=Binding, first=first, last=last, what=Changed.BINDINGS, about={"creators": 1}
    )


def close_wishes(binding_ids: Iterable[int], *, at: datetime, by: User | None = None) -> int:
    """Close the open wishes to part from bindings that end anyway; how many. A few queries.

    Locks the wishes by id; the log says that they lapsed, not that anybody agreed.
    """
    wishes = list(
        Unbinding.objects.select_for_update(of=("self",))
        .filter(binding__in=list(binding_ids), state__in=OPEN_UNBINDING)
        .select_related("binding")
        .order_by("pk")
    )
    Unbinding.objects.filter(pk__in=[wish.pk for wish in wishes]).update(
        state=UnbindingState.ENDED, closed_at=at
    )
    ConductEvent.objects.bulk_create(
        ConductEvent(
            subject=Subject.UNBINDING,
            subject_id=wish.pk,
            verb="lapse",
            agency_id=wish.binding.agency_id,
            creator_id=wish.binding.creator_id,
            from_state=wish.state,
            to_state=UnbindingState.ENDED,
            actor=by,
            at=at,
        )
        for wish in wishes
    )
    return len(wishes)


def named(creator: Creator) -> dict[str, str]:
    """The creator as news and mails name one."""
    return {"creator_id": creator.creator_id, "nickname": creator.nickname}
