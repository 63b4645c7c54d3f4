"""Looks at the rows and does what is due, once (docs/adr/0002-evaluation-rows.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection

from agencies import due as conduct
from agencies.star_source.turning import settle_star_source
from portal.account_mail import send_account_mail
from portal.heartbeats import forget_dead
from portal.models import PortalSession
from portal.outbox import deliver_due
from portal.outbox.appeals import tell_appeals_ending
from portal.outbox.news_mails import deliver_news
from portal.outbox.risks import tell_risks
from portal.support.contacts import settle_contacts
from scoring import due
from scoring.evaluation.freeze import prune_frozen
from scoring.evaluation.results import drop_leftovers
from scoring.facts import prune_parts
from scoring.rulebook_life import settle_rulebooks

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Part:
    """One thing to settle: a name for the log, and what settles it and says what it did."""

    name: str
    settle: Callable[[datetime], list[str]]


class ReconcileError(Exception):
    """Some parts failed; the others were done, and say so in `sentences`."""

    def __init__(self, sentences: list[str], faults: dict[str, Exception]) -> None:
        self.sentences = sentences
        self.faults = faults
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))


def _evaluations(now: datetime) -> list[str]:
    return due.settle(now=now)


def _conduct(now: datetime) -> list[str]:
    return conduct.settle(now=now)


def _outbox(now: datetime) -> list[str]:
    return deliver_due(now=now)


def _news(now: datetime) -> list[str]:
    return deliver_news(now=now)


def _account_mail(now: datetime) -> list[str]:
    return send_account_mail(now=now)


def _facts(now: datetime) -> list[str]:
    removed = prune_parts(now) + prune_frozen(now) + drop_leftovers()
    return [f"Removed {removed} files and tables of facts that nothing needs."] if removed else []


def _uploads(now: datetime) -> list[str]:
    return due.settle_uploads(now=now)


def _rulebooks(now: datetime) -> list[str]:
    return settle_rulebooks(now)


def _back_tests(now: datetime) -> list[str]:
    return due.settle_back_tests(now=now)


def _rows(now: datetime) -> list[str]:
    return due.settle_rows(now=now)


def _contacts(now: datetime) -> list[str]:
    return settle_contacts(now)


def _star_source(now: datetime) -> list[str]:
    return settle_star_source(now)


def _warnings(now: datetime) -> list[str]:
    return tell_appeals_ending(now) + tell_risks(now)


def _heartbeats(now: datetime) -> list[str]:
    forgotten = forget_dead(now=now)
    return [f"Forgot {forgotten} processes that ended without a word."] if forgotten else []


def _sessions(now: datetime) -> list[str]:
    ended, _ = PortalSession.objects.filter(expire_date__lt=now).delete()
    return [f"Removed {ended} expired sessions."] if ended else []


PARTS = (
    Part("uploads", _uploads),
    Part("rulebooks", _rulebooks),
    Part("evaluations", _evaluations),
    Part("conduct", _conduct),
    Part("contacts", _contacts),
    Part("star_source", _star_source),
    Part("account_mail", _account_mail),
    Part("outbox", _outbox),
    Part("news", _news),
    Part("warnings", _warnings),
    Part("facts", _facts),
    Part("rows", _rows),
    Part("back_tests", _back_tests),
    Part("heartbeats", _heartbeats),
    Part("sessions", _sessions),
)


def reconcile(*, now: datetime, parts: Sequence[Part] = PARTS) -> list[str]:
    """Do what is due, once; one sentence for each thing done.

    1. Every part decides by its own rows, so this may run at any time, any number of times and in
       several processes at once.
    2. A part that fails is logged and does not keep the others from theirs.

    Raises ReconcileError at the end where a part failed.
    """
    sentences: list[str] = []
    faults: dict[str, Exception] = {}
    for part in parts:
        try:
            sentences += part.settle(now)
        except Exception as fault:
            log.exception("reconcile_part_failed", part=part.name)
            faults[part.name] = fault
            # a connection that was lost must not fail the parts that follow
            connection.close_if_unusable_or_obsolete()
    if faults:
        raise ReconcileError(sentences, faults)
    return sentences
