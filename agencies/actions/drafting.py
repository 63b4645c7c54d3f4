"""A draft with all that its form carries: incident and evidence beside the facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from agencies.actions.case_files import NewFile, add_evidence
from agencies.actions.cases import draft_to_amend, lock_agencies
from agencies.actions.violations import amend_draft, draft_violation
from agencies.models import Agency, Incident, Violation

if TYPE_CHECKING:
    from uuid import UUID

    from portal.models import User


@transaction.atomic
def draft_case(
    *,
    agency: Agency,
    request_key: UUID,
    incident_title: str,
    files: Sequence[NewFile],
    at: datetime,
    by: User,
    **facts: Any,
) -> Violation:
    """Draft a violation with its new incident and its files, all or nothing.

    1. The same `request_key` again returns the same violation and adds nothing to it.
    2. `facts` and what is refused: `draft_violation`, and `add_evidence` for the files.

    Locks the agency.
    """
    lock_agencies([agency.pk])
    before = Violation.objects.filter(request_key=request_key).first()
    if before is not None:
        return before
    facts |= _incident(incident_title, at=at, by=by)
    case = draft_violation(agency=agency, request_key=request_key, at=at, by=by, **facts)
    if files:
        add_evidence(violation_id=case.pk, files=files, at=at, by=by)
    return case


@transaction.atomic
def amend_case(
    *,
    violation_id: int,
    incident_title: str,
    files: Sequence[NewFile],
    at: datetime,
    by: User,
    seen: str | None = None,
    **facts: Any,
) -> Violation:
    """Rewrite a draft, open its new incident and add files to it, all or nothing.

    1. The draft's own incident is kept where it has the title already: the same form twice opens
       one incident.
    2. `seen`, and what is refused: `amend_draft`, and `add_evidence` for the files.

    Locks the agency and the case.
    """
    case = draft_to_amend(violation_id, seen=seen)
    facts |= _incident(incident_title, own=case.incident, at=at, by=by)
    case = amend_draft(violation_id=violation_id, at=at, by=by, **facts)
    if files:
        add_evidence(violation_id=case.pk, files=files, at=at, by=by)
    return case


def _incident(
    title: str, *, own: Incident | None = None, at: datetime, by: User
) -> dict[str, Incident]:
    """An incident in the place of the one chosen, where a title was given: a new one, or `own`."""
    title = title.strip()
    if not title:
        return {}
    if own is not None and own.title == title:
        return {"incident": own}
    return {"incident": Incident.objects.create(title=title, created_at=at, created_by=by)}
