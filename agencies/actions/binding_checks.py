"""Whether a creator may be bound to an agency, and if not, by which rule and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.models import Agency, Binding, Creator, Penalty
from agencies.policy import conduct_policy
from agencies.queries.credit import credit_ban
from agencies.queries.wishes import places_taken
from agencies.refusals import Refused


@dataclass(frozen=True)
class Limits:
    """What an agency's level or stage allows: creators, and followers of each (None: no limit)."""

    cap: int | None
    followers_below: int | None


def check(
    agency: Agency, creator: Creator, *, on: date, today: date, ignoring: Binding | None = None
) -> None:
    """Refuse a binding that begins `on` and has no end, or say nothing (S and D, docs/rules.md §9).

    1. The first rule that is broken is named, in this order, with the first day on which the step
       may succeed again where that is known: "removed", "before_joining", "suspended", "credit",
       "not_introduced", "bound", "followers", "cap".
    2. Suspensions, bans and a removal count by the day on which the binding begins; the cap counts
       everybody who is bound today or later.
    3. `ignoring` is a binding of the creator that is about to end.

    The answer holds as long as the caller has the creator and then the agency locked, and both as
    they are after that; without locks it is a preview. Raises Refused.
    """
    check_agency(agency, on=on)
    check_introduced(creator)
    bindings = Binding.objects.filter(creator=creator).not_over_on(on).order_by("bound_from")
    check_free(agency, creator, [each for each in bindings if each != ignoring], on=on)
    limits = limits_of(agency, today=today)
    check_followers(creator, limits)
    if limits.cap is not None:
        others = places_taken(agency, today=today).exclude(creator=creator)
        check_cap(limits, others.values("creator").distinct().count())


def check_agency(agency: Agency, *, on: date) -> None:
    """The rules that do not depend on the creator; raises Refused."""
    if left := agency.left_by(on):
        raise Refused(
            _("The agency was removed from the platform on %(day)s and can bind no creators.")
            % {"day": said(left)},
            rule="removed",
        )
    if on < agency.joined_on:
        raise Refused(
            _("The agency joined on %(day)s; no creator can be bound to it before that day.")
            % {"day": said(agency.joined_on)},
            rule="before_joining",
            until=agency.joined_on,
        )
    _check_suspension(agency, on)
    ban = credit_ban(agency.pk, today=on)
    if ban is not None:
        raise Refused(
            _(
                "The agency's credit fell below %(below)s points, which forbids new bindings for"
                " %(days)s days: it can bind creators again from %(day)s."
            )
            % {"below": ban.below, "days": ban.days, "day": said(ban.until)},
            rule="credit",
            until=ban.until,
        )


def _check_suspension(agency: Agency, on: date) -> None:
    ends = list(
        Penalty.objects.in_effect_on(on)
        .suspending()
        .filter(agency=agency)
        .values_list("until", flat=True)
    )
    known = [end for end in ends if end is not None]
    if not ends:
        return
    if len(known) < len(ends):
        raise Refused(
            _("A penalty suspends the agency's binding of creators until further notice."),
            rule="suspended",
        )
    raise Refused(
        _("A penalty suspends the agency's binding of creators; it is possible again from %(day)s.")
        % {"day": said(max(known))},
        rule="suspended",
        until=max(known),
    )


def check_introduced(creator: Creator) -> None:
    """The platform must have named the creator; raises Refused."""
    if creator.introduced_on is None:
        raise not_introduced(creator.creator_id)


def not_introduced(creator_id: str) -> Refused:
    """One sentence for an id that nobody knows and for one that only facts have named."""
    return Refused(
        _(
            "The platform knows no creator with the ID %(creator)s. Check the ID; a new creator can"
            " be bound once the platform has delivered the creator's data."
        )
        % {"creator": creator_id},
        rule="not_introduced",
    )


def check_free(agency: Agency, creator: Creator, bindings: Sequence[Binding], *, on: date) -> None:
    """No other binding may hold from `on` on; `bindings` are those not over then, in their order.

    Of another agency only the date is told, never which one (docs/rules.md §9). Raises Refused.
    """
    if not bindings:
        return
    first = bindings[0]
    begun, own = first.bound_from <= on, first.agency_id == agency.pk
    if begun and own and first.bound_until is not None:
        sentence = _(
            "Creator %(creator)s is bound to this agency since %(day)s; that binding ends first,"
            " and a new one can begin on %(until)s."
        )
    elif begun and own:
        sentence = _("Creator %(creator)s is already bound to this agency, since %(day)s.")
    elif begun:
        sentence = _(
            "Creator %(creator)s is bound to another agency since %(day)s. A creator has one agency"
            " at a time; the creator can ask to leave it."
        )
    elif own:
        sentence = _("A binding of creator %(creator)s to this agency already begins on %(day)s.")
    else:
        sentence = _(
            "A binding of creator %(creator)s to another agency begins on %(day)s. A creator has"
            " one agency at a time."
        )
    until = first.bound_until if begun and own else None
    named = {"creator": creator, "day": said(first.bound_from), "until": until and said(until)}
    raise Refused(sentence % named, rule="bound", until=until)


def limits_of(agency: Agency, *, today: date) -> Limits:
    """What publication wrote onto the agency; before its first one, what the rulebook says today.

    An agency without a stage was never part of a published month (S, docs/rules.md §5).
    """
    if agency.stage == "":
        policy = conduct_policy(today)
        return Limits(policy.binding_cap, policy.followers_below)
    return Limits(agency.binding_cap, agency.followers_below)


def check_followers(creator: Creator, limits: Limits) -> None:
    """The 5-million rule (S, docs/rules.md §5); unknown numbers are not refused. Raises Refused."""
    most = limits.followers_below
    if most is None or creator.followers is None or creator.followers < most:
        return
    raise Refused(
        _(
            "Creator %(creator)s has %(followers)s followers (as of %(day)s). At its present level"
            " the agency may bind creators with fewer than %(most)s; higher levels have no such"
            " limit, and levels are set on the 3rd of each month."
        )
        % {
            "creator": creator,
            "followers": f"{creator.followers:,}",
            "day": said(creator.followers_on) if creator.followers_on else "–",
            "most": f"{most:,}",
        },
        rule="followers",
    )


def check_cap(limits: Limits, taken: int) -> None:
    """One more place must be free beside the `taken` ones (S, docs/rules.md §5). Raises Refused."""
    if limits.cap is None or taken < limits.cap:
        return
    raise Refused(
        _(
            "At its present level the agency may bind %(cap)s creators, and it has %(taken)s. A"
            " place is free once a binding ends or the level rises; levels are set on the 3rd of"
            " each month."
        )
        % {"cap": f"{limits.cap:,}", "taken": f"{taken:,}"},
        rule="cap",
    )


def said(day: date) -> str:
    """A day as the reader's language writes it."""
    return date_format(day, "DATE_FORMAT")
