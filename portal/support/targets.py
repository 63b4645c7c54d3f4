"""By when an agency is answered first: its level's target, counted in the service hours."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agencies.enums import Stage
from agencies.models import Agency
from portal.models import ServiceDay, ServiceHours, ServiceTarget
from portal.support.clock import Hours, add_minutes

# Where the desk keeps no target at all: one working day of nine hours (D).
DEFAULT_MINUTES: Final = 540


def service_hours() -> Hours:
    """The business hours as they are kept at the desk. Two queries."""
    return Hours(
        weekdays={row.weekday: (row.opens, row.closes) for row in ServiceHours.objects.all()},
        days={
            row.day: (row.opens, row.closes) if row.opens and row.closes else None
            for row in ServiceDay.objects.all()
        },
    )


def stage_for(agency: Agency) -> Stage:
    """The stage by which an agency is served: the published one, before the first a novice."""
    return Stage(agency.stage) if agency.stage else Stage.NOVICE


def target_minutes(agency: Agency) -> int:
    """Business minutes that a first answer to the agency may take (D). One query.

    1. An assessed agency by its level, any other by its stage.
    2. A level or stage without a target has the longest time that is set.
    """
    targets = dict(ServiceTarget.objects.order_by("key").values_list("key", "minutes"))
    return targets.get(
        agency.level or stage_for(agency), max(targets.values(), default=DEFAULT_MINUTES)
    )


def due_at(agency: Agency, at: datetime) -> datetime:
    """By when a question that came at `at` is to be answered. Three queries."""
    return add_minutes(service_hours(), at, target_minutes(agency))
