"""What an agency and the staff read about its credit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from agencies.credit_rules import Ban
from agencies.models import Agency
from agencies.queries.credit import Band, credit_ban, credit_page
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.agencies.test_ledger_corrections import (
    DAY,
    NOW,
    give,
    give_back,
    issue,
    later,
    restore_due,
)
from tests.factories import AgencyFactory

pytestmark = pytest.mark.django_db


def test_a_new_agency_has_its_opening_and_nothing_to_wait_for() -> None:
    agency = AgencyFactory.create()
    page = credit_page(agency, today=DAY)
    assert (page.balance, page.cap, page.ban, page.next_restore) == (120, 150, None, None)
    assert page.bands == (Band(80, 30, False, None), Band(40, 60, False, None))
    assert [(line.number, line.points, line.balance) for line in page.lines] == [(1, 120, 120)]


def test_the_bands_and_the_way_back_after_a_deduction() -> None:
    agency = AgencyFactory.create()
    issue(agency, 90)
    page = credit_page(agency, today=later(3))
    assert page.balance == 30
    assert page.bands == (
        Band(80, 30, True, later(30)),
        Band(40, 60, True, later(60)),
    )
    assert page.ban == Ban(40, 60, DAY, later(60), 2)
    assert page.next_restore == (later(30), 10)


def test_a_ban_outlives_the_balance_that_started_it() -> None:
    agency = AgencyFactory.create()
    issue(agency, 45)
    give(agency, 20, later(1))
    page = credit_page(agency, today=later(29))
    assert page.bands[0] == Band(80, 30, False, later(30))
    assert credit_page(agency, today=later(30)).bands[0] == Band(80, 30, False, None)


def test_what_is_dated_later_does_not_count_yet() -> None:
    agency = AgencyFactory.create()
    issue(agency, 50, later(5))
    page = credit_page(agency, today=later(4))
    assert (page.balance, page.ban) == (120, None)
    assert credit_ban(agency.pk, today=later(4)) is None


@pytest.mark.parametrize(
    ("day", "until"),
    [(-1, None), (0, 60), (30, 60), (59, 60), (60, None)],
)
def test_the_ban_in_force_is_the_one_that_ends_last(day: int, until: int | None) -> None:
    agency = AgencyFactory.create()
    issue(agency, 90)
    ban = credit_ban(agency.pk, today=later(day))
    assert (ban and ban.until) == (None if until is None else later(until))


def test_a_revocation_undoes_the_ban() -> None:
    agency = AgencyFactory.create()
    case = issue(agency, 90)
    give_back(case)
    assert credit_ban(agency.pk, today=DAY) is None
    assert credit_page(agency, today=DAY).ban is None


def test_the_ban_is_that_of_the_rulebook_of_its_day() -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    store_rulebook(
        text.replace('version = "2026.1"', 'version = "milder"')
        .replace('effective_from = "2000-01"', 'effective_from = "2026-04"')
        .replace("{ below = 80, days = 30 }", "{ below = 70, days = 7 }"),
        at=NOW,
        activate=True,
    )
    agency = AgencyFactory.create()
    issue(agency, 45)
    page = credit_page(agency, today=date(2026, 4, 2))
    assert page.ban is None
    page = credit_page(agency, today=later(29))
    assert page.ban == Ban(80, 30, DAY, later(30), 2)
    issue(agency, 6, date(2026, 4, 2))
    page = credit_page(agency, today=date(2026, 4, 2))
    assert page.bands[0] == Band(70, 7, True, date(2026, 4, 9))


def test_a_removed_agency_waits_for_nothing() -> None:
    agency = AgencyFactory.create(removed_on=later(3))
    issue(agency, 90)
    assert credit_page(agency, today=later(2)).next_restore == (later(30), 10)
    assert credit_page(agency, today=later(3)).next_restore is None


def test_the_statement_is_in_the_order_of_the_days_and_in_the_reader_s_words() -> None:
    agency = AgencyFactory.create()
    case = issue(agency, 20)
    give(agency, 10, later(2), "Spring campaign")
    restore_due(today=later(30), at=NOW)
    give_back(case)
    with override("en"):
        lines = list(credit_page(agency, today=later(40)).lines)
    assert [(line.number, line.kind, line.balance, line.words) for line in lines] == [
        (6, "adjustment", 130, "Follows from a revocation: without that deduction less was due."),
        (4, "restore", 140, ""),
        (3, "award", 130, "Spring campaign"),
        (5, "reversal", 120, "Shown to be wrong"),
        (2, "deduction", 100, ""),
        (1, "opening", 120, ""),
    ]
    assert (lines[0].adjusts, lines[3].reverses) == (lines[1], lines[4])


def test_the_queries_do_not_grow_with_the_lines(django_assert_num_queries: Any) -> None:
    def read(agency: Agency) -> list[Any]:
        page = credit_page(agency, today=later(50))
        return [(line.violation, line.reverses, line.adjusts) for line in page.lines]

    agency = AgencyFactory.create()
    cases = [issue(agency, 5)]
    with django_assert_num_queries(3):
        assert len(read(agency)) == 2
    cases += [issue(agency, 3, later(days)) for days in range(8)]
    give_back(*cases[:4])
    with django_assert_num_queries(3):
        assert len(read(agency)) == 14
    with django_assert_num_queries(2):
        credit_ban(agency.pk, today=later(50))
