"""What does not get out of the house: undelivered, on its way, or waiting for long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from django.db import connection
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agencies.enums import News
from portal.enums import CarriedState
from portal.models import AccountMail, NewsMail, OutboxEntry
from portal.models.account_mail import MailKind
from portal.outbox.carrying import UNCERTAIN

Where = Literal["undelivered", "sending", "waiting"]
# What was due that long ago, or failed before, waits for long.
LONG: Final = timedelta(minutes=15)
# The numbers of rows have fewer.
MOST_DIGITS: Final = 19
KINDS: Final = {
    "account": gettext_lazy("Mails about accounts"),
    "link": gettext_lazy("Links for creators"),
    "invitation": gettext_lazy("Invitations"),
    "news": gettext_lazy("News of agencies"),
}
COLUMNS: Final = (
    *("sort", "number", "reader", "matter", "code", "pieces", "day", "written_at"),
    *("stands", "tries", "next_at", "since", "error"),
)
NUMBER: Final = """
    SELECT (SELECT count(*) FROM portal_accountmail WHERE state = %(state)s)
        + (SELECT count(*) FROM portal_outboxentry WHERE state = %(state)s AND agency_id IS NULL)
        + (SELECT count(*) FROM portal_newsmail WHERE state = %(state)s AND digest_on IS NULL)
        + (SELECT count(DISTINCT (user_id, digest_on)) FROM portal_newsmail
            WHERE state = %(state)s AND digest_on IS NOT NULL)
"""


@dataclass(frozen=True)
class StuckMail:
    """One mail, or what the webhook gets; a day's news for a person are one.

    `matter` is what it is about in the closed vocabulary of its kind, `code` that of an agency;
    `next_at` is when a waiting one goes, `since` since when it is on its way.
    """

    kind: str
    pk: int
    to: str
    matter: str
    code: str
    pieces: int
    day: date | None
    at: datetime
    state: str
    attempts: int
    next_at: datetime | None
    since: datetime | None
    error: str

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.pk}"

    @property
    def uncertain(self) -> bool:
        """Whether it may have arrived, so that its reader may get it twice."""
        return self.state == CarriedState.UNDELIVERED and self.error.startswith(UNCERTAIN)

    @property
    def title(self) -> str:
        """What it is, without what it says."""
        if self.kind == "account":
            return str(MailKind(self.matter).label)
        if self.kind == "link":
            return _("Link for a creator")
        if self.kind == "invitation":
            return _("Invitation to join")
        if self.day is None:
            return str(News(self.matter).label)
        words = ngettext("%(number)d message, %(day)s", "%(number)d messages, %(day)s", self.pieces)
        return words % {"number": self.pieces, "day": date_format(self.day)}


def stuck(where: Where, *, now: datetime, kind: str = "", words: str = "") -> QuerySet[Any]:
    """The mails that stand at `where`, newest first, as rows for `read`.

    `kind` is one of KINDS, `words` a part of the reader's address or the code of an agency; empty
    ones narrow nothing down. One query, one more to count.
    """
    state = Q(state=CarriedState(where))
    if where == "waiting":
        state &= Q(attempts__gt=0) | Q(next_attempt_at__lt=now - LONG)
    parts = [_accounts(state, words)] if kind in {"", "account"} else []
    if kind in {"", "link", "invitation"}:
        parts.append(_links(state, kind, words))
    if kind in {"", "news"}:
        parts += _news(state, words)
    first, *others = parts
    return first.union(*others, all=True).order_by("-written_at", "-number")


def read(rows: Iterable[Any]) -> list[StuckMail]:
    """Rows of `stuck` as mails."""
    return [StuckMail(*row) for row in rows]


def undelivered_number() -> int:
    """How many mails await a person; one query."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER, {"state": CarriedState.UNDELIVERED.value})
        return int(cursor.fetchone()[0])


def mail_of(kind: str, pk: int) -> StuckMail | None:
    """One mail by the number of (one of) its rows, whatever its state; at most three queries."""
    if kind == "account":
        found = [_accounts(Q(pk=pk), "")]
    elif kind in {"link", "invitation"}:
        found = [_links(Q(pk=pk), kind, "")]
    else:
        row = NewsMail.objects.filter(pk=pk).first()
        found = _news(together(row) if row else Q(pk=None), "")
    return next((mail for part in found for mail in read(part[:1])), None)


def undelivered_of(keys: Iterable[str]) -> list[StuckMail]:
    """The undelivered mails of some keys like `news-12`, newest first; one query."""
    accounts, links, news = undelivered(keys)
    found = _accounts(accounts, "").union(_links(links, "", ""), *_news(news, ""), all=True)
    return read(found.order_by("-written_at", "-number"))


def undelivered(keys: Iterable[str]) -> tuple[Q, Q, Q]:
    """What finds the undelivered rows of some keys: mails about accounts, links, and news.

    A key names one row of its mail; the others of a person's day are found with it.
    """
    numbers: dict[str, list[int]] = {}
    for key in keys:
        kind, _dash, number = key.partition("-")
        if number.isdecimal() and len(number) < MOST_DIGITS:
            numbers.setdefault(kind, []).append(int(number))
    stands = Q(state=CarriedState.UNDELIVERED)
    named = NewsMail.objects.filter(stands, pk__in=numbers.get("news", []))
    same = named.filter(user=OuterRef("user"), digest_on=OuterRef("digest_on"))
    day = Q(Exists(same), digest_on__isnull=False)
    return (
        stands & Q(pk__in=numbers.get("account", [])),
        stands & Q(pk__in=[*numbers.get("link", []), *numbers.get("invitation", [])]),
        stands & (Q(pk__in=numbers.get("news", [])) | day),
    )


def together(row: NewsMail) -> Q:
    """The rows that are one mail with a row, and stand where it stands."""
    if row.digest_on is None:
        return Q(pk=row.pk)
    return Q(user=row.user_id, digest_on=row.digest_on, state=row.state)


def _carried(pk: Any) -> dict[str, Any]:
    """The columns that all tables have alike."""
    return {
        "number": pk,
        "stands": F("state"),
        "written_at": F("at"),
        "tries": F("attempts"),
        "next_at": F("next_attempt_at"),
        "since": F("claimed_at"),
        "error": F("last_error"),
    }


def _text(value: str) -> Value:
    return Value(value, CharField())


def _accounts(state: Q, words: str) -> QuerySet[Any]:
    found = AccountMail.objects.filter(state)
    columns = {
        "sort": _text("account"),
        "reader": F("email"),
        "matter": F("kind"),
        "code": _text(""),
        "pieces": Value(1),
        "day": _no_day(),
    }
    if words:
        found = found.filter(email__icontains=words)
    return found.annotate(**columns, **_carried(F("pk"))).order_by().values_list(*COLUMNS)


def _links(state: Q, kind: str, words: str) -> QuerySet[Any]:
    found = OutboxEntry.objects.filter(state, agency=None)
    if kind:
        found = found.filter(invitation__isnull=kind == "link")
    columns = {
        "sort": Case(When(invitation=None, then=_text("link")), default=_text("invitation")),
        "reader": Coalesce("invitation__email", "creator_link__creator__contact"),
        "matter": Coalesce("invitation__role", "creator_link__purpose"),
        "code": Coalesce(
            "invitation__agency__code",
            "creator_link__request__agency__code",
            "creator_link__unbinding__binding__agency__code",
            _text(""),
        ),
        "pieces": Value(1),
        "day": _no_day(),
    }
    found = found.annotate(**columns, **_carried(F("pk"))).order_by()
    if words:
        found = found.filter(Q(reader__icontains=words) | Q(code=words))
    return found.values_list(*COLUMNS)


def _news(state: Q, words: str) -> list[QuerySet[Any]]:
    """Those that go alone, and those of a person's day; parted, as many are found faster so."""
    found = NewsMail.objects.filter(state).order_by()
    if words:
        found = found.filter(Q(user__email__icontains=words) | Q(entry__agency__code=words))
    alone = {
        "sort": _text("news"),
        "reader": F("user__email"),
        "matter": F("entry__news"),
        "code": F("entry__agency__code"),
        "pieces": Value(1),
        "day": F("digest_on"),
        **_carried(F("pk")),
    }
    gathered = {
        "sort": _text("news"),
        "reader": Max("user__email"),
        "matter": Max("entry__news"),
        "code": Max("entry__agency__code"),
        "pieces": Count("pk"),
        "day": F("digest_on"),
        **_carried(Min("pk")),
        "written_at": Min("at"),
        "tries": Max("attempts"),
        "next_at": Min("next_attempt_at"),
        "since": Min("claimed_at"),
        "error": Max("last_error"),
    }
    of_days = found.filter(digest_on__isnull=False).values("user", "digest_on", "state")
    return [
        found.filter(digest_on=None).annotate(**alone).values_list(*COLUMNS),
        of_days.annotate(**gathered).values_list(*COLUMNS),
    ]


def _no_day() -> Any:
    return Case(When(pk=None, then=F("at__date")))
