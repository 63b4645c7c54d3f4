"""Revocation: a decision is undone with everything that followed from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.actions.cases import lock_cases, needed_reason, refuse_member, refuse_own
from agencies.actions.notices import correct_entries
from agencies.actions.penalties import lift
from agencies.actions.removal import (
    lift_proposals_at_zero,
    lift_removal,
    propose_removals_at_zero,
)
from agencies.actions.transitions import move, record, tell
from agencies.enums import Measure, News, PenaltyState, Subject, ViolationState
from agencies.ledger import balances_on, reverse
from agencies.models import Appeal, Penalty, Violation
from agencies.queries.desk import agencies_hit
from agencies.refusals import Refused
from agencies.signals import Changed, appeal_decided, history_changed

if TYPE_CHECKING:
    from portal.models import User

HELD = [PenaltyState.ACTIVE, PenaltyState.EXPIRED]
LIFTABLE = [PenaltyState.PROPOSED, *HELD]


@transaction.atomic
def revoke(*, violation_id: int, reason: str, at: datetime, by: User) -> Violation:
    """Revoke a decision that turned out wrong, appealed or not (S, docs/rules.md §8).

    1. Only issued and appealed ones; the person had no hand in the case, and has no seat in an
       agency that it hits; a reason is mandatory.
    2. What follows is undone as in `undo`. An appeal none of whose violations is left undecided
       is closed.

    Raises Refused. Locks the agencies that the case hits and the case.
    """
    reason = needed_reason(reason)
    (case,) = lock_cases([violation_id])
    if case.state not in (ViolationState.ISSUED, ViolationState.APPEALED):
        raise Refused(_not_revocable(case), rule="decided")
    refuse_member(by, agencies_hit([case.pk]))
    refuse_own(by, [case])
    appeal = case.appeal
    if appeal is not None:
        announce_cases(appeal_decided, [case], at=at)
    undo([case], reason=reason, at=at, by=by)
    if appeal is not None:
        close_if_decided(appeal, reason=reason, at=at, by=by)
    return case


def _not_revocable(case: Violation) -> str:
    if case.state == ViolationState.DRAFT:
        return _("This case is a draft: discard it instead.")
    if case.state == ViolationState.UPHELD:
        return _("This decision was upheld on appeal: that is final.")
    return _("This decision was already revoked.")


def undo(cases: Sequence[Violation], *, reason: str, at: datetime, by: User) -> None:
    """Revoke locked cases of one agency, with everything that followed from them.

    1. The points go back into the ledger, on the day they were taken.
    2. Measures proposed, in force or over are lifted as if they had never been; a removal proposed
       because credit was 0 is lifted when it is above 0 again.
    3. Entries of published notices are corrected visibly.
    4. Where points, honours or membership had counted, the months from the decision on are marked.
    5. The agencies that were hit are told.
    """
    today = timezone.localdate(at)
    agency = cases[0].agency
    for case in cases:
        review: dict[str, Any] = {"reviewed_by": by, "reviewed_on": today, "review_reason": reason}
        move(case, "revoke", agency_id=agency.pk, at=at, by=by, reason=reason, **review)
    returned = reverse([case.pk for case in cases], at=at, by_id=by.pk, reason=reason)
    placed = [case for case in cases if _lift_measures(case, at, by, reason)]
    counted = [case for case in cases if case in placed or returned.get(case.pk)]
    balance = balances_on(today, [agency.pk])[agency.pk]
    if balance > 0:
        lift_proposals_at_zero(agency, at=at, by=by, reason=reason)
    propose_removals_at_zero([agency.pk], at=at)
    for case in cases:
        correct_entries(case.pk, on=today)
        told = {"reference": case.reference, "kind": str(case.kind), "reason": reason}
        given = {"returned": returned.get(case.pk, 0), "balance": balance}
        tell(agency.pk, News.VIOLATION_REVOKED, at=at, **told, **given)
    if counted:
        appealed = any(case.appeal_id is not None for case in cases)
        history_changed.send(
            sender=Violation,
            first=_earliest(counted),
            last=None,
            what=Changed.APPEAL if appealed else Changed.CREDIT,
            about={"references": [case.reference for case in cases], "boards": bool(placed)},
        )


def _earliest(cases: Sequence[Violation]) -> date:
    """The first day on which one of the cases was decided."""
    return min(case.decided_on for case in cases if case.decided_on)


def announce_cases(signal: Signal, cases: Sequence[Violation], *, at: datetime) -> None:
    """Send up that locked cases of one agency came under appeal, or got their verdicts.

    Verdicts before what follows from them: receivers lock months from the earliest day on.
    """
    signal.send(
        sender=Violation,
        agency_id=cases[0].agency_id,
        references=[case.reference for case in cases],
        first=_earliest(cases),
        at=at,
    )


def _lift_measures(case: Violation, at: datetime, by: User, reason: str) -> bool:
    """Lift a case's measures; whether one of them had counted for a published month."""
    measures = Penalty.objects.filter(violation=case, state__in=LIFTABLE).order_by("pk")
    counted = False
    for penalty in measures.select_for_update(no_key=True):
        penalty.violation = case
        matters = penalty.kind in (Measure.CANCEL_HONOURS, Measure.REMOVAL)
        counted |= matters and penalty.state in HELD
        if penalty.kind == Measure.REMOVAL:
            lift_removal(penalty, at=at, by=by, reason=reason)
        else:
            lift(penalty, at=at, by=by, reason=reason)
    return counted


def close_if_decided(appeal: Appeal, *, reason: str, at: datetime, by: User) -> bool:
    """Close an appeal once none of its violations waits for a verdict, and tell the agency."""
    cases = list(appeal.violations.order_by("pk").values_list("reference", "state"))
    if any(state == ViolationState.APPEALED for _reference, state in cases):
        return False
    if not Appeal.objects.filter(pk=appeal.pk, decided_at=None).update(decided_at=at):
        return False
    appeal.decided_at = at
    verdicts = dict(cases)
    record(
        Subject.APPEAL,
        appeal.pk,
        "decide",
        agency_id=appeal.agency_id,
        at=at,
        by=by,
        reason=reason,
        about={"verdicts": verdicts},
    )
    tell(appeal.agency_id, News.APPEAL_DECIDED, at=at, verdicts=verdicts, reason=reason)
    return True
