"""The life of a back-test: asked for, claimed, run, and kept or stopped.

The row decides everything: the queue may ring twice or never, workers may die at any point.
`claimed_at` is the last sign of life of the running attempt: every write of it sets it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.refusals import Refused
from scoring.enums import BackTestState
from scoring.models import BackTest, BackTestResult, Evaluation, RulebookVersion
from scoring.rulebook import RulebookError, parse

if TYPE_CHECKING:
    from portal.models import User

# A month takes seconds: a running attempt without a sign for so long has died.
QUIET: Final = timedelta(minutes=5)
MOST_ATTEMPTS: Final = 3
MOST_MONTHS: Final = 12
LIVING: Final = [BackTestState.ASKED, BackTestState.RUNNING, BackTestState.READY]
# What `BackTest.error` begins with where a person stopped it; their name follows.
STOPPED: Final = "stopped: "


class AttemptLost(RuntimeError):
    """The back-test was stopped or taken over: this attempt must not write any more."""


@transaction.atomic
def ask_back_test(
    *, version_id: int, months: Iterable[date], at: datetime, by: User
) -> tuple[BackTest, bool]:
    """Ask what a version would have made of some published months; the test, whether it is new.

    1. One to twelve months (their first days), each of them published.
    2. The version's text of this moment is tried, over the revisions that are published now.
    3. One with the same text, months and revisions that waits, runs or is ready is returned.

    Raises Refused. Locks the version, so that two who ask at once get the same test. D, §12.
    """
    version = RulebookVersion.objects.select_for_update(no_key=True).filter(pk=version_id).first()
    if version is None:
        raise Refused(_("This version is gone: somebody discarded the draft."), rule="gone")
    chosen = sorted(set(months))
    revisions = _published(chosen)
    _refuse_faults(version)
    digest = sha256(version.text.encode()).hexdigest()
    same = BackTest.objects.filter(
        version=version, sha256=digest, months=chosen, revisions=revisions, state__in=LIVING
    ).first()
    if same is not None:
        return same, False
    test = BackTest.objects.create(
        version=version,
        text=version.text,
        sha256=digest,
        months=chosen,
        revisions=revisions,
        asked_by=by,
        asked_at=at,
    )
    return BackTest.objects.get(pk=test.pk), True


def _published(months: list[date]) -> dict[str, int]:
    """The published evaluation of each month, by the month as YYYY-MM."""
    if not months:
        raise Refused(_("Choose at least one month to try the rules on."), rule="no_month")
    if len(months) > MOST_MONTHS:
        raise Refused(
            ngettext(
                "A back-test takes at most %(most)d month: choose fewer.",
                "A back-test takes at most %(most)d months: choose fewer.",
                MOST_MONTHS,
            )
            % {"most": MOST_MONTHS},
            rule="too_many_months",
        )
    found = Evaluation.objects.published().filter(month__in=months).order_by("month")
    revisions = {f"{month:%Y-%m}": pk for month, pk in found.values_list("month", "pk")}
    missing = [f"{month:%Y-%m}" for month in months if f"{month:%Y-%m}" not in revisions]
    if missing:
        raise Refused(
            _("%(months)s has no published result: choose published months only.")
            % {"months": ", ".join(missing)},
            rule="not_published",
        )
    return revisions


def _refuse_faults(version: RulebookVersion) -> None:
    try:
        parse(version.text)
    except RulebookError as error:
        raise Refused(
            _("This version has faults and cannot be tried: mend them first. %(faults)s")
            % {"faults": error},
            rule="faulty_rules",
        ) from None


def waiting(*, at: datetime) -> QuerySet[BackTest]:
    """The tests that a worker may take, the oldest first: asked for, or left by a dead one."""
    return BackTest.objects.filter(
        Q(state=BackTestState.ASKED) | Q(state=BackTestState.RUNNING, claimed_at__lte=at - QUIET)
    ).order_by("id")


def claim(test_id: int, *, at: datetime) -> BackTest | None:
    """Start the next attempt at a test; None when there is nothing to claim.

    1. The claim is a compare-and-swap on state and attempt: one of several claimants wins.
    2. A test whose attempts are used up fails; it keeps the last error.
    3. What an earlier attempt wrote is removed.
    """
    with transaction.atomic():
        found = waiting(at=at).select_related("version").filter(pk=test_id).first()
        if found is None:
            return None
        unchanged = BackTest.objects.filter(pk=found.pk, state=found.state, attempt=found.attempt)
        if found.attempt >= MOST_ATTEMPTS:
            error = found.error or "Its worker ended without a word."
            if unchanged.update(state=BackTestState.FAILED, error=error):
                _remove_results(found)
            return None
        attempt = found.attempt + 1
        running = {"state": BackTestState.RUNNING, "attempt": attempt, "claimed_at": at}
        if not unchanged.update(progress=0, **running):
            return None
        _remove_results(found)
    found.refresh_from_db()
    return found if found.attempt == attempt else None


@contextmanager
def fenced(test: BackTest, *, at: datetime, **changes: Any) -> Iterator[None]:
    """A transaction whose writes only happen while this attempt is the running one.

    Raises AttemptLost otherwise. Locks the row until the commit.
    """
    with transaction.atomic():
        if not _held(test).update(claimed_at=at, **changes):
            raise AttemptLost(f"attempt {test.attempt} of back-test {test.pk} is over")
        yield


def complete(test: BackTest, summary: dict[str, Any], *, at: datetime) -> None:
    """Keep a finished test. Raises AttemptLost when it was stopped or taken over."""
    with fenced(
        test,
        at=at,
        state=BackTestState.READY,
        ready_at=at,
        progress=100,
        summary=summary,
        error="",
    ):
        pass


@transaction.atomic
def fail(test: BackTest, error: Exception) -> bool:
    """Give a failed attempt back, or the test up; False when the attempt was over already.

    The row keeps what went wrong, for the operators.
    """
    last = test.attempt >= MOST_ATTEMPTS
    state = BackTestState.FAILED if last else BackTestState.ASKED
    text = f"{type(error).__name__}: {error}"[:300]
    if not _held(test).update(state=state, error=text, progress=0):
        return False
    _remove_results(test)
    return True


@transaction.atomic
def stop_back_test(*, test_id: int, by: User) -> BackTest:
    """Stop a test that waits or runs; what it has written so far is removed.

    A running attempt notices at its next write. Raises Refused when it is over already, or gone
    with its draft. Locks the row; the write of a month that is under way is waited for.
    """
    test = BackTest.objects.select_for_update(no_key=True).filter(pk=test_id).first()
    if test is None or test.state not in (BackTestState.ASKED, BackTestState.RUNNING):
        raise Refused(
            _("This back-test is over already: there is nothing to stop."), rule="back_test_over"
        )
    test.state, test.error = BackTestState.FAILED, f"{STOPPED}{by}"[:300]
    test.save(update_fields=["state", "error"])
    _remove_results(test)
    return test


def _held(test: BackTest) -> QuerySet[BackTest]:
    """The test while this attempt is the running one: every write of a job goes through it."""
    return BackTest.objects.filter(pk=test.pk, state=BackTestState.RUNNING, attempt=test.attempt)


def _remove_results(test: BackTest) -> None:
    results = BackTestResult.objects.filter(back_test_id=test.pk)
    results._raw_delete(results.db)  # nothing refers to them: no need to read them first
