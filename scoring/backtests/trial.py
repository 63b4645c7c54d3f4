"""One month under other rules: every agency's result, and what the next month needs of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from agencies.enums import Stage
from scoring.backtests.boards import Contender
from scoring.backtests.reading import StoredResult
from scoring.models import Evaluation
from scoring.points import Totals, indicator_values, is_novice
from scoring.rescoring import NOTHING, Rescored, novice_totals, rescore_values
from scoring.rulebook import Rulebook


@dataclass(frozen=True)
class Before:
    """What the calendar month before gave: growth points of assessed agencies, and levels.

    `levels` is None where that month is not in the back-test: then the stored level counts.
    """

    growth: dict[int, Decimal]
    levels: dict[int, str] | None = None


class Outcome(NamedTuple):
    """An agency's month before and after; `points` as JSON, `creators` None where unknown."""

    agency: int
    stage_before: str
    level_before: str
    total_before: Decimal | None
    stage: str
    level: str
    total: Decimal | None
    points: str
    moved_by: str
    creators: int | None


@dataclass
class Month:
    """A month that was tried: outcomes, contenders for the boards, agencies left out."""

    outcomes: list[Outcome] = field(default_factory=list)
    contenders: list[Contender] = field(default_factory=list)
    left_out: int = 0

    def add(
        self,
        stored: StoredResult,
        result: Rescored,
        before: Before,
        creators: dict[int, int] | None,
    ) -> None:
        """Note an agency's result, and that it contends for the boards where it is assessed."""
        score = result.score
        points = score.points if score else {}
        self.outcomes.append(
            Outcome(
                agency=stored.agency,
                stage_before=stored.stage,
                level_before=stored.level,
                total_before=stored.total,
                stage=result.stage,
                level=result.level,
                total=result.total,
                points=json.dumps({key: str(value) for key, value in points.items()}),
                moved_by=_strongest(stored.points, points),
                creators=None if creators is None else creators.get(stored.agency, 0),
            )
        )
        if score is None or result.stage != Stage.ASSESSED:
            return
        settled = result.values["settled_amount"]
        self.contenders.append(
            Contender(
                agency_id=stored.agency,
                code=stored.code,
                total=score.total,
                operating=score.operating,
                settled_amount=settled if settled is not None else Decimal(0),
                growth=score.growth,
                growth_rise=score.growth - before.growth.get(stored.agency, score.growth),
                showcase_amount=Decimal(stored.showcase_cents) / 100,
                was_assessed=stored.stage == Stage.ASSESSED,
            )
        )

    @property
    def after(self) -> Before:
        """What the next month needs of this one, all under the same rules."""
        return Before(
            growth={each.agency_id: each.growth for each in self.contenders},
            levels={each.agency: each.level for each in self.outcomes if each.level},
        )


def tried_month(
    rulebook: Rulebook,
    evaluation: Evaluation,
    stored: Iterator[StoredResult],
    *,
    before: Before,
    creators: dict[int, int] | None,
) -> Month:
    """Every agency of an evaluation under a rulebook.

    1. A novice of that month that the rulebook assesses is measured by what its creators brought;
       where that is gone it is left out and counted.
    2. A growth rise is over the calendar month before under the same rules where that month was
       tried too, else over its published result; 0 unless the agency was assessed in it. So is
       the level that an appeal may hold.

    creators: bound on the last day, by agency; None where that is unknown. D, docs/rules.md §12.
    """
    found = Month()
    waiting = []
    for each in stored:
        if each.values is None and not is_novice(
            rulebook, joined_on=each.joined_on, month=evaluation.month
        ):
            waiting.append(each)
        else:
            found.add(each, _rescored(rulebook, evaluation.month, each, before), before, creators)
    kept = novice_totals([evaluation.pk], [each.agency for each in waiting]) if waiting else {}
    if evaluation.pk not in kept:
        found.left_out = len(waiting)
        return found
    for each in waiting:
        own = _measured(each, kept[evaluation.pk].get(each.agency, NOTHING))
        found.add(own, _rescored(rulebook, evaluation.month, own, before), before, creators)
    return found


def _measured(novice: StoredResult, totals: Totals) -> StoredResult:
    """A novice with the values that it would have been assessed by."""
    return novice._replace(values=indicator_values(totals), showcase_cents=totals.showcase_cents)


def _rescored(rulebook: Rulebook, month: date, stored: StoredResult, before: Before) -> Rescored:
    level_before = stored.level_before
    if stored.contested and before.levels is not None:
        level_before = before.levels.get(stored.agency, "")
    return rescore_values(
        rulebook,
        stored.values,
        agency=stored.agency,
        month=month,
        joined_on=stored.joined_on,
        credit=stored.credit,
        contested=stored.contested,
        level_before=level_before,
    )


def _strongest(before: tuple[str, ...] | None, after: Mapping[str, Decimal]) -> str:
    """The indicator whose points changed most, the first of equals; "" where none did."""
    strongest, most = "", Decimal(0)
    if before is None or not after:
        return strongest
    for text, (key, points) in zip(before, after.items(), strict=True):
        change = abs(points - Decimal(text))
        if change > most:
            strongest, most = key, change
    return strongest
