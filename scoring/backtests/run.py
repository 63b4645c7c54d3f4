"""One job: claim a back-test, re-score its months, keep what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import structlog
from django.db import Error, connection

from agencies.bulk import copy_rows
from scoring.backtests.boards import Tried, boards_of
from scoring.backtests.figures import Figures, month_figures
from scoring.backtests.life import AttemptLost, claim, complete, fail, fenced
from scoring.backtests.reading import bound_creators, published_growth, stored_results
from scoring.backtests.trial import Before, Month, tried_month
from scoring.models import BackTest, Evaluation
from scoring.months import previous_month
from scoring.rulebook import Rulebook, parse

log = structlog.get_logger()

RESULT_COLUMNS = (
    *("back_test_id", "month", "agency_id", "stage_before", "level_before", "total_before"),
    *("stage", "level", "total", "points", "moved_by", "creators"),
    *("strength_before", "strength", "growth_before", "growth"),
)


def run_back_test(test_id: int, *, clock: Callable[[], datetime]) -> bool:
    """Run a back-test if it is there to be run; whether it is ready now.

    1. Ringing it any number of times, from any number of workers, runs it once.
    2. A failed attempt is asked for again, up to three; the error is kept in the row and raised.
    3. One that was stopped or taken over writes nothing more.
    """
    test = claim(test_id, at=clock())
    if test is None:
        return False
    try:
        complete(test, _tried(test, clock), at=clock())
    except AttemptLost as lost:
        log.warning("back_test_attempt_lost", detail=str(lost))
        return False
    except Exception as error:
        try:
            if connection.needs_rollback or not connection.is_usable():
                connection.close()
            fail(test, error)
        except Error as broken:  # after a quiet time it is taken over
            log.warning("back_test_failure_not_recorded", error=str(broken))
        raise
    return True


def _tried(test: BackTest, clock: Callable[[], datetime]) -> dict[str, Any]:
    """Re-score month after month and write the results; the summary."""
    rulebook = parse(test.text)
    evaluations = Evaluation.objects.select_related("rulebook").in_bulk(test.revisions.values())
    months: dict[str, Any] = {}
    every, last = Figures(), None
    old_rules: dict[int, Rulebook] = {}
    for number, month in enumerate(test.months, start=1):
        evaluation = evaluations[test.revisions[f"{month:%Y-%m}"]]
        old_rules[evaluation.rulebook_id or 0] = evaluation.rules
        tried = tried_month(
            rulebook,
            evaluation,
            stored_results(evaluation),
            before=_before(month, last),
            creators=bound_creators(evaluation),
        )
        boards = boards_of(evaluation, tried.contenders)
        percent = min(99, 100 * number // len(test.months))
        with fenced(test, at=clock(), progress=percent):
            copy_rows("scoring_backtestresult", RESULT_COLUMNS, _rows(test, month, tried, boards))
        figures = month_figures(
            evaluation.rules, rulebook, tried.outcomes, boards=boards, left_out=tried.left_out
        )
        months[f"{month:%Y-%m}"] = figures.as_json()
        every.add(figures)
        last = (month, tried.after)
    return {
        "levels_before": _most_levels(old_rules.values()),
        "levels": _most_levels([rulebook]),
        "cuts": {level.key: str(level.min_total) for level in rulebook.levels},
        "benefit_titles": _titles([*old_rules.values(), rulebook]),
        "months": months,
        "all": every.as_json(),
    }


def _before(month: date, last: tuple[date, Before] | None) -> Before:
    """What the month before gave: under the same rules where it was tried, else as published."""
    if last is not None and last[0] == previous_month(month):
        return last[1]
    return Before(published_growth(month))


def _rows(test: BackTest, month: date, tried: Month, boards: Tried) -> Iterator[tuple[Any, ...]]:
    ranks = (
        *(boards.before.strength, boards.after.strength),
        *(boards.before.growth, boards.after.growth),
    )
    for each in tried.outcomes:
        own = (rank.get(each.agency) for rank in ranks)
        yield (test.pk, month, *each, *own)


def _most_levels(rulebooks: Any) -> list[str]:
    """The levels of the rulebook that has most of them: they are V1, V2 … in each."""
    return max(([level.key for level in each.levels] for each in rulebooks), key=len)


def _titles(rulebooks: list[Rulebook]) -> dict[str, dict[str, str]]:
    """The title of each benefit in both languages, as the last rulebook that has it says it."""
    return {
        benefit.key: {"zh": benefit.title.zh, "en": benefit.title.en}
        for rulebook in rulebooks
        for benefit in rulebook.benefits
    }
