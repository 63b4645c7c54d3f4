"""One part of a way as people read it: the target, and what it asks of every day that is left."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise

from scoring.enums import LeverKey
from scoring.guidance import Part, half_up, percent
from scoring.queries.pace import GROWING
from scoring.queries.plan import AVERAGES, PEOPLE, Plan
from scoring.wording import INDICATOR_NAMES, UNITS

# Places after the point at which figures of a unit are read.
_READ = {"yuan": 2, "count": 0, "minutes": 1, "share": 4, "mean": 2}
_DIGITS = 3


@dataclass(frozen=True)
class Step:
    """An indicator to be raised from `base` to `target`.

    1. `kind` is "sum", "average", "people" or "mean": how its daily pace is told.
    2. `shown` is the target rounded up to what is easily read: whoever reaches it reaches `target`.
    3. `daily` is what each remaining day must bring (a sum), or their average (an average);
       `daily_now` the same as things go. None where no such pace can be told.
    4. `rise` is the growth of a sum against what is expected, in per cent; None from nothing.
    5. `levers` are those whose advice fits; live investment and L5 creators have none.
    """

    key: str
    name: Promise
    unit: str
    kind: str
    base: Decimal | None
    target: Decimal
    shown: Decimal
    daily: Decimal | None
    daily_now: Decimal | None
    rise: Decimal | None
    levers: tuple[LeverKey, ...]

    @property
    def more(self) -> Decimal:
        """How much is to be added to what is there."""
        return self.target - (self.base or Decimal(0))


def step_of(plan: Plan, part: Part, levers: tuple[LeverKey, ...]) -> Step:
    """A part of a way in a plan's month, with the levers whose advice fits."""
    unit, kind = UNITS[part.key], _kind(part.key)
    daily, now = _paces(plan, part) if kind in ("sum", "average") else (None, None)
    grows = kind == "sum" and part.base is not None and part.base > 0
    return Step(
        key=part.key,
        name=INDICATOR_NAMES[part.key],
        unit=unit,
        kind=kind,
        base=part.base,
        target=part.target,
        shown=readable(Fraction(part.target), unit),
        daily=None if daily is None else readable(daily, unit),
        daily_now=None if now is None else half_up(now, _READ[unit]),
        rise=percent((Fraction(part.target) / Fraction(part.base or 1)) - 1) if grows else None,
        levers=levers,
    )


def _kind(key: str) -> str:
    if key in GROWING:
        return "sum"
    if key in AVERAGES:
        return "average"
    return "people" if key in PEOPLE else "mean"


def _paces(plan: Plan, part: Part) -> tuple[Fraction | None, Fraction | None]:
    """What a remaining day must bring, and what a day brings today.

    The days that are gone brought what is usual. An average of the whole month is told as that of
    the remaining days, if these weigh as much as those before; in a month not begun it is the
    target itself, and there is no pace to tell.
    """
    pace, target = plan.pace, Fraction(part.target)
    usual = pace.usual.get(part.key, Fraction(0))
    if part.key in GROWING:
        return (target - usual * pace.passed) / pace.left, usual
    if not pace.passed:
        return None, None
    needed = (target * (pace.passed + pace.left) - usual * pace.passed) / pace.left
    return needed, usual


def readable(value: Fraction, unit: str) -> Decimal:
    """The value rounded up: to the places that its unit is read at, large ones to three digits."""
    step = Fraction(1, 10 ** _READ[unit])
    if unit in ("yuan", "count") and value >= 10_000:
        step = Fraction(10 ** (len(str(int(value))) - _DIGITS))
    units = -(-value // step)
    return Decimal(int(units)) * _decimal(step)


def _decimal(step: Fraction) -> Decimal:
    return Decimal(step.numerator) / Decimal(step.denominator)
