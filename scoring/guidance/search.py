"""The search for the cheapest ways to each level, over whole numbers of smallest units.

Points never fall as a value rises, so the least value that earns what is needed is one number, and
the cheapest pair lies where one of its parts stands at a corner of its curve: between corners both
curves are straight, and on a straight line a cheapest point is at an end.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from scoring.guidance.pairs import PairSearch, Positions
from scoring.guidance.reach import Reach, reach_of
from scoring.guidance.terms import Goal, Holding, Obstacle, Part, Way
from scoring.points import Score, score
from scoring.rulebook import Level, Rulebook


def goals(
    rulebook: Rulebook,
    values: Mapping[str, Decimal | None],
    *,
    most: Mapping[str, Decimal | None],
    credit: int,
) -> tuple[Goal, ...]:
    """Every level as a goal from the base `values`, upwards.

    1. A way raises one indicator or two, none above its limit in `most` (no entry: unlimited);
       its targets scored by `scoring.points.score` reach the cut-off and the service floor, and
       one smallest unit less of any part does not.
    2. Service points below their floor: every way raises them to it, besides what else it raises.
    3. Credit below its floor: there is no way, whatever the points.
    4. A pair is listed only where it costs less than each of its indicators alone. Its effort is
       the least there is, up to the rounding of points.
    5. The cheapest way to a level never costs more than the cheapest to a higher one.

    `credit` is that of the month's last day. Raises ValueError where a value is finer than its
    smallest unit, KeyError where one is absent. D, section 11; levels and floors section 3 and 4.
    """
    base = score(rulebook, values)
    reaches = _reaches(rulebook, values, most)
    raised = _raised_to_floor(rulebook, reaches, base.service)
    hints: Positions = {}
    found: list[Goal] = []
    for level in reversed(rulebook.levels):
        goal = _seen(rulebook, level, base, credit)
        if goal.reached:
            found.append(goal)
        elif credit < rulebook.stages.credit_floor:
            found.append(replace(goal, obstacle=Obstacle.CREDIT))
        elif raised is None:
            found.append(replace(goal, obstacle=Obstacle.SERVICE))
        else:
            ways = _ways(level, base.total, raised, hints)
            why = None if ways else _why_none(level, raised)
            found.append(replace(goal, ways=ways, obstacle=why))
    return tuple(reversed(found))


def _seen(rulebook: Rulebook, level: Level, base: Score, credit: int) -> Goal:
    """A level as it looks from the base, before any way is searched."""
    stages = rulebook.stages
    return Goal(
        level=level,
        missing=max(level.min_total - base.total, Decimal("0.00")),
        service_missing=max(stages.service_floor - base.service, Decimal("0.00")),
        reached=base.total >= level.min_total
        and base.service >= stages.service_floor
        and credit >= stages.credit_floor,
        obstacle=None,
        ways=(),
    )


def holding(
    rulebook: Rulebook, values: Mapping[str, Decimal | None], level: Level
) -> tuple[Holding, ...]:
    """How far each indicator could fall alone while the level is kept.

    Those without a value, or with a negative one, have nowhere to fall and are left out. The
    service floor counts as well. Meant for values that reach the level. D, section 11.
    """
    base = score(rulebook, values)
    found = []
    for key, reach in _reaches(rulebook, values, {}).items():
        value = values[key]
        if value is None or value < 0:
            continue
        kept = base.total.scaleb(2) - reach.cents(reach.base)
        need = _cents(level.min_total) - int(kept)
        if reach.indicator.dimension == "service":
            need = max(need, _needed_service(rulebook, reach, base.service))
        falling = replace(reach, start=-1, top=reach.base, valued=False)
        held = falling.least(need)
        least = None if held is None or held < 0 else falling.value(held)
        found.append(Holding(key, value, least))
    return tuple(found)


def _reaches(
    rulebook: Rulebook,
    values: Mapping[str, Decimal | None],
    most: Mapping[str, Decimal | None],
) -> dict[str, Reach]:
    return {
        each.key: reach_of(
            each,
            values[each.key],
            most.get(each.key),
            rulebook.bonus_cap if each.dimension == "bonus" else None,
        )
        for each in rulebook.indicators
    }


def _raised_to_floor(
    rulebook: Rulebook, reaches: Mapping[str, Reach], service: Decimal
) -> dict[str, Reach] | None:
    """The reaches from where the search begins; None where the service floor is out of reach."""
    started = dict(reaches)
    if service >= rulebook.stages.service_floor:
        return started
    for key, reach in reaches.items():
        if reach.indicator.dimension == "service":
            start = reach.least(_needed_service(rulebook, reach, service))
            if start is None:
                return None
            started[key] = replace(reach, start=start)
    return started


def _needed_service(rulebook: Rulebook, reach: Reach, service: Decimal) -> int:
    """What the indicator must earn for the service floor, in hundredths of points."""
    others = int(service.scaleb(2)) - reach.cents(reach.base)
    return _cents(rulebook.stages.service_floor) - others


def _ways(
    level: Level, total: Decimal, reaches: Mapping[str, Reach], hints: Positions
) -> tuple[Way, ...]:
    """The ways to a level, the cheapest first; `hints` carries pairs over to lower levels.

    `total` is that of the base.
    """
    short = _cents(level.min_total) - sum(each.begun for each in reaches.values())
    if short <= 0:
        return (_way(total, reaches, {}),)
    alone: Positions = {}
    for key, reach in reaches.items():
        position = reach.least(reach.begun + short)
        if position is not None:
            alone[key] = position
    found = [_way(total, reaches, {key: position}) for key, position in alone.items()]
    for one, other in combinations(reaches.values(), 2):
        fewer = one.top - one.start <= other.top - other.start
        first, second = (one, other) if fewer else (other, one)
        pair = _pair(first, second, short, alone, hints)
        if pair:
            found.append(_way(total, reaches, pair))
    return tuple(sorted(found, key=lambda way: way.effort))


def _pair(
    first: Reach, second: Reach, short: int, alone: Positions, hints: Positions
) -> Positions | None:
    """The cheapest positions of two parts, both above their start, that earn what is short.

    None where they do not cost less than each of the two alone.
    """
    name = f"{first.key}+{second.key}"
    search = PairSearch(first, second, first.begun + second.begun + short, alone)
    found = search.cheapest(hints.get(name))
    if found is None:
        return None
    hints[name] = found[0]
    return {first.key: found[0], second.key: found[1]}


def _way(total: Decimal, reaches: Mapping[str, Reach], raised: Positions) -> Way:
    """The way that raises these indicators, and to its start whatever begins above its base."""
    parts, more = [], 0
    for key, reach in reaches.items():
        position = raised.get(key, reach.start)
        target = reach.value(position)
        if position > reach.base and target is not None:
            parts.append(Part(key, reach.value(reach.base), target, reach.effort(position)))
            more += reach.cents(position) - reach.cents(reach.base)
    return Way(tuple(parts), total + Decimal(more).scaleb(-2))


def _why_none(level: Level, reaches: Mapping[str, Reach]) -> Obstacle:
    highest = sum(each.cents(each.top) for each in reaches.values())
    return Obstacle.MANY if highest >= _cents(level.min_total) else Obstacle.BOUNDS


def _cents(points: Decimal) -> int:
    """Hundredths of points that a sum of rounded points must reach; rounded up."""
    return -int(-Fraction(points) * 100 // 1)
