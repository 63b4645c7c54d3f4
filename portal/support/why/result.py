"""The result itself in words: the level or its absence, and what decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.enums import Stage
from portal.formats.figures import exact
from portal.support.why import said
from portal.support.why.facts import Why
from portal.support.why.outstanding import (
    first_assessed,
    joined,
    outstanding,
    removed,
    without_result,
)
from portal.support.why.reasons import cases, corrected, floors, held, reached
from scoring.models import Assessment
from scoring.months import previous_month
from scoring.queries.movement import Turn, Verdict

TURNS: Final[Mapping[Turn, Promise]] = {
    Turn.STAYED: gettext_lazy(
        "The result of %(month)s is %(level)s with %(total)s points: the same level as in"
        " %(before)s, which had %(total_before)s."
    ),
    Turn.GAINED: gettext_lazy(
        "With the result of %(month)s your agency leaves the observation stage: it is %(level)s"
        " with %(total)s points."
    ),
    Turn.LOST: gettext_lazy(
        "By the result of %(month)s your agency is in the observation stage and has no level; that"
        " of %(before)s was %(level_before)s with %(total_before)s points."
    ),
    Turn.STILL_WITHOUT: gettext_lazy(
        "By the result of %(month)s your agency is still in the observation stage and has no level."
    ),
    **dict.fromkeys(
        (Turn.ROSE, Turn.FELL),
        gettext_lazy(
            "The result of %(month)s is %(level)s with %(total)s points; that of %(before)s was"
            " %(level_before)s with %(total_before)s."
        ),
    ),
}
BELOW_CUT: Final = gettext_lazy(
    "The level fell because the total is below the %(cut)s points that %(level_before)s needs:"
    " %(missing)s points are missing."
)
OBSERVED: Final = gettext_lazy(
    "By the result of %(month)s your agency is in the observation stage and has no level."
)
NOVICE_BEFORE: Final = gettext_lazy(
    "%(before)s was a novice month without points, so there is nothing to compare."
)


def result_paragraphs(why: Why) -> Iterator[str]:
    """Which level there is in the month, and why it is that one; or why there is none."""
    before = [*removed(why), *outstanding(why)]
    if before:
        yield said.together(before)
    if why.now is None:
        if not why.removed_on:
            yield said.together(without_result(why))
        return
    yield said.together([*_level(why, why.now), *floors(why, why.now)])
    if why.cases:
        yield cases(why)
    if why.results and why.results.hold:
        yield said.together(held(why))
    if why.results and why.results.correction:
        yield said.together(corrected(why))


def _level(why: Why, now: Assessment) -> Iterator[str]:
    """The level or stage beside that of the month before, and what decided."""
    verdict = why.movement.verdict if why.movement else None
    if now.stage == Stage.NOVICE:
        yield _("%(month)s is a novice month of your agency.") % {
            "month": said.month(now.evaluation.month)
        }
        yield joined(why)
        yield first_assessed(why)
    elif verdict is None:
        yield from _first_level(now, why.results.before if why.results else None)
    else:
        yield str(TURNS[verdict.turn]) % _both(why, now)
        if verdict.turn in (Turn.ROSE, Turn.FELL):
            yield from _cut(why, verdict, now)
        elif verdict.turn is Turn.GAINED:
            yield from reached(why)


def _first_level(now: Assessment, novice: Assessment | None) -> Iterator[str]:
    """A month with points after one without, or without any."""
    names = {
        "month": said.month(now.evaluation.month),
        "before": said.month(previous_month(now.evaluation.month)),
        "level": now.level,
        "total": said.points(now.total),
    }
    if now.level:
        yield _("The result of %(month)s is %(level)s with %(total)s points.") % names
    else:
        yield str(OBSERVED) % names
    if novice:
        yield str(NOVICE_BEFORE) % names
    else:
        yield _("There is no published result of %(before)s to compare it with.") % names


def _both(why: Why, now: Assessment) -> dict[str, str]:
    before = why.results.before if why.results else None
    return {
        "month": said.month(now.evaluation.month),
        "level": now.level,
        "total": said.points(now.total),
        "before": said.month(previous_month(now.evaluation.month)),
        "level_before": before.level if before else "",
        "total_before": said.points(before.total if before else None),
    }


def _cut(why: Why, verdict: Verdict, now: Assessment) -> Iterator[str]:
    """Which cut-off decided, or that the rules did."""
    movement = why.movement
    old = movement.rules_before.version if movement and movement.rules_before else ""
    if verdict.by_rules:
        yield from _by_rules(verdict, old)
        return
    if verdict.cut is None or now.total is None:
        return
    names = {
        "cut": exact(verdict.cut),
        "level": verdict.level,
        "level_before": verdict.level_before,
        "missing": said.points(verdict.cut - now.total),
    }
    if verdict.turn is Turn.FELL:
        yield str(BELOW_CUT) % names
    else:
        yield _("The level rose because the total reached the %(cut)s points of %(level)s.") % names
    if verdict.cut_before is not None and verdict.cut_before != verdict.cut:
        yield _("Rulebook %(version)s, which counted until then, asked for %(cut)s.") % {
            "version": old,
            "cut": exact(verdict.cut_before),
        }
    if abs(why.levels_moved) > 1:
        yield _(
            "That is %(number)s levels at once: a level follows from the total of its month alone,"
            " so it can skip some."
        ) % {"number": abs(why.levels_moved)}


def _by_rules(verdict: Verdict, old: str) -> Iterator[str]:
    """That the figures of the month would have kept the level by the rules of the month before."""
    sentence = _(
        "That comes from the rules: by rulebook %(version)s, which counted until then, the same"
        " figures give %(total)s points and %(level)s."
    )
    yield sentence % {
        "version": old,
        "total": said.points(verdict.total_by_old_rules),
        "level": verdict.level_before,
    }
    if verdict.cut is None or verdict.cut_before in (None, verdict.cut):
        return
    yield _("%(level)s begins at %(cut)s now instead of %(before)s.") % {
        "level": verdict.level_before if verdict.turn is Turn.FELL else verdict.level,
        "cut": exact(verdict.cut),
        "before": exact(verdict.cut_before),
    }
