"""News from below: the default rulebook of a fresh database, history that published months used."""

from __future__ import annotations

from datetime import date
from typing import Any

import structlog
from django.db import transaction
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils import timezone
from redis.exceptions import RedisError

from agencies.signals import history_changed
from scoring.enums import Cause
from scoring.evaluation.staleness import mark_stale
from scoring.jobs import ring_for_projections
from scoring.projection import projection_due
from scoring.rulebook_versions import ensure_default_rulebook
from scoring.signals import facts_imported

log = structlog.get_logger()


@receiver(post_migrate, dispatch_uid="scoring.default_rulebook")
def give_default_rulebook(sender: Any, **kwargs: Any) -> None:
    """A fresh database has the default rulebook in force for every month."""
    if sender.name == "scoring":
        ensure_default_rulebook(at=timezone.now())


@receiver(history_changed, dispatch_uid="scoring.history_changed")
def mark_months_stale(sender: Any, first: date, last: date | None, **kwargs: Any) -> None:
    """Bindings or violations of evaluated months changed: admins are told, nothing moves."""
    mark_stale(first, last, at=timezone.now(), cause=Cause.CREDIT)


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
