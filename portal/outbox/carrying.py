"""Carries rows out of the house: each once, or visibly not at all (D, docs/rules.md §1)."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, groupby
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

from portal.enums import CarriedState
from portal.logs import masked
from portal.models.carried import Carried
from portal.outbox.road import Fate, Post, Road, fate_of, said_by

log = structlog.get_logger(__name__)
Row = TypeVar("Row", bound=Carried)

# So many times in a row without an answer mean that nobody is there: the others wait.
FAILURES_IN_A_ROW: Final = 3
MOST_ATTEMPTS: Final = 12
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
LONGEST_ERROR: Final = 300
# After so long on its way nobody waits for whoever carries it, alive or not.
GIVEN_UP_AFTER: Final = timedelta(minutes=10)
# How the note of what may be there all the same begins.
UNCERTAIN: Final = "MayHaveArrived"
CARRIER_DIED: Final = f"{UNCERTAIN}: the process that carried it ended before it said how it went"


class Lane(ABC, Generic[Row]):
    """One kind of rows to carry out: which are due, what goes together, and what is made of it."""

    name: str

    @abstractmethod
    def every(self) -> QuerySet[Row]:
        """All rows of the kind, whatever their state."""

    @abstractmethod
    def due(self, now: datetime) -> QuerySet[Row]:
        """The rows to carry at `now`, those that wait longest first."""

    def together(self, head: Row) -> QuerySet[Row]:
        """The waiting rows that go in one mail with the first one."""
        return self.every().filter(pk=head.pk)

    def kind(self, row: Row) -> str:
        """What rows are counted as."""
        return self.name

    @abstractmethod
    def identity(self, rows: Sequence[Row]) -> str:
        """Names the mail of some rows, the same however often it goes."""

    @abstractmethod
    def post(self, rows: Sequence[Row], now: datetime) -> tuple[Post | None, Sequence[Row]]:
        """What goes out, and for which of the rows; the others are not needed any more."""


@dataclass(frozen=True)
class Run:
    """One carrier at work: what it claims bears `claimed_at`, whose lock its session holds."""

    now: datetime
    claimed_at: datetime
    ends: float
    session: object

    def goes_on(self) -> bool:
        """Whether there is time left, and the session that holds the lock was not lost."""
        return time.monotonic() < self.ends and connection.connection is self.session


def carry(lane: Lane[Row], *, now: datetime, seconds: float) -> Counter[tuple[str, str]]:
    """Carry what is due, for about so many seconds; how many mails met which fate, by kind.

    1. A row is claimed by a change to `sending` that is committed before anything leaves, so that
       it leaves once; rows that another process is at are skipped.
    2. Taken by the other side: `sent`. Refused, or never out: `waiting` again after a pause that
       doubles from 1 minute to 6 hours; after 12 attempts, or where the address or the content is
       refused for good, `undelivered`. All out but not answered: `undelivered`, as it may be there.
    3. The outcome is written only while the claim holds. What a carrier left behind that died, or
       that is at it for 10 minutes, is `undelivered`, as it may be there.
    4. Whatever one mail dies of, the others still go; after 3 times in a row that nobody answers
       the rest waits for the next run, as it does where the database's session is lost.

    Must not be called in a transaction. An error is kept without the keys of links.
    """
    fates: Counter[tuple[str, str]] = Counter()
    with _lock(lane, now) as claimed_at:
        run = Run(now, claimed_at, time.monotonic() + seconds, connection.connection)
        for kind, number in _abandoned(lane, run).items():
            fates[kind, "lost"] += number
        unanswered = 0
        with Road() as road:
            while unanswered < FAILURES_IN_A_ROW and run.goes_on():
                outcome = _carry_next(lane, road, run)
                if outcome is None:
                    break
                kind, fate, dead = outcome
                fates[kind, fate] += 1
                unanswered = unanswered + 1 if dead else 0
    return fates


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures: 1, 2, 4 … minutes, at most 6 hours."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 10))


def message_name(identity: str) -> str:
    """A Message-ID without its brackets: tells nothing, and is the same for the same mail."""
    host = urlsplit(settings.PORTAL_URL).hostname or "localhost"
    return f"{salted_hmac('portal.mail', identity).hexdigest()}@{host}"


def told_of(fates: Counter[tuple[str, str]], sentences: dict[tuple[str, str], str]) -> list[str]:
    """A sentence for each kind and fate of which there is any."""
    return [said.format(fates[key]) for key, said in sentences.items() if fates[key]]


@contextmanager
def _lock(lane: Lane[Any], now: datetime) -> Iterator[datetime]:
    """Hold the lock of a moment that is this carrier's alone, until the session ends at most."""
    for step in count():
        claimed_at = now + timedelta(microseconds=step)
        if _ask("pg_try_advisory_lock", lane, claimed_at):
            break
    try:
        yield claimed_at
    finally:
        with suppress(Error):  # a lost session holds nothing
            _ask("pg_advisory_unlock", lane, claimed_at)


def _ask(function: str, lane: Lane[Any], claimed_at: datetime) -> bool:
    key = f"carry {lane.name} {claimed_at.timestamp():.6f}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key])
        return bool(cursor.fetchone()[0])


def _abandoned(lane: Lane[Row], run: Run) -> Counter[str]:
    """Set aside what nobody carries any more; how many rows, by kind."""
    found: Counter[str] = Counter()
    sending = lane.every().filter(state=CarriedState.SENDING)
    for claimed_at in sending.order_by().values_list("claimed_at", flat=True).distinct():
        given_up = claimed_at < run.now - GIVEN_UP_AFTER
        free = claimed_at == run.claimed_at or _ask("pg_try_advisory_lock", lane, claimed_at)
        if not (free or given_up):
            continue
        with transaction.atomic():
            rows = list(sending.filter(claimed_at=claimed_at).select_for_update(of=("self",)))
            found.update(lane.kind(row) for row in rows)
            lane.every().filter(pk__in=[row.pk for row in rows]).update(
                state=CarriedState.UNDELIVERED, claimed_at=None, last_error=CARRIER_DIED
            )
        if free and claimed_at != run.claimed_at:
            _ask("pg_advisory_unlock", lane, claimed_at)
    return found


@transaction.atomic(durable=True)
def _claim(lane: Lane[Row], run: Run) -> list[Row]:
    """The rows of the next mail, claimed; none where nothing is due."""
    head = lane.due(run.now).select_for_update(of=("self",), skip_locked=True).first()
    if head is None:
        return []
    rows = list(lane.together(head).order_by("pk").select_for_update(of=("self",)))
    lane.every().filter(pk__in=[row.pk for row in rows]).update(
        state=CarriedState.SENDING,
        attempts=F("attempts") + 1,
        next_attempt_at=None,
        claimed_at=run.claimed_at,
    )
    for row in rows:
        row.attempts += 1
    return rows


def _carry_next(lane: Lane[Row], road: Road, run: Run) -> tuple[str, str, bool] | None:
    """Claim one mail and carry it: its kind, its fate, and whether nobody answered."""
    rows = _claim(lane, run)
    if not rows:
        return None
    kind, road.handed_over = lane.kind(rows[0]), False
    wanted: Sequence[Row] = rows
    try:
        # what one mail breaks in the database harms no other, and no transaction waits for a server
        with transaction.atomic():
            post, wanted = lane.post(rows, run.now)
            needless = [row for row in rows if row not in wanted]
        if post is not None:
            with transaction.atomic():
                road.carry(post, name=message_name(lane.identity(rows)))
    except Exception as fault:  # whatever one mail dies of, the others still go
        fate, dead = fate_of(fault, handed_over=road.handed_over)
        _failed(lane, rows, run, fate, fault)
        return kind, fate.value, dead
    _write(lane, needless, state=CarriedState.DROPPED, last_error="")
    if post is None:
        return kind, "dropped", False
    _write(lane, wanted, state=CarriedState.SENT, sent_at=run.now, last_error="")
    return kind, Fate.SENT.value, False


def _failed(lane: Lane[Row], rows: Sequence[Row], run: Run, fate: Fate, fault: Exception) -> None:
    said = said_by(fault)
    if fate == Fate.UNCERTAIN and not said.startswith(UNCERTAIN):
        said = f"{UNCERTAIN}: {said}"
    error = masked(said)[:LONGEST_ERROR]
    log.warning("not_delivered", lane=lane.name, row=rows[0].pk, fate=fate.value)
    for row in rows:
        # sent again on request, it has 12 attempts more
        tried = (row.attempts - 1) % MOST_ATTEMPTS + 1
        if fate == Fate.REFUSED and tried < MOST_ATTEMPTS:
            next_at = run.now + pause_after(tried)
            state = {"state": CarriedState.WAITING, "next_attempt_at": next_at}
        else:
            state = {"state": CarriedState.UNDELIVERED}
        _write(lane, [row], **state, last_error=error)


def _write(lane: Lane[Row], rows: Sequence[Row], **outcome: Any) -> None:
    """Write the outcome of a claim, where it still is this carrier's."""

    def attempts(row: Row) -> int:
        return row.attempts

    mine = Q()
    for number, group in groupby(sorted(rows, key=attempts), key=attempts):
        mine |= Q(pk__in=[row.pk for row in group], attempts=number)
    if mine:
        lane.every().filter(mine, state=CarriedState.SENDING).update(**outcome, claimed_at=None)
