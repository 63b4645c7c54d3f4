"""What a person decides of undelivered mails: they go again, or are settled without."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.refusals import Refused
from portal.enums import CarriedState
from portal.models import AccountMail, NewsMail, OutboxEntry, User
from portal.models.carried import Carried
from portal.outbox.dead_letters import undelivered

# So many mails at most are settled in one step.
MOST: Final = 5_000


@transaction.atomic
def send_again(*, keys: Sequence[str], at: datetime, by: User) -> int:
    """Let undelivered mails go again, with 12 attempts more; how many.

    1. Each goes as the same mail, with the same Message-ID. One that may have arrived may arrive
       twice: whoever asks for it was told so.
    2. What is not undelivered any more stays as it is.

    Locks the rows. The step is kept in their history. Raises Refused where nothing is left to do.
    """
    changes = {"state": CarriedState.WAITING, "next_attempt_at": at}
    return _step(keys, changes, said=_("Sent again on request."), at=at, by=by)


@transaction.atomic
def settle(*, keys: Sequence[str], reason: str, at: datetime, by: User) -> int:
    """Take undelivered mails for settled, for a reason; how many.

    Locks the rows. The step is kept in their history. Raises Refused where nothing is left to do.
    """
    said = _("Settled without delivery: %(reason)s") % {"reason": reason}
    return _step(keys, {"state": CarriedState.DROPPED}, said=said, at=at, by=by)


def history_of(kind: str, pk: int) -> QuerySet[LogEntry]:
    """Who did what about a mail, newest first."""
    model = {"account": AccountMail, "news": NewsMail}.get(kind, OutboxEntry)
    content_type = ContentType.objects.get_for_model(model)
    kept = LogEntry.objects.filter(content_type=content_type, object_id=str(pk))
    return kept.select_related("user").order_by("-action_time")


def _step(
    keys: Sequence[str], changes: dict[str, object], *, said: str, at: datetime, by: User
) -> int:
    mails = 0
    accounts, links, news = undelivered(keys[:MOST])
    for found in (
        AccountMail.objects.filter(accounts),
        OutboxEntry.objects.filter(links, agency=None),
        NewsMail.objects.filter(news),
    ):
        rows: list[Carried] = list(found.select_for_update(of=("self",)).order_by("pk"))
        if not rows:
            continue
        mails += len({_mail(row) for row in rows})
        type(rows[0])._base_manager.filter(pk__in=[row.pk for row in rows]).update(**changes)
        _keep(rows, said, at=at, by=by)
    if not mails:
        raise Refused(_("None of these mails is undelivered any more."), rule="gone")
    return mails


def _mail(row: Carried) -> object:
    """What rows of one mail have in common."""
    if isinstance(row, NewsMail) and row.digest_on:
        return row.user_id, row.digest_on
    return row.pk


def _keep(rows: Sequence[Carried], said: str, *, at: datetime, by: User) -> None:
    content_type = ContentType.objects.get_for_model(rows[0])
    LogEntry.objects.bulk_create(
        LogEntry(
            action_time=at,
            user=by,
            content_type=content_type,
            object_id=str(row.pk),
            object_repr=str(row)[:200],
            action_flag=CHANGE,
            change_message=said,
        )
        for row in rows
    )
