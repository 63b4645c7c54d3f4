"""Mails about accounts: asked for by forms, sent by a worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from agencies.actions.plain_text import one_line, plain_email
from portal.enums import CarriedState
from portal.models import AccountMail, User
from portal.models.account_mail import MailKind
from portal.outbox.carrying import Lane, carry, told_of
from portal.outbox.road import Post

# Wishes for a new password within an hour: for one e-mail address, and from one network address.
WINDOW: Final = timedelta(hours=1)
MOST_FOR_ONE: Final = 3
MOST_FROM_ONE: Final = 20
KEPT: Final = timedelta(days=7)
SECONDS: Final = 10
SENTENCES: Final = {
    ("account mails", "sent"): "Sent {} mails about accounts.",
    ("account mails", "refused"): "Failed to send {} mails about accounts.",
    ("account mails", "refused for good"): "Gave up {} mails about accounts that were refused.",
    ("account mails", "uncertain"): "Gave up {} mails about accounts that may have arrived.",
    ("account mails", "lost"): "Gave up {} mails about accounts whose carrier ended.",
}


@transaction.atomic
def ask_reset(*, email: str, address: str | None, at: datetime) -> None:
    """Note that somebody wants a link to set a new password.

    1. Nothing depends on whether the e-mail address has an account: that is looked up when the
       mail is sent. What is no address is forgotten without a word.
    2. At most 3 wishes for one e-mail address and 20 from one network address within an hour;
       more are forgotten without a word. The links already sent keep working, so that nobody can
       take them from somebody else by asking.

    Counting and noting are one step in all processes (advisory lock until the transaction ends).
    """
    try:
        email = plain_email(email)
    except ValidationError:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('ask_reset', 0))")
    recent = AccountMail.objects.filter(kind=MailKind.PASSWORD_FORGOTTEN, at__gt=at - WINDOW)
    if recent.filter(email=email).count() >= MOST_FOR_ONE:
        return
    if address is not None and recent.filter(address=address).count() >= MOST_FROM_ONE:
        return
    _keep(MailKind.PASSWORD_FORGOTTEN, email, at=at, address=address)


def tell_person(*, kind: MailKind, user: User, at: datetime) -> None:
    """Tell a person by mail what happened to their account; goes with the caller's transaction."""
    _keep(kind, user.email, at=at)


def tell_address(*, kind: MailKind, email: str, at: datetime) -> None:
    """Tell whoever reads at an address that was a person's; goes with the caller's transaction."""
    _keep(kind, email, at=at)


def was_told(*, kind: MailKind, user: User, since: datetime) -> bool:
    """Whether a person was, or is to be, told something of the kind after `since`."""
    return AccountMail.objects.filter(kind=kind, email=user.email, at__gt=since).exists()


def _keep(kind: MailKind, email: str, *, at: datetime, address: str | None = None) -> None:
    AccountMail.objects.create(kind=kind, email=email, address=address, at=at, next_attempt_at=at)


class AccountLane(Lane[AccountMail]):
    """Mails about accounts, in Chinese and English."""

    name = "account mails"

    def every(self) -> QuerySet[AccountMail]:
        return AccountMail.objects.all()

    def due(self, now: datetime) -> QuerySet[AccountMail]:
        waiting = self.every().filter(state=CarriedState.WAITING, next_attempt_at__lte=now)
        return waiting.order_by("next_attempt_at", "id")

    def identity(self, rows: Sequence[AccountMail]) -> str:
        return f"{self.name} {rows[0].pk} {rows[0].at.isoformat()}"

    def post(
        self, rows: Sequence[AccountMail], now: datetime
    ) -> tuple[Post | None, Sequence[AccountMail]]:
        (mail,) = rows
        user = User.objects.filter(email=mail.email, is_active=True).first()
        late = mail.kind == MailKind.PASSWORD_FORGOTTEN and mail.at <= now - WINDOW
        unknown = user is None and mail.kind != MailKind.ADDRESS_CHANGED
        return (None, []) if unknown or late else (_message(mail, user), rows)


def send_account_mail(*, now: datetime, seconds: float = SECONDS) -> list[str]:
    """Send what is due and forget what is older than 7 days; a sentence for each that happened.

    1. A mail goes to the address in the account; where no active account has the address, nothing
       goes, but the news that it is an account's no longer. A wish for a password that is older
       than an hour is dropped.
    2. How often it goes: see `carry`. What did not arrive is kept until a person settles it.
    """
    said = told_of(carry(AccountLane(), now=now, seconds=seconds), SENTENCES)
    settled = [CarriedState.WAITING, CarriedState.SENT, CarriedState.DROPPED]
    forgotten, _ = AccountMail.objects.filter(at__lt=now - KEPT, state__in=settled).delete()
    return said + ([f"Forgot {forgotten} old mails about accounts."] if forgotten else [])


def _message(mail: AccountMail, user: User | None) -> EmailMessage:
    """What is told to an address that nobody signs in with names nobody."""
    forgotten = user is not None and mail.kind == MailKind.PASSWORD_FORGOTTEN
    template = "password_reset" if forgotten else "account_notice"
    known = mail.kind != MailKind.ADDRESS_CHANGED
    context = {
        "kind": mail.kind,
        "at": mail.at,
        "name": one_line(str(user)) if user and known else mail.email,
        "email": mail.email,
        "url": _reset_link(user) if user and forgotten else "",
        "forgotten_url": f"{settings.PORTAL_URL}{reverse('password-reset')}",
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
    }
    return EmailMessage(
        subject=" ".join(render_to_string(f"mail/{template}_subject.txt", context).split()),
        body=render_to_string(f"mail/{template}.txt", context),
        to=[mail.email],
    )


def _reset_link(user: User) -> str:
    """The address of the form; begins with the settings' address, whatever a request said."""
    person = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return f"{settings.PORTAL_URL}{reverse('password-reset-confirm', args=[person, token])}"
