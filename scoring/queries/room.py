"""How far a level that nothing endangers is from the limit with the least room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scoring.queries.credit_outlook import CreditOutlook
from scoring.queries.pace import Pace
from scoring.queries.projection import Projected
from scoring.queries.risks import Basis, basis_of
from scoring.queries.standing import Standing
from scoring.rulebook import Rulebook

TOTAL, SERVICE, CREDIT = "total", "service", "credit"


@dataclass(frozen=True)
class Room:
    """What is left above the limits of a level; ours (D), like the marks of `risks_of`.

    `nearest` is the total, service power or credit, which lies `above` its limit `threshold`.
    `total` is of `basis` (see Basis) of `month`; `total_above` what it has over the cut-off of
    the level, None on the lowest one. `lower` is how much less it is than the result of `against`,
    None unless it is less. `fell` is whether the newest result lowered the level.
    """

    level: str
    nearest: str
    above: Decimal
    threshold: Decimal
    basis: str
    month: date
    rules: str
    total: Decimal
    total_above: Decimal | None
    lower: Decimal | None
    against: date | None
    fell: bool


def room_of(
    *,
    standing: Standing | None,
    projected: Projected | None,
    pace: Pace | None,
    credit: CreditOutlook,
    rulebook: Rulebook,
) -> Room | None:
    """The room of an agency with a level; None without one, or without figures to see it in.

    1. The figures are those of `risks_of`; credit is the lower one of today and the month's end.
    2. The nearest limit is the one with the least room in proportion to itself.
    """
    if standing is None or not standing.level:
        return None
    basis = basis_of(standing, projected, pace, credit, rulebook)
    if basis is None or standing.level not in {each.key for each in basis.rulebook.levels}:
        return None
    rules, reached = basis.rulebook, basis.score
    cut = rules.level(standing.level).min_total
    lowest = standing.level == rules.levels[0].key
    left = min(credit.today, credit.at_end)
    limits = [
        (SERVICE, reached.service, rules.stages.service_floor),
        (CREDIT, Decimal(left), Decimal(credit.floor)),
    ]
    if not lowest:
        limits.insert(0, (TOTAL, reached.total, cut))
    nearest, value, threshold = min(limits, key=_in_proportion)
    lower, against = _lower(standing, basis)
    return Room(
        level=standing.level,
        nearest=nearest,
        above=value - threshold,
        threshold=threshold,
        basis=basis.kind,
        month=basis.month,
        rules=basis.rules,
        total=reached.total,
        total_above=None if lowest else reached.total - cut,
        lower=lower,
        against=against,
        fell=bool(standing.lost),
    )


def _in_proportion(limit: tuple[str, Decimal, Decimal]) -> Decimal:
    """The room above a limit as a share of it."""
    _, value, threshold = limit
    return (value - threshold) / max(threshold, Decimal(1))


def _lower(standing: Standing, basis: Basis) -> tuple[Decimal | None, date | None]:
    """How much less the total is than the result before it, and that result's month."""
    if basis.month == standing.evaluation.month:
        before = standing.previous
        total, month = (before.total, before.month) if before else (None, None)
    else:
        total, month = standing.total, standing.evaluation.month
    if total is None or basis.score.total >= total:
        return None, None
    return total - basis.score.total, month
