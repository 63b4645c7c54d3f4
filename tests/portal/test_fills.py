"""Prepared answers: what is filled in, for whom, and what is left as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from agencies.models import Agency
from portal.enums import ContactKind
from portal.models import ContactAssignment, ContactPerson
from portal.support.fills import PLACEHOLDERS, filled, fills, unknown_placeholders
from scoring.queries.months import NoSuchMonth
from tests.factories import AgencyFactory, UserFactory
from tests.factories.why import SEPTEMBER, fallen

AT = datetime(2026, 11, 15, 4, 0, tzinfo=UTC)
database = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mid_november() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def test_names_are_replaced_and_other_braces_stay() -> None:
    values = {"agency": "Own", "total": "408.13"}
    assert filled("{agency}: {total} points, {month}, {}, {Total}", values) == (
        "Own: 408.13 points, {month}, {}, {Total}"
    )


def test_what_stands_in_a_value_is_never_filled_again() -> None:
    values = {"agency": "{total} {agency.__class__} %(x)s", "total": "408.13"}
    assert filled("{agency}", values) == "{total} {agency.__class__} %(x)s"


def test_nothing_of_a_value_is_reached_by_formatting() -> None:
    text = "{agency.pk} {agency[0]} {agency!r} {0} {agency:>9}"
    assert filled(text, {"agency": "Own"}) == text


@given(st.text(max_size=200), st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text()))
def test_any_text_is_filled_without_a_fault(text: str, values: dict[str, str]) -> None:
    written = filled(text, values)
    if "{" not in text:
        assert written == text
        assert all("｛" in each for each in unknown_placeholders(text))


def test_mistyped_placeholders_are_reported_once_as_they_are_written() -> None:
    text = "{agency} {Agency} {totl} {totl} { total } ｛total｝ {why}"
    assert unknown_placeholders(text) == ("{Agency}", "{totl}", "{ total }", "｛total｝")
    assert unknown_placeholders("".join(f"{{{name}}}" for name in PLACEHOLDERS)) == ()


@database
def test_every_placeholder_has_a_value_that_the_agencys_pages_show() -> None:
    agency = fallen()
    values = fills(agency, clause="level-cut-offs", language="en", now=AT)
    assert set(values) == set(PLACEHOLDERS)
    why = values.pop("why")
    assert why.startswith("The result of October 2026 is V2 with 408.13 points; ")
    assert "Where you find all of it" not in why
    assert values == {
        "agency": "晴川文化传媒",
        "code": "OWN",
        "month": "October 2026",
        "level": "V2",
        "level_before": "V3",
        "stage": "Assessed stage",
        "total": "408.13",
        "total_before": "567.40",
        "change": "−159.27",
        "operating": "167.61",
        "growth": "62.52",
        "service": "175.00",
        "bonus": "3.00",
        "credit": "120",
        "credit_today": "120",
        "next_level": "V3",
        "missing": "141.87",
        "clause_title": "Levels by total",
        "clause_text": "V1 from 0 points in all\nV2 from 400 points in all\nV3 from 550 points in"
        " all\nV4 from 700 points in all\nV5 from 850 points in all\nA cut-off that is reached"
        " exactly is reached.",
        "contact": "–",
        "data_through": "Oct. 28, 2026",
        "due": "Dec. 3, 2026",
    }


@database
def test_the_language_of_the_answer_counts_not_the_readers() -> None:
    values = fills(fallen(), clause="level-cut-offs", language="zh-hans", now=AT)
    assert (values["month"], values["stage"]) == ("2026年10月", "考核期")
    assert "总分 400 分起为 V2" in values["clause_text"]


@database
def test_what_there_is_not_stands_as_a_dash() -> None:
    agency = AgencyFactory.create(code="NEW", joined_on=date(2026, 11, 2))
    values = fills(agency, clause="no-such-clause", language="en", now=AT)
    assert values["agency"] == agency.name
    assert values["credit_today"] == "120"
    for name in ("month", "level", "total", "change", "next_level", "clause_text", "contact"):
        assert values[name] == "–"


@database
def test_another_month_is_filled_in_where_it_is_asked_for() -> None:
    agency = fallen()
    values = fills(agency, month=SEPTEMBER, language="en", now=AT)
    assert (values["level"], values["total"], values["total_before"]) == ("V3", "567.40", "–")
    with pytest.raises(NoSuchMonth):
        fills(agency, month=date(2026, 8, 1), language="en", now=AT)


@database
def test_the_contacts_are_named_with_the_ways_to_reach_them() -> None:
    agency: Agency = AgencyFactory.create()
    person = ContactPerson.objects.create(
        user=UserFactory.create(), kind=ContactKind.SERVICE, name="Lin", phone="021-1", wechat="lin"
    )
    ContactAssignment.objects.create(
        agency=agency, person=person, kind=ContactKind.SERVICE, since=AT
    )
    values = fills(agency, language="en", now=AT, text="{contact}")
    assert values == {"contact": "Customer-service contact: Lin (021-1, lin)"}


@database
def test_only_what_the_text_names_is_looked_up() -> None:
    agency = fallen()
    with CaptureQueriesContext(connection) as made:
        assert fills(agency, language="en", now=AT, text="Dear {agency}") == {
            "agency": "晴川文化传媒"
        }
    assert len(made) == 0
    with CaptureQueriesContext(connection) as made:
        fills(agency, clause="level-cut-offs", language="en", now=AT)
    assert len(made) <= 13
