"""Violations: drafted, changed, discarded, grouped, issued; what follows is imported from beside.

`revoke`, `confirm_removal` and `decline_removal` are offered here with the rest.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.cases import (
    already_decided,
    draft_to_amend,
    lock_agencies,
    lock_cases,
    locked_draft,
    refuse_changed,
    refuse_member,
    refuse_removed,
)
from agencies.actions.penalties import (
    PlannedMeasure,
    as_told,
    impose_planned,
    plan_measures,
)
from agencies.actions.removal import (
    confirm_removal,
    decline_removal,
    propose_removals_at_zero,
)
from agencies.actions.revocation import revoke
from agencies.actions.transitions import move, record, tell
from agencies.enums import Measure, News, Subject, ViolationState
from agencies.ledger import Deduction, balances_on, deduct
from agencies.models import Agency, CaseFile, Incident, Violation
from agencies.policy import conduct_policy
from agencies.queries.desk import agencies_hit
from agencies.refusals import Refused
from agencies.signals import Changed, history_changed

if TYPE_CHECKING:
    from portal.models import User

__all__ = [
    "PlannedMeasure",
    "amend_draft",
    "confirm_removal",
    "decline_removal",
    "discard_draft",
    "draft_violation",
    "group_incident",
    "issue",
    "revoke",
]

HIGHEST_POINTS = 1_000_000
LONGEST_SUMMARY = 2000
LONGEST_TITLE = 200


@transaction.atomic
def draft_violation(
    *,
    agency: Agency,
    kind: str,
    occurred_on: date,
    summary: str,
    points: int,
    measures: Sequence[PlannedMeasure],
    incident: Incident | None = None,
    request_key: UUID,
    at: datetime,
    by: User,
) -> Violation:
    """Draft a violation with its planned measures; nothing of it acts, or is seen, before issue.

    1. The same `request_key` again returns the same violation and changes nothing.
    2. The agency is on the platform and had joined by the day; the day is no future one; the
       rulebook of today knows the kind; `points` are 0 to 1,000,000.

    Raises Refused. Locks the agency.
    """
    today = timezone.localdate(at)
    agency = lock_agencies([agency.pk])[agency.pk]
    drafted = Violation.objects.filter(request_key=request_key).first()
    if drafted is not None:
        return drafted
    case = Violation(
        agency=agency,
        state=ViolationState.DRAFT,
        reference=f"PORTAL-{today:%Y%m%d}-{secrets.token_hex(4).upper()}",
        drafted_by=by,
        request_key=request_key,
    )
    _write(
        case,
        kind=kind,
        occurred_on=occurred_on,
        summary=summary,
        points=points,
        incident=incident,
        today=today,
    )
    plan_measures(case, measures, today=today)
    _record_draft(case, "draft", at=at, by=by, to_state=ViolationState.DRAFT)
    return case


@transaction.atomic
def amend_draft(
    *,
    violation_id: int,
    kind: str,
    occurred_on: date,
    summary: str,
    points: int,
    measures: Sequence[PlannedMeasure],
    incident: Incident | None = None,
    at: datetime,
    by: User,
    seen: str | None = None,
) -> Violation:
    """Rewrite a draft and its planned measures under the rules of `draft_violation`.

    1. Whoever changes a draft had a hand in it. An incident that it leaves empty is removed.
    2. `seen` is the digest of the draft that the person changed, None for programs: another one
       is refused.

    Raises Refused. Locks the agency and the case.
    """
    today = timezone.localdate(at)
    case = draft_to_amend(violation_id, seen=seen)
    left = case.incident_id
    _write(
        case,
        kind=kind,
        occurred_on=occurred_on,
        summary=summary,
        points=points,
        incident=incident,
        today=today,
    )
    plan_measures(case, measures, today=today)
    _remove_if_empty(left)
    _record_draft(case, "amend", at=at, by=by)
    return case


@transaction.atomic
def discard_draft(*, violation_id: int, at: datetime, by: User) -> None:
    """Delete a draft with its planned measures and files; the log keeps that there was one.

    So is an incident to which nothing else belongs. Raises Refused. Locks the agency and the case.
    """
    case = locked_draft(violation_id)
    _record_draft(case, "discard", at=at, by=by, from_state=ViolationState.DRAFT)
    CaseFile.objects.filter(violation=case).delete()
    case.penalties.all().delete()
    case.delete()
    _remove_if_empty(case.incident_id)


def _remove_if_empty(incident_id: int | None) -> None:
    """Remove an incident to which no violation belongs; needs the lock of its agency."""
    if incident_id is not None:
        Incident.objects.filter(pk=incident_id, violations=None).delete()


def _write(
    case: Violation,
    *,
    kind: str,
    occurred_on: date,
    summary: str,
    points: int,
    incident: Incident | None,
    today: date,
) -> None:
    case.kind, case.occurred_on, case.points = kind, occurred_on, points
    case.summary, case.incident = summary.strip(), incident
    _refuse_unfit(case, today)
    if not case.summary or len(case.summary) > LONGEST_SUMMARY:
        raise Refused(
            _("Say in 1 to %(most)s characters what happened.") % {"most": LONGEST_SUMMARY},
            rule="summary",
        )
    if not 0 <= points <= HIGHEST_POINTS:
        raise Refused(
            _("Points are a whole number from 0 to %(most)s.") % {"most": HIGHEST_POINTS},
            rule="points",
        )
    if incident and not Incident.objects.filter(pk=incident.pk).exists():
        raise Refused(_("This incident no longer exists: choose another one."), rule="incident")
    if incident and incident.violations.exclude(agency=case.agency).exists():
        raise Refused(_("An incident groups violations of one agency only."), rule="incident")
    case.save()


def _refuse_unfit(case: Violation, today: date) -> None:
    """Raise Refused where no such case can be decided against the agency today."""
    refuse_removed(case.agency, today)
    if case.occurred_on > today:
        raise Refused(
            _("%(day)s is in the future: nothing can have occurred on it.")
            % {"day": date_format(case.occurred_on)},
            rule="occurred_on",
        )
    if case.occurred_on < case.agency.joined_on:
        raise Refused(
            _("The agency joined on %(joined)s: what occurred before is no violation of it.")
            % {"joined": date_format(case.agency.joined_on)},
            rule="occurred_on",
        )
    if case.kind not in conduct_policy(today).kinds:
        raise Refused(_("The rulebook in force does not know this kind of violation."), rule="kind")


def _record_draft(
    case: Violation,
    verb: str,
    *,
    at: datetime,
    by: User,
    from_state: str = "",
    to_state: str = "",
) -> None:
    record(
        Subject.VIOLATION,
        case.pk,
        verb,
        agency_id=case.agency_id,
        at=at,
        by=by,
        about=_facts(case),
        from_state=from_state,
        to_state=to_state,
    )


def _facts(case: Violation) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "kind": str(case.kind),
        "asked": case.points,
        "measures": sorted(case.penalties.values_list("kind", flat=True)),
    }


@transaction.atomic
def issue(*, violation_id: int, at: datetime, by: User, seen: str | None = None) -> Violation:
    """Decide a draft, once: from now on it acts (S, docs/rules.md §7, §8).

    1. `seen` is the digest of what the person saw (None for programs): a draft that was changed
       since is refused. So is a person with a seat in an agency that it hits.
    2. Decided today; the agency may appeal until the end of `appeal_until`, the rulebook's days
       later.
    3. The ledger gives what it can of the points, effective today.
    4. Planned measures take effect; a removal waits for a second person. Credit 0 proposes one.
    5. The agency is told (`reference`, `kind`, `asked`, `applied`, `balance`, `appeal_until`,
       `measures`), and so is every linked agency that a measure hits.
    6. Months from today on are marked as changed where points or honours count.

    Raises Refused; whoever is second reads that it was decided. Locks the agencies that the case
    hits and the case.
    """
    today = timezone.localdate(at)
    case = locked_draft(violation_id)
    changed = _("The draft was changed meanwhile. Look at it again, then issue.")
    refuse_changed(case, seen=seen, sentence=changed)
    refuse_member(by, agencies_hit([case.pk]))
    _refuse_unfit(case, today)
    agency = case.agency
    until = today + timedelta(days=conduct_policy(today).appeal_days)
    facts = _facts(case)
    decided: dict[str, Any] = {"decided_on": today, "appeal_until": until, "issued_by": by}
    if not move(case, "issue", agency_id=agency.pk, at=at, by=by, about=facts, **decided):
        raise already_decided(case)
    order = Deduction(agency.pk, case.pk, case.points, today, case.reference)
    applied = deduct([order], at=at, by_id=by.pk).get(case.pk, 0)
    imposed = impose_planned(case, today=today, at=at, by=by)
    propose_removals_at_zero([agency.pk], at=at)
    own = [as_told(each) for each in imposed if each.agency_id == agency.pk]
    told = {**facts, "applied": applied, "appeal_until": until.isoformat(), "measures": own}
    balance = balances_on(today, [agency.pk])[agency.pk]
    tell(agency.pk, News.VIOLATION_ISSUED, at=at, **told, balance=balance)
    if applied or any(each.kind == Measure.CANCEL_HONOURS for each in imposed):
        named, what = {"references": [case.reference]}, Changed.CREDIT
        history_changed.send(sender=Violation, first=today, last=None, what=what, about=named)
    return case


@transaction.atomic
def group_incident(*, violation_ids: Iterable[int], title: str, at: datetime, by: User) -> Incident:
    """Group violations of one agency as one event, to be appealed together.

    1. All of one agency, none of them appealed or reviewed yet.
    2. Where one belongs to an incident already, the others join it and it takes the new title.

    Raises Refused. Locks the agency and the cases.
    """
    title = title.strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise Refused(_("Give the incident a short title."), rule="incident")
    cases = lock_cases(violation_ids)
    groups = {case.incident_id for case in cases if case.incident_id is not None}
    open_states = (ViolationState.DRAFT, ViolationState.ISSUED)
    if len({case.agency_id for case in cases}) != 1:
        raise Refused(_("An incident groups violations of one agency only."), rule="incident")
    if len(groups) > 1:
        raise Refused(_("These violations belong to different incidents."), rule="incident")
    if any(case.state not in open_states for case in cases):
        raise Refused(
            _("A violation that was appealed or reviewed stays as it is."), rule="decided"
        )
    incident = (
        Incident.objects.get(pk=groups.pop()) if groups else Incident(created_at=at, created_by=by)
    )
    incident.title = title
    incident.save()
    Violation.objects.filter(pk__in=[case.pk for case in cases]).update(incident=incident)
    for case in cases:
        about = {"incident": incident.pk, "title": title}
        record(
            Subject.VIOLATION, case.pk, "group", agency_id=case.agency_id, at=at, by=by, about=about
        )
    return incident
