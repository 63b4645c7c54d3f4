"""The two monthly boards, ordered by the rules alone."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.assess import Result, Row, assess_months, fixed
from tests.reference.inputs import Platform

BOARDS = ("strength", "growth")
COLUMNS = ("rank", "change", "agency_code", "name", "score")


def boards(
    platform: Platform, rulebook: dict[str, Any], months: list[str]
) -> dict[tuple[str, str], list[Row]]:
    """Give the rows of `export_board` for each board of each published month.

    `months` are all that were published; a comparison with a calendar month that is not
    among them finds nothing there.
    """
    published = {
        month: {result.code: result for result in results if result.stage == "assessed"}
        for month, results in assess_months(platform, rulebook, months).items()
    }
    orders: dict[tuple[str, str], list[str]] = {}
    for month, results in published.items():
        before = published.get(previous_month(month), {})
        orders["strength", month] = strength_order(results)
        orders["growth", month] = growth_order(results, before)
    tables = {}
    for (board, month), codes in orders.items():
        last = orders.get((board, previous_month(month)), [])
        rows = []
        for rank, code in enumerate(codes, start=1):
            result = published[month][code]
            score = result.total if board == "strength" else result.dimensions["growth"]
            change = str(last.index(code) + 1 - rank) if code in last else ""
            name = platform.agencies[code].name
            place = (str(rank), change, code, name, fixed(score, 2))
            rows.append(dict(zip(COLUMNS, place, strict=True)))
        tables[board, month] = rows
    return tables


def strength_order(results: dict[str, Result]) -> list[str]:
    """Order by total, operating and settled amount, all descending, then by code."""

    def place(result: Result) -> tuple[Fraction, Fraction, Fraction, str]:
        settled = result.values["settled_amount"] or Fraction(0)
        return (-result.total, -result.dimensions["operating"], -settled, result.code)

    return [result.code for result in sorted(results.values(), key=place)]


def growth_order(results: dict[str, Result], before: dict[str, Result]) -> list[str]:
    """Order by growth, its rise and showcase amount, all descending, then by code.

    The rise is over the previous calendar month and 0 for who was not assessed then.
    """

    def place(result: Result) -> tuple[Fraction, Fraction, Fraction, str]:
        growth = result.dimensions["growth"]
        earlier = before.get(result.code)
        rise = growth - earlier.dimensions["growth"] if earlier else Fraction(0)
        return (-growth, -rise, -result.showcase_amount, result.code)

    return [result.code for result in sorted(results.values(), key=place)]


def previous_month(month: str) -> str:
    """Name the calendar month before one written as YYYY-MM."""
    return (date.fromisoformat(f"{month}-01") - timedelta(days=1)).strftime("%Y-%m")
