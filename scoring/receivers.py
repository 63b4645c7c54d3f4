"""News from below: the default rulebook of a fresh database, history that published months used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils import timezone
from redis.exceptions import RedisError

from agencies.signals import Changed, appeal_decided, appeal_filed, history_changed
from scoring.enums import Cause
from scoring.evaluation.staleness import holding_on_their_way, mark_stale
from scoring.jobs import ring_for_projections
from scoring.models import Assessment
from scoring.projection import projection_due
from scoring.rulebook_versions import ensure_default_rulebook
from scoring.signals import facts_imported

# Agencies that are registered late are data that arrived late.
CAUSES: Final = {
    Changed.BINDINGS: Cause.BINDINGS,
    Changed.CREDIT: Cause.CREDIT,
    Changed.APPEAL: Cause.APPEAL,
    Changed.AGENCIES: Cause.FACTS,
}
log = structlog.get_logger()


@receiver(post_migrate, dispatch_uid="scoring.default_rulebook")
def give_default_rulebook(sender: Any, **kwargs: Any) -> None:
    """A fresh database has the default rulebook in force for every month."""
    if sender.name == "scoring":
        ensure_default_rulebook(at=timezone.now())


@receiver(history_changed, dispatch_uid="scoring.history_changed")
def mark_months_stale(
    sender: Any,
    first: date,
    last: date | None,
    what: Changed = Changed.CREDIT,
    about: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> None:
    """Bindings or credit of evaluated months changed: they bear a mark that says what."""
    mark_stale(first, last, at=timezone.now(), cause=CAUSES[what], about=about)


@receiver(appeal_filed, dispatch_uid="scoring.appeal_filed")
def mark_months_to_hold(sender: Any, references: list[str], first: date, **kwargs: Any) -> None:
    """An appeal may hold a level: months on their way are computed again before publication (§8).

    Only where their rules hold a fall; what is published stays.
    """
    _mark_appeal(first, references, only=holding_on_their_way())


@receiver(appeal_decided, dispatch_uid="scoring.appeal_decided")
def mark_held_months(
    sender: Any, agency_id: int, references: list[str], first: date, **kwargs: Any
) -> None:
    """A verdict ends a hold: months whose level it held, or may have held, are due again (§8)."""
    held = Q(pk__in=Assessment.objects.filter(agency=agency_id, held=True).values("evaluation"))
    _mark_appeal(first, references, only=held | holding_on_their_way())


def _mark_appeal(first: date, references: list[str], *, only: Q) -> None:
    about = {"references": references}
    mark_stale(first, None, at=timezone.now(), cause=Cause.APPEAL, about=about, only=only)


@receiver(facts_imported, dispatch_uid="scoring.facts_imported")
def project_new_facts(sender: Any, **kwargs: Any) -> None:
    """Once the facts are there for good, a worker projects them; without a queue, a little later.

    `reconcile` rings again for whatever is due, so nothing that fails here is lost.
    """
    transaction.on_commit(_ring_if_due, robust=True)


def _ring_if_due() -> None:
    if not projection_due(timezone.now()):
        return
    try:
        ring_for_projections()
    except RedisError as error:
        log.warning("queue_unreachable", error=str(error))
