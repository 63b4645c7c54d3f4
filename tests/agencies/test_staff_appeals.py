"""The staff's pages about appeals: the queue, its figures, one appeal with its verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from agencies.actions.appeals import file_appeal
from agencies.actions.case_files import NewFile
from agencies.actions.violations import group_incident
from agencies.enums import Role, ViolationState
from agencies.models import Agency, Appeal, Violation
from portal.models import StaffLook
from tests.agencies.desk import (
    PDF,
    closed_to_support,
    file_of,
    issued,
    queries,
    refused_to_outsiders,
    said,
    told,
)
from tests.factories import AgencyFactory, MembershipFactory
from tests.factories.cases import AT
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

LIST = "/staff/appeals/"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def client() -> Client:
    return signed_in(operator())


def filed(*violations: Violation, text: str = "决定不符合事实", days: int = 15) -> Appeal:
    """An appeal of the agency's owner that is due in so many days."""
    agency = violations[0].agency
    appeal = file_appeal(
        agency=agency,
        violation_ids=[each.pk for each in violations],
        text=text,
        files=[NewFile(name="reply.pdf", content=PDF)],
        at=timezone.now(),
        by=MembershipFactory.create(agency=agency, role=Role.OWNER).user,
    )
    appeal.due_on = timezone.localdate() + timedelta(days=days)
    appeal.save()
    return appeal


def page_of(appeal: Appeal) -> str:
    return f"{LIST}{appeal.pk}/"


def verdicts(*pairs: tuple[Violation, str], reason: str = "Checked again") -> dict[str, Any]:
    return {f"verdict_{each.pk}": verdict for each, verdict in pairs} | {"reason": reason}


def agency(name: str, **fields: Any) -> Agency:
    return AgencyFactory.create(name=name, **fields)


def test_the_queue_begins_with_what_is_due_and_counts_the_days(client: Client) -> None:
    filed(issued(agency("Later")), days=3)
    filed(issued(agency("Overdue")), days=-2)
    filed(issued(agency("Today")), days=0)
    decided = issued(agency("Decided"))
    done = filed(decided, days=-30)
    client.post(f"{page_of(done)}decide/", verdicts((decided, "uphold")))
    page = said(client.get(LIST))
    places = [page.index(f"{name} <span") for name in ("Overdue", "Today", "Later", "Decided")]
    assert places == sorted(places)
    for words in ("2 days overdue", "due today", "3 days left", "decided on"):
        assert words in page
    assert "1 appeal should have been answered before today." in page


def test_figures_say_how_appeals_ended_by_kind(client: Client) -> None:
    fallen, stood = issued(agency("A")), issued(agency("B"))
    issued(agency("C"), kind="other")
    for violation, verdict in ((fallen, "revoke"), (stood, "uphold")):
        appeal = filed(violation)
        client.post(f"{page_of(appeal)}decide/", verdicts((violation, verdict)))
    filed(issued(agency("D")))
    page = said(client.get(LIST))
    cells = '<td class="num">{}</td>'

    def line(*figures: int) -> str:
        return " ".join(cells.format(figure) for figure in figures)

    dispute = page[page.index('<th scope="row">Dispute') :]
    assert line(3, 3, 1, 1, 1, 0) in dispute.partition("</tr>")[0]
    other = page[page.index('<th scope="row">Other violations') :]
    assert line(1, 0, 0, 0, 0, 0) in other.partition("</tr>")[0]


def test_filters_in_the_address_narrow_the_queue(client: Client) -> None:
    first, second = issued(agency("First", code="AG-ONE")), issued(agency("Second"), kind="other")
    filed(first)
    client.post(f"{page_of(filed(second))}decide/", verdicts((second, "uphold")))

    def found(query: str) -> list[str]:
        page = said(client.get(f"{LIST}?{query}"))
        return [name for name in ("First", "Second") if f"{name} <span" in page]

    assert found("") == ["First", "Second"]
    assert found("agency=AG-ONE") == ["First"]
    assert found("agency=seco") == ["Second"]
    assert found("kind=other") == ["Second"]
    assert found("state=open") == ["First"]
    assert found("state=decided") == ["Second"]
    assert found("state=nonsense") == []
    assert found("mine=on") == ["First"]


def test_awaits_me_leaves_out_appeals_against_ones_own_decisions() -> None:
    issuer = operator()
    filed(issued(agency("Mine"), by=issuer))
    assert "Mine <span" not in said(signed_in(issuer).get(f"{LIST}?mine=on"))
    assert "Mine <span" in said(signed_in(operator()).get(f"{LIST}?mine=on"))


def test_the_queue_as_a_file_has_a_row_for_each_violation(client: Client) -> None:
    violation = issued(agency("=1+1", code="AG-X"))
    appeal = filed(violation)
    at = f"{timezone.localtime(appeal.filed_at):%Y-%m-%d %H:%M}"
    assert file_of(client.get(f"{LIST}?export=csv")) == [
        "appeal,agency_code,agency_name,filed_at,filed_by,answer_due_on,decided_at,case_number,"
        "kind,state,points_asked,reason_of_the_review",
        f"{appeal.pk},AG-X,'=1+1,{at},{appeal.filed_by},{appeal.due_on},,{violation.reference},"
        "dispute,appealed,20,",
    ]


def test_the_queue_costs_the_same_with_one_row_and_with_three(client: Client) -> None:
    filed(issued(agency("A")))
    client.get(LIST)
    one = queries(client, LIST)
    filed(issued(agency("B")))
    filed(issued(agency("C"), kind="other"))
    assert queries(client, LIST) == one


def incident() -> tuple[Violation, Violation]:
    owner = agency("Incident")
    pair = issued(owner, summary="First thing"), issued(owner, summary="Second thing")
    group_incident(
        violation_ids=[each.pk for each in pair],
        title="One event",
        at=timezone.now(),
        by=operator(),
    )
    for each in pair:
        each.refresh_from_db()
    return pair


def test_an_appeal_shows_its_text_files_and_the_cases_side_by_side(client: Client) -> None:
    first, second = incident()
    appeal = filed(first, second, text="一并申诉")
    page = said(client.get(page_of(appeal)))
    for words in ("一并申诉", "reply.pdf", "First thing", "Second thing", "15 days left"):
        assert words in page
    for each in (first, second):
        assert f"Verdict on {each.reference}" in page
    assert StaffLook.objects.filter(path=page_of(appeal), agency=first.agency).exists()


def test_an_appeal_costs_the_same_with_one_violation_and_with_two(client: Client) -> None:
    alone, both = filed(issued(agency("A"))), filed(*incident())
    client.get(page_of(alone))
    assert queries(client, page_of(alone)) == queries(client, page_of(both))


def test_each_violation_gets_its_verdict_under_one_reason(client: Client) -> None:
    first, second = incident()
    appeal = filed(first, second)
    sent = verdicts((first, "uphold"), (second, "revoke"), reason="One stands")
    response = client.post(f"{page_of(appeal)}decide/", sent)
    assert response.headers["location"] == page_of(appeal)
    assert told(response) == ["The appeal is decided and the agency is told."]
    for each, state in ((first, ViolationState.UPHELD), (second, ViolationState.REVOKED)):
        each.refresh_from_db()
        assert (each.state, each.review_reason) == (state, "One stands")
    page = said(client.get(page_of(appeal)))
    assert "Decide the appeal" not in page
    assert page.count("One stands") >= 2


def test_an_incomplete_verdict_is_shown_again_and_changes_nothing(client: Client) -> None:
    first, second = incident()
    appeal = filed(first, second)
    for sent, sentence in (
        (verdicts((first, "uphold")), "Choose a verdict for this violation."),
        (
            verdicts((first, "uphold"), (second, "uphold"), reason=" "),
            "Say why: the reason is kept with the step.",
        ),
        (verdicts((first, "uphold"), (second, "forgive")), "Select a valid choice."),
    ):
        response = client.post(f"{page_of(appeal)}decide/", sent)
        assert response.status_code == 200
        assert sentence in said(response)
    appeal.refresh_from_db()
    assert appeal.decided_at is None


def test_nobody_decides_about_an_own_decision() -> None:
    issuer = operator()
    violation = issued(agency("A"), by=issuer)
    appeal = filed(violation)
    client = signed_in(issuer)
    assert "another person has to review them" in said(client.get(page_of(appeal)))
    response = client.post(f"{page_of(appeal)}decide/", verdicts((violation, "uphold")))
    assert response.status_code == 200
    assert "You took part in this decision yourself" in said(response)
    violation.refresh_from_db()
    assert violation.state == ViolationState.APPEALED


def test_a_second_verdict_does_nothing(client: Client) -> None:
    violation = issued(agency("A"))
    appeal = filed(violation)
    path = f"{page_of(appeal)}decide/"
    client.post(path, verdicts((violation, "uphold")))
    response = client.post(path, verdicts((violation, "revoke")))
    assert response.status_code == 200
    assert "This appeal was already decided." in said(response)
    violation.refresh_from_db()
    assert violation.state == ViolationState.UPHELD


def test_support_reads_and_does_not_decide() -> None:
    appeal = filed(issued(agency("A")))
    support = signed_in(supporter())
    assert support.get(LIST).status_code == 200
    page = said(support.get(page_of(appeal)))
    assert "Only those who review appeals can decide it." in page
    assert "Decide the appeal" not in page
    closed_to_support(f"{page_of(appeal)}decide/")


def test_others_methods_and_missing_appeals(client: Client) -> None:
    appeal = filed(issued(agency("A")))
    decide = f"{page_of(appeal)}decide/"
    for path in (LIST, page_of(appeal), decide):
        refused_to_outsiders(path)
    assert client.post(LIST).status_code == 405
    assert client.post(page_of(appeal)).status_code == 405
    assert client.get(decide).status_code == 405
    assert client.get(f"{LIST}999999/").status_code == 404
    assert client.post(f"{LIST}999999/decide/").status_code == 404
