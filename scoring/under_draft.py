"""An agency's last published months under a draft of the rules, beside what they really were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agencies.enums import Stage
from agencies.models import Agency
from scoring.enums import EvaluationState
from scoring.models import Assessment
from scoring.rescoring import NOTHING, NoValues, Rescored, novice_totals, rescore
from scoring.rulebook import DIMENSION_OF, DIMENSIONS, INDICATOR_KEYS, Rulebook
from scoring.wording import DIMENSION_NAMES, INDICATOR_NAMES

MONTHS = 3  # S, docs/rules.md §12


@dataclass(frozen=True)
class Beside:
    """Points as they were and as the draft would give them; None where there are none.

    `whole` says that they are those of a dimension, not of an indicator in it.
    """

    name: str
    was: Decimal | None
    would: Decimal | None
    whole: bool = False

    @property
    def change(self) -> Decimal | None:
        """By how much the draft gives more; None unless both give points."""
        return None if self.was is None or self.would is None else self.would - self.was


@dataclass(frozen=True)
class MonthUnder:
    """A published month twice; `draft` is None where nothing is kept to compute it from."""

    real: Assessment
    draft: Rescored | None

    @property
    def month(self) -> date:
        return self.real.evaluation.month

    @property
    def draft_stage(self) -> str:
        """The stage under the draft, in words."""
        return str(Stage(self.draft.stage).label) if self.draft else ""

    @property
    def total(self) -> Beside:
        return Beside("", self.real.total, self.draft.total if self.draft else None)

    @property
    def lines(self) -> tuple[Beside, ...]:
        """Each dimension, followed by its indicators."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[Beside]:
        score = self.draft.score if self.draft else None
        for dimension in DIMENSIONS:
            name = str(DIMENSION_NAMES[dimension])
            would = getattr(score, dimension) if score else None
            yield Beside(name, getattr(self.real, dimension), would, whole=True)
            for key in (each for each in INDICATOR_KEYS if DIMENSION_OF[each] == dimension):
                found = self.real.indicators.get(key)
                was = Decimal(found["points"]) if found else None
                yield Beside(str(INDICATOR_NAMES[key]), was, score.points[key] if score else None)

    @property
    def differs(self) -> bool:
        """Whether stage, level or any points would be others."""
        if self.draft is None:
            return False
        same = (self.real.stage, self.real.level) == (self.draft.stage, self.draft.level)
        return not same or any(each.was != each.would for each in (self.total, *self.lines))


def months_under(draft: Rulebook, agency: Agency) -> tuple[MonthUnder, ...]:
    """The agency's last 3 published months under a draft, the newest first (S, §12).

    1. Only what decided is computed again: points, stage and level, from the stored exact values
       and the stored credit (`scoring.rescoring`); a month's revision is the published one.
    2. A month as a novice has no stored values: where the draft assesses it, the sums that its
       creators brought count.

    One query; another one where a month was a novice's.
    """
    published = Assessment.objects.filter(
        agency=agency, evaluation__state=EvaluationState.PUBLISHED
    ).select_related("evaluation")
    real = list(published.order_by("-evaluation__month")[:MONTHS])
    novices = [each.evaluation_id for each in real if each.stage == Stage.NOVICE]
    kept = novice_totals(novices, [agency.pk])
    found = []
    for each in real:
        brought = kept.get(each.evaluation_id)
        totals = None if brought is None else brought.get(agency.pk, NOTHING)
        try:
            result = rescore(
                draft,
                each,
                month=each.evaluation.month,
                joined_on=agency.joined_on,
                totals=totals,
            )
        except NoValues:
            result = None
        found.append(MonthUnder(each, result))
    return tuple(found)
