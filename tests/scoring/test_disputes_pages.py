"""Disputes as an agency files, reads and withdraws them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agencies.enums import Role
from agencies.models import Agency
from portal.models import User
from scoring.disputes import accept_dispute, reject_dispute
from scoring.enums import DisputeState
from scoring.models import Dispute, DisputeFile
from tests.agencies.desk import queries, said, told
from tests.factories import AgencyFactory, EvaluationFactory, MembershipFactory
from tests.factories.disputes import AFTER_DUE, FIRST, MONTH, PDF, SECOND, DisputeFactory
from tests.factories.staff import operator, signed_in

pytestmark = pytest.mark.django_db

LIST, NEW = "/disputes/", "/disputes/new/"


@pytest.fixture(autouse=True)
def _second() -> Iterator[None]:
    with time_machine.travel(SECOND, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create()


@pytest.fixture
def owner(agency: Agency) -> User:
    return MembershipFactory.create(agency=agency).user


@pytest.fixture
def client(owner: User) -> Client:
    return signed_in(owner)


@pytest.fixture
def viewer(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)


@pytest.fixture
def foreign() -> Dispute:
    """Another agency's dispute, with a file."""
    dispute = DisputeFactory.create(text="CANARY", creator_code="CANARY")
    with_file(dispute)
    return dispute


def with_file(dispute: Dispute) -> DisputeFile:
    return DisputeFile.objects.create(
        dispute=dispute,
        name="proof.pdf",
        content_type="application/pdf",
        size=len(PDF),
        sha256="0" * 64,
        content=PDF,
    )


def page_of(dispute: Dispute, rest: str = "") -> str:
    return f"{LIST}{dispute.pk}/{rest}"


def form(**changes: Any) -> dict[str, Any]:
    entries = {
        "request_key": uuid4(),
        "month": "2026-10",
        "kind": "attribution",
        "creator_code": "C-1",
        "first_day": "2026-10-05",
        "last_day": "2026-10-07",
        "text": "Ours on these days",
    }
    return {**entries, **changes}


def test_the_form_begins_with_what_the_address_says(client: Client) -> None:
    page = said(client.get(f"{NEW}?month=2026-10&creator=C-77"))
    assert 'value="C-77"' in page
    assert 'value="2026-10-01"' in page
    assert 'value="2026-10-31"' in page
    assert "until it is published, on Nov. 3, 2026 at 03:00 or later" in page
    assert 'value="2026-10" selected' in said(client.get(f"{NEW}?month=nonsense&creator=%00"))


def test_filing_leads_to_the_dispute(client: Client, agency: Agency) -> None:
    file = SimpleUploadedFile("proof.pdf", PDF)
    response = client.post(NEW, form(attachments=[file]), follow=True)
    page = said(response)
    assert "Your dispute has been filed." in page
    assert "Creator C-1 in October 2026" in page
    assert "Oct. 5, 2026 to Oct. 7, 2026" in page
    assert "It waits for an answer" in page
    dispute = agency.disputes.get()
    assert f'href="/disputes/files/{dispute.files.get().pk}/">proof.pdf</a>' in page
    assert dispute.filed_at == SECOND


def test_a_form_sent_twice_leads_to_the_same_dispute(client: Client, agency: Agency) -> None:
    entries = form()
    first, again = (client.post(NEW, entries) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert agency.disputes.count() == 1


def test_a_refusal_stands_beside_its_field(client: Client) -> None:
    response = client.post(NEW, form(kind="data"))
    assert response.status_code == 200
    page = said(response)
    assert "No creator with this ID was bound to you on these days." in page
    assert 'value="C-1"' in page
    for changes, words in (
        ({"text": ""}, "This field is required."),
        ({"month": "2026-11"}, "Select a valid choice."),
        ({"last_day": "2026-11-01"}, "Choose days of October 2026"),
        ({"attachments": [SimpleUploadedFile("a.exe", b"MZ")]}, "is no PDF, PNG or JPEG file"),
    ):
        assert words in said(client.post(NEW, form(**changes)))
    assert not Dispute.objects.exists()


def test_without_an_open_month_there_is_no_form(client: Client) -> None:
    for month in (date(2026, 8, 1), date(2026, 9, 1), MONTH):
        EvaluationFactory.create(month=month)
    for response in (client.get(NEW), client.post(NEW, form())):
        assert response.status_code == 200
        assert "No month can be disputed now" in said(response)
    assert "Nothing: no month is provisional." in said(client.get(LIST))


def test_a_held_month_stays_open(agency: Agency) -> None:
    with time_machine.travel(AFTER_DUE, tick=False):
        client = signed_in(MembershipFactory.create(agency=agency).user)
        assert "it was due on Nov. 3, 2026 and is held back" in said(client.get(LIST))
        assert client.post(NEW, form()).status_code == 302


def test_the_list_has_states_and_answers(client: Client, agency: Agency) -> None:
    assert "No disputes yet" in said(client.get(LIST))
    waiting = DisputeFactory.create(agency=agency, creator_code="C-1")
    answered = DisputeFactory.create(agency=agency, creator_code="C-2")
    reject_dispute(dispute_id=answered.pk, answer="Not so", at=SECOND, by=operator())
    page = said(client.get(LIST))
    assert page.index(f'href="{page_of(answered)}"') < page.index(f'href="{page_of(waiting)}"')
    for words in ("Waiting for an answer", "Rejected", "Not so", "attribution"):
        assert words in page


def test_each_state_says_what_follows(client: Client, agency: Agency) -> None:
    dispute = DisputeFactory.create(agency=agency)
    accept_dispute(dispute_id=dispute.pk, answer="True", at=SECOND, by=operator())
    assert "the month is not published before that" in said(client.get(page_of(dispute)))
    EvaluationFactory.create(month=MONTH)
    assert "makes another revision of its result" in said(client.get(page_of(dispute)))
    Dispute.objects.update(state=DisputeState.CORRECTED, corrected_at=SECOND)
    assert "The data were corrected on Nov. 2, 2026" in said(client.get(page_of(dispute)))


def test_it_is_withdrawn_once(client: Client, agency: Agency) -> None:
    dispute = DisputeFactory.create(agency=agency)
    assert "Withdraw the dispute" in said(client.get(page_of(dispute)))
    response = client.post(page_of(dispute, "withdraw/"))
    assert told(response) == ["The dispute has been withdrawn; it stays readable here."]
    again = client.post(page_of(dispute, "withdraw/"))
    assert "there is nothing to withdraw" in told(again)[-1]
    page = said(client.get(page_of(dispute)))
    assert "You withdrew it before it was answered." in page
    assert "Withdraw the dispute" not in page


def test_a_file_is_a_private_download(client: Client, agency: Agency) -> None:
    file = with_file(DisputeFactory.create(agency=agency))
    response = client.get(f"/disputes/files/{file.pk}/")
    assert response.content == PDF
    assert response.headers["content-disposition"] == 'attachment; filename="proof.pdf"'
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-security-policy"] == "sandbox"


def test_another_agencys_disputes_do_not_exist(client: Client, foreign: Dispute) -> None:
    assert "CANARY" not in said(client.get(LIST))
    assert client.get(page_of(foreign)).status_code == 404
    assert client.post(page_of(foreign, "withdraw/")).status_code == 404
    assert client.get(f"/disputes/files/{foreign.files.get().pk}/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == DisputeState.OPEN


def test_a_viewer_reads_and_does_not_act(viewer: Client, agency: Agency) -> None:
    dispute = DisputeFactory.create(agency=agency)
    page = said(viewer.get(LIST))
    assert "Only an owner of the agency can dispute data" in page
    assert NEW not in page
    assert "Withdraw the dispute" not in said(viewer.get(page_of(dispute)))
    assert viewer.get(NEW).status_code == 403
    assert viewer.post(NEW, form()).status_code == 403
    assert viewer.post(page_of(dispute, "withdraw/")).status_code == 403


def test_methods_and_strangers(client: Client, agency: Agency) -> None:
    dispute = DisputeFactory.create(agency=agency)
    file = with_file(dispute)
    for path in (LIST, page_of(dispute), f"/disputes/files/{file.pk}/"):
        assert client.post(path).status_code == 405
    assert client.get(page_of(dispute, "withdraw/")).status_code == 405
    assert client.delete(NEW).status_code == 405
    for path in (LIST, NEW, page_of(dispute)):
        assert Client().get(path).status_code == 302


def test_queries_stay_the_same_for_more_rows(client: Client, agency: Agency) -> None:
    dispute = DisputeFactory.create(agency=agency)
    with_file(dispute)
    first = [queries(client, path) for path in (LIST, NEW, page_of(dispute))]
    DisputeFactory.create_batch(2, agency=agency)
    DisputeFile.objects.create(
        dispute=dispute,
        name="b.pdf",
        content_type="application/pdf",
        size=1,
        sha256="1" * 64,
        content=b"",
    )
    assert [queries(client, path) for path in (LIST, NEW, page_of(dispute))] == first
    assert first == [6, 4, 6]


def test_the_first_moment_of_the_draft_days_opens_the_form(agency: Agency) -> None:
    with time_machine.travel(FIRST, tick=False):
        client = signed_in(MembershipFactory.create(agency=agency).user)
        client.post(NEW, form())
    assert agency.disputes.get().filed_at == FIRST
