"""What decided besides the total: floors, credit, appeals, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portal.formats.figures import exact
from portal.support.why import said
from portal.support.why.facts import Why
from scoring.models import Assessment
from scoring.months import last_day
from scoring.points import level_for
from scoring.queries.movement import FloorMove


def reached(why: Why) -> Iterator[str]:
    """The floors that were missed a month ago."""
    for floor in why.floor_moves:
        yield _("%(name)s is %(now)s after %(earlier)s; a level needs at least %(least)s.") % {
            "name": floor.name,
            "now": exact(floor.now, floor.unit),
            "earlier": exact(floor.before, floor.unit),
            "least": exact(floor.floor),
        }
        yield from _asked_before(why, floor)


def _asked_before(why: Why, floor: FloorMove) -> Iterator[str]:
    """What last month's rules asked for, where the floor is another one since then."""
    old = why.movement.rules_before if why.movement else None
    if old is not None and floor.floor_before != floor.floor:
        yield _("Rulebook %(version)s, which counted until then, asked for %(cut)s.") % {
            "version": old.version,
            "cut": exact(floor.floor_before),
        }


def floors(why: Why, now: Assessment) -> Iterator[str]:
    """The floors that the month missed, and the level that the points alone would give."""
    for floor in why.floors:
        names = {
            "floor": exact(floor.floor),
            "value": exact(floor.value, floor.unit),
            "missing": exact(floor.missing, floor.unit),
            "day": said.on(last_day(now.evaluation.month)),
        }
        if floor.key == "service":
            sentence = _(
                "A level needs at least %(floor)s points of service power, and the month has"
                " %(value)s: %(missing)s points are missing."
            )
            yield sentence % names
            yield from _reputation(now)
        else:
            sentence = _(
                "A level needs a credit of at least %(floor)s on the last day of the month, and on"
                " %(day)s it was %(value)s."
            )
            yield sentence % names
        for move in why.floor_moves:
            if move.name == floor.name:
                yield from _asked_before(why, move)
    if len(why.floors) > 1:
        yield _("Both have to be reached.")
    if why.floors and now.total is not None:
        yield _(
            "The points are computed all the same: the total of %(total)s alone would give"
            " %(level)s."
        ) % {
            "total": said.points(now.total),
            "level": level_for(now.evaluation.rules, now.total).key,
        }


def _reputation(now: Assessment) -> Iterator[str]:
    """Service power is the creators' reputation and nothing else (S, docs/rules.md §4)."""
    value = now.indicators["reputation"]["value"]
    if value is None:
        yield _(
            "Service power comes from the creators' reputation alone, and nobody of them who sold"
            " something had one."
        )
    else:
        yield _(
            "Service power comes from the creators' reputation alone, which was %(value)s on"
            " average."
        ) % {"value": exact(Decimal(value), "rating")}


def cases(why: Why) -> str:
    """The cases that took credit, as a list."""
    lines = (
        _("%(case)s, %(kind)s: %(points)s on %(day)s")
        % {
            "case": each.reference,
            "kind": each.kind,
            "points": exact(-each.points),
            "day": said.on(each.day),
        }
        for each in why.cases
    )
    head = _("These cases took credit most recently:")
    return f"{head}\n{said.listed(lines)}"


def held(why: Why) -> Iterator[str]:
    """That an open appeal holds the level, and what becomes of it (D, docs/rules.md §8)."""
    hold = why.results.hold if why.results else None
    if hold is None:
        return
    cases = pgettext("between the parts of an enumeration", ", ").join(hold.cases)
    yield _("On %(day)s the credit was %(credit)s, and a level needs %(floor)s.") % {
        "day": said.on(hold.day),
        "credit": exact(hold.credit),
        "floor": exact(hold.floor),
    }
    yield ngettext(
        "But %(points)s point of the deductions is under an appeal that is not decided yet"
        " (%(cases)s); until then %(level)s is held.",
        "But %(points)s points of the deductions are under an appeal that is not decided yet"
        " (%(cases)s); until then %(level)s is held.",
        hold.contested,
    ) % {"points": hold.contested, "cases": cases, "level": hold.level}
    if hold.lowered:
        yield _(
            "The total alone gives %(level)s; an appeal holds what there was, %(before)s, and lifts"
            " nothing."
        ) % {"level": hold.by_points, "before": hold.level_before}
    yield _(
        "Once the appeal is decided, %(month)s is computed again; if the deduction stands, it gives"
        " no level."
    ) % {"month": said.month(hold.month)}


def corrected(why: Why) -> Iterator[str]:
    """That the result replaced an earlier one, and why."""
    correction = why.results.correction if why.results else None
    if correction is None or correction.before is None:
        return
    earlier, shown = correction.before, correction.shown
    names = {
        "month": said.month(shown.month),
        "day": said.on(localtime(shown.published_at).date()),
        "number": shown.revision,
        "label": earlier.label,
        "total": said.points(earlier.total),
    }
    if correction.same:
        sentence = _(
            "The result of %(month)s was published again on %(day)s (revision %(number)s); level,"
            " stage and total stayed as they were."
        )
        yield sentence % names
    elif earlier.total is None:
        sentence = _(
            "The result of %(month)s was corrected on %(day)s (revision %(number)s): before, it was"
            " %(label)s."
        )
        yield sentence % names
    else:
        sentence = _(
            "The result of %(month)s was corrected on %(day)s (revision %(number)s): before, it was"
            " %(label)s with %(total)s points."
        )
        yield sentence % names
    if shown.why:
        yield _("Reason: %(why)s.") % {"why": shown.why}
