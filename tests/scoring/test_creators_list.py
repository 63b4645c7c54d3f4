"""The creators' list: figures of a month, filters, order, sums, the file, and nobody else's."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.enums import Role
from agencies.models import Agency, Creator
from agencies.queries.bound import places
from scoring.filters import CreatorsForm
from scoring.models import Assessment
from scoring.points import Totals
from scoring.queries.creators import SORTS, Wanted, all_rows, listing, published_evaluations
from scoring.tables import FILE_COLUMNS, NAMES
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.contributions import contributed_month
from tests.factories.requests import BindingRequestFactory, UnbindingFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(stage="assessed", level="V1", binding_cap=50)


@pytest.fixture
def owner(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


@pytest.fixture
def people(agency: Agency) -> dict[str, Creator]:
    """A star, a beginner without showcase, one who left, one who came after October."""
    found = {
        code: CreatorFactory.create(creator_id=code, nickname=name)
        for code, name in (("STAR", "明星"), ("NEW", "新人"), ("GONE", "旧人"), ("LATE", "后来"))
    }
    for code in ("STAR", "NEW"):
        BindingFactory.create(agency=agency, creator=found[code], bound_from=date(2026, 3, 1))
    BindingFactory.create(
        agency=agency,
        creator=found["GONE"],
        bound_from=date(2026, 3, 1),
        bound_until=date(2026, 10, 21),
    )
    BindingFactory.create(agency=agency, creator=found["LATE"], bound_from=date(2026, 11, 10))
    return found


@pytest.fixture
def october(agency: Agency, people: dict[str, Creator]) -> Assessment:
    return contributed_month(
        agency,
        OCTOBER,
        {
            people["STAR"]: {"settled_cents": 123_456_789, "level": 6, "reputation": 481},
            people["NEW"]: {
                "settled_cents": -500,
                "showcase_cents": 0,
                "level": None,
                "reputation": None,
                "live_minutes": 0,
            },
            people["GONE"]: {"bound_days": 20, "bound_on_last_day": False, "level": 5},
        },
    )


def page(client: Client, address: str = "/creators/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def table(client: Client, address: str = "/creators/") -> str:
    return page(client, address).split('id="bound"')[1]


def order(client: Client, address: str) -> list[str]:
    """The creators of the page in their order."""
    parts = table(client, address).split('href="/creators/of/')[1:]
    return [part.split("/")[0] for part in parts]


def rows(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_each_creator_shows_what_the_month_counted(owner: Client, october: Assessment) -> None:
    shown = table(owner)
    assert "What each creator brought in October 2026" in shown
    star = shown.split('href="/creators/of/STAR/"')[1].split("</tr>")[0]
    assert '<data value="1234567.89" title="¥1,234,567.89">¥1.23M</data>' in star
    assert "<span>L6</span>" in star
    assert "4.81" in star
    assert "counts as an L5+ creator:" in star
    assert "counts as a showcase creator:" in star
    new = shown.split('href="/creators/of/NEW/"')[1].split("</tr>")[0]
    assert "\N{MINUS SIGN}¥5.00" in new
    assert "counts as" not in new


def test_who_left_says_so_and_does_not_count_as_l5(owner: Client, october: Assessment) -> None:
    gone = table(owner).split('href="/creators/of/GONE/"')[1].split("</tr>")[0]
    assert "left on Oct. 21, 2026" in gone
    assert "counts as an L5+ creator" not in gone
    assert "Request unbinding" not in gone


def test_every_column_says_that_it_may_be_ordered_by(owner: Client, october: Assessment) -> None:
    head = table(owner, "/creators/?sort=-orders").split("</thead>")[0].split("<thead")[1]
    assert head.count("bi-arrow-down-up") == len(NAMES)
    ordered = head.split('aria-sort="descending"')[1].split("</th>")[0]
    assert "Settled orders" in ordered
    assert 'bi-arrow-down"' in ordered


def test_who_came_after_the_month_has_no_figures(owner: Client, october: Assessment) -> None:
    late = table(owner).split('href="/creators/of/LATE/"')[1].split("</tr>")[0]
    assert late.count("<span>–</span>") == len(NAMES)
    assert "bound from Nov. 10, 2026" in late


def test_the_sums_are_the_input_totals_of_the_assessment(
    agency: Agency, october: Assessment
) -> None:
    (evaluation,) = published_evaluations(agency)
    found = listing(agency, evaluation, Wanted(), today=TODAY, page=None)
    assert asdict(found.totals) == october.totals
    assert found.count == 4
    assert {key: str(value) for key, value in found.values.items() if value is not None} == {
        key: entry["value"] for key, entry in october.indicators.items() if entry["value"]
    }


def test_the_sums_of_a_filter_are_those_of_whom_it_finds(
    agency: Agency, october: Assessment
) -> None:
    (evaluation,) = published_evaluations(agency)
    parts = [
        listing(agency, evaluation, Wanted(state=state), today=TODAY, page=None).totals
        for state in ("now", "left")
    ]
    for name in (field.name for field in fields(Totals)):
        assert sum(getattr(part, name) for part in parts) == october.totals[name], name


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"STAR", "NEW", "GONE", "LATE"}),
        ("state=now", {"STAR", "NEW", "LATE"}),
        ("state=left", {"GONE"}),
        ("level=5", {"STAR", "GONE"}),
        ("level=6", {"STAR"}),
        ("showcase=yes", {"STAR", "GONE"}),
        ("showcase=no", {"NEW", "LATE"}),
        ("q=ST", {"STAR"}),
        ("q=%E4%BA%BA", {"NEW", "GONE"}),
        ("q=%25", set()),
        ("q=_", set()),
        ("q=G&state=now", set()),
        ("month=2026-10&level=5&state=left&showcase=yes", {"GONE"}),
        ("state=sideways", set()),
        ("level=9", set()),
        ("sort=agency_id", set()),
        ("show=secret", set()),
    ],
)
def test_filters_are_in_the_address_and_in_the_file(
    owner: Client, october: Assessment, query: str, found: set[str]
) -> None:
    assert set(order(owner, f"/creators/?{query}")) == found
    response = owner.get(f"/creators/?{query}&export=csv")
    if "sideways" in query or "=9" in query or "agency_id" in query or "secret" in query:
        assert response.headers["content-type"].startswith("text/html")
        assert "Select a valid choice" in " ".join(response.content.decode().split())
    else:
        assert {row["creator_id"] for row in rows(response)} == found


@pytest.mark.parametrize("key", SORTS)
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_order_goes_both_ways_with_the_missing_last(
    owner: Client, agency: Agency, october: Assessment, key: str, sign: str
) -> None:
    (evaluation,) = published_evaluations(agency)
    wanted = Wanted(sort=key, descending=sign == "-")
    found = list(all_rows(agency, evaluation, wanted, today=TODAY))
    assert [row.creator_id for row in found] == order(owner, f"/creators/?sort={sign}{key}")
    figures = [value for row in found if (value := _figure(key, row)) is not None]
    assert [_figure(key, row) for row in found[len(figures) :]] == [None] * (4 - len(figures))
    for first, second in pairwise(figures):
        assert first >= second if sign else first <= second


def _figure(key: str, row: Any) -> Any:
    if key == "creator":
        return row.creator_id
    if row.brought is None:
        return None
    names = {
        "settled": "settled_cents",
        "orders": "settled_orders",
        "showcase": "showcase_cents",
        "good_goods": "good_goods_cents",
        "live": "live_minutes",
        "worry_free": "worry_free_orders",
        "days": "bound_days",
    }
    if key == "share":
        return row.brought.showcase_share
    return getattr(row.brought.sums, names.get(key, key))


def test_equal_figures_stand_by_creator_id(owner: Client, agency: Agency) -> None:
    people = [CreatorFactory.create(creator_id=code) for code in ("b", "A", "a", "B", "_")]
    contributed_month(agency, OCTOBER, {creator: {} for creator in people})
    for sort in ("settled", "-settled", "-level"):
        assert order(owner, f"/creators/?sort={sort}") == ["A", "B", "_", "a", "b"]


def test_a_chosen_head_turns_the_order_around(owner: Client, october: Assessment) -> None:
    shown = table(owner, "/creators/?q=S&sort=-orders")
    head = shown.split('aria-sort="descending"')[1].split("</th>")[0]
    assert 'href="/creators/?q=S&amp;sort=orders#bound"' in head
    assert 'href="/creators/?q=S&amp;sort=-settled#bound"' in shown
    assert 'href="/creators/?q=S&amp;sort=creator#bound"' in shown


def test_only_the_chosen_columns_are_shown(owner: Client, october: Assessment) -> None:
    shown = table(owner, "/creators/?show=days&show=settled")
    assert 'data-label="Settled amount"' in shown
    assert 'data-label="Bound days"' in shown
    assert shown.index('data-label="Settled amount"') < shown.index('data-label="Bound days"')
    assert 'data-label="Live minutes"' not in shown


def test_another_month_is_chosen_in_the_address(
    owner: Client, agency: Agency, people: dict[str, Creator], october: Assessment
) -> None:
    contributed_month(agency, SEPTEMBER, {people["GONE"]: {"settled_cents": 77_700}})
    shown = table(owner, "/creators/?month=2026-09")
    assert "September 2026" in shown
    assert "¥777.00" in shown
    assert "¥777.00" not in table(owner)
    for text in ("2026-08", "2026-13", "x", "2026-10-01"):
        assert owner.get("/creators/", {"month": text}).status_code == 404


def test_the_file_has_every_row_exactly_and_harms_no_spreadsheet(
    owner: Client, agency: Agency, october: Assessment
) -> None:
    Creator.objects.filter(creator_id="NEW").update(nickname="=1+1")
    response = owner.get("/creators/?export=csv&sort=-settled")
    assert response.headers["content-disposition"] == (
        'attachment; filename="creators-2026-10.csv"'
    )
    found = rows(response)
    assert list(found[0]) == list(FILE_COLUMNS)
    assert [row["creator_id"] for row in found] == ["STAR", "GONE", "NEW", "LATE"]
    assert found[0] == {
        "month": "2026-10",
        "creator_id": "STAR",
        "nickname": "明星",
        "followers": "",
        "bound_from": "2026-03-01",
        "bound_until": "",
        "bound_days": "30",
        "settled_amount": "1234567.89",
        "settled_orders": "1000",
        "showcase_amount": "1000.00",
        "showcase_share": "0.000810",
        "good_goods_amount": "2000.00",
        "good_goods_share": "0.001620",
        "live_minutes": "1800",
        "worry_free_orders": "100",
        "creator_level": "6",
        "reputation": "4.81",
        "counts_as_l5": "1",
        "counts_as_showcase_creator": "1",
    }
    assert (found[1]["bound_from"], found[1]["bound_until"]) == ("", "2026-10-21")
    assert found[2]["nickname"] == "'=1+1"
    assert found[2]["settled_amount"] == "-5.00"
    assert found[3]["settled_amount"] == ""
    cents = sum(round(float(row["settled_amount"] or 0) * 100) for row in found)
    assert cents == october.totals["settled_cents"]


def test_the_nearest_page_is_shown(owner: Client, agency: Agency) -> None:
    people = [CreatorFactory.create(creator_id=f"P{n:03d}") for n in range(51)]
    contributed_month(agency, OCTOBER, {creator: {} for creator in people})
    assert len(order(owner, "/creators/")) == 50
    for number in ("2", "3", "99999999999", "2000000"):
        expected = ["P050"] if number != "99999999999" else [f"P{n:03d}" for n in range(50)]
        assert order(owner, f"/creators/?page={number}") == expected
    for number in ("0", "-1", "x", ""):
        assert order(owner, f"/creators/?page={number}")[0] == "P000"


@pytest.mark.parametrize(
    ("code", "counted_on", "shown"),
    [
        ("STAR", date(2026, 11, 20), "7654321"),
        ("STAR", date(2025, 1, 1), "7654321"),
        ("GONE", date(2026, 10, 20), "7654321"),
        ("GONE", date(2026, 10, 21), ""),
        ("GONE", date(2026, 2, 28), ""),
    ],
)
def test_followers_are_those_of_the_time_here(
    owner: Client, october: Assessment, code: str, counted_on: date, shown: str
) -> None:
    Creator.objects.filter(creator_id=code).update(followers=7_654_321, followers_on=counted_on)
    file = owner.get("/creators/?export=csv").getvalue().decode("utf-8-sig")
    found = {row["creator_id"]: row["followers"] for row in csv.DictReader(file.splitlines())}
    assert found == {"STAR": "", "NEW": "", "GONE": "", "LATE": "", code: shown}
    assert ("7,654,321" in table(owner)) is bool(shown)


def test_followers_of_somebody_bound_from_tomorrow_on_are_not_told(
    agency: Agency, owner: Client
) -> None:
    soon = CreatorFactory.create(followers=7_654_321, followers_on=TODAY)
    BindingFactory.create(agency=agency, creator=soon, bound_from=date(2026, 11, 23))
    assert "7,654,321" not in table(owner)


def test_figures_of_the_same_creator_elsewhere_are_nowhere(
    owner: Client, agency: Agency, people: dict[str, Creator], october: Assessment
) -> None:
    """The creator who left sells for another agency on the days after: canary figures."""
    rival = AgencyFactory.create(name="CANARY", code="CANARY")
    BindingFactory.create(agency=rival, creator=people["GONE"], bound_from=date(2026, 10, 21))
    canary = {"settled_cents": 987_654_321, "settled_orders": 98_765, "level": 7, "reputation": 499}
    contributed_month(rival, OCTOBER, {people["GONE"]: canary})
    foreign = CreatorFactory.create(creator_id="CANARY", nickname="CANARY")
    BindingFactory.create(agency=rival, creator=foreign)
    contents = [
        owner.get(f"/creators/{query}").content.decode() for query in ("", "?state=left", "?q=GONE")
    ]
    contents.append(str(rows(owner.get("/creators/?export=csv"))))
    for content in contents:
        for secret in ("CANARY", "9,876,543", "9876543", "98,765", "98765", ">L7<", "4.99"):
            assert secret not in content, secret
    assert owner.get("/creators/?q=CANARY&export=csv").status_code == 200
    assert rows(owner.get("/creators/?q=CANARY&export=csv")) == []


def test_a_viewer_reads_and_finds_no_step(agency: Agency, october: Assessment) -> None:
    viewer = signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)
    shown = table(viewer)
    assert "¥1.23M" in shown
    assert "/unbind/" not in shown
    assert len(rows(viewer.get("/creators/?export=csv"))) == 4


def test_a_novices_month_lists_its_creators(owner: Client, agency: Agency) -> None:
    creator = CreatorFactory.create(creator_id="FIRST")
    contributed_month(agency, OCTOBER, {creator: {}}, stage="novice")
    assert order(owner, "/creators/") == ["FIRST"]
    assert "¥10.00K" in table(owner)


def test_an_agency_without_a_result_lists_whom_it_has(owner: Client, agency: Agency) -> None:
    BindingFactory.create(agency=agency, creator__creator_id="FIRST")
    assert order(owner, "/creators/") == ["FIRST"]
    assert 'name="month"' not in table(owner)
    (row,) = rows(owner.get("/creators/?export=csv"))
    assert (row["month"], row["creator_id"], row["settled_amount"]) == ("", "FIRST", "")


def test_a_creator_with_two_bindings_stands_once(
    owner: Client, agency: Agency, people: dict[str, Creator], october: Assessment
) -> None:
    BindingFactory.create(agency=agency, creator=people["GONE"], bound_from=date(2026, 12, 1))
    assert order(owner, "/creators/?q=GONE") == ["GONE"]
    assert "bound from Dec. 1, 2026" in table(owner, "/creators/?q=GONE")


def test_no_page_takes_more_than_ten_queries_however_many_rows(
    owner: Client, agency: Agency, django_assert_num_queries: Callable[..., Any]
) -> None:
    """With everything that a page can show: a deduction, requests, wishes, a filter, months."""
    ViolationFactory.create(agency=agency)

    def one_more(number: int) -> Creator:
        bound = BindingFactory.create(agency=agency, creator__creator_id=f"N{number}")
        UnbindingFactory.create(binding=bound)
        BindingRequestFactory.create(agency=agency)
        return bound.creator

    first = one_more(0)
    contributed_month(agency, SEPTEMBER, {first: {}})
    contributed_month(agency, OCTOBER, {first: {}, one_more(1): {}, one_more(2): {}})
    page(owner)
    for address, number in (("/creators/?month=2026-09&q=N&sort=creator", 9), ("/creators/", 9)):
        with django_assert_num_queries(number):
            page(owner, address)


def test_the_form_says_what_is_wanted() -> None:
    from django.http import QueryDict

    form = CreatorsForm(
        QueryDict("q=a&state=left&level=5&showcase=no&sort=live&show=live"), months=[OCTOBER]
    )
    assert form.wanted == Wanted("a", "left", 5, False, "live", False)
    assert (form.shown, form.active) == (["live"], True)
    empty = CreatorsForm(QueryDict(""), months=[])
    assert (empty.wanted, empty.shown, empty.active) == (Wanted(), list(NAMES), False)


def test_places_count_and_limit_as_a_binding_is_checked(agency: Agency) -> None:
    from agencies.actions.binding_checks import limits_of

    BindingFactory.create(agency=agency)
    ended = BindingFactory.create(agency=agency)
    UnbindingFactory.create(binding=ended, silent_on=TODAY)
    assert (places(agency, today=TODAY).used, places(agency, today=TODAY).cap) == (1, 50)
    fresh = AgencyFactory.create()
    assert places(fresh, today=TODAY).cap == limits_of(fresh, today=TODAY).cap == 20
    assert places(fresh, today=TODAY).used == 0
