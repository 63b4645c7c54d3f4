"""Parting: either side asks; the other agrees, is silent or refuses; the platform may decide."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.binding_changes import ONE_DAY, day_after, finish, hold, named
from agencies.actions.binding_checks import said
from agencies.actions.links import make_link, spend
from agencies.actions.silence import has_counted, hold_settled, is_over, settle
from agencies.actions.transitions import move, record, tell
from agencies.enums import LinkPurpose, News, Side, Subject, UnbindingState
from agencies.models import Agency, Binding, CreatorLink, Unbinding
from agencies.models.request import OPEN_UNBINDING
from agencies.policy import conduct_policy
from agencies.refusals import Refused

if TYPE_CHECKING:
    from portal.models import User

LONGEST_TEXT: Final = 500
PAUSE: Final = timedelta(days=1)


@transaction.atomic
def ask_unbinding_by_agency(
    *, agency: Agency, binding_id: int, reason: str, at: datetime, by: User
) -> Unbinding:
    """The agency asks to part; the creator gets a link to answer (P, docs/rules.md §9).

    The link works as long as silence runs. Raises Binding.DoesNotExist for what is not the
    agency's, Refused with the rule "over", "ending", "open", "too_soon", "text" or "no_contact".
    Locks creator, agency and binding.
    """
    binding = _held_binding(agency.bindings.get(pk=binding_id), at)
    unbinding = _ask(binding, side=Side.AGENCY, reason=reason, at=at, by=by)
    make_link(
        creator=binding.creator,
        purpose=LinkPurpose.ANSWER,
        unbinding=unbinding,
        at=at,
        days=(unbinding.silent_on - timezone.localdate(at)).days,
    )
    return unbinding


@transaction.atomic
def ask_leaving(*, link: CreatorLink, binding_id: int, reason: str, at: datetime) -> Unbinding:
    """The creator asks to leave; the agency is told until when it may answer (P, §9).

    Raises Binding.DoesNotExist for what is not the creator's, Refused with the rules of the link
    and "over", "ending", "open", "too_soon", "text". Locks creator, agency and binding.
    """
    binding = _held_binding(Binding.objects.get(creator_id=link.creator_id, pk=binding_id), at)
    _spend_for(link, LinkPurpose.LEAVE, at)
    unbinding = _ask(binding, side=Side.CREATOR, reason=reason, at=at, by=None)
    tell(
        binding.agency_id,
        News.UNBINDING_ASKED,
        at=at,
        silent_on=unbinding.silent_on.isoformat(),
        **named(binding.creator),
    )
    return unbinding


@transaction.atomic
def agree(
    *,
    unbinding_id: int,
    side: Side,
    agency: Agency | None = None,
    link: CreatorLink | None = None,
    at: datetime,
    by: User | None = None,
) -> Unbinding:
    """The side that was asked agrees, also after it had refused: today is the last day (D, §9).

    Of a binding that begins later the first day is the last. `agency` or `link` says who acts, also
    in `object_to`, `call_in` and `withdraw`. Raises Unbinding.DoesNotExist for what is not theirs,
    Refused with the rules of the link and "closed", "over", "silent", "own_wish". Locks creator,
    agency, unbinding and binding.
    """
    unbinding = _held(unbinding_id, agency, link, at)
    _check_side(unbinding, side, asked=False)
    _step(unbinding, "agree", at=at, by=by, closed_at=at)
    finish(unbinding.binding, until=day_after(last_day(unbinding, at)), at=at, by=by)
    return unbinding


@transaction.atomic
def object_to(
    *,
    unbinding_id: int,
    side: Side,
    agency: Agency | None = None,
    link: CreatorLink | None = None,
    objection: str,
    at: datetime,
    by: User | None = None,
) -> Unbinding:
    """The side that was asked refuses, with a reason; the binding stays for now (P, §9).

    Until the day on which silence counts. A creator who had asked gets a link to the next step.
    Raises as `agree`, and Refused with the rule "text". Locks like `agree`.
    """
    unbinding = _held(unbinding_id, agency, link, at)
    _check_side(unbinding, side, asked=False)
    objection = _text(objection)
    if not objection:
        raise Refused(_("Say why: without a reason a wish to part cannot be refused."), rule="text")
    _step(unbinding, "object", at=at, by=by, reason=objection, objection=objection)
    if unbinding.side == Side.CREATOR:
        _link_to_next_step(unbinding, at)
    else:
        _tell(unbinding, News.UNBINDING_OBJECTED, at)
    return unbinding


@transaction.atomic
def call_in(
    *,
    unbinding_id: int,
    side: Side,
    agency: Agency | None = None,
    link: CreatorLink | None = None,
    at: datetime,
    by: User | None = None,
) -> Unbinding:
    """The side that asked, and was refused, calls the platform in; an agency is told (P, §9).

    Raises as `agree`, with "others_wish" in place of "own_wish". Locks like `agree`.
    """
    unbinding = _held(unbinding_id, agency, link, at)
    _check_side(unbinding, side, asked=True)
    _step(unbinding, "call_in", at=at, by=by, called_in_at=at)
    if side == Side.CREATOR:
        _tell(unbinding, News.UNBINDING_CALLED_IN, at)
    return unbinding


@transaction.atomic
def withdraw(
    *,
    unbinding_id: int,
    side: Side,
    agency: Agency | None = None,
    link: CreatorLink | None = None,
    at: datetime,
    by: User | None = None,
) -> Unbinding:
    """The side that asked wants to stay after all, unless the platform was called in (D, §9).

    An agency is told of a creator's change of mind. Raises as `call_in`. Locks like `agree`.
    """
    unbinding = _held(unbinding_id, agency, link, at)
    _check_side(unbinding, side, asked=True)
    _step(unbinding, "withdraw", at=at, by=by, closed_at=at)
    if side == Side.CREATOR:
        _tell(unbinding, News.UNBINDING_WITHDRAWN, at)
    return unbinding


@transaction.atomic
def decide(*, unbinding_id: int, keep: bool, reason: str, at: datetime, by: User) -> Unbinding:
    """The platform keeps the binding, or ends it with today; a reason is mandatory (P, §9).

    The agency is told, the creator gets a link to the page that says it. Raises
    Unbinding.DoesNotExist, Refused with the rule "text", "closed" or "over". Locks like `agree`.
    """
    reason = _text(reason)
    if not reason:
        raise Refused(_("Say why: both sides read the reason of the decision."), rule="text")
    unbinding = _held(unbinding_id, None, None, at)
    _step(
        unbinding,
        "keep" if keep else "end",
        at=at,
        by=by,
        reason=reason,
        closed_at=at,
        decision=reason,
    )
    _tell(unbinding, News.UNBINDING_DECIDED, at, kept=keep, reason=reason)
    if not keep:
        until = day_after(last_day(unbinding, at))
        finish(unbinding.binding, until=until, at=at, by=by, reason=reason)
    _link_to_next_step(unbinding, at)
    return unbinding


def end_silent(*, now: datetime) -> int:
    """Unbind where nobody answered, and close wishes whose binding is over; how many (P, §9).

    1. Asked on day D with 14 days of silence: D+13 is the last day on which an answer counts and
       the last day bound. The end is `silent_on` (for a binding that begins later, its second day)
       however late this runs.
    2. A wish whose binding ended otherwise lapses.

    Safe to run at any time and in parallel: each wish is settled under its locks. Raises
    ExceptionGroup at the end where some failed; the others are settled.
    """
    today = timezone.localdate(now)
    due = Unbinding.objects.filter(
        Q(state=UnbindingState.ASKED, silent_on__lte=today)
        | Q(state__in=OPEN_UNBINDING, binding__bound_until__lte=today)
    )
    ended, faults = 0, []
    for pk in list(due.order_by("pk").values_list("pk", flat=True)):
        try:
            ended += settle(pk, at=now)
        except Exception as fault:
            fault.add_note(f"wish to part {pk}")
            faults.append(fault)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
    if faults:
        failed = ExceptionGroup("some wishes to part could not be settled", faults)
        failed.add_note(f"{ended} others were settled")
        raise failed
    return ended


def last_day(unbinding: Unbinding, at: datetime) -> date:
    """The last day bound if both sides, or the platform, agree at `at` (D, §9)."""
    return max(timezone.localdate(at), unbinding.binding.bound_from)


def _held_binding(binding: Binding, at: datetime) -> Binding:
    """The binding as it is now, with its creator and agency, all locked; due silence settled."""
    creators, agencies = hold_settled([binding.creator_id], [binding.agency_id], at=at)
    held = Binding.objects.select_for_update(of=("self",)).get(pk=binding.pk)
    held.creator, held.agency = creators[held.creator_id], agencies[held.agency_id]
    return held


def _ask(binding: Binding, *, side: Side, reason: str, at: datetime, by: User | None) -> Unbinding:
    today = timezone.localdate(at)
    check_not_over(binding, today)
    if binding.bound_until == today + ONE_DAY:
        raise Refused(_("This binding ends today already."), rule="ending")
    if binding.unbindings.filter(state__in=OPEN_UNBINDING).exists():
        raise Refused(
            _("A wish to part is open for this binding already; answer that one."), rule="open"
        )
    _check_pause(binding, side, at)
    unbinding = Unbinding.objects.create(
        binding=binding,
        side=side,
        reason=_text(reason),
        asked_by=by,
        asked_at=at,
        silent_on=today + timedelta(days=conduct_policy(today).silence_days),
    )
    record(
        Subject.UNBINDING,
        unbinding.pk,
        "ask",
        agency_id=binding.agency_id,
        creator=binding.creator,
        at=at,
        by=by,
        reason=unbinding.reason,
        about={"side": side, "silent_on": unbinding.silent_on.isoformat()},
        to_state=UnbindingState.ASKED,
    )
    return unbinding


def _check_pause(binding: Binding, side: Side, at: datetime) -> None:
    """Who withdrew a wish asks for the same again after a day (D, §9); raises Refused."""
    withdrawn = binding.unbindings.filter(
        side=side, state=UnbindingState.WITHDRAWN, closed_at__gt=at - PAUSE
    )
    closed_at = withdrawn.values_list("closed_at", flat=True).order_by("-closed_at").first()
    if closed_at is None:
        return
    until = timezone.localtime(closed_at + PAUSE)
    raise Refused(
        _("The last wish to part was withdrawn; a new one is possible from %(until)s.")
        % {"until": date_format(until, "DATETIME_FORMAT")},
        rule="too_soon",
        until=until.date(),
    )


def _held(
    unbinding_id: int, agency: Agency | None, link: CreatorLink | None, at: datetime
) -> Unbinding:
    """The wish as it is now, reached through whoever acts, under the locks; the link used up."""
    reach = Unbinding.objects.select_related("binding")
    if agency is not None:
        reach = reach.filter(binding__agency=agency)
    if link is not None:
        reach = reach.filter(binding__creator_id=link.creator_id)
        if link.purpose == LinkPurpose.ANSWER:
            reach = reach.filter(links=link)
    binding = reach.get(pk=unbinding_id).binding
    hold([binding.creator_id], [binding.agency_id])
    unbinding = _locked(unbinding_id)
    if link is not None:
        _spend_for(link, LinkPurpose.ANSWER, at, LinkPurpose.LEAVE)
    if unbinding.state in OPEN_UNBINDING:
        check_not_over(unbinding.binding, timezone.localdate(at))
    if has_counted(unbinding, timezone.localdate(at)):
        raise Refused(
            _("Silence counted as consent on %(day)s: the binding has ended.")
            % {"day": said(unbinding.silent_on)},
            rule="silent",
        )
    return unbinding


def _locked(unbinding_id: int) -> Unbinding:
    return (
        Unbinding.objects.select_for_update(of=("self",))
        .select_related("binding__creator", "binding__agency")
        .get(pk=unbinding_id)
    )


def _spend_for(link: CreatorLink, purpose: LinkPurpose, at: datetime, *others: LinkPurpose) -> None:
    if link.purpose not in {purpose, *others}:
        raise Refused(_("This link is for another purpose."), rule="bad_link")
    spend(link, at=at)


def _check_side(unbinding: Unbinding, side: Side, *, asked: bool) -> None:
    """Whoever acts must be the side that asked, or the other one."""
    if asked and side != unbinding.side:
        raise Refused(_("Only the side that asked to part can do this."), rule="others_wish")
    if not asked and side == unbinding.side:
        raise Refused(_("Only the side that was asked can answer."), rule="own_wish")


def check_not_over(binding: Binding, today: date) -> None:
    """The binding must hold today or later; raises Refused(rule="over")."""
    if binding.bound_until is not None and is_over(binding, today):
        raise Refused(
            _("This binding ended on %(day)s; there is nothing left to part from.")
            % {"day": said(binding.bound_until - ONE_DAY)},
            rule="over",
        )


def _step(
    unbinding: Unbinding,
    transition: str,
    *,
    at: datetime,
    by: User | None,
    reason: str = "",
    **changes: Any,
) -> None:
    """Make a transition of a locked wish; raises Refused(rule="closed") where it cannot be."""
    binding = unbinding.binding
    moved = move(
        unbinding,
        transition,
        agency_id=binding.agency_id,
        creator=binding.creator,
        at=at,
        by=by,
        reason=reason,
        **changes,
    )
    if not moved:
        raise Refused(
            _("This step is not possible any more: %(state)s.")
            % {"state": unbinding.get_state_display()},
            rule="closed",
        )


def _tell(unbinding: Unbinding, news: News, at: datetime, **about: Any) -> None:
    tell(unbinding.binding.agency_id, news, at=at, **named(unbinding.binding.creator), **about)


def _link_to_next_step(unbinding: Unbinding, at: datetime) -> None:
    """A creator who cannot be reached just now can still ask for a link; the step is taken."""
    with suppress(Refused):
        make_link(creator=unbinding.binding.creator, purpose=LinkPurpose.LEAVE, at=at)


def _text(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise Refused(
            _("The text is longer than %(most)s characters.") % {"most": LONGEST_TEXT}, rule="text"
        )
    return text
