"""What would raise the level or bring it back, in words, as the guidance page sees it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from portal.formats.figures import compact, exact
from portal.support.why import said
from portal.support.why.facts import Ahead, Why
from scoring.guidance import Obstacle
from scoring.queries.guidance import LevelAhead, WayShown
from scoring.queries.movement import Turn
from scoring.queries.observed import Observed
from scoring.queries.plan import Plan
from scoring.queries.projection import Projected
from scoring.queries.steps import Step
from scoring.rulebook import Level


def way_paragraphs(why: Why) -> Iterator[str]:
    """What the level needs next, where things lead, and what asks least to get there.

    Nothing for a result that is not the newest one, for novices and removed agencies, and while an
    appeal holds the level: no plan counts on that.
    """
    ahead = why.ahead
    if ahead is None or (why.results and why.results.hold):
        return
    needed = [*_needed(why, ahead.plan), *_credit(ahead.observed), *_heading(ahead)]
    if needed:
        yield said.together(needed)
    if ahead.levels and not ahead.plan.held:
        yield _nearest(ahead.levels[0])


def _needed(why: Why, plan: Plan) -> Iterator[str]:
    """What the next level takes, and the one that was lost where that is another."""
    now = why.now
    if now is None or not now.level or why.month is None:
        return
    following, lost = why.next_level, _lost(why)
    if following is None:
        yield _("%(level)s is the highest level there is.") % {"level": now.level}
        return
    names = {
        "level": following.key,
        "cut": exact(following.min_total),
        "missing": said.points(why.next_missing),
        "month": said.month(why.month),
    }
    if lost and lost.key == following.key:
        sentence = _(
            "To be at %(level)s again, a month has to reach %(cut)s points, %(missing)s more than"
            " %(month)s."
        )
    else:
        sentence = _(
            "The next level, %(level)s, begins at %(cut)s points, %(missing)s more than %(month)s"
            " has."
        )
    yield sentence % names
    if lost and lost.key != following.key:
        yield _("%(level)s begins at %(cut)s.") % {"level": lost.key, "cut": exact(lost.min_total)}
    for level in dict.fromkeys([following, *([lost] if lost else [])]):
        yield from _moved_cut(level, plan)


def _moved_cut(level: Level, plan: Plan) -> Iterator[str]:
    """That another cut-off counts for the month to come, where its rules have moved it."""
    moved = next((each for each in plan.rulebook.levels if each.key == level.key), level)
    if moved.min_total == level.min_total:
        return
    sentence = _("For %(month)s rulebook %(version)s counts: by it %(level)s begins at %(cut)s.")
    yield sentence % {
        "month": said.month(plan.month),
        "version": plan.rulebook.version,
        "level": level.key,
        "cut": exact(moved.min_total),
    }


def _lost(why: Why) -> Level | None:
    """The level of the month before, where the result took it away and its rules still have it."""
    verdict = why.movement.verdict if why.movement else None
    if why.movement is None or verdict is None or verdict.turn is not Turn.FELL:
        return None
    levels = why.movement.rules.levels
    return next((level for level in levels if level.key == verdict.level_before), None)


def _credit(observed: Observed | None) -> Iterator[str]:
    """When the credit allows a level again, and with which result."""
    if observed is None:
        return
    way = observed.way
    names = {"credit": exact(observed.credit)}
    if way.credit_on is None:
        sentence = _(
            "Today the credit is %(credit)s. What comes back by itself is not enough: it takes an"
            " award, or a decision that is revoked."
        )
        yield sentence % names
    elif way.credit_on > observed.today:
        yield _(
            "Today the credit is %(credit)s; if nothing more is deducted, it is high enough on"
            " %(day)s."
        ) % {**names, "day": said.on(way.credit_on)}
    if way.month is None or way.published_on is None:
        return
    month = {"month": said.month(way.month), "day": said.on(way.published_on)}
    if observed.held:
        sentence = _(
            "The first result that can bring a level again is that of %(month)s, which the platform"
            " is still checking."
        )
    else:
        sentence = _(
            "The first result that can bring a level again is that of %(month)s, published on"
            " %(day)s."
        )
    yield sentence % month


def _heading(ahead: Ahead) -> Iterator[str]:
    """What the running month comes to, or the provisional result of the one that is over."""
    plan, expected = ahead.plan, ahead.expected
    if expected is None or plan.source_month is None or plan.source_through is None:
        return
    if not plan.begun:
        if plan.provisional and plan.projected is not None:
            yield _provisional(plan.projected)
        return
    names = {
        "month": said.month(plan.source_month),
        "day": said.on(plan.source_through),
        "total": said.points(expected.total),
        "level": expected.level,
    }
    if expected.level:
        sentence = _(
            "As %(month)s goes so far (data through %(day)s), it comes to about %(total)s points"
            " and %(level)s."
        )
    else:
        sentence = _(
            "As %(month)s goes so far (data through %(day)s), it comes to about %(total)s points"
            " and no level yet."
        )
    yield sentence % names
    if plan.held:
        yield _(
            "That does not count the open appeal, which holds the level you have as long as it is"
            " undecided."
        )


def _provisional(projected: Projected) -> str:
    """A month without a day left, as its provisional page tells it: its own credit counts."""
    if projected.level:
        sentence = _(
            "The provisional result of %(month)s (data through %(day)s) is %(level)s with"
            " %(total)s points."
        )
    else:
        sentence = _(
            "The provisional result of %(month)s (data through %(day)s) has %(total)s points and no"
            " level."
        )
    return sentence % {
        "month": said.month(projected.month),
        "day": said.on(projected.data_through),
        "total": said.points(projected.total),
        "level": projected.level,
    }


def _nearest(level: LevelAhead) -> str:
    """The way to a level that asks least, or what stands against it."""
    names = {"level": level.level.key}
    if level.ways and not level.hard:
        head = _("Of the ways to %(level)s, this one asks least:") % names
        return f"{head}\n{said.listed(_steps(level.ways[0]))}"
    if level.ways:
        sentence = _(
            "%(level)s is hardly within reach in a single month; the guidance page shows how far"
            " each step leads."
        )
        return sentence % names
    if level.obstacle == Obstacle.CREDIT.value:
        return _("Until the credit is high enough, no points bring a level.")
    sentence = _(
        "No one or two indicators alone lead to %(level)s; the simulator beside the guidance shows"
        " what several of them do together."
    )
    return sentence % names


def _steps(way: WayShown) -> Iterator[str]:
    for step in way.steps:
        yield _step(step)


def _step(step: Step) -> str:
    """An indicator from what it comes to as things go, to what it takes."""
    if step.base is None:
        return _("%(name)s: at least %(target)s") % {
            "name": step.name,
            "target": compact(step.shown, step.unit),
        }
    return _("%(name)s: at least %(target)s, where it comes to %(base)s as things go") % {
        "name": step.name,
        "target": compact(step.shown, step.unit),
        "base": compact(step.base, step.unit),
    }
