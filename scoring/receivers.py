"""News from below: the default rulebook of a fresh database, history that published months used."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils import timezone

from agencies.signals import history_changed
from scoring.evaluation.staleness import mark_stale
from scoring.rulebook_versions import ensure_default_rulebook


@receiver(post_migrate, dispatch_uid="scoring.default_rulebook")
def give_default_rulebook(sender: Any, **kwargs: Any) -> None:
    """A fresh database has the default rulebook in force for every month."""
    if sender.name == "scoring":
        ensure_default_rulebook(at=timezone.now())


@receiver(history_changed, dispatch_uid="scoring.history_changed")
def mark_months_stale(sender: Any, first: date, last: date | None, **kwargs: Any) -> None:
    """Bindings or violations of evaluated months changed: admins are told, nothing moves."""
    mark_stale(first, last, at=timezone.now())
