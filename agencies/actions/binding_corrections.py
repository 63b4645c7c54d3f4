"""What was recorded wrongly of a binding is put right, the past included (D, docs/rules.md §9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.actions.binding_changes import ONE_DAY, clash_refused, named
from agencies.actions.binding_checks import said
from agencies.actions.bindings import LONGEST_AHEAD
from agencies.actions.cases import needed_reason, refuse_member
from agencies.actions.silence import hold_settled
from agencies.actions.transitions import record, tell
from agencies.enums import News, Subject
from agencies.models import Agency, Binding, BindingRequest
from agencies.models.request import OPEN_UNBINDING
from agencies.queries.binding_days import Days, days_that_differ
from agencies.refusals import Refused
from agencies.signals import Changed, history_changed

if TYPE_CHECKING:
    from portal.models import User


def correct_binding(
    *,
    binding_id: int,
    bound_from: date,
    bound_until: date | None,
    reason: str,
    at: datetime,
    by: User,
    recorded: Days | None = None,
) -> Binding:
    """Set the days [bound_from, bound_until) of a binding that was recorded wrongly (D, §9).

    1. Its first day has come, and is not before the agency joined; an end lies at most two years
       ahead, and of a removed agency is its removal at the latest.
    2. Caps and bans are not applied: this is history. Days on which another binding of the creator
       is stored are refused, as is everything while a wish to part waits.
    3. Kept with the reason; the days that change are sent up, stretch by stretch. The agency is
       told only where it changes who is bound today or later.
    4. `recorded` are the days that were looked at: others by now are refused.

    Raises Binding.DoesNotExist, Refused with the rule "reason", "own_agency", "changed", "wish",
    "empty", "same", "future", "before_joining", "removed", "too_far" or "bound". Locks the creator,
    the agency and the binding.
    """
    return _correct(binding_id, (bound_from, bound_until), recorded, reason, at=at, by=by)


def remove_binding(
    *, binding_id: int, reason: str, at: datetime, by: User, recorded: Days | None = None
) -> None:
    """Take a binding away that never was; its events and the log keep it (D, §9).

    One that its creator confirmed, or that somebody wished to part from, was: its days are
    corrected instead. As `correct_binding` in all else; refused with the rule "reason",
    "own_agency", "changed", "wish" or "was".
    """
    _correct(binding_id, None, recorded, reason, at=at, by=by)


def correction_preview(
    *, binding: Binding, days: Days | None, at: datetime, by: User
) -> list[Days]:
    """The days that would change now, None for a removal; writes and locks nothing.

    Raises Refused as the correction does.
    """
    _check(binding, days, today=timezone.localdate(at), by=by)
    return days_that_differ(days_of(binding), days)


def days_of(binding: Binding) -> Days:
    """The days of a binding as they are stored."""
    return binding.bound_from, binding.bound_until


@transaction.atomic
def _correct(
    binding_id: int,
    days: Days | None,
    recorded: Days | None,
    reason: str,
    *,
    at: datetime,
    by: User,
) -> Binding:
    reason = needed_reason(reason)
    binding = Binding.objects.get(pk=binding_id)
    hold_settled([binding.creator_id], [binding.agency_id], at=at)
    found = Binding.objects.select_related("agency", "creator")
    binding = found.select_for_update(of=("self",)).get(pk=binding_id)
    before, today = days_of(binding), timezone.localdate(at)
    if recorded not in (None, before):
        raise Refused(
            _("Somebody changed this binding meanwhile, so nothing was done. Look at it again."),
            rule="changed",
        )
    _check(binding, days, today=today, by=by)
    _store(binding, days)
    record(
        Subject.BINDING,
        binding_id,
        "correct" if days else "remove",
        agency_id=binding.agency_id,
        creator=binding.creator,
        at=at,
        by=by,
        reason=reason,
        about={"was": _plain(before), "is": _plain(days) if days else None},
    )
    _tell(binding, before, days, today=today, at=at)
    _announce(days_that_differ(before, days))
    return binding


def _announce(stretches: Iterable[Days]) -> None:
    for first, until in stretches:
        history_changed.send(
            sender=Binding,
            first=first,
            last=until and until - ONE_DAY,
            what=Changed.BINDINGS,
            about={"creators": 1},
        )


def _store(binding: Binding, days: Days | None) -> None:
    row = Binding.objects.filter(pk=binding.pk)
    if days is None:
        row.delete()
        return
    binding.bound_from, binding.bound_until = days
    with clash_refused():
        row.update(bound_from=binding.bound_from, bound_until=binding.bound_until)


def _plain(days: Days) -> dict[str, str | None]:
    first, until = days
    return {"from": first.isoformat(), "until": until.isoformat() if until else None}


def _check(binding: Binding, days: Days | None, *, today: date, by: User) -> None:
    refuse_member(by, [binding.agency_id])
    if binding.unbindings.filter(state__in=OPEN_UNBINDING).exists():
        raise Refused(
            _("A wish to part from this binding waits: it is decided or withdrawn first."),
            rule="wish",
        )
    if days is None:
        _check_never_was(binding)
        return
    _check_range(days, days_of(binding), today)
    _check_agency(binding.agency, days)
    _check_free(binding, days)


def _check_never_was(binding: Binding) -> None:
    confirmed = BindingRequest.objects.filter(binding=binding).exists()
    if confirmed or binding.unbindings.exists():
        raise Refused(
            _(
                "The creator confirmed this binding, or one side wished to part from it, so it"
                " cannot be said that it never was. Correct its days instead."
            ),
            rule="was",
        )


def _check_range(days: Days, before: Days, today: date) -> None:
    first, until = days
    if until is not None and until <= first:
        raise Refused(
            _("The last day is before the first one; a binding has one day at least."),
            rule="empty",
        )
    if days == before:
        raise Refused(_("These days are recorded already: nothing was done."), rule="same")
    if first > today:
        raise Refused(
            _(
                "%(day)s is still to come: a correction says since when the creator has been bound."
                " Remove this binding if it never was, then bind the creator from that day on."
            )
            % {"day": said(first)},
            rule="future",
        )
    if until is not None and until > today + LONGEST_AHEAD and until != before[1]:
        raise Refused(
            _("%(day)s is too far ahead; choose %(latest)s or an earlier day.")
            % {"day": said(until - ONE_DAY), "latest": said(today + LONGEST_AHEAD - ONE_DAY)},
            rule="too_far",
        )


def _check_agency(agency: Agency, days: Days) -> None:
    first, until = days
    if first < agency.joined_on:
        raise Refused(
            _("The agency joined on %(day)s; no creator was bound to it before that day.")
            % {"day": said(agency.joined_on)},
            rule="before_joining",
        )
    removed = agency.removed_on
    if removed is not None and (until is None or until > removed):
        raise Refused(
            _("The agency was removed on %(day)s; the day before is the last of any binding.")
            % {"day": said(removed)},
            rule="removed",
        )


def _check_free(binding: Binding, days: Days) -> None:
    first, until = days
    others = Binding.objects.filter(
        Q(bound_until=None) | Q(bound_until__gt=first), creator=binding.creator_id
    ).exclude(pk=binding.pk)
    if until is not None:
        others = others.filter(bound_from__lt=until)
    other = others.select_related("agency").order_by("bound_from").first()
    if other is None:
        return
    if other.bound_until is None:
        sentence = _(
            "Another binding of creator %(creator)s, to %(agency)s, is there from %(first)s without"
            " an end: the days overlap. Correct that one first."
        )
    else:
        sentence = _(
            "Another binding of creator %(creator)s, to %(agency)s, is there from %(first)s to"
            " %(last)s: the days overlap. Correct that one first."
        )
    named_days = {
        "first": said(other.bound_from),
        "last": other.bound_until and said(other.bound_until - ONE_DAY),
    }
    raise Refused(
        sentence % {"creator": binding.creator, "agency": other.agency, **named_days},
        rule="bound",
    )


def _tell(binding: Binding, before: Days, after: Days | None, *, today: date, at: datetime) -> None:
    """Let the agency know who is bound from now on, or will not be; of the past it is not told."""
    stood, stands = _stands(before, today), _stands(after, today)
    creator = named(binding.creator)
    if stands and after is not None and not stood:
        on = after[0].isoformat()
        tell(binding.agency_id, News.CREATOR_BOUND, at=at, on=on, **creator)
    elif stood and after is None:
        tell(binding.agency_id, News.CREATOR_UNBOUND, at=at, **creator)
    elif stood and after is not None and _ends_earlier(after, before):
        last_day = after[1] and (after[1] - ONE_DAY).isoformat()
        tell(binding.agency_id, News.CREATOR_UNBOUND, at=at, last_day=last_day, **creator)


def _stands(days: Days | None, today: date) -> bool:
    """Whether these are days of today or later, too."""
    return days is not None and (days[1] is None or days[1] > today)


def _ends_earlier(after: Days, before: Days) -> bool:
    end, end_before = after[1], before[1]
    return end is not None and (end_before is None or end < end_before)
