"""Storing rulebook versions and putting them in force (docs/rules.md §12)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from scoring.enums import Cause, RulebookState
from scoring.evaluation.staleness import mark_stale
from scoring.models import RulebookVersion
from scoring.months import first_day
from scoring.rulebook import parse

if TYPE_CHECKING:
    from portal.models import User

DEFAULT = Path(__file__).parent / "rulebooks" / "default.toml"


class VersionTaken(ValueError):
    """Another text was already stored under this version's name."""


@transaction.atomic
def store_rulebook(
    text: str, *, at: datetime, activate: bool = False, by: User | None = None
) -> tuple[RulebookVersion, bool]:
    """Store a rulebook as a draft, or put it in force; the version and whether anything changed.

    1. The same text again changes nothing, unless it is now to be put in force.
    2. One in force is never edited: another text under its version name raises VersionTaken.
    3. Put in force, it counts for the months from its `effective_from`; one that began in the
       same month is retired, and evaluated months that it changes are marked as stale.

    Raises scoring.rulebook.RulebookError with every fault of the text.
    """
    rules = parse(text)
    digest = sha256(text.encode()).hexdigest()
    stored, changed = RulebookVersion.objects.select_for_update().get_or_create(
        version=rules.version,
        defaults={
            "effective_from": first_day(rules.effective_from),
            "text": text,
            "sha256": digest,
            "created_at": at,
            "actor": by,
        },
    )
    if stored.sha256 != digest:
        raise VersionTaken(
            f"Version {rules.version} is already stored with other content"
            f" ({stored.get_state_display()}): give this one a version name of its own."
        )
    if activate and stored.state != RulebookState.IN_FORCE:
        RulebookVersion.objects.filter(
            effective_from=stored.effective_from, state=RulebookState.IN_FORCE
        ).update(state=RulebookState.RETIRED)
        stored.state, stored.activated_at, stored.actor = RulebookState.IN_FORCE, at, by
        stored.save(update_fields=["state", "activated_at", "actor"])
        mark_stale(
            stored.effective_from,
            _last_day_of(stored),
            at=at,
            cause=Cause.RULES,
            about={"version": stored.version},
        )
        changed = True
    return stored, changed


def _last_day_of(version: RulebookVersion) -> date | None:
    """The last day for which a version counts; None when no later one is in force."""
    later = RulebookVersion.objects.filter(
        state=RulebookState.IN_FORCE, effective_from__gt=version.effective_from
    ).order_by("effective_from")
    following = later.first()
    return following.effective_from - timedelta(days=1) if following else None


def ensure_default_rulebook(*, at: datetime) -> None:
    """Put the shipped rulebook in force in a database that has none."""
    if not RulebookVersion.objects.exists():
        store_rulebook(DEFAULT.read_text(encoding="utf-8"), at=at, activate=True)
