"""What the clock asks of conduct: `reconcile` calls it every minute, from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.utils import timezone

from agencies.actions import binding_requests, unbinding
from agencies.actions.awards import after_gifts
from agencies.actions.penalties import expire_penalties
from agencies.actions.removal import agencies_at_zero, propose_removals_at_zero
from agencies.actions.transitions import record, tell
from agencies.enums import News, Subject
from agencies.ledger import restore_due

log = structlog.get_logger(__name__)


def settle(*, now: datetime) -> list[str]:
    """Do what is due for conduct, once; a sentence for each thing done.

    1. Measures whose last day is over are closed; agencies that behaved get credit back; who did
       not answer a wish to part is unbound; unanswered requests expire; credit 0 without a
       proposal gets one (docs/rules.md §7 to §9).
    2. Every part decides by its own rows, in transactions of its own: this may run at any time,
       any number of times and in several processes at once, and a late run changes no effect.
    3. A part that fails is logged and does not keep the others from theirs, nor a measure that
       fails the other measures.

    Raises ExceptionGroup at the end where parts failed; its notes are the sentences of the others.
    """
    sentences: list[str] = []
    faults: list[Exception] = []
    for part in PARTS:
        try:
            for sentence in part(now):
                sentences.append(sentence)  # one by one: kept where the part fails later on
        except Exception as fault:
            log.exception("conduct_part_failed", part=part.__name__)
            faults += fault.exceptions if isinstance(fault, ExceptionGroup) else [fault]
            # a connection that was lost must not fail the parts that follow
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
    if faults:
        failed = ExceptionGroup("some of what is due for conduct failed", faults)
        for sentence in sentences:
            failed.add_note(sentence)
        raise failed
    return sentences


def _expire_penalties(now: datetime) -> Iterator[str]:
    for penalty in expire_penalties(now=now):
        yield f"closed the measure {penalty.kind} on {penalty.agency.code}: it ended on its day"


@transaction.atomic
def _restore_credit(now: datetime) -> list[str]:
    restored = restore_due(today=timezone.localdate(now), at=now)
    for agency_id, points, balance in restored:
        about = {"points": points, "balance": balance}
        record(Subject.CREDIT, agency_id, "restore", agency_id=agency_id, at=now, about=about)
        tell(agency_id, News.CREDIT_RESTORED, at=now, **about)
    if not restored:
        return []
    after_gifts([agency_id for agency_id, _points, balance in restored if balance > 0], at=now)
    return [f"gave credit back to {len(restored)} agencies"]


def _end_silent(now: datetime) -> list[str]:
    ended = unbinding.end_silent(now=now)
    return [f"unbound {ended} creators after silence"] if ended else []


def _expire_requests(now: datetime) -> list[str]:
    expired = binding_requests.expire_due(now=now)
    return [f"closed {expired} requests that no creator answered"] if expired else []


def _propose_removals(now: datetime) -> list[str]:
    ids = list(agencies_at_zero(timezone.localdate(now)).values_list("pk", flat=True))
    proposed = propose_removals_at_zero(ids, at=now) if ids else []
    return [f"proposed the removal of {len(proposed)} agencies without credit"] if proposed else []


PARTS: tuple[Callable[[datetime], list[str] | Iterator[str]], ...] = (
    _expire_penalties,
    _restore_credit,
    _end_silent,
    _expire_requests,
    _propose_removals,
)
