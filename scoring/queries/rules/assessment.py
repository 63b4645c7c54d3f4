"""The clauses of the assessment: calendar, stages, scores, indicators, bonus."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoring.queries.rules.clause import (
    Clause,
    KnotPair,
    Line,
    Section,
    enumerated,
    mark_of,
    per_cent,
    plain,
)
from scoring.rulebook import Indicator, Rulebook
from scoring.wording import DIMENSION_NAMES, INDICATOR_MEANINGS, INDICATOR_NAMES, UNITS

# That showcase creators are those above zero is a reading of ours; the other meanings are stated.
READINGS: Final = {"showcase_creators": "D"}


def assessment_sections(rulebook: Rulebook) -> Iterator[Section]:
    """The sections from the calendar to the bonus (docs/rules.md §2 to §4)."""
    yield Section("calendar", _("Calendar"), tuple(_calendar(rulebook)))
    yield Section("stages", _("Stages"), tuple(_stages(rulebook)))
    yield Section("scores", _("Scores"), tuple(_scores(rulebook)))
    for dimension in ("operating", "growth", "service", "bonus"):
        yield Section(
            dimension, str(DIMENSION_NAMES[dimension]), tuple(_dimension(rulebook, dimension))
        )


def _calendar(rulebook: Rulebook) -> Iterator[Clause]:
    yield Clause(
        "data-month",
        _("Data month and publication"),
        (
            Line(
                "month",
                _("A data month is a calendar month in Beijing time, evaluated as a whole."),
                "S",
            ),
            Line(
                "third",
                _("On the 3rd of each month levels are updated from the data of the month before."),
                "S",
            ),
            Line(
                "draft",
                _("The 1st and 2nd are draft days; the result is published on the 3rd at 03:00."),
                "D",
            ),
        ),
    )
    text = _(
        "Publication waits for a decision when a day of the month has no facts, or when more than"
        " %(share)s of the agencies with a level in both months would move by more than one level."
    ) % {"share": per_cent(rulebook.gate.max_jump_share)}
    mark = mark_of(rulebook, lambda each: each.gate, "D")
    yield Clause("publication-check", _("Check before publication"), (Line("gate", text, mark),))


def _stages(rulebook: Rulebook) -> Iterator[Clause]:
    yield Clause(
        "stage-novice",
        _("Novice stage"),
        (
            Line(
                "months",
                _novice(rulebook.stages.novice_months),
                mark_of(rulebook, lambda each: each.stages.novice_months, "S"),
            ),
            Line("first", _("The month of joining counts as the first, whatever its day."), "D"),
        ),
    )
    observation = _(
        "After that, service points below %(service)s or credit below %(credit)s mean the"
        " observation stage: points are computed and shown, but there is no level and no place on"
        " a board."
    )
    yield Clause(
        "stage-observation",
        _("Observation stage"),
        (
            _floors(rulebook, observation),
            Line("credit-day", _("Credit is the balance on the last day of the data month."), "D"),
        ),
    )
    assessed = _(
        "With service points of at least %(service)s and credit of at least %(credit)s an agency"
        " is assessed and bears a level."
    )
    yield Clause(
        "stage-assessed",
        _("Assessed stage"),
        (
            _floors(rulebook, assessed),
            Line("exactly", _("A floor that is reached exactly is reached."), "P"),
            Line("skip", _("A level may rise or fall by several at once."), "P"),
        ),
    )


def _novice(months: int) -> str:
    if not months:
        return _("There is no novice stage: agencies are assessed from the month they join.")
    return ngettext(
        "The first %(months)s natural month since joining is the novice stage: no assessment,"
        " no level, no place on a board.",
        "The first %(months)s natural months since joining are the novice stage: no assessment,"
        " no level, no place on a board.",
        months,
    ) % {"months": months}


def _floors(rulebook: Rulebook, sentence: str) -> Line:
    stages = rulebook.stages
    floors = {"service": plain(stages.service_floor), "credit": plain(stages.credit_floor)}
    mark = mark_of(
        rulebook, lambda each: (each.stages.service_floor, each.stages.credit_floor), "S"
    )
    return Line("floors", sentence % floors, mark)


def _scores(rulebook: Rulebook) -> Iterator[Clause]:
    most = {
        each: plain(rulebook.dimension_max(each)) for each in ("operating", "growth", "service")
    }
    maxima = _(
        "Operating power gives up to %(operating)s points, growth power up to %(growth)s, service"
        " power up to %(service)s; the bonus comes on top."
    )
    yield Clause(
        "score-total",
        _("Total"),
        (
            Line("maxima", maxima % most, _maxima_mark(rulebook)),
            Line("level", _("The level follows from the total with bonus."), "S"),
        ),
    )
    yield Clause("score-attribution", _("Whose data count"), tuple(_attribution()))
    yield Clause("score-rounding", _("Rounding"), tuple(_rounding()))
    percentile = _(
        "The percentile of an indicator is the share of the other assessed agencies with a lower"
        " value, with 1 decimal. It decides nothing."
    )
    yield Clause("score-percentile", _("Percentile"), (Line("percentile", percentile, "D"),))


def _attribution() -> Iterator[Line]:
    yield Line(
        "day",
        _(
            "A creator's day counts for the agency to which the creator was bound on that day, and"
            " for nobody when there was none."
        ),
        "D",
    )
    yield Line(
        "elsewhere", _("A creator level or reputation seen on other days does not count."), "D"
    )


def _maxima_mark(rulebook: Rulebook) -> str:
    """That of the knots from which the maxima follow, where they agree."""
    sources = {each.source for each in rulebook.indicators if each.dimension != "bonus"}
    return sources.pop() if len(sources) == 1 else ""


def _rounding() -> Iterator[Line]:
    yield Line(
        "values",
        _(
            "Amounts are exact to the cent. Shares are rounded half up to 6 decimals and kept"
            " within 0 and 100%, live minutes and reputation to 4 decimals."
        ),
        "D",
    )
    yield Line(
        "points",
        _(
            "Between two knots the points follow a straight line; outside the knots they stay the"
            " same. They are rounded half up to 2 decimals."
        ),
        "D",
    )
    yield Line(
        "sums",
        _(
            "A dimension is the sum of its rounded points; floors and cut-offs are compared with"
            " these sums, so what is shown is what decides."
        ),
        "D",
    )


def _dimension(rulebook: Rulebook, dimension: str) -> Iterator[Clause]:
    if dimension == "bonus":
        text = _("The bonus counts up to %(points)s points, on top of the three dimensions.") % {
            "points": plain(rulebook.bonus_cap)
        }
        mark = mark_of(rulebook, lambda each: each.bonus_cap, "S")
        yield Clause("bonus-cap", _("Bonus cap"), (Line("cap", text, mark),))
    for indicator in rulebook.indicators:
        if indicator.dimension == dimension:
            yield _indicator(indicator)


def _indicator(indicator: Indicator) -> Clause:
    key = indicator.key
    knots = tuple(
        KnotPair(value_in_words(knot.value, UNITS[key]), plain(knot.points))
        for knot in indicator.knots
    )
    curve = enumerated(f"{each.value} → {each.points}" for each in knots)
    most = _("At most %(points)s points.") % {"points": plain(indicator.max_points)}
    return Clause(
        "indicator-" + key.replace("_", "-"),
        str(INDICATOR_NAMES[key]),
        (
            Line("meaning", str(INDICATOR_MEANINGS[key]), READINGS.get(key, "S")),
            Line("maximum", most, indicator.source),
            Line("knots", curve, indicator.source, listed=False),
        ),
        knots,
    )


def value_in_words(value: Decimal, unit: str) -> str:
    """The value of a knot as people read it, with every digit it has."""
    if unit == "share":
        return per_cent(value)
    if unit == "yuan":
        return f"¥{plain(value)}"
    return plain(value)
