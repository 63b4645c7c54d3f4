"""From an agency's sums to its result: stage, level, points, percentiles."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256

from agencies.enums import Stage
from scoring.points import (
    Score,
    Totals,
    indicator_values,
    is_novice,
    outcome_of,
    percentiles,
    score,
)
from scoring.rulebook import INDICATOR_KEYS, Rulebook

NOTHING = Totals(*[0] * len(Totals.__dataclass_fields__))


@dataclass(frozen=True)
class AgencyInput:
    """An agency in scope as frozen: credit is the balance on the month's last day.

    `contested` are the points that deductions under an undecided appeal took from it,
    `level_before` the published level of the calendar month before where there are such points.
    """

    agency: int
    code: str
    joined_on: date
    credit: int
    contested: int = 0
    level_before: str = ""


@dataclass
class Result:
    """What an agency got; a novice has neither totals nor score.

    `held` says that undecided appeals hold the level (docs/rules.md §8).
    """

    agency: int
    code: str
    stage: str
    credit: int
    contested: int = 0
    level_before: str = ""
    level: str = ""
    held: bool = False
    totals: Totals | None = None
    values: dict[str, Decimal | None] = field(default_factory=dict)
    score: Score | None = None
    percentiles: dict[str, Decimal | None] = field(default_factory=dict)

    @property
    def sums(self) -> tuple[Decimal | None, ...]:
        """Operating, growth, service, bonus and total; all None for a novice."""
        if self.score is None:
            return (None,) * 5
        found = self.score
        return found.operating, found.growth, found.service, found.bonus, found.total

    def totals_json(self) -> dict[str, int]:
        return asdict(self.totals) if self.totals else {}

    def indicators_json(self) -> dict[str, dict[str, str | None]]:
        """Each indicator's value, points and percentile as decimal strings."""
        if self.score is None:
            return {}
        return {
            key: {
                "value": _text(self.values[key]),
                "points": str(self.score.points[key]),
                "percentile": _text(self.percentiles.get(key)),
            }
            for key in INDICATOR_KEYS
        }


def assess(
    rulebook: Rulebook,
    month: date,
    agencies: Iterable[AgencyInput],
    totals: Mapping[int, Totals],
) -> list[Result]:
    """The results of a month, in the order of the agencies (docs/rules.md §3 and §4).

    1. A novice is not assessed: no points, no level.
    2. Who misses a floor gets points but no level, unless undecided appeals hold the level of the
       month before (a switch of the rulebook, §8): then the agency is assessed in every respect.
    3. Percentiles compare assessed agencies only.
    """
    results = [_assess_one(rulebook, month, agency, totals) for agency in agencies]
    assessed = [result for result in results if result.stage == Stage.ASSESSED]
    for key in INDICATOR_KEYS:
        ranked = percentiles([result.values[key] for result in assessed])
        for result, percentile in zip(assessed, ranked, strict=True):
            result.percentiles[key] = percentile
    return results


def _assess_one(
    rulebook: Rulebook, month: date, agency: AgencyInput, totals: Mapping[int, Totals]
) -> Result:
    result = Result(
        agency.agency,
        agency.code,
        Stage.NOVICE,
        agency.credit,
        contested=agency.contested,
        level_before=agency.level_before,
    )
    if is_novice(rulebook, joined_on=agency.joined_on, month=month):
        return result
    result.totals = totals.get(agency.agency, NOTHING)
    result.values = indicator_values(result.totals)
    result.score = score(rulebook, result.values)
    outcome = outcome_of(
        rulebook,
        joined_on=agency.joined_on,
        month=month,
        service=result.score.service,
        total=result.score.total,
        credit=agency.credit,
        contested=agency.contested,
        level_before=agency.level_before,
    )
    result.stage, result.level, result.held = outcome.stage, outcome.level, outcome.held
    return result


def result_digest(month: date, results: Iterable[Result]) -> str:
    """A digest of everything agencies get to see, independent of keys in the database."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_digest_rows(month, results))
    return sha256(text.getvalue().encode()).hexdigest()


def _digest_rows(month: date, results: Iterable[Result]) -> Iterator[list[object]]:
    for result in sorted(results, key=lambda result: result.code):
        found = result.score
        head = [f"{month:%Y-%m}", result.code, result.stage, result.level, result.credit]
        points = [found.operating, found.growth, found.service, found.bonus] if found else []
        # only where appeals hold a level: of others nobody is shown the points under appeal
        hold = [result.contested, result.level_before] if result.held else []
        yield [*head, *hold, *points, result.totals_json(), result.indicators_json()]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
