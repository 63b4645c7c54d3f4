"""An agency's credit as its page, its checks and the staff see it (docs/rules.md §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.utils.translation import gettext as _

from agencies.credit_rules import Ban, balance_on, bans_on, last_ban, next_restore
from agencies.ledger.corrections import AFTER_REVOCATION
from agencies.ledger.limits import bands, deduction_days
from agencies.ledger.lines import Running, lines_of, running
from agencies.models import Agency, CreditEntry
from agencies.policy import conduct_policies

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class InWords(Running):
    """What the page adds to an entry: its balance, and its reason in the reader's language."""

    words: str


@dataclass(frozen=True)
class Band:
    """Below so many points no new bindings for so many days; `until` while that holds today."""

    below: int
    days: int
    reached: bool
    until: date | None


@dataclass(frozen=True)
class CreditPage:
    """Where the credit stands today, what that forbids, when points come back, every line.

    `ban` is the one in force today that ends last; `next_restore` is (day, points). `lines` are
    entries, the latest day first, each with its running `balance` and with `words`: its reason
    in the reader's language.
    """

    balance: int
    cap: int
    bands: tuple[Band, ...]
    ban: Ban | None
    next_restore: tuple[date, int] | None
    lines: QuerySet[WithAnnotations[CreditEntry, InWords]]
    entries: int


def credit_page(agency: Agency, *, today: date) -> CreditPage:
    """The credit of an agency on a day; two queries besides that of `lines`.

    A removed agency has no ban, and no way back before it.
    """
    lines = lines_of(agency.pk)
    policies = conduct_policies({today} | deduction_days(lines))
    policy = policies[today]
    balance = balance_on(lines, today)
    removed = agency.is_removed(today)
    in_force = [] if removed else bans_on(lines, bands(policies), today)
    return CreditPage(
        balance=balance,
        cap=policy.cap,
        bands=tuple(
            Band(
                below=band.below,
                days=band.days,
                reached=not removed and balance < band.below,
                until=max((ban.until for ban in in_force if ban.below == band.below), default=None),
            )
            for band in policy.bans
        ),
        ban=last_ban(in_force),
        next_restore=None
        if removed
        else next_restore(
            lines, policy.restore_clean_days, policy.restore_points, policy.cap, today
        ),
        lines=_in_words(running(agency.pk)),
        entries=len(lines),
    )


def credit_ban(agency_id: int, *, today: date) -> Ban | None:
    """The ban on new bindings that is in force on a day; of several the one that ends last."""
    lines = lines_of(agency_id)
    days = deduction_days(lines)
    return last_ban(bans_on(lines, bands(conduct_policies(days)), today)) if days else None


def _in_words(
    entries: QuerySet[WithAnnotations[CreditEntry, Running]],
) -> QuerySet[WithAnnotations[CreditEntry, InWords]]:
    followed = Value(_("Follows from a revocation: without that deduction less was due."))
    return entries.annotate(
        words=Case(
            When(reason=AFTER_REVOCATION, adjusts__isnull=False, then=followed),
            default=F("reason"),
            output_field=TextField(),
        )
    )
