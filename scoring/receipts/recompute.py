#!/usr/bin/env python3
"""Recomputes an agency's score from its creator-day rows and the rulebook.

    python3 recompute.py ROWS.csv RULEBOOK.toml

Needs Python 3.11 or newer and nothing else. Both files are offered on the score receipt, and the
last line printed is the total of the receipt. Numbers are exact throughout; they are rounded, half
up, only where the rules say so.
"""

import csv
import re
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from itertools import pairwise

SUMMED = (
    "settled_amount",
    "showcase_amount",
    "good_goods_amount",
    "settled_orders",
    "worry_free_orders",
    "live_minutes",
)
FIGURES = (*SUMMED, "creator_level", "reputation")
COLUMNS = ("creator_id", "day", "counts", *FIGURES)
# How many decimals an indicator keeps; the others are whole numbers.
DECIMALS = {
    "settled_amount": 2,
    "showcase_share": 6,
    "good_goods_share": 6,
    "live_minutes_per_creator_day": 4,
    "reputation": 4,
}
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
NEVER = (date.min, Decimal(0))


class Unusable(Exception):
    """A file is not what it should be; the message says where and why."""


@dataclass
class Creator:
    """What a creator brought on the days that count; `latest` is the newest cell that is filled."""

    sums: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(SUMMED, Decimal(0)))
    days: int = 0
    last_day: date = date.min
    latest: dict[str, tuple[date, Decimal]] = field(default_factory=dict)
    seen: int = 0  # a bit for each day of the month that the file has


def half_up(exact: Fraction, decimals: int) -> Fraction:
    return Fraction((exact * 10**decimals + Fraction(1, 2)) // 1, 10**decimals)


def written(exact: Fraction, decimals: int) -> str:
    """A number that needs no more than so many decimals, with exactly that many."""
    digits = f"{abs(exact) * 10**decimals // 1:0{decimals + 1}d}"
    sign = "-" if exact < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits


def read_rows(path: str) -> tuple[dict[str, Creator], date]:
    """The creators of the file, and the last day it has, which is the month's last one."""
    creators: dict[str, Creator] = defaultdict(Creator)
    days: dict[str, date] = {}
    with open(path, encoding="utf-8-sig", newline="") as file:
        sheet = csv.DictReader(file, strict=True)
        missing = [name for name in COLUMNS if name not in (sheet.fieldnames or ())]
        if missing:
            raise Unusable(f"{path} has no column {', '.join(missing)}.")
        for row in sheet:
            try:
                add(creators[row["creator_id"]], row, days)
            except Unusable as fault:
                raise Unusable(f"{path}, line {sheet.line_num}: {fault}") from None
    return creators, max(days.values(), default=date.min)


def add(creator: Creator, row: dict[str, str], days: dict[str, date]) -> None:
    """Add one line to its creator; `days` holds the days that were read before."""
    if None in row or None in row.values():
        raise Unusable("it has not as many cells as the header.")
    if row["day"] not in days:
        try:
            days[row["day"]] = date.fromisoformat(row["day"])
        except ValueError:
            raise Unusable(f"{row['day']!r} is not a day.") from None
    day, first = days[row["day"]], next(iter(days.values()))
    if (day.year, day.month) != (first.year, first.month):
        raise Unusable("the file has days of more than one month.")
    if creator.seen & 1 << day.day:
        raise Unusable("the creator has this day twice.")
    creator.seen |= 1 << day.day
    if row["counts"] not in ("yes", "no"):
        raise Unusable(f"counts is {row['counts']!r}, not yes or no.")
    if row["counts"] == "no":
        return
    creator.days += 1
    creator.last_day = max(creator.last_day, day)
    for name in FIGURES:
        text = row[name]
        if not text:
            continue
        if not NUMBER.fullmatch(text):
            raise Unusable(f"{name}: {text!r} is not a number.")
        if name in SUMMED:
            creator.sums[name] += Decimal(text)
        else:
            creator.latest[name] = max(creator.latest.get(name, NEVER), (day, Decimal(text)))


def sums_of(creators: dict[str, Creator], last: date) -> dict[str, Fraction]:
    """What all creators brought together in the month that ends on `last`."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for creator in creators.values():
        for name in SUMMED:
            sums[name] += Fraction(creator.sums[name])
        sums["creator_days"] += creator.days
        sums["showcase_creators"] += creator.sums["showcase_amount"] > 0
        _, level = creator.latest.get("creator_level", NEVER)
        sums["l5_creators"] += creator.last_day == last and level >= 5
        if "reputation" in creator.latest:
            orders = Fraction(creator.sums["settled_orders"])
            sums["reputation_points"] += Fraction(creator.latest["reputation"][1]) * orders
            sums["reputation_orders"] += orders
    return sums


def value_of(key: str, sums: dict[str, Fraction]) -> Fraction | None:
    """The value of an indicator, rounded as the rules say; None where there is none."""
    if key == "live_minutes_per_creator_day":
        days = sums["creator_days"]
        return half_up(sums["live_minutes"] / days, 4) if days else Fraction(0)
    if key == "reputation":
        orders = sums["reputation_orders"]
        return half_up(sums["reputation_points"] / orders, 4) if orders > 0 else None
    if key in ("showcase_share", "good_goods_share"):
        settled = sums["settled_amount"]
        if settled <= 0:
            return Fraction(0)
        share = sums[key.replace("share", "amount")] / settled
        return half_up(min(max(share, Fraction(0)), Fraction(1)), 6)
    return sums[key]


def points_for(value: Fraction | None, knots: list[list[Fraction]]) -> Fraction:
    """Linear between two knots, flat outside of them; no value earns nothing."""
    if value is None:
        return Fraction(0)
    if value <= knots[0][0]:
        return half_up(knots[0][1], 2)
    for (left, low), (right, high) in pairwise(knots):
        if value <= right:
            return half_up(low + (value - left) * (high - low) / (right - left), 2)
    return half_up(knots[-1][1], 2)


def report(rows_path: str, rulebook_path: str) -> list[str]:
    """A line per indicator and dimension, and the total as the last one."""
    with open(rulebook_path, "rb") as file:
        rulebook = tomllib.load(file, parse_float=Fraction)
    with localcontext() as context:
        context.traps[Inexact] = True  # rather no answer than one that is not exact
        sums = sums_of(*read_rows(rows_path))
    lines = []
    dimensions = {name: Fraction(0) for name in ("operating", "growth", "service", "bonus")}
    for indicator in rulebook["indicators"]:
        key = indicator["key"]
        knots = [[Fraction(value), Fraction(points)] for value, points in indicator["knots"]]
        value = value_of(key, sums)
        points = points_for(value, knots)
        dimensions[indicator["dimension"]] += points
        shown = "no value" if value is None else written(value, DECIMALS.get(key, 0))
        most = written(half_up(knots[-1][1], 2), 2)
        lines.append(f"{key:<29}{shown:>18}{written(points, 2):>9} of {most}")
    cap = Fraction(rulebook["bonus"]["cap"])
    dimensions["bonus"] = min(dimensions["bonus"], cap)
    lines += [f"{name} {written(points, 2)}" for name, points in dimensions.items()]
    return [*lines, f"total {written(sum(dimensions.values(), Fraction(0)), 2)}"]


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        sys.stderr.write("Usage: python3 recompute.py ROWS.csv RULEBOOK.toml\n")
        return 1
    try:
        sys.stdout.write("\n".join(report(*arguments)) + "\n")
    except OSError as fault:
        sys.stderr.write(f"{fault.filename} cannot be read: {fault.strerror}.\n")
    except (UnicodeDecodeError, csv.Error):
        sys.stderr.write("A file is damaged: the rows are CSV and the rulebook TOML, in UTF-8.\n")
    except tomllib.TOMLDecodeError as fault:
        sys.stderr.write(f"{arguments[1]} is not a rulebook: {fault}.\n")
    except Inexact:
        sys.stderr.write(f"{arguments[0]} has amounts too long to be summed exactly.\n")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        sys.stderr.write(f"{arguments[1]} is not a rulebook: it lacks indicators, knots or cap.\n")
    except Unusable as fault:
        sys.stderr.write(f"{fault}\n")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
