"""A slow, exact assessment of one month, written from the rules alone.

It shares no code with the product: plain loops over dictionaries and fractions, so that a
reader can check it against the rules line by line.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.reference.inputs import Fact, Platform
from tests.reference.ledger import Entry, balance_on, contested_on, ledgers

DIMENSIONS = ("operating", "growth", "service", "bonus")
DIMENSION_OF = {
    "settled_amount": "operating",
    "settled_orders": "operating",
    "l5_creators": "operating",
    "live_minutes_per_creator_day": "operating",
    "showcase_share": "growth",
    "showcase_creators": "growth",
    "good_goods_share": "growth",
    "reputation": "service",
    "worry_free_orders": "bonus",
}
INDICATORS = tuple(DIMENSION_OF)
VALUE_PLACES = {
    "settled_amount": 2,
    "settled_orders": 0,
    "l5_creators": 0,
    "live_minutes_per_creator_day": 4,
    "showcase_share": 6,
    "showcase_creators": 0,
    "good_goods_share": 6,
    "reputation": 4,
    "worry_free_orders": 0,
}
COLUMNS = (
    *("agency_code", "month", "stage", "level", "total"),
    *DIMENSIONS,
    "credit",
    *(column for key in INDICATORS for column in (key, f"{key}_points")),
)

Row = dict[str, str]


@dataclass
class Result:
    """One agency's month as exact numbers; a novice has no values and no points.

    `contested` are the points of credit under an undecided appeal, `before` last month's level
    where there are any; `held` says that the appeal holds the level.
    """

    code: str
    stage: str
    credit: int
    level: str = ""
    contested: int = 0
    before: str = ""
    held: bool = False
    values: dict[str, Fraction | None] = field(default_factory=dict)
    points: dict[str, Fraction] = field(default_factory=dict)
    dimensions: dict[str, Fraction] = field(default_factory=dict)
    total: Fraction = Fraction(0)
    showcase_amount: Fraction = Fraction(0)


def assess(
    platform: Platform,
    rulebook: dict[str, Any],
    month: str,
    today: date,
    earlier: list[Result] | None = None,
) -> list[Row]:
    """Give the rows that `export_assessments` prints for a month, every field as text.

    `earlier` are the published results of the calendar month before, if there are any.

    Amounts and points have 2 decimals, shares 6, live minutes and reputation 4, counts and
    credit none. Raises ValueError for a month that is not over on `today`.
    """
    if today <= month_days(month)[-1]:
        raise ValueError(f"{month} is not over on {today}")
    return [row_of(result, month) for result in assess_exactly(platform, rulebook, month, earlier)]


def assess_exactly(
    platform: Platform,
    rulebook: dict[str, Any],
    month: str,
    earlier: list[Result] | None = None,
) -> list[Result]:
    """Assess every agency in scope for a month, ordered by code point.

    1. In scope is who joined on or before the month's last day.
    2. The joining month is the first of the novice months (S, rules section 3).
    3. Observation: service points or credit on the last day below the floor.
    4. Everyone else is assessed and has the highest level whose cut-off the total reaches.
    5. An undecided appeal may hold a fall (`hold`), where the rulebook says so.
    """
    days = month_days(month)
    credit = ledgers(platform, rulebook)
    attributed = attribute(platform, days)
    stages = rulebook["stages"]
    results = []
    for code in sorted(platform.agencies):
        joined_on = platform.agencies[code].joined_on
        if joined_on > days[-1]:
            continue
        result = Result(code, "novice", balance_on(credit[code], days[-1]))
        if _months_between(joined_on, days[0]) >= int(stages["novice_months"]):
            _score(result, attributed[code], platform, rulebook, days[-1])
            low_service = result.dimensions["service"] < _exact(stages["service_floor"])
            low_credit = result.credit < int(stages["credit_floor"])
            result.stage = "observation" if low_service or low_credit else "assessed"
        if result.stage == "assessed":
            result.level = level_of(rulebook, result.total)
        _appeals(result, credit[code], platform.open_appeals.get(month, set()), earlier, days[-1])
        if result.stage == "observation" and rulebook["appeals"]["hold_fall"]:
            hold(result, rulebook)
        results.append(result)
    return results


def _appeals(
    result: Result,
    entries: list[Entry],
    cases: set[str],
    earlier: list[Result] | None,
    last_day: date,
) -> None:
    """Note what is under appeal, and only then the level of the month before."""
    result.contested = contested_on(entries, last_day, cases)
    if result.contested:
        levels = {one.code: one.level for one in earlier or []}
        result.before = levels.get(result.code, "")


def hold(result: Result, rulebook: dict[str, Any]) -> None:
    """Keep who would be in observation assessed, where nothing but an open appeal decides it.

    1. There was a level last month, and the rulebook still has it.
    2. Service reaches its floor; credit does not, and with the contested points it would.
    3. The level is last month's or the one of the total, whichever begins at fewer points.
    """
    starts = {str(one["key"]): _exact(one["min_total"]) for one in rulebook["levels"]}
    floors = rulebook["stages"]
    if result.before not in starts:
        return
    if result.dimensions["service"] < _exact(floors["service_floor"]):
        return
    if result.credit + result.contested < int(floors["credit_floor"]):
        return
    lower = sorted([result.before, level_of(rulebook, result.total)], key=lambda key: starts[key])
    result.stage, result.level, result.held = "assessed", lower[0], True


def assess_months(
    platform: Platform, rulebook: dict[str, Any], months: list[str]
) -> dict[str, list[Result]]:
    """Assess published months, each with the one before it where that was published too."""
    found: dict[str, list[Result]] = {}
    for month in sorted(months):
        first = date.fromisoformat(f"{month}-01")
        earlier = found.get((first - timedelta(days=1)).strftime("%Y-%m"))
        found[month] = assess_exactly(platform, rulebook, month, earlier)
    return found


def month_days(month: str) -> list[date]:
    """List the days of a month written as YYYY-MM."""
    first = date.fromisoformat(f"{month}-01")
    count = monthrange(first.year, first.month)[1]
    return [first + timedelta(days=offset) for offset in range(count)]


def attribute(platform: Platform, days: list[date]) -> dict[str, dict[str, list[date]]]:
    """List, per agency and creator, the month's days on which the creator was bound there."""
    attributed: dict[str, dict[str, list[date]]] = defaultdict(dict)
    for day in days:
        for binding in platform.bindings:
            if binding.covers(day):
                attributed[binding.agency].setdefault(binding.creator, []).append(day)
    return attributed


def _score(
    result: Result,
    creators: dict[str, list[date]],
    platform: Platform,
    rulebook: dict[str, Any],
    last_day: date,
) -> None:
    result.values = indicator_values(creators, platform, last_day)
    for facts in _facts_by_creator(creators, platform).values():
        result.showcase_amount += sum(fact.showcase for fact in facts)
    result.dimensions = dict.fromkeys(DIMENSIONS, Fraction(0))
    for indicator in rulebook["indicators"]:
        key = indicator["key"]
        result.points[key] = points_for(indicator["knots"], result.values[key])
        result.dimensions[DIMENSION_OF[key]] += result.points[key]
    bonus_cap = _exact(rulebook["bonus"]["cap"])
    result.dimensions["bonus"] = min(result.dimensions["bonus"], bonus_cap)
    result.total = sum(result.dimensions.values(), Fraction(0))


def indicator_values(
    creators: dict[str, list[date]], platform: Platform, last_day: date
) -> dict[str, Fraction | None]:
    """Work out the nine indicators of an agency from its creators' attributed days.

    Sums are exact; shares are rounded half-up to 6 decimals and clamped to [0, 1], live
    minutes and reputation rounded to 4 (rules section 4). Reputation may have no value.
    """
    by_creator = _facts_by_creator(creators, platform)
    facts = [fact for days in by_creator.values() for fact in days]
    settled = sum((fact.settled for fact in facts), Fraction(0))
    minutes = sum(fact.live_minutes for fact in facts)
    creator_days = sum(len(days) for days in creators.values())
    return {
        "settled_amount": settled,
        "settled_orders": Fraction(sum(fact.orders for fact in facts)),
        "l5_creators": Fraction(_count_l5(creators, by_creator, last_day)),
        "live_minutes_per_creator_day": (
            round_half_up(Fraction(minutes, creator_days), 4) if creator_days else Fraction(0)
        ),
        "showcase_share": share(sum((fact.showcase for fact in facts), Fraction(0)), settled),
        "showcase_creators": Fraction(
            sum(1 for days in by_creator.values() if sum(fact.showcase for fact in days) > 0)
        ),
        "good_goods_share": share(sum((fact.good_goods for fact in facts), Fraction(0)), settled),
        "reputation": _reputation(by_creator),
        "worry_free_orders": Fraction(sum(fact.worry_free for fact in facts)),
    }


def _facts_by_creator(creators: dict[str, list[date]], platform: Platform) -> dict[str, list[Fact]]:
    """Give each creator's facts on attributed days, in the order of the days."""
    found = {}
    for creator, days in creators.items():
        facts = [platform.facts.get((creator, day)) for day in sorted(days)]
        found[creator] = [fact for fact in facts if fact is not None]
    return found


def _count_l5(
    creators: dict[str, list[date]], by_creator: dict[str, list[Fact]], last_day: date
) -> int:
    count = 0
    for creator, facts in by_creator.items():
        levels = [fact.level for fact in facts if fact.level is not None]
        if last_day in creators[creator] and levels and levels[-1] >= 5:
            count += 1
    return count


def _reputation(by_creator: dict[str, list[Fact]]) -> Fraction | None:
    weighted = Fraction(0)
    orders = 0
    for facts in by_creator.values():
        reputations = [fact.reputation for fact in facts if fact.reputation is not None]
        if reputations:
            creator_orders = sum(fact.orders for fact in facts)
            weighted += reputations[-1] * creator_orders
            orders += creator_orders
    return round_half_up(weighted / orders, 4) if orders else None


def share(part: Fraction, whole: Fraction) -> Fraction:
    """Divide, round half-up to 6 decimals and clamp to [0, 1]; 0 of nothing or less."""
    if whole <= 0:
        return Fraction(0)
    return min(max(round_half_up(part / whole, 6), Fraction(0)), Fraction(1))


def points_for(knots: list[list[Any]], value: Fraction | None) -> Fraction:
    """Interpolate between knots, flat outside, rounded half-up to 2 decimals."""
    if value is None:
        return Fraction(0)
    curve = [(_exact(at), _exact(points)) for at, points in knots]
    if value <= curve[0][0]:
        return round_half_up(curve[0][1], 2)
    if value >= curve[-1][0]:
        return round_half_up(curve[-1][1], 2)
    for (left, low), (right, high) in pairwise(curve):
        if left <= value <= right:
            return round_half_up(low + (high - low) * (value - left) / (right - left), 2)
    raise AssertionError("knots rise strictly, so one interval holds the value")


def level_of(rulebook: dict[str, Any], total: Fraction) -> str:
    """Name the highest level whose cut-off the total reaches; reached exactly counts."""
    reached = [one for one in rulebook["levels"] if total >= _exact(one["min_total"])]
    return str(max(reached, key=lambda one: _exact(one["min_total"]))["key"])


def percentiles(results: list[Result]) -> dict[str, dict[str, Fraction | None]]:
    """Rank each indicator among the assessed: 100 x lower / (n - 1), 1 decimal, half-up.

    Keyed by indicator, then agency code. Who has no value gets none and is not counted;
    one alone has 100.
    """
    ranked: dict[str, dict[str, Fraction | None]] = {}
    for key in INDICATORS:
        values = {one.code: one.values[key] for one in results if one.stage == "assessed"}
        known = [value for value in values.values() if value is not None]
        ranked[key] = {}
        for code, value in values.items():
            if value is None:
                ranked[key][code] = None
            elif len(known) == 1:
                ranked[key][code] = Fraction(100)
            else:
                lower = sum(1 for other in known if other < value)
                ranked[key][code] = round_half_up(Fraction(100 * lower, len(known) - 1), 1)
    return ranked


def row_of(result: Result, month: str) -> Row:
    """Write a result as the columns of the export; what is missing is empty."""
    row = dict.fromkeys(COLUMNS, "")
    row.update(
        agency_code=result.code,
        month=month,
        stage=result.stage,
        level=result.level,
        credit=str(result.credit),
    )
    if result.stage == "novice":
        return row
    row["total"] = fixed(result.total, 2)
    for dimension, points in result.dimensions.items():
        row[dimension] = fixed(points, 2)
    for key, value in result.values.items():
        row[key] = "" if value is None else fixed(value, VALUE_PLACES[key])
        row[f"{key}_points"] = fixed(result.points[key], 2)
    return row


def round_half_up(value: Fraction, places: int) -> Fraction:
    """Round to so many decimals, halves away from zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**places)


def fixed(value: Fraction, places: int) -> str:
    """Write a number that has at most so many decimals; raises ValueError for others."""
    scaled = value * 10**places
    if scaled.denominator != 1:
        raise ValueError(f"{value} has more than {places} decimals")
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled.numerator), 10**places)
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def _months_between(joined_on: date, month: date) -> int:
    return (month.year - joined_on.year) * 12 + month.month - joined_on.month


def _exact(number: object) -> Fraction:
    """Take a number of the rulebook as it is written there, never its binary neighbour."""
    return Fraction(str(number))
