"""What the clock asks of the Star Source plan: `reconcile` calls it every minute."""

from __future__ import annotations

from datetime import date, datetime

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from agencies.actions.binding_changes import hold
from agencies.actions.transitions import tell
from agencies.enums import News
from agencies.models import Binding, Creator, StarPlan
from agencies.star_source.phases import PhaseSpan, span_on
from agencies.star_source.plans import with_phase

log = structlog.get_logger(__name__)


def settle_star_source(now: datetime) -> list[str]:
    """Tell agencies of the phases that have begun (D, docs/rules.md §10); a sentence if any.

    1. Each begin is told once, to the agency to which the creator is bound and whose days hold the
       phase's first one: an agency learns nothing of other days.
    2. A plan is decided under its lock in a transaction of its own, so this may run at any time and
       in several processes at once. Of phases that passed unseen only the present one is told.

    Locks the creator, then the plan. Raises ExceptionGroup at the end where plans failed.
    """
    today = timezone.localdate(now)
    standing = with_phase(StarPlan.objects.filter(left_on=None), today)
    behind = standing.exclude(phase=F("told_phase")).order_by("pk").values_list("pk", "creator_id")
    begun, faults = 0, []
    for plan_id, creator_id in list(behind):
        try:
            begun += _turn(plan_id, creator_id, today, now)
        except Exception as fault:
            log.exception("star_phase_failed", plan=plan_id)
            faults.append(fault)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
    if faults:
        raise ExceptionGroup("some phases of the Star Source plan were not told", faults)
    return [f"saw {begun} creators enter a phase of the Star Source plan"] if begun else []


@transaction.atomic
def _turn(plan_id: int, creator_id: int, today: date, now: datetime) -> bool:
    creators, _agencies = hold([creator_id], [])
    plan = StarPlan.objects.select_for_update(no_key=True).get(pk=plan_id)
    span = span_on(plan.anchors.latest("pk"), today)
    if plan.left_on is not None or span is None or plan.told_phase == span.phase:
        return False
    plan.told_phase = span.phase
    plan.save(update_fields=["told_phase"])
    _tell(creators[creator_id], span, today, now)
    return True


def _tell(creator: Creator, span: PhaseSpan, today: date, now: datetime) -> None:
    bindings = Binding.objects.filter(creator=creator, bound_from__lte=span.first_day)
    for binding in bindings.not_over_on(today):
        tell(
            binding.agency_id,
            News.STAR_PHASE,
            at=now,
            creator_id=creator.creator_id,
            nickname=creator.nickname,
            phase=span.phase.value,
        )
