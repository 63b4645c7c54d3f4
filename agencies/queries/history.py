"""The log of steps about one object, for the people of the platform."""

from __future__ import annotations

from django.db import models
from django.db.models import QuerySet

from agencies.enums import Subject
from agencies.models import (
    Agency,
    Binding,
    BindingRequest,
    ConductEvent,
    Creator,
    Penalty,
    Unbinding,
    Violation,
)

MOST = 200
_SUBJECTS: dict[type[models.Model], Subject] = {
    Binding: Subject.BINDING,
    BindingRequest: Subject.BINDING_REQUEST,
    Penalty: Subject.PENALTY,
    Unbinding: Subject.UNBINDING,
    Violation: Subject.VIOLATION,
}


def steps_about(row: models.Model) -> QuerySet[ConductEvent, ConductEvent]:
    """The newest 200 steps about an object; of an agency or a creator, all that touched them."""
    steps = ConductEvent.objects.select_related("actor")
    if isinstance(row, Agency):
        return steps.filter(agency=row)[:MOST]
    if isinstance(row, Creator):
        return steps.filter(creator=row)[:MOST]
    subject = _SUBJECTS.get(type(row))
    return steps.filter(subject=subject, subject_id=row.pk)[:MOST] if subject else steps.none()
