"""Running the Star Source plan: who is in it, from which day, with what support and traffic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.actions.binding_changes import hold
from agencies.actions.cases import refuse_member
from agencies.actions.transitions import tell
from agencies.enums import News, StarPhase
from agencies.models import Binding, Creator, StarAnchor, StarIncentive, StarPlan, StarSupport
from agencies.refusals import Refused
from agencies.star_source.moving import planned
from agencies.star_source.phases import phase_on, spans
from agencies.star_source.support import ITEMS, Item

if TYPE_CHECKING:
    from portal.models import User

MOST_LINES: Final = 500
# A first live day farther away than this is a slip of the pen (D, docs/rules.md §10).
FARTHEST: Final = timedelta(days=365)


@dataclass(frozen=True)
class Line:
    """A creator who is to join the plan, by id, with the first live day."""

    creator_id: str
    first_live_on: date


@dataclass(frozen=True)
class Selection:
    """Who joined, and which lines were refused with their sentences."""

    plans: tuple[StarPlan, ...]
    refused: tuple[tuple[Line, Refused], ...]


@transaction.atomic
def select_creators(*, lines: Sequence[Line], reason: str, at: datetime, by: User) -> Selection:
    """Let creators join the plan, each line for itself (S, docs/rules.md §10).

    1. The days of the phases are those of the rulebook in force today, and stay so.
    2. A line is refused where nobody has the id, the creator is in the plan already, the day is
       more than a year away, or the person belongs to the creator's agency; the others count.
    3. The agency to which a creator is bound today is told.

    Locks the creators. Raises Refused where the reason is missing or the lines are too many.
    """
    reason = _reasoned(reason)
    if len(lines) > MOST_LINES:
        raise Refused(
            ngettext(
                "Select at most %(most)d creator at a time.",
                "Select at most %(most)d creators at a time.",
                MOST_LINES,
            )
            % {"most": MOST_LINES},
            rule="most",
        )
    ids = dict(
        Creator.objects.filter(creator_id__in={line.creator_id for line in lines}).values_list(
            "creator_id", "pk"
        )
    )
    creators, _agencies = hold(ids.values(), [])
    plans, refused = [], []
    for line in lines:
        try:
            plans.append(_select(line, creators.get(ids.get(line.creator_id, 0)), reason, at, by))
        except Refused as refusal:
            refused.append((line, refusal))
    return Selection(tuple(plans), tuple(refused))


def _select(line: Line, creator: Creator | None, reason: str, at: datetime, by: User) -> StarPlan:
    if creator is None:
        raise Refused(
            _("No creator has the ID %(creator)s: check upper and lower case too.")
            % {"creator": line.creator_id},
            rule="unknown",
        )
    standing = StarPlan.objects.filter(creator=creator, left_on=None).first()
    if standing is not None:
        raise Refused(
            _("%(creator)s has been in the plan since %(day)s.")
            % {"creator": creator, "day": date_format(timezone.localdate(standing.selected_at))},
            rule="once",
        )
    today = timezone.localdate(at)
    _check_day(line.first_live_on, today)
    bindings = _bound_today(creator.pk, today)
    refuse_member(by, [binding.agency_id for binding in bindings])
    plan = StarPlan(creator=creator, selected_by=by, selected_at=at, reason=reason)
    anchor = _new_anchor(plan, line.first_live_on, today)
    anchor.set_by, anchor.set_at = by, at
    plan.told_phase = phase_on(anchor, today)
    plan.save()
    anchor.plan = plan  # the row has its number only now
    anchor.save()
    _tell(bindings, creator, News.STAR_SELECTED, at=at, first_live_on=_iso(line.first_live_on))
    return plan


@transaction.atomic
def move_anchor(
    *, plan_id: int, first_live_on: date, reason: str, at: datetime, by: User, seen: int | None
) -> StarAnchor:
    """Move the first live day; the one before is kept (S, docs/rules.md §10).

    1. The phases are reckoned anew with the days of the rulebook in force today; what was done and
       given stays as it was recorded.
    2. `seen` is the anchor that the preview showed; another one by now is refused. None: no preview
       was looked at.

    Locks the creator, then the plan. Raises Refused, StarPlan.DoesNotExist.
    """
    plan, anchor, bindings = _hold_plan(plan_id, at, by)
    reason = _reasoned(reason)
    today = timezone.localdate(at)
    if seen is not None and seen != anchor.pk:
        raise Refused(
            _("The first live day was moved meanwhile, to %(day)s: look at the preview again.")
            % {"day": date_format(anchor.first_live_on)},
            rule="changed",
        )
    check_move(anchor, first_live_on, today)
    moved = _new_anchor(plan, first_live_on, today)
    moved.reason, moved.set_by, moved.set_at = reason, by, at
    moved.save()
    plan.told_phase = phase_on(moved, today)
    plan.save(update_fields=["told_phase"])
    days = {"first_live_on": _iso(first_live_on), "was_on": _iso(anchor.first_live_on)}
    _tell(bindings, plan.creator, News.STAR_ANCHORED, at=at, **days)
    return moved


def check_move(anchor: StarAnchor, first_live_on: date, today: date) -> None:
    """Raise Refused where a first live day cannot be moved to the day."""
    if first_live_on == anchor.first_live_on:
        raise Refused(
            _("%(day)s is the first live day already: choose another one.")
            % {"day": date_format(first_live_on)},
            rule="same",
        )
    _check_day(first_live_on, today)


@transaction.atomic
def mark_done(*, plan_id: int, item: str, note: str = "", at: datetime, by: User) -> StarSupport:
    """Record that a point of a checklist was done; one that is done already stays as it is.

    Only points of phases that have begun. Locks the creator, then the plan. Raises Refused,
    StarPlan.DoesNotExist.
    """
    plan, anchor, _bindings = _hold_plan(plan_id, at, by)
    found = _known(item)
    standing = plan.support.filter(item=item, undone_at=None).first()
    if standing is not None:
        return standing
    begin = next(span.first_day for span in spans(anchor) if span.phase == found.phase)
    if begin > timezone.localdate(at):
        raise Refused(
            _("“%(phase)s” begins on %(day)s: its points can be marked from then on.")
            % {"phase": found.phase.label, "day": date_format(begin)},
            rule="day",
            until=begin,
        )
    return StarSupport.objects.create(
        plan=plan, item=item, note=note.strip(), done_by=by, done_at=at
    )


@transaction.atomic
def take_back(*, plan_id: int, item: str, at: datetime, by: User) -> bool:
    """Say that a point was not done after all; False where it is not marked. Both steps are kept.

    Locks the creator, then the plan. Raises Refused, StarPlan.DoesNotExist.
    """
    plan, _anchor, _bindings = _hold_plan(plan_id, at, by)
    standing = plan.support.filter(item=_known(item).key, undone_at=None)
    return bool(standing.update(undone_by=by, undone_at=at))


@transaction.atomic
def record_incentive(
    *,
    plan_id: int,
    given_on: date,
    what: str,
    amount: int,
    request_key: UUID,
    at: datetime,
    by: User,
) -> StarIncentive:
    """Record traffic that the platform gave; `amount` in impressions (S, docs/rules.md §10).

    1. It counts for the phase that held on its day, also when the first live day moves later.
    2. Days before the plan begins and days to come are refused.
    3. The same `request_key` records it once.
    4. The agency to which the creator is bound today is told where the day is one of its own.

    Locks the creator, then the plan. Raises Refused, StarPlan.DoesNotExist.
    """
    known = StarIncentive.objects.filter(request_key=request_key).first()
    if known is not None:
        return known
    plan, anchor, bindings = _hold_plan(plan_id, at, by)
    known = StarIncentive.objects.filter(request_key=request_key).first()
    if known is not None:
        return known
    what = what.strip()
    if not what or amount < 1:
        raise Refused(_("Say what was given, and how many impressions: at least 1."), rule="amount")
    phase = phase_on(anchor, given_on)
    _check_given(given_on, phase, spans(anchor)[0].first_day, timezone.localdate(at))
    given = StarIncentive.objects.create(
        plan=plan,
        phase=phase,
        given_on=given_on,
        what=what,
        amount=amount,
        recorded_by=by,
        recorded_at=at,
        request_key=request_key,
    )
    own = [each for each in bindings if each.bound_from <= given_on]
    _tell(own, plan.creator, News.STAR_INCENTIVE, at=at, what=what, amount=amount)
    return given


@transaction.atomic
def cancel_incentive(*, incentive_id: int, reason: str, at: datetime, by: User) -> StarIncentive:
    """Cancel traffic that was recorded wrongly; it stays to be read, with the reason.

    Locks the creator, then the plan. Raises Refused, StarIncentive.DoesNotExist.
    """
    plan_id = StarIncentive.objects.values_list("plan", flat=True).get(pk=incentive_id)
    _hold_plan(plan_id, at, by, left_too=True)
    given = StarIncentive.objects.get(pk=incentive_id)
    reason = _reasoned(reason)
    if given.cancelled_at is not None:
        raise Refused(
            _("This was cancelled on %(day)s already.")
            % {"day": date_format(timezone.localdate(given.cancelled_at))},
            rule="once",
        )
    given.cancelled_by, given.cancelled_at, given.cancel_reason = by, at, reason
    given.save(update_fields=["cancelled_by", "cancelled_at", "cancel_reason"])
    return given


@transaction.atomic
def leave_plan(*, plan_id: int, reason: str, at: datetime, by: User) -> StarPlan:
    """Take a creator out of the plan as of today; what was done stays to be read.

    The creator may be selected again later. Locks the creator, then the plan. Raises Refused,
    StarPlan.DoesNotExist.
    """
    plan, _anchor, bindings = _hold_plan(plan_id, at, by)
    reason = _reasoned(reason)
    plan.left_on, plan.left_by, plan.leave_reason = timezone.localdate(at), by, reason
    plan.save(update_fields=["left_on", "left_by", "leave_reason"])
    _tell(bindings, plan.creator, News.STAR_LEFT, at=at, on=_iso(plan.left_on))
    return plan


def _hold_plan(
    plan_id: int, at: datetime, by: User, *, left_too: bool = False
) -> tuple[StarPlan, StarAnchor, list[Binding]]:
    creator_id = StarPlan.objects.values_list("creator_id", flat=True).get(pk=plan_id)
    creators, _agencies = hold([creator_id], [])
    plan = StarPlan.objects.select_for_update(no_key=True).get(pk=plan_id)
    plan.creator = creators[creator_id]
    bindings = _bound_today(creator_id, timezone.localdate(at))
    refuse_member(by, [binding.agency_id for binding in bindings])
    if plan.left_on is not None and not left_too:
        raise Refused(
            _("%(creator)s left the plan on %(day)s: nothing of it changes any more.")
            % {"creator": plan.creator, "day": date_format(plan.left_on)},
            rule="left",
        )
    return plan, plan.anchors.latest("pk"), bindings


def _known(item: str) -> Item:
    found = ITEMS.get(item)
    if found is None:
        raise Refused(_("No checklist has this point: load the page again."), rule="unknown")
    return found


def _bound_today(creator_id: int, today: date) -> list[Binding]:
    bindings = Binding.objects.filter(creator=creator_id, bound_from__lte=today)
    return list(bindings.not_over_on(today))


def _new_anchor(plan: StarPlan, first_live_on: date, today: date) -> StarAnchor:
    return StarAnchor(plan=plan, **asdict(planned(first_live_on, today)))


def _check_day(first_live_on: date, today: date) -> None:
    earliest, latest = today - FARTHEST, today + FARTHEST
    if not earliest <= first_live_on <= latest:
        raise Refused(
            _("The first live day lies between %(first)s and %(last)s, a year from today.")
            % {"first": date_format(earliest), "last": date_format(latest)},
            rule="day",
        )


def _check_given(given_on: date, phase: StarPhase, begin: date, today: date) -> None:
    if given_on > today:
        raise Refused(
            _("Traffic is recorded once it was given: today is %(day)s.")
            % {"day": date_format(today)},
            rule="day",
        )
    if phase == StarPhase.BEFORE:
        raise Refused(
            _("The plan begins on %(day)s: what was given before is not a part of it.")
            % {"day": date_format(begin)},
            rule="day",
        )


def _reasoned(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why: the agency reads the reason."), rule="reason")
    return reason


def _tell(
    bindings: Sequence[Binding], creator: Creator, news: News, *, at: datetime, **about: Any
) -> None:
    for binding in bindings:
        named = {"creator_id": creator.creator_id, "nickname": creator.nickname}
        tell(binding.agency_id, news, at=at, **named, **about)


def _iso(day: date) -> str:
    return day.isoformat()
