"""The staff's pages about credit: the ledger across agencies, awards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from agencies.actions.violations import revoke
from agencies.enums import EntryKind
from agencies.models import ConductEvent, CreditEntry
from portal.models import StaffLook
from tests.agencies.desk import (
    closed_to_support,
    file_of,
    issued,
    queries,
    refused_to_outsiders,
    said,
    told,
)
from tests.factories import AgencyFactory
from tests.factories.cases import AT
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

LEDGER = "/staff/credit/"
AWARD = "/staff/credit/award/"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def client() -> Client:
    return signed_in(operator())


def test_the_ledger_shows_all_agencies_the_last_written_first(client: Client) -> None:
    first, second = AgencyFactory.create(name="First"), AgencyFactory.create(name="Second")
    issued(first)
    page = said(client.get(LEDGER))
    assert page.count("First <span") == 2
    assert page.index("−20") < page.index("Second <span") < page.rindex("First <span")
    assert "Balance" not in page
    assert second.code in page


def test_one_agencys_ledger_has_its_balance_after_each_line(client: Client) -> None:
    agency = AgencyFactory.create(code="AG-ONE")
    issued(AgencyFactory.create(code="AG-TWO"))
    violation = issued(agency, points=200)
    page = said(client.get(f"{LEDGER}?agency=AG-ONE"))
    assert "AG-TWO" not in page
    assert "−120 of −200 asked" in page
    assert f'<a href="/staff/violations/{violation.pk}/">' in page
    balances = [part.partition("</td>")[0].strip() for part in page.split('<td class="num">')]
    assert balances[1:] == ["2", "−120 of −200 asked", "0", "1", "+120", "120"]
    assert StaffLook.objects.latest("pk").agency == agency


def test_the_balance_stays_whole_where_kinds_are_filtered(client: Client) -> None:
    agency = AgencyFactory.create(code="AG-ONE")
    issued(agency)
    lines = file_of(client.get(f"{LEDGER}?agency=AG-ONE&kind=deduction&export=csv"))
    assert [line.split(",")[7] for line in lines[1:]] == ["100"]


def test_filters_in_the_address_narrow_the_ledger(client: Client) -> None:
    agency = AgencyFactory.create(code="AG-ONE")
    issued(agency)
    today = timezone.localdate()

    def found(query: str) -> list[str]:
        lines = file_of(client.get(f"{LEDGER}?export=csv&{query}"))
        return [line.split(",")[4] for line in lines[1:]]

    assert found("") == ["deduction", "opening"]
    assert found("kind=opening") == ["opening"]
    assert found(f"effective_from={today}") == ["deduction"]
    assert found("effective_to=2026-01-01") == ["opening"]
    assert found("agency=ag-one") == []
    page = said(client.get(f"{LEDGER}?kind=nonsense&export=csv"))
    assert "Nothing fits these filters" in page


def test_the_ledger_as_a_file_is_exact_and_harmless(client: Client) -> None:
    admin = operator(name="@admin")
    agency = AgencyFactory.create(code="AG-X", name="=1+1")
    violation = issued(agency, by=admin)
    revoke(violation_id=violation.pk, reason="+wrong", at=timezone.now(), by=operator(name="B"))
    today = timezone.localdate()
    entries = list(CreditEntry.objects.order_by("number"))
    at = [f"{timezone.localtime(each.created_at):%Y-%m-%d %H:%M}" for each in entries]
    case = violation.reference
    assert file_of(client.get(f"{LEDGER}?agency=AG-X&export=csv")) == [
        "agency_code,agency_name,line,effective_on,kind,points_asked,points,balance,case_number,"
        "reason,written_at,by",
        f"AG-X,'=1+1,3,{today},reversal,,20,120,{case},'+wrong,{at[2]},B",
        f"AG-X,'=1+1,2,{today},deduction,-20,-20,100,{case},,{at[1]},'@admin",
        f"AG-X,'=1+1,1,2024-01-01,opening,,120,120,,,{at[0]},",
    ]


def test_the_ledger_costs_the_same_with_one_row_and_with_three(client: Client) -> None:
    agency = AgencyFactory.create(code="AG-ONE")
    client.get(LEDGER)
    paths = (LEDGER, f"{LEDGER}?agency=AG-ONE")
    one = [queries(client, path) for path in paths]
    issued(agency)
    issued(agency)
    assert [queries(client, path) for path in paths] == one


def test_long_ledgers_are_paged_without_counting(client: Client) -> None:
    AgencyFactory.create_batch(60)
    page = said(client.get(f"{LEDGER}?kind=opening"))
    assert page.count('<td class="num">+120</td>') == 50
    assert 'href="?kind=opening&page=2"' in page
    page = said(client.get(f"{LEDGER}?kind=opening&page=2"))
    assert page.count('<td class="num">+120</td>') == 10
    assert 'href="?kind=opening&page=1"' in page
    for nowhere in ("99", "0", "-1", "x", "9" * 40):
        page = said(client.get(f"{LEDGER}?page={nowhere}"))
        assert page.count('<td class="num">+120</td>') == 50


def test_an_award_shows_what_fits_and_is_written_once(client: Client) -> None:
    agency = AgencyFactory.create(code="AG-ONE")
    page = said(client.get(f"{AWARD}?agency=AG-ONE"))
    assert '<dt>Cap</dt> <dd class="big"> 150 </dd>' in page
    assert '<dt>At most</dt> <dd class="big"> 30 </dd>' in page
    sent = {"points": "20", "reason": "First place"}
    response = client.post(f"{AWARD}?agency=AG-ONE", sent)
    assert response.headers["location"] == "/staff/credit/?agency=AG-ONE"
    assert told(response) == ["The credit is awarded and the agency is told."]
    entry = CreditEntry.objects.get(kind=EntryKind.AWARD)
    assert (entry.agency, entry.points, entry.reason) == (agency, 20, "First place")
    event = ConductEvent.objects.get(subject="credit")
    assert (event.subject_id, event.verb, event.reason) == (entry.pk, "award", "First place")
    assert event.about == {"points": 20, "asked": 20, "balance": 140}

    response = client.post(f"{AWARD}?agency=AG-ONE", sent)
    assert response.status_code == 200
    assert "This award was already given" in said(response)
    assert CreditEntry.objects.filter(kind=EntryKind.AWARD).count() == 1


def test_an_award_gives_at_most_what_fits_below_the_cap(client: Client) -> None:
    AgencyFactory.create(code="AG-ONE")
    client.post(f"{AWARD}?agency=AG-ONE", {"points": "100", "reason": "Much"})
    assert CreditEntry.objects.get(kind=EntryKind.AWARD).points == 30
    response = client.post(f"{AWARD}?agency=AG-ONE", {"points": "1", "reason": "More"})
    assert response.status_code == 200
    assert "already at the cap of 150" in said(response)


def test_an_award_needs_points_a_reason_and_an_agency(client: Client) -> None:
    AgencyFactory.create(code="AG-ONE")
    page = said(client.post(f"{AWARD}?agency=AG-ONE", {"points": "0", "reason": ""}))
    assert "Ensure this value is greater than or equal to 1." in page
    assert "Say why" in page
    assert CreditEntry.objects.count() == 1
    assert "Step 1 of 2" in said(client.get(AWARD))
    assert "No agency has this code." in said(client.get(f"{AWARD}?agency=NOBODY"))


def test_who_may_read_the_ledger_and_who_may_award(client: Client) -> None:
    for path in (LEDGER, AWARD):
        refused_to_outsiders(path)
    support = signed_in(supporter())
    assert support.get(LEDGER).status_code == 200
    assert "Award credit" not in said(support.get(LEDGER))
    assert support.get(AWARD).status_code == 403
    closed_to_support(AWARD)
    assert client.post(LEDGER).status_code == 405
    assert client.put(AWARD).status_code == 405
