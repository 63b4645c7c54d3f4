"""What the house does on news from the rooms below (docs/signals.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from agencies.signals import staff_looked
from portal.models import StaffLook, User
from portal.roles import create_roles


@receiver(post_migrate, sender=apps.get_app_config("portal"))
def create_roles_after_migrating(**_: Any) -> None:
    """Permissions exist once the last app of the list, this one, was migrated."""
    create_roles()


@receiver(staff_looked)
def record_look(
    *, actor: User, path: str, label: str, agency_id: int | None, at: datetime, **_: Any
) -> None:
    """Write down who looked at what; a look that cannot be written down does not happen."""
    StaffLook.objects.create(
        actor=actor,
        agency_id=agency_id,
        object_label=label[: StaffLook._meta.get_field("object_label").max_length],
        path=path[: StaffLook._meta.get_field("path").max_length],
        at=at,
    )
