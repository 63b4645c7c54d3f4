"""Removal from the platform: proposed by one person or by credit 0, confirmed by another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import CASCADE, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.binding_changes import ONE_DAY, clash_refused, close_wishes
from agencies.actions.cases import (
    lock_agencies,
    lock_cases,
    needed_reason,
    refuse_member,
    refuse_own,
)
from agencies.actions.penalties import as_told, lift
from agencies.actions.transitions import move, tell
from agencies.enums import (
    BindingRequestState,
    EntryKind,
    Measure,
    News,
    PenaltyState,
    Subject,
    UnbindingState,
)
from agencies.ledger import balances_on
from agencies.models import (
    Agency,
    Binding,
    BindingRequest,
    ConductEvent,
    CreatorLink,
    CreditEntry,
    Penalty,
    Unbinding,
)
from agencies.refusals import Refused
from agencies.signals import Changed, history_changed

if TYPE_CHECKING:
    from portal.models import User

BATCH = 5_000
OPEN_REMOVAL = [PenaltyState.PROPOSED, PenaltyState.ACTIVE]


@transaction.atomic
def confirm_removal(*, penalty_id: int, reason: str, at: datetime, by: User) -> Penalty:
    """Remove an agency, as a second person (S, docs/rules.md §8).

    1. The person neither proposed the removal nor drafted, changed or issued its violation, nor is
       a member of the agency; a reason is mandatory.
    2. What credit 0 proposed is confirmed only while credit is 0.
    3. From today on the agency is removed: bindings that began before end with yesterday, later
       ones are deleted, open requests are withdrawn, open wishes to part are closed. Every step is
       one statement, however many creators there are.
    4. A later day of removal that was set elsewhere gives way, and is kept with the step.
    5. The agency is told; months from today on are marked as changed.

    Raises Refused. Locks the agency and the case.
    """
    reason = needed_reason(reason)
    penalty = _proposed(penalty_id, by)
    today = timezone.localdate(at)
    agency = penalty.agency
    _refuse_above_zero(penalty, today)
    replaced = _replaceable(agency, today)
    who: dict[str, Any] = {"agency_id": agency.pk, "at": at, "by": by, "reason": reason}
    about = {"replaced": replaced.isoformat()} if replaced else None
    move(penalty, "confirm", **who, about=about, starts_on=today, confirmed_by=by)
    if not agency.is_removed(today):
        Agency.objects.filter(pk=agency.pk).update(removed_on=today)
    with clash_refused():
        unbound = _unbind_all(agency, today=today, at=at, by=by)
    tell(agency.pk, News.PENALTY_STARTED, at=at, **as_told(penalty), unbound=len(unbound))
    first = min((each.bound_until for each in unbound if each.bound_until), default=today)
    history_changed.send(
        sender=Penalty,
        first=min(first, today),
        last=None,
        what=Changed.CREDIT,
        about={"references": [penalty.violation.reference]},
    )
    return penalty


@transaction.atomic
def decline_removal(*, penalty_id: int, reason: str, at: datetime, by: User) -> Penalty:
    """Turn a proposed removal down, as a second person and with a reason; the rest stands.

    Raises Refused. Locks the agency and the case.
    """
    reason = needed_reason(reason)
    penalty = _proposed(penalty_id, by)
    move(penalty, "decline", agency_id=penalty.agency_id, at=at, by=by, reason=reason)
    return penalty


def _proposed(penalty_id: int, by: User) -> Penalty:
    """The proposal under its locks, where this person may decide it."""
    found = Penalty.objects.filter(pk=penalty_id, kind=Measure.REMOVAL).first()
    if found is None:
        raise Refused(_("This proposal no longer exists."), rule="gone")
    (case,) = lock_cases([found.violation_id])
    penalty = Penalty.objects.select_for_update(no_key=True).get(pk=penalty_id)
    penalty.agency, penalty.violation = case.agency, case
    if penalty.state != PenaltyState.PROPOSED:
        raise Refused(
            _("This removal was already decided: %(state)s.")
            % {"state": penalty.get_state_display()},
            rule="decided",
        )
    refuse_own(by, [case])
    refuse_member(by, [penalty.agency_id])
    return penalty


def _refuse_above_zero(penalty: Penalty, today: date) -> None:
    balance = balances_on(today, [penalty.agency_id]).get(penalty.agency_id, 0)
    if penalty.at_zero and balance > 0:
        raise Refused(
            _("The agency has %(balance)s points again: the proposal no longer holds.")
            % {"balance": balance},
            rule="above_zero",
        )


def _replaceable(agency: Agency, today: date) -> date | None:
    """The later day of removal, set elsewhere, that gives way to a removal from today on.

    A second removal of an agency that another one put off the platform takes that one's over.
    Raises Refused where the agency left for another reason.
    """
    left_on = agency.removed_on
    if left_on is None or left_on > today:
        return left_on
    other = Penalty.objects.filter(
        agency=agency, kind=Measure.REMOVAL, state=PenaltyState.ACTIVE, starts_on=left_on
    ).first()
    if other is None:
        raise Refused(
            _("%(agency)s was already removed from the platform on %(day)s.")
            % {"agency": agency.name, "day": date_format(left_on)},
            rule="removed",
        )
    return _replaced(other)


def _replaced(penalty: Penalty) -> date | None:
    """The later day of removal that gave way when this removal was confirmed."""
    steps = ConductEvent.objects.filter(
        subject=Subject.PENALTY, subject_id=penalty.pk, verb="confirm"
    )
    about = steps.order_by("-pk").values_list("about", flat=True).first() or {}
    return date.fromisoformat(about["replaced"]) if "replaced" in about else None


def _unbind_all(agency: Agency, *, today: date, at: datetime, by: User) -> list[Binding]:
    """End everything that binds creators to the agency; the bindings that held, or were to begin.

    Those that never began are deleted; the others know their end afterwards.
    """
    steps = _withdraw_requests(agency, at)
    held = Binding.objects.filter(agency=agency).not_over_on(today).order_by("pk")
    bindings = list(held.select_for_update(no_key=True))
    begun = [binding for binding in bindings if binding.bound_from < today]
    dropped = [binding for binding in bindings if binding.bound_from >= today]
    until = _end(begun, today)
    close_wishes([binding.pk for binding in bindings], at=at, by=by)
    _delete([binding.pk for binding in dropped])
    steps += [_step(each, "unbind", last_day=until[each.pk] - ONE_DAY) for each in begun]
    steps += [_step(each, "drop", on=each.bound_from) for each in dropped]
    for step in steps:
        step.agency, step.actor, step.at = agency, by, at
    ConductEvent.objects.bulk_create(steps, batch_size=BATCH)
    return bindings


def _end(bindings: Sequence[Binding], today: date) -> dict[int, date]:
    """End bindings with yesterday, or on the day on which silence ended them already (P, §9).

    The first days that are not bound any more, by binding id.
    """
    asked = Unbinding.objects.filter(
        binding__in=[binding.pk for binding in bindings],
        state=UnbindingState.ASKED,
        silent_on__lt=today,
    )
    silent = dict(asked.values_list("binding_id", "silent_on"))
    until: dict[int, date] = {}
    for binding in bindings:
        consent = max(silent.get(binding.pk, today), binding.bound_from + ONE_DAY)
        binding.bound_until = until[binding.pk] = min(today, consent)
    early = [binding for binding in bindings if binding.bound_until != today]
    now = [pk for pk, day in until.items() if day == today]
    Binding.objects.filter(pk__in=now).update(bound_until=today)
    if early:
        Binding.objects.bulk_update(early, ["bound_until"], batch_size=BATCH)
    return until


def _step(binding: Binding, verb: str, **about: date) -> ConductEvent:
    return ConductEvent(
        subject=Subject.BINDING,
        subject_id=binding.pk,
        verb=verb,
        creator_id=binding.creator_id,
        about={name: day.isoformat() for name, day in about.items()},
    )


def _withdraw_requests(agency: Agency, at: datetime) -> list[ConductEvent]:
    """Withdraw what the agency asked creators; the steps, to be logged with the others."""
    requests = BindingRequest.objects.filter(agency=agency, state=BindingRequestState.ASKED)
    open_now = list(requests.select_for_update(no_key=True).order_by("pk"))
    requests.filter(pk__in=[request.pk for request in open_now]).update(
        state=BindingRequestState.WITHDRAWN, closed_at=at
    )
    return [
        ConductEvent(
            subject=Subject.BINDING_REQUEST,
            subject_id=request.pk,
            verb="withdraw",
            from_state=BindingRequestState.ASKED,
            to_state=BindingRequestState.WITHDRAWN,
            creator_id=request.creator_id,
        )
        for request in open_now
    ]


def _delete(binding_ids: Sequence[int]) -> None:
    """Delete bindings with the wishes and links about them, in statements not batches."""
    if not binding_ids:
        return
    links = CreatorLink.objects.filter(unbinding__binding__in=binding_ids)
    for relation in CreatorLink._meta.related_objects:
        # Deliveries belong to whoever delivers, so they are reached through the link alone.
        if relation.on_delete is CASCADE:
            deliveries: Any = relation.related_model
            deliveries.objects.filter(**{f"{relation.field.name}__in": links}).delete()
    with connection.cursor() as cursor:
        for statement in (
            "DELETE FROM agencies_creatorlink WHERE unbinding_id IN"
            " (SELECT id FROM agencies_unbinding WHERE binding_id = ANY(%(ids)s))",
            "DELETE FROM agencies_unbinding WHERE binding_id = ANY(%(ids)s)",
            "UPDATE agencies_bindingrequest SET binding_id = NULL WHERE binding_id = ANY(%(ids)s)",
            "DELETE FROM agencies_binding WHERE id = ANY(%(ids)s)",
        ):
            cursor.execute(statement, {"ids": list(binding_ids)})


def lift_removal(penalty: Penalty, *, at: datetime, by: User, reason: str) -> None:
    """Take a removal back; its creators are not bound again.

    1. An agency that this removal put off the platform is on it again, unless another removal in
       force does: then it left on that one's day.
    2. A day of removal that came from elsewhere stays; one that had given way is put back.

    Needs the agency's lock.
    """
    began = penalty.starts_on if penalty.state == PenaltyState.ACTIVE else None
    if not lift(penalty, at=at, by=by, reason=reason) or began is None:
        return
    others = Penalty.objects.filter(
        agency=penalty.agency_id, kind=Measure.REMOVAL, state=PenaltyState.ACTIVE
    )
    left_on = others.order_by("starts_on").values_list("starts_on", flat=True).first()
    left_on = left_on or _replaced(penalty)
    Agency.objects.filter(pk=penalty.agency_id, removed_on=began).update(removed_on=left_on)


@transaction.atomic
def propose_removals_at_zero(agency_ids: Iterable[int], *, at: datetime) -> list[Penalty]:
    """Propose the removal of agencies whose credit is 0 today (P, docs/rules.md §7).

    1. The proposal hangs on the violation whose deduction led there: the newest standing one that
       took points. Where a removal for it was decided already, nothing is proposed again.
    2. Agencies that are removed, or have a removal proposed or in force, are passed over.
    3. Nobody is the proposer; the second person is any who had no hand in the violation.

    A few statements however many agencies. Locks the agencies in the order of their ids.
    """
    today = timezone.localdate(at)
    ids = list(agencies_at_zero(today, agency_ids).values_list("pk", flat=True))
    if not ids:
        return []
    lock_agencies(ids)
    proposals = Penalty.objects.bulk_create(
        [
            Penalty(
                violation_id=agency.led_there,
                agency=agency,
                kind=Measure.REMOVAL,
                state=PenaltyState.PROPOSED,
                at_zero=True,
            )
            for agency in agencies_at_zero(today, ids).order_by("pk")
        ],
        batch_size=BATCH,
    )
    steps = [
        ConductEvent(
            agency_id=penalty.agency_id,
            subject=Subject.PENALTY,
            subject_id=penalty.pk,
            verb="propose",
            to_state=PenaltyState.PROPOSED,
            about={"measure": Measure.REMOVAL, "at_zero": True},
            at=at,
        )
        for penalty in proposals
    ]
    ConductEvent.objects.bulk_create(steps, batch_size=BATCH)
    return proposals


def agencies_at_zero(today: date, agency_ids: Iterable[int] | None = None) -> QuerySet[Any]:
    """Agencies for which credit 0 calls for a proposal now; `led_there` is the violation's id."""
    entries = CreditEntry.objects.filter(effective_on__lte=today)
    if agency_ids is not None:
        entries = entries.filter(agency_id__in=agency_ids)
    empty = entries.order_by().values("agency_id").annotate(balance=Sum("points"))
    standing = CreditEntry.objects.filter(
        agency=OuterRef("pk"), kind=EntryKind.DEDUCTION, points__lt=0, reversed_by=None
    )
    removals = Penalty.objects.filter(kind=Measure.REMOVAL)
    return (
        Agency.objects.filter(pk__in=empty.filter(balance__lte=0).values("agency_id"))
        .filter(Q(removed_on=None) | Q(removed_on__gt=today))
        .annotate(led_there=Subquery(standing.order_by("-number").values("violation_id")[:1]))
        .filter(led_there__isnull=False)
        .exclude(pk__in=removals.filter(state__in=OPEN_REMOVAL).values("agency_id"))
        .exclude(led_there__in=removals.values("violation_id"))
    )


def lift_proposals_at_zero(agency: Agency, *, at: datetime, by: User | None, reason: str) -> None:
    """Take back what credit 0 proposed, where the credit is above 0 again; needs the lock."""
    proposed = Penalty.objects.filter(
        agency=agency, at_zero=True, state=PenaltyState.PROPOSED
    ).order_by("pk")
    for penalty in proposed.select_related("violation"):
        lift(penalty, at=at, by=by, reason=reason)
