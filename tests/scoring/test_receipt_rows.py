"""The rows behind a score: own days with figures, other days with a reason and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from agencies.models import Agency
from scoring.receipts.rows import COLUMNS, day_standings
from tests.scoring.rows import (
    BACK,
    JULY,
    LEFT,
    Month,
    a_month,
    exported,
    july,
    lines,
    published,
)

pytestmark = pytest.mark.django_db

Rows = list[dict[str, str]]


@pytest.fixture
def month() -> Month:
    return a_month()


def rows_of(agency: Agency) -> Rows:
    return lines(exported(agency, published(agency)))


def by_day(rows: Rows, creator_id: str) -> dict[date, dict[str, str]]:
    own = [row for row in rows if row["creator_id"] == creator_id]
    return {date.fromisoformat(row["day"]): row for row in own}


def counted(rows: Rows, creator_id: str) -> set[int]:
    own = by_day(rows, creator_id)
    return {day.day for day, row in own.items() if row["counts"] == "yes"}


def test_each_creator_has_a_line_for_each_day_in_order(month: Month) -> None:
    path = exported(month.own, published(month.own))
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfcreator_id,nickname,day,counts,reason,reason_date,")
    assert content.count(b"\r\n") == 4 * 31 + 1
    rows = lines(path)
    assert tuple(rows[0]) == COLUMNS
    days = [f"2026-07-{n:02d}" for n in range(1, 32)]
    # by code point; an id that begins like a formula opens as text
    expected = [(own_id, day) for own_id in ("'-B", "A", "m", "zz") for day in days]
    assert [(row["creator_id"], row["day"]) for row in rows] == expected
    assert {row["nickname"] for row in rows if row["creator_id"] == "m"} == {"'=HYPERLINK(1)"}
    assert {row["nickname"] for row in rows if row["creator_id"] == "zz"} == {"安静, “Q”"}


def test_own_days_carry_figures_and_refunds_stay_numbers(month: Month) -> None:
    rows = rows_of(month.own)
    first, last = by_day(rows, "m")[july(1)], by_day(rows, "m")[july(31)]
    assert list(first.values())[3:] == [
        *("yes", "", "", "12345.67", "2500.01", "200.00", "100", "10", "60", "5", "4.81")
    ]
    assert (last["settled_amount"], last["creator_level"], last["reputation"]) == ("-12.05", "", "")
    refunds = by_day(rows, "'-B")[july(31)]
    assert (refunds["settled_amount"], refunds["showcase_amount"]) == ("-500.05", "-0.07")


def test_other_days_carry_a_reason_and_a_date_and_no_figures(month: Month) -> None:
    rows = rows_of(month.own)
    others = [row for row in rows if row["counts"] == "no"]
    assert {(row["creator_id"], row["reason"], row["reason_date"]) for row in others} == {
        ("m", "between_bindings", LEFT.isoformat()),
        ("A", "after_binding", "2026-07-06"),
        ("'-B", "before_binding", "2026-07-30"),
    }
    assert {tuple(row.values())[6:] for row in others} == {("",) * 8}
    assert counted(rows, "m") == {*range(1, LEFT.day), *range(BACK.day, 32)}


def test_a_bound_day_without_facts_counts_and_says_so(month: Month) -> None:
    quiet = by_day(rows_of(month.own), "zz")
    assert {row["counts"] for row in quiet.values()} == {"yes"}
    assert [day for day, row in quiet.items() if row["reason"] == ""] == [july(3)]
    silent = [row for row in quiet.values() if row["reason"] == "no_facts"]
    assert {tuple(row.values())[5:] for row in silent} == {("",) * 9}
    assert len(silent) == 30


def test_nothing_of_another_agency_is_in_the_file(month: Month) -> None:
    evaluation = published(month.own, month.other)
    own = exported(month.own, evaluation).read_text(encoding="utf-8")
    for secret in ("CANARY", "OTHER", "777777", "555555", "98765"):
        assert secret not in own
    other = exported(month.other, evaluation)
    assert "12345.67" not in other.read_text(encoding="utf-8")
    assert counted(lines(other), "m") == set(range(LEFT.day, BACK.day))
    assert counted(lines(other), "A") == set(range(6, 32))


def test_whether_there_are_facts_of_other_days_does_not_show(month: Month) -> None:
    evaluation = published(month.own)
    before = exported(month.own, evaluation).read_bytes()
    evaluation.row_exports.all().delete()
    away = [july(n) for n in range(LEFT.day, BACK.day)]
    evaluation.parts.remove(*evaluation.parts.filter(day__in=away))
    assert exported(month.own, evaluation).read_bytes() == before


def test_an_agency_without_creators_gets_a_header(month: Month) -> None:
    path = exported(month.empty, published(month.empty))
    assert path.read_text(encoding="utf-8-sig") == ",".join(COLUMNS) + "\n"


def test_a_month_without_facts_has_days_all_the_same(month: Month) -> None:
    evaluation = published(month.own)
    evaluation.parts.clear()
    rows = lines(exported(month.own, evaluation))
    assert len(rows) == 4 * 31
    assert {row["reason"] for row in rows if row["counts"] == "yes"} == {"no_facts"}


def test_a_creator_s_days_with_gaps_are_told_apart() -> None:
    spans = [(july(5), july(10)), (july(10), july(12)), (july(20), july(25))]
    standings = dict(zip(range(1, 32), day_standings(spans, JULY), strict=True))
    assert standings[4] == ("no", "before_binding", "2026-07-05")
    assert {standings[n].counts for n in range(5, 12)} == {"yes"}
    assert standings[12] == standings[19] == ("no", "between_bindings", "2026-07-12")
    assert standings[25] == standings[31] == ("no", "after_binding", "2026-07-25")
