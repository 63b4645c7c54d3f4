"""The platform binds, ends and transfers, with a reason and under the same rules (D, §9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.actions import binding_checks as rules
from agencies.actions.binding_changes import (
    ONE_DAY,
    begin,
    clash_refused,
    close_wishes,
    day_after,
    finish,
    hold,
    named,
)
from agencies.actions.silence import hold_settled
from agencies.actions.transitions import tell
from agencies.enums import News, Subject
from agencies.models import Agency, Binding, ConductEvent, Creator
from agencies.queries.wishes import places_taken, without_silent
from agencies.refusals import Refused
from agencies.signals import Changed, history_changed

if TYPE_CHECKING:
    from portal.models import User

MOST_MOVED: Final = 50_000
LONGEST_AHEAD: Final = timedelta(days=2 * 365)


@transaction.atomic
def bind(
    *, agency: Agency, creator: Creator, on: date, reason: str, at: datetime, by: User
) -> Binding:
    """Bind a creator from today or a later day on, held to every rule of a binding (D, §9).

    The day is at most two years ahead; what silence has ended is settled first. Raises Refused,
    with the rules of `binding_checks.check` and "reason", "past", "too_far". Locks the creator,
    then the agency.
    """
    today = timezone.localdate(at)
    reason = _reason(reason)
    _check_day(on, today)
    creators, agencies = hold_settled([creator.pk], [agency.pk], at=at)
    creator, agency = creators[creator.pk], agencies[agency.pk]
    rules.check(agency, creator, on=on, today=today)
    return begin(agency, creator, on=on, at=at, by=by, reason=reason)


@transaction.atomic
def end_binding(*, binding_id: int, last_day: date, reason: str, at: datetime, by: User) -> Binding:
    """End a binding with today or a later day as its last one (D, §9).

    An open wish to part lapses where the binding ends today; else it goes on, as it may lead to an
    earlier end. Raises Binding.DoesNotExist, Refused with the rule "reason", "past", "too_far" or
    "ends". Locks creator, agency and binding.
    """
    today = timezone.localdate(at)
    reason = _reason(reason)
    _check_day(last_day, today)
    binding = Binding.objects.get(pk=binding_id)
    hold_settled([binding.creator_id], [binding.agency_id], at=at)
    binding.refresh_from_db()
    if last_day < binding.bound_from:
        raise Refused(
            _("This binding begins on %(day)s; it can end on that day or later.")
            % {"day": rules.said(binding.bound_from)},
            rule="past",
            until=binding.bound_from,
        )
    if last_day == today:
        close_wishes([binding.pk], at=at, by=by)
    if not finish(binding, until=last_day + ONE_DAY, at=at, by=by, reason=reason):
        binding.refresh_from_db()
        raise Refused(
            _("This binding ends on %(day)s already; an end can only be brought forward.")
            % {"day": rules.said((binding.bound_until or last_day) - ONE_DAY)},
            rule="ends",
        )
    binding.refresh_from_db()
    return binding


@dataclass(frozen=True, eq=False)
class TransferResult:
    """Who changes the agency, and who does not with the refusal that says why, both by creator id.

    An id that nobody knows stands as a creator that is not stored; results are equal when the same
    ids move and the same rules refuse the others, in whatever language they say so.
    """

    moved: list[Creator] = field(default_factory=list)
    refused: list[tuple[Creator, Refused]] = field(default_factory=list)
    __hash__ = None  # type: ignore[assignment] # its lists have none either

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TransferResult) and self.told == other.told

    @property
    def told(self) -> tuple[list[str], list[tuple[str, str, str]]]:
        """What the result says: the ids that move; the others with the rule and its end."""
        return (
            [creator.creator_id for creator in self.moved],
            [
                (creator.creator_id, refused.rule, str(refused.until or ""))
                for creator, refused in self.refused
            ],
        )


@dataclass
class _Plan:
    """What a transfer would do: the bindings that end, beside the result."""

    ending: list[Binding] = field(default_factory=list)
    result: TransferResult = field(default_factory=TransferResult)

    def refuse(self, creator: Creator, refused: Refused) -> None:
        self.result.refused.append((creator, refused))


@transaction.atomic
def transfer(
    *,
    to_agency: Agency,
    on: date,
    reason: str,
    at: datetime,
    by: User,
    creator_ids: Iterable[str] | None = None,
    from_agency: Agency | None = None,
) -> TransferResult:
    """Move creators to another agency from a day on: those named, or all of an agency (D, §9).

    1. Each is held to every rule of a binding; the cap is counted as places are taken, in the order
       of the creators' ids. Who is refused stays where they are.
    2. The day before `on` is the last one with the agency before, which must have begun earlier.
    3. Wishes to part from the bindings that end lapse where `on` has come; else they go on, as they
       may lead to an earlier end. Whom silence has unbound already is not moved.

    Raises Refused where nobody can be moved: with the rules "reason", "past", "too_far",
    "too_many", and those of the agency, or "bound" when an import changed the bindings meanwhile.
    Locks the creators, all agencies concerned, then the bindings; the number of queries does not
    grow with the creators.
    """
    today = timezone.localdate(at)
    reason = _reason(reason)
    _check_day(on, today)
    unknown, chosen = _chosen(creator_ids, from_agency, on)
    creators, _agencies = hold([creator.pk for creator in chosen], [])
    sources = Binding.objects.filter(creator__in=creators).not_over_on(on)
    concerned = {to_agency.pk, *sources.values_list("agency", flat=True)}
    _creators, agencies = hold_settled(creators, concerned, at=at)
    to_agency = agencies[to_agency.pk]
    _lock_bindings(creators, on)
    plan = _plan(creators.values(), unknown, to_agency, from_agency, on=on, today=today)
    if plan.ending:
        _move(plan.ending, to_agency, on=on, reason=reason, at=at, by=by)
        if on <= today:
            close_wishes([old.pk for old in plan.ending], at=at, by=by)
    return plan.result


def transfer_preview(
    *,
    to_agency: Agency,
    on: date,
    at: datetime,
    creator_ids: Iterable[str] | None = None,
    from_agency: Agency | None = None,
) -> TransferResult:
    """What `transfer` would do now; writes and locks nothing, raises as it does."""
    today = timezone.localdate(at)
    _check_day(on, today)
    unknown, chosen = _chosen(creator_ids, from_agency, on)
    return _plan(chosen, unknown, to_agency, from_agency, on=on, today=today).result


def _chosen(
    creator_ids: Iterable[str] | None, from_agency: Agency | None, on: date
) -> tuple[list[str], list[Creator]]:
    """The ids that nobody knows, and the creators to look at."""
    if creator_ids is None:
        if from_agency is None:
            raise ValueError("Name the creators, or the agency that they come from.")
        bound = from_agency.bindings.not_over_on(on).values("creator")
        _check_number(bound.distinct().count())
        return [], list(Creator.objects.filter(pk__in=bound))
    wanted = {creator_id.strip() for creator_id in creator_ids} - {""}
    creators = list(Creator.objects.filter(creator_id__in=wanted))
    return sorted(wanted - {creator.creator_id for creator in creators}), creators


def _check_number(number: int) -> None:
    if number > MOST_MOVED:
        raise Refused(
            _(
                "These are %(number)s creators; at most %(most)s move at a time. Name some of them"
                " by their IDs first."
            )
            % {"number": f"{number:,}", "most": f"{MOST_MOVED:,}"},
            rule="too_many",
        )


def _lock_bindings(creators: Iterable[int], on: date) -> None:
    """Hold the bindings that the plan rests on, so that an import's end is seen or waits."""
    bindings = Binding.objects.select_for_update(of=("self",), no_key=True)
    with clash_refused():
        list(bindings.filter(creator__in=creators).not_over_on(on).order_by("pk").values_list("pk"))


def _plan(
    creators: Collection[Creator],
    unknown: Iterable[str],
    to_agency: Agency,
    from_agency: Agency | None,
    *,
    on: date,
    today: date,
) -> _Plan:
    """Hold each creator to the rules, against everything read in a few queries."""
    rules.check_agency(to_agency, on=on)
    limits = rules.limits_of(to_agency, today=today)
    taken = set(places_taken(to_agency, today=today).values_list("creator_id", flat=True))
    bindings = defaultdict(list)
    rows = Binding.objects.filter(creator__in=[creator.pk for creator in creators]).not_over_on(on)
    for binding in without_silent(rows, on=on, today=today).order_by("creator_id", "bound_from"):
        bindings[binding.creator_id].append(binding)
    plan = _Plan()
    for creator_id in unknown:
        plan.refuse(Creator(creator_id=creator_id), rules.not_introduced(creator_id))
    for creator in sorted(creators, key=lambda creator: creator.creator_id):
        try:
            rules.check_introduced(creator)
            ending = _ending(creator, bindings[creator.pk], to_agency, from_agency, on)
            rules.check_followers(creator, limits)
            rules.check_cap(limits, len(taken) - (creator.pk in taken))
        except Refused as refused:
            plan.refuse(creator, refused)
        else:
            taken.add(creator.pk)
            plan.ending.append(ending)
            plan.result.moved.append(creator)
    plan.result.refused.sort(key=lambda pair: pair[0].creator_id)
    return plan


def _ending(
    creator: Creator, bindings: list[Binding], to_agency: Agency, source: Agency | None, on: date
) -> Binding:
    """The binding that ends; no other may hold on `on` or later. Raises Refused."""
    old = bindings[0] if bindings else None
    if old is None or (source is not None and old.agency_id != source.pk):
        raise Refused(
            _("Creator %(creator)s is not bound to the agency to transfer from on %(day)s.")
            % {"creator": creator, "day": rules.said(on)},
            rule="not_bound",
        )
    if old.agency_id == to_agency.pk:
        rules.check_free(to_agency, creator, bindings, on=on)
    if old.bound_from >= on:
        raise Refused(
            _(
                "The present binding of creator %(creator)s begins only on %(day)s; a transfer is"
                " possible from the day after."
            )
            % {"creator": creator, "day": rules.said(old.bound_from)},
            rule="bound",
            until=day_after(old.bound_from),
        )
    rules.check_free(to_agency, creator, bindings[1:], on=on)
    return old


def _move(
    ending: list[Binding], to_agency: Agency, *, on: date, reason: str, at: datetime, by: User
) -> None:
    """End and begin in one statement each, with a line of the log for either side."""
    with clash_refused():
        Binding.objects.filter(pk__in=[old.pk for old in ending]).update(bound_until=on)
        begun = Binding.objects.bulk_create(
            Binding(agency=to_agency, creator_id=old.creator_id, bound_from=on) for old in ending
        )
    last_day = (on - ONE_DAY).isoformat()
    log = [(old, "transfer_out", {"last_day": last_day}) for old in ending]
    log += [(new, "transfer_in", {"on": on.isoformat()}) for new in begun]
    ConductEvent.objects.bulk_create(
        ConductEvent(
            subject=Subject.BINDING,
            subject_id=binding.pk,
            verb=verb,
            agency_id=binding.agency_id,
            creator_id=binding.creator_id,
            reason=reason,
            about=about,
            actor=by,
            at=at,
        )
        for binding, verb, about in log
    )
    _tell_of_transfer(ending, to_agency, on=on, at=at)
    about = {"creators": len(ending)}
    history_changed.send(sender=Binding, first=on, last=None, what=Changed.BINDINGS, about=about)


def _tell_of_transfer(ending: list[Binding], to_agency: Agency, *, on: date, at: datetime) -> None:
    """One message per agency: of one creator by name, of several by their number."""
    names = Creator.objects.in_bulk([old.creator_id for old in ending])
    leaving = defaultdict(list)
    for old in ending:
        leaving[old.agency_id].append(names[old.creator_id])
    last_day = (on - ONE_DAY).isoformat()
    for agency_id, creators in sorted(leaving.items()):
        tell(agency_id, News.CREATOR_UNBOUND, at=at, last_day=last_day, **_who(creators))
    tell(to_agency.pk, News.CREATOR_BOUND, at=at, on=on.isoformat(), **_who(list(names.values())))


def _who(creators: list[Creator]) -> dict[str, str | int]:
    if len(creators) == 1:
        return {**named(creators[0])}
    return {"creators": len(creators)}


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why: the reason is kept with the binding."), rule="reason")
    return reason


def _check_day(day: date, today: date) -> None:
    if day < today:
        raise Refused(
            _("%(day)s is over; choose %(today)s or a later day. History comes by import.")
            % {"day": rules.said(day), "today": rules.said(today)},
            rule="past",
            until=today,
        )
    latest = today + LONGEST_AHEAD
    if day > latest:
        raise Refused(
            _("%(day)s is too far ahead; choose %(latest)s or an earlier day.")
            % {"day": rules.said(day), "latest": rules.said(latest)},
            rule="too_far",
        )
