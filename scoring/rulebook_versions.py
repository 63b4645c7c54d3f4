"""Storing rulebook versions and letting them count from their month (docs/rules.md §12)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from scoring.enums import Cause, RulebookState
from scoring.evaluation.staleness import mark_stale
from scoring.models import RulebookVersion
from scoring.models.rulebook_version import COUNTING
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
    2. Only the editor changes a draft: another text under its version name raises VersionTaken.
    3. Put in force, it counts for the months from its `effective_from`; one that began in the
       same month is retired, and evaluated months that it changes are marked as stale.
    4. That is an operator's audited act and asks for nobody's consent: a version that is being
       consulted on, waits for its month or was withdrawn is put in force as well. A consultation
       keeps its comments and is concluded as any other. What people had proposed or approved before
       is taken away, unless it counts by that already: it is not what put it in force.

    Raises scoring.rulebook.RulebookError with every fault of the text. Locks the version and those
    of the same first month.
    """
    rules = parse(text)
    digest = sha256(text.encode()).hexdigest()
    stored, changed = RulebookVersion.objects.get_or_create(
        version=rules.version,
        defaults={
            "effective_from": first_day(rules.effective_from),
            "text": text,
            "sha256": digest,
            "created_at": at,
            "actor": by,
        },
    )
    stored = locked_version(stored.pk)
    if stored.sha256 != digest:
        raise VersionTaken(
            f"Version {rules.version} is already stored with other content"
            f" ({stored.get_state_display()}): give this one a version name of its own."
        )
    if activate and stored.state != RulebookState.IN_FORCE:
        stored.actor = by
        if stored.state not in COUNTING:
            stored.proposed_by = stored.proposed_at = None
            stored.approved_by = stored.approved_at = None
        begin_counting(stored, RulebookState.IN_FORCE, at=at)
        changed = True
    return stored, changed


def locked_version(version_id: int) -> RulebookVersion:
    """A version under its lock and those of all that begin with the same month, in one order.

    So of two that are to count from one month one waits for the other. Inside a transaction; raises
    RulebookVersion.DoesNotExist.
    """
    month = RulebookVersion.objects.values_list("effective_from", flat=True).get(pk=version_id)
    rivals = RulebookVersion.objects.filter(Q(effective_from=month) | Q(pk=version_id))
    locked = {each.pk: each for each in rivals.order_by("pk").select_for_update()}
    return locked[version_id]


def begin_counting(version: RulebookVersion, state: RulebookState, *, at: datetime) -> None:
    """Let a version count from its first month, `state` saying how; it is under its lock.

    1. Another one that counts from the same month is retired.
    2. Evaluated months that it changes are marked as stale; one that counts already changes none.
    """
    counted = version.state in COUNTING
    others = RulebookVersion.objects.filter(
        effective_from=version.effective_from, state__in=COUNTING
    ).exclude(pk=version.pk)
    others.update(state=RulebookState.RETIRED, retired_at=at)
    version.state, version.retired_at = state, None
    if not counted:
        version.activated_at = at
    version.save(
        update_fields=[
            *("state", "activated_at", "retired_at", "actor"),
            *("proposed_by", "proposed_at", "approved_by", "approved_at"),
        ]
    )
    if not counted:
        mark_stale(
            version.effective_from,
            _last_day_of(version),
            at=at,
            cause=Cause.RULES,
            about={"version": version.version},
        )


def _last_day_of(version: RulebookVersion) -> date | None:
    """The last day for which a version counts; None when no later one does."""
    later = RulebookVersion.objects.filter(
        state__in=COUNTING, effective_from__gt=version.effective_from
    ).order_by("effective_from")
    following = later.first()
    return following.effective_from - timedelta(days=1) if following else None


def stop_counting(version: RulebookVersion, *, at: datetime) -> None:
    """Retire a version before its first month; it is under its lock.

    Evaluated months for which it would have counted are marked as stale, as by its beginning.
    """
    counted, last = version.state in COUNTING, _last_day_of(version)
    version.state, version.retired_at = RulebookState.RETIRED, at
    version.save(update_fields=["state", "retired_at"])
    if counted:
        mark_stale(
            version.effective_from,
            last,
            at=at,
            cause=Cause.RULES,
            about={"version": version.version},
        )


def ensure_default_rulebook(*, at: datetime) -> None:
    """Put the shipped rulebook in force in a database that has none."""
    if not RulebookVersion.objects.exists():
        store_rulebook(DEFAULT.read_text(encoding="utf-8"), at=at, activate=True)
