"""From the text of a TOML file to a rulebook, or to the list of everything wrong with it."""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from scoring.rulebook.reading import Fault, Reader, RulebookError, Table, described
from scoring.rulebook.terms import (
    DIMENSION_OF,
    EVERYONE,
    FAMILIES,
    INDICATOR_KEYS,
    MEASURES,
    SOURCES,
    VIOLATION_KINDS,
    Appeals,
    Ban,
    Benefit,
    Bindings,
    Credit,
    Gate,
    Indicator,
    Knot,
    Level,
    Rulebook,
    Stages,
    StarPlan,
    ViolationKind,
)

MOST_CHARACTERS: Final = 500_000
# A key of thousands of parts, a.b.c…, takes gigabytes to read; a key ends with its line.
MOST_DOTS: Final = 1_000
MOST_DAYS: Final = 3_650
MOST_CREDIT: Final = 100_000
# A total of all nine indicators has five digits before the point where it is stored.
MOST_POINTS: Final = 10_000
MOST_CREATORS: Final = 2**31 - 1
MOST_FOLLOWERS: Final = 10**12
MOST_LEVELS: Final = 9

_LEVEL_KEYS: Final = tuple(f"V{number}" for number in range(1, MOST_LEVELS + 1))

_SECTIONS: Final = (
    "version",
    "effective_from",
    "title",
    "stages",
    "bonus",
    "credit",
    "appeals",
    "bindings",
    "gate",
    "star_plan",
    "indicators",
    "levels",
    "benefits",
    "violations",
)


def parse(text: str) -> Rulebook:
    """Read a rulebook from the text of its TOML file.

    1. Every key is known, present (unless the contract lets it be absent) and of its type;
       numbers are exact and of bounded length.
    2. Each of the nine indicators is there once, in its dimension; knot values rise strictly,
       points never fall.
    3. Levels are V1, V2, … with strictly rising cut-offs from 0.
    4. A benefit names existing levels; kinds, measures, families and sources are known ones.

    Raises RulebookError with every fault by its place; list positions in a place count from 0.
    A file that is not TOML has one fault, with the line.
    """
    reader = Reader()
    rulebook = _rulebook(reader.table(_toml(text), "", _SECTIONS))
    if reader.faults:
        raise RulebookError(reader.faults)
    return rulebook


def _rulebook(root: Table) -> Rulebook:
    levels = _levels(root)
    # Without a readable list of levels, benefits are held against every key that one may have.
    level_keys = tuple(level.key for level in levels) or _LEVEL_KEYS
    return Rulebook(
        version=root.text("version", limit=64),
        effective_from=root.matching(
            "effective_from", r"[12][0-9]{3}-(0[1-9]|1[0-2])", 'a month "YYYY-MM"'
        ),
        title=root.title(),
        stages=_stages(root),
        bonus_cap=root.table("bonus", ("cap",)).number("cap", 0, MOST_POINTS, decimals=2),
        credit=_credit(root),
        appeals=_appeals(root),
        bindings=Bindings(
            root.table("bindings", ("silence_days",)).whole("silence_days", 1, MOST_DAYS)
        ),
        gate=Gate(root.table("gate", ("max_jump_share",)).number("max_jump_share", 0, 1)),
        star_plan=_star_plan(root),
        indicators=_indicators(root),
        levels=levels,
        benefits=_benefits(root, level_keys),
        violations=_violations(root),
    )


def _toml(text: str) -> dict[str, Any]:
    if len(text) > MOST_CHARACTERS:
        raise RulebookError(
            [
                Fault(
                    "file",
                    f"is too long: {len(text)} characters, where {MOST_CHARACTERS} are allowed",
                )
            ]
        )
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > MOST_DOTS:
            raise RulebookError([Fault(f"line {number}", f"has more than {MOST_DOTS} points")])
    try:
        return tomllib.loads(text.removeprefix("\ufeff"), parse_float=_float)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError([_syntax_fault(str(error), text)]) from error
    except RecursionError as error:
        raise RulebookError([Fault("file", "has lists or tables nested too deeply")]) from error
    except ValueError as error:
        # The one ValueError that is no TOMLDecodeError: Python's limit on integer digits.
        raise RulebookError([Fault("file", "has a number with too many digits")]) from error


def _float(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation:
        return Decimal("NaN")


def _syntax_fault(message: str, text: str) -> Fault:
    where = re.search(r" \(at line ([0-9]+), column ([0-9]+)\)$", message)
    if where is None:
        what = message.removesuffix(" (at end of document)")
        return Fault(
            f"line {text.count(chr(10)) + 1}", f"is not valid TOML at the end of the file: {what}"
        )
    what = message[: where.start()]
    return Fault(f"line {where[1]}", f"is not valid TOML at column {where[2]}: {what}")


def _stages(root: Table) -> Stages:
    table = root.table(
        "stages",
        ("novice_months", "service_floor", "credit_floor"),
        ("binding_cap", "followers_below"),
    )
    return Stages(
        novice_months=table.whole("novice_months", 0, 120),
        service_floor=table.number("service_floor", 0, MOST_POINTS, decimals=2),
        credit_floor=table.whole("credit_floor", 0, MOST_CREDIT),
        binding_cap=table.whole_or_none("binding_cap", 0, MOST_CREATORS),
        followers_below=table.whole_or_none("followers_below", 1, MOST_FOLLOWERS),
    )


def _credit(root: Table) -> Credit:
    table = root.table("credit", ("opening", "cap", "restore_points", "restore_clean_days", "bans"))
    opening = table.whole("opening", 0, MOST_CREDIT)
    before = len(table.reader.faults)
    cap = table.whole("cap", 1, MOST_CREDIT)
    if len(table.reader.faults) == before and "cap" in table.entries and opening > cap:
        table.fault("opening", f"must not be above the cap: {opening} is above {cap}")
    return Credit(
        opening=opening,
        cap=cap,
        restore_points=table.whole("restore_points", 0, MOST_CREDIT),
        restore_clean_days=table.whole("restore_clean_days", 1, MOST_DAYS),
        bans=tuple(_bans(table)),
    )


def _bans(credit: Table) -> Iterator[Ban]:
    milder: int | None = None
    for place, item in credit.items("bans"):
        table = credit.reader.table(item, place, ("below", "days"))
        before = len(credit.reader.faults)
        below = table.whole("below", 1, MOST_CREDIT)
        if len(credit.reader.faults) == before and "below" in table.entries:
            if milder is not None and below >= milder:
                table.fault(
                    "below",
                    f"must be less than {milder} of the ban before it, not {below}",
                )
            milder = below
        yield Ban(below, table.whole("days", 1, MOST_DAYS))


def _appeals(root: Table) -> Appeals:
    table = root.table("appeals", ("days", "hold_fall"))
    return Appeals(table.whole("days", 1, MOST_DAYS), table.flag("hold_fall"))


def _star_plan(root: Table) -> StarPlan:
    table = root.table("star_plan", ("preparation_days", "trial_days", "development_days"))
    return StarPlan(
        preparation_days=table.whole("preparation_days", 1, MOST_DAYS),
        trial_days=table.whole("trial_days", 1, MOST_DAYS),
        development_days=table.whole("development_days", 1, MOST_DAYS),
    )


def _indicators(root: Table) -> tuple[Indicator, ...]:
    found: dict[str, Indicator] = {}
    for place, item in root.items("indicators"):
        table = root.reader.table(item, place, ("key", "dimension", "source", "knots"))
        key = table.choice("key", INDICATOR_KEYS)
        dimension = _dimension(table, key)
        indicator = Indicator(
            key, dimension, table.choice("source", SOURCES), tuple(_knots(table, key))
        )
        if key and key in found:
            table.fault("key", f"{key} is listed twice; each indicator has one entry")
        elif key:
            found[key] = indicator
    absent = [key for key in INDICATOR_KEYS if key not in found]
    if absent and isinstance(root.entries.get("indicators"), list):
        root.fault(
            "indicators",
            f"lacks {', '.join(absent)}; each of the nine must be listed once",
        )
    return tuple(found[key] for key in INDICATOR_KEYS if key in found)


def _dimension(table: Table, key: str) -> str:
    dimension = table.entries.get("dimension")
    if key and dimension is not None and dimension != DIMENSION_OF[key]:
        table.fault(
            "dimension",
            f"of {key} must be {DIMENSION_OF[key]}, not {described(dimension)}",
        )
    return DIMENSION_OF.get(key, "")


def _knots(table: Table, key: str) -> Iterator[Knot]:
    reader, last = table.reader, None
    of = f" of {key}" if key else ""
    for place, item in table.items("knots", least=1):
        if not isinstance(item, list) or len(item) != 2:
            reader.fault(place, f"must be a pair [value, points], not {_counted(item)}")
            continue
        before = len(reader.faults)
        value = reader.number(item[0], place, f"the value{of} ")
        points = reader.number(item[1], place, f"the points{of} ")
        if len(reader.faults) > before:
            continue
        if not 0 <= points <= MOST_POINTS:
            reader.fault(place, f"the points{of} must be from 0 to {MOST_POINTS}, not {points}")
            continue
        knot = Knot(value, points)
        if last is not None and value <= last.value:
            reader.fault(place, f"the value{of} must rise: {value} comes after {last.value}")
        if last is not None and points < last.points:
            reader.fault(place, f"the points{of} must not fall: {points} after {last.points}")
        last = knot
        yield knot


def _counted(item: Any) -> str:
    return f"a list of {len(item)}" if isinstance(item, list) else described(item)


def _levels(root: Table) -> tuple[Level, ...]:
    levels: list[Level] = []
    last: Decimal | None = None
    for position, (place, item) in enumerate(root.items("levels", least=1, most=len(_LEVEL_KEYS))):
        table = root.reader.table(
            item, place, ("key", "min_total"), ("binding_cap", "followers_below")
        )
        key = _LEVEL_KEYS[position]
        if table.entries.get("key", key) != key:
            named = described(table.entries["key"])
            table.fault(
                "key",
                f'must be "{key}" here, as levels are listed upwards, not {named}',
            )
        before = len(root.reader.faults)
        min_total = table.number("min_total", 0, MOST_POINTS, decimals=2)
        if len(root.reader.faults) == before and "min_total" in table.entries:
            if position == 0 and min_total != 0:
                table.fault("min_total", f"of the first level must be 0, not {min_total}")
            if last is not None and min_total <= last:
                table.fault("min_total", f"must rise: {min_total} comes after {last}")
            last = min_total
        levels.append(
            Level(
                key=key,
                min_total=min_total,
                binding_cap=table.whole_or_none("binding_cap", 0, MOST_CREATORS),
                followers_below=table.whole_or_none("followers_below", 1, MOST_FOLLOWERS),
            )
        )
    return tuple(levels)


def _benefits(root: Table, levels: tuple[str, ...]) -> tuple[Benefit, ...]:
    benefits: dict[str, Benefit] = {}
    for place, item in root.items("benefits"):
        table = root.reader.table(
            item, place, ("key", "family", "from", "title", "source"), ("to",)
        )
        key = table.matching(
            "key", r"[a-z][a-z0-9_]{0,63}", "dedicated_operations (a-z, 0-9 and _)"
        )
        if key in benefits:
            table.fault("key", f"{key} is listed twice; each benefit has one entry")
        lowest = table.choice("from", (EVERYONE, *levels))
        highest = table.choice("to", levels) or None
        if lowest in levels and highest and levels.index(highest) < levels.index(lowest):
            table.fault("to", f"must not be below the level it starts from, {lowest}")
        benefit = Benefit(
            key=key,
            family=table.choice("family", FAMILIES),
            from_level=lowest,
            to_level=highest,
            title=table.title(),
            source=table.choice("source", SOURCES),
        )
        if key:
            benefits[key] = benefit
    return tuple(benefits.values())


def _violations(root: Table) -> tuple[ViolationKind, ...]:
    kinds: dict[str, ViolationKind] = {}
    for place, item in root.items("violations"):
        table = root.reader.table(item, place, ("kind", "title", "points", "measures"))
        kind = table.choice("kind", VIOLATION_KINDS)
        if kind in kinds:
            table.fault("kind", f"{kind} is listed twice; each kind has one entry")
        violation = ViolationKind(
            kind=kind,
            title=table.title(),
            points=table.whole("points", 0, MOST_CREDIT),
            measures=tuple(_measures(table)),
        )
        if kind:
            kinds[kind] = violation
    return tuple(kinds.values())


def _measures(table: Table) -> Iterator[str]:
    seen: set[str] = set()
    for place, item in table.items("measures"):
        if not isinstance(item, str) or item not in MEASURES:
            table.reader.fault(
                place, f"must be one of {', '.join(MEASURES)}, not {described(item)}"
            )
        elif item in seen:
            table.reader.fault(place, f"{item} is listed twice")
        else:
            seen.add(item)
            yield item
