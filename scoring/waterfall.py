"""Why a total moved from one month to the next: every point of the change has its place.

First the rules change while the values stand still, then the values change under the new rules.
So the part that a changed rulebook caused stands apart from what the agency itself did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from scoring.points import Score, score
from scoring.rulebook import Rulebook

_NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True)
class Step:
    """The part of one indicator, in points."""

    key: str
    points: Decimal


@dataclass(frozen=True)
class Waterfall:
    """The way from one total to the next, in points with 2 decimals.

    1. `rules` is the whole effect of a changed rulebook: the sum of `rule_steps` (by indicator)
       and `rule_cap` (what changed rules cut off the bonus more, negative, or less).
    2. `steps` are the changes of the values under the new rules, one per indicator and in the
       rulebook's order; `cap` is what the bonus cap cuts off more (negative) or less for them.
    3. start + rules + the sum of steps + cap is end, always and exactly.
    """

    start: Decimal
    rules: Decimal
    rule_steps: tuple[Step, ...]
    rule_cap: Decimal
    steps: tuple[Step, ...]
    cap: Decimal
    end: Decimal


def waterfall(
    before: Mapping[str, Decimal | None],
    rules_before: Rulebook,
    now: Mapping[str, Decimal | None],
    rules_now: Rulebook,
) -> Waterfall:
    """From last month's values and rules to this month's, indicator by indicator.

    Values are those of `scoring.points.indicator_values`. Raises KeyError when one of the nine
    keys is missing. S and D, section 4 "Exactness".
    """
    first = score(rules_before, before)
    between = score(rules_now, before)
    last = score(rules_now, now)
    return Waterfall(
        start=first.total,
        rules=between.total - first.total,
        rule_steps=_steps(rules_now, first, between),
        rule_cap=_cut(first) - _cut(between),
        steps=_steps(rules_now, between, last),
        cap=_cut(between) - _cut(last),
        end=last.total,
    )


def _steps(rules: Rulebook, earlier: Score, later: Score) -> tuple[Step, ...]:
    return tuple(
        Step(each.key, later.points[each.key] - earlier.points[each.key])
        for each in rules.indicators
    )


def _cut(result: Score) -> Decimal:
    """The points that indicators earned and the bonus cap took away."""
    return sum(result.points.values(), start=_NOTHING) - result.total
