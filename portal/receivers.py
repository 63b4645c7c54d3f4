"""What the house does on news from the rooms below (docs/signals.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models.signals import post_migrate, post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError

from agencies.enums import News
from agencies.models import CreatorLink, Invitation
from agencies.signals import agency_news, creator_link_made, invitation_made, staff_looked
from portal import second_factor
from portal.client_ip import client_ip
from portal.jobs import ring_reconcile
from portal.logs import masked
from portal.models import AccountMail, OutboxEntry, StaffLook, User
from portal.outbox.everyone import tell_everyone
from portal.outbox.levels import tell_levels
from portal.roles import create_roles
from portal.sessions import remember_sign_in
from portal.support.contacts import assign_contacts
from portal.support.looks import role_of
from portal.support.seeing import stop_seeing
from scoring.models import Evaluation
from scoring.signals import agencies_told, evaluation_published

log = structlog.get_logger(__name__)


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
        role=role_of(actor),
        agency_id=agency_id,
        object_label=label[: StaffLook._meta.get_field("object_label").max_length],
        path=path[: StaffLook._meta.get_field("path").max_length],
        at=at,
    )


@receiver(agency_news)
def write_news(
    *, agency_id: int, news: News, about: dict[str, Any], at: datetime, **_: Any
) -> None:
    """Keep what an agency should read, in the transaction of what happened."""
    OutboxEntry.objects.create(
        agency_id=agency_id, news=news, about=about, at=at, next_attempt_at=at
    )


@receiver(evaluation_published, dispatch_uid="portal.tell_levels")
def tell_levels_of(*, evaluation: Evaluation, at: datetime, **_: Any) -> None:
    """Tell agencies of another level or stage, in the transaction that publishes it."""
    tell_levels(evaluation, at=at)


@receiver(evaluation_published, dispatch_uid="portal.assign_contacts")
def assign_contacts_of(*, at: datetime, **_: Any) -> None:
    """Give and end dedicated contacts by the levels that were published a moment ago."""
    assign_contacts(at=at)


@receiver(agencies_told, dispatch_uid="portal.tell_everyone")
def tell_all_agencies(*, news: News, about: dict[str, Any], at: datetime, **_: Any) -> None:
    """Keep what every agency should read, in the transaction of what happened."""
    tell_everyone(news, about=about, at=at)


@receiver(creator_link_made)
def write_link(*, link: CreatorLink, at: datetime, **_: Any) -> None:
    """Keep a creator's link for delivery, and ask a worker for it once the link is there."""
    OutboxEntry.objects.create(creator_link=link, at=at, next_attempt_at=at)
    transaction.on_commit(_ring)


@receiver(invitation_made)
def write_invitation(*, invitation: Invitation, at: datetime, **_: Any) -> None:
    """Keep an invitation for delivery, and ask a worker for it once it is there."""
    OutboxEntry.objects.create(invitation=invitation, at=at, next_attempt_at=at)
    transaction.on_commit(_ring)


@receiver(post_save, sender=AccountMail)
def ask_for_account_mail(*, created: bool, **_: Any) -> None:
    """Ask a worker for a mail about an account, once its row is there."""
    if created:
        transaction.on_commit(_ring)


@receiver(user_logged_in)
def begin_session(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Whatever door a person came in by: note where, and whether the second factor is due.

    What was seen in an agency's place before ends here, whoever saw it.
    """
    stop_seeing(request.session)
    remember_sign_in(
        request.session,
        program=request.META.get("HTTP_USER_AGENT", ""),
        address=client_ip(request),
        at=timezone.now(),
    )
    second_factor.begin(request.session, user)


@receiver(pre_save, sender=AccessAttempt)
@receiver(pre_save, sender=AccessFailureLog)
@receiver(pre_save, sender=AccessLog)
def keep_no_secret(*, instance: AccessAttempt | AccessFailureLog | AccessLog, **_: Any) -> None:
    """The throttle counts: it needs nothing of what was sent, and no key of a link."""
    instance.path_info = masked(instance.path_info)
    if isinstance(instance, AccessAttempt):
        instance.get_data = instance.post_data = ""


def _ring() -> None:
    """A queue that is away delays the delivery until the next reconcile, and fails nothing."""
    try:
        ring_reconcile()
    except RedisError as fault:
        log.warning("queue_unreachable", doing="asking for a delivery", fault=str(fault))
