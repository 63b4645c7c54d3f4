"""Disputes at the staff's desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.enums import FileKind
from portal.models import StaffLook
from scoring.disputes import accept_dispute, reject_dispute
from scoring.enums import DisputeKind, DisputeState, EvaluationState
from scoring.models import Dispute
from tests.agencies.desk import (
    closed_to_support,
    file_of,
    queries,
    refused_to_outsiders,
    said,
    told,
)
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
)
from tests.factories.contributions import contribute
from tests.factories.disputes import FIRST, MONTH, PDF, SECOND, DisputeFactory, delivered, parts_of
from tests.factories.staff import operator, signed_in, supporter
from tests.scoring.test_disputes_pages import with_file

pytestmark = pytest.mark.django_db

LIST = "/staff/disputes/"
DAYS = [date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)]


@pytest.fixture(autouse=True)
def _second() -> Iterator[None]:
    with time_machine.travel(SECOND, tick=False):
        yield


@pytest.fixture
def client() -> Client:
    return signed_in(operator())


def page_of(dispute: Dispute, rest: str = "") -> str:
    return f"{LIST}{dispute.pk}/{rest}"


def accepted(**fields: Any) -> Dispute:
    dispute = DisputeFactory.create(**fields)
    return accept_dispute(dispute_id=dispute.pk, answer="属实", at=SECOND, by=operator())


def test_what_waits_comes_first_and_says_what_it_holds(client: Client) -> None:
    done = DisputeFactory.create(creator_code="C-DONE")
    reject_dispute(dispute_id=done.pk, answer="否", at=SECOND, by=operator())
    accepted(creator_code="C-TRUE")
    DisputeFactory.create(creator_code="C-FIRST")
    DisputeFactory.create(creator_code="C-SECOND")
    page = said(client.get(LIST))
    order = ("C-FIRST", "C-SECOND", "C-TRUE", "C-DONE")
    places = [page.index(code) for code in order]
    assert places == sorted(places)
    assert "October 2026: unanswered 2, awaiting correction 1" in page
    assert "Its result is not published before" in page
    EvaluationFactory.create(month=MONTH)
    assert "The month is published: correcting the data makes another" in said(client.get(LIST))


def test_filters_in_the_address_narrow_the_list(client: Client) -> None:
    DisputeFactory.create(
        agency=AgencyFactory.create(code="AG-ONE", name="First"), creator_code="C-1"
    )
    accepted(
        agency=AgencyFactory.create(name="Second"),
        creator_code="C-2",
        kind=DisputeKind.DATA,
        month=date(2026, 9, 1),
    )

    def found(query: str) -> list[str]:
        page = said(client.get(f"{LIST}?{query}"))
        return [name for name in ("First", "Second") if f"{name} <span" in page]

    assert found("") == ["First", "Second"]
    assert found("agency=AG-ONE") == found("agency=fir") == ["First"]
    assert found("creator=C-2") == ["Second"]
    assert found("month=2026-10") == ["First"]
    assert found("kind=data") == ["Second"]
    assert found("state=open") == ["First"]
    assert found("month=nonsense") == found("state=nonsense") == []


def test_the_list_is_a_file_too(client: Client) -> None:
    dispute = DisputeFactory.create(agency=AgencyFactory.create(code="AG-ONE", name="First"))
    head, row = file_of(client.get(f"{LIST}?export=csv&state=open"))
    assert head.startswith("dispute,agency_code,agency_name,month,kind,creator_id,first_day")
    assert row.startswith(
        f"{dispute.pk},AG-ONE,First,2026-10-01,attribution,C-UNKNOWN,2026-10-05,2026-10-07,open,"
    )


def test_the_page_says_whose_the_creator_was_and_what_is_there(client: Client) -> None:
    creator = CreatorFactory.create(creator_id="C-1", nickname="Star")
    theirs, own = AgencyFactory.create(name="Theirs"), AgencyFactory.create(name="Own")
    BindingFactory.create(agency=theirs, creator=creator, bound_until=DAYS[1])
    BindingFactory.create(agency=own, creator=creator, bound_from=DAYS[2])
    with time_machine.travel(FIRST - timedelta(days=1), tick=False):
        parts_of(DAYS[:2], delivered(name="october.csv"))
    parts_of(DAYS[1:2], delivered(name="again.csv"))
    dispute = DisputeFactory.create(agency=own, creator_code="C-1")
    page = said(client.get(page_of(dispute)))
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("</tr>")
    assert "Oct. 5, 2026" in rows[0]
    assert "Theirs" in rows[0]
    assert "october.csv" in rows[0]
    assert "after the dispute" not in rows[0]
    assert "nobody" in rows[1]
    assert "again.csv" in rows[1]
    assert "after the dispute" in rows[1]
    assert "this agency" in rows[2]
    assert "missing" in rows[2]
    assert "The month is not computed yet" in page


def test_an_unknown_creator_is_told_as_such(client: Client) -> None:
    assert "not known to the platform" in said(client.get(page_of(DisputeFactory.create())))


def test_what_was_counted_is_shown_once_the_month_is_computed(client: Client) -> None:
    evaluation = EvaluationFactory.create(
        month=MONTH, state=EvaluationState.COMPUTED, published_at=None
    )
    agency, creator = AgencyFactory.create(), CreatorFactory.create()
    contribute(evaluation, agency, {creator: {"bound_days": 23}})
    dispute = DisputeFactory.create(creator_code=creator.creator_id)
    page = said(client.get(page_of(dispute)))
    assert "Revision 1 (Computed)" in page
    counted = page.partition('id="counted-title"')[2]
    assert f'<th scope="row">{agency}</th> <td class="num">23</td>' in counted
    other = DisputeFactory.create(creator_code=CreatorFactory.create().creator_id)
    assert "on no day of the month did the creator count" in said(client.get(page_of(other)))


def test_it_is_accepted_then_corrected_by_an_import(client: Client) -> None:
    dispute = DisputeFactory.create(kind=DisputeKind.DATA)
    response = client.post(
        page_of(dispute, "decide/"), {"verdict": "accept", "answer": "True"}, follow=True
    )
    page = said(response)
    assert "The dispute is answered and the agency is told." in page
    assert "Mark as corrected" in page
    assert "Reject it after all" in page
    too_early = client.post(page_of(dispute, "corrected/"), {"imported": ""})
    assert "No facts of these days were imported since the dispute was filed" in said(too_early)
    imported = delivered(name="corrected.csv")
    parts_of(DAYS, imported)
    assert "corrected.csv of Nov. 2, 2026" in said(client.get(page_of(dispute)))
    marked = client.post(page_of(dispute, "corrected/"), {"imported": imported.pk}, follow=True)
    assert "Corrected by corrected.csv, marked on Nov. 2, 2026" in said(marked)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.corrected_by) == (DisputeState.CORRECTED, imported)


def test_attribution_is_corrected_by_bindings(client: Client) -> None:
    dispute = accepted(creator_code="C-1")
    BindingFactory.create(
        creator=CreatorFactory.create(creator_id="C-1"), bound_from=date(2026, 10, 6)
    )
    client.post(page_of(dispute, "corrected/"), {"imported": ""})
    assert "Corrected in the bindings" in said(client.get(page_of(dispute)))
    other = accepted(creator_code="C-2")
    BindingFactory.create(
        creator=CreatorFactory.create(creator_id="C-2"), bound_from=date(2026, 10, 6)
    )
    imported = delivered(FileKind.BINDINGS, name="right.csv")
    client.post(page_of(other, "corrected/"), {"imported": imported.pk})
    assert "Corrected by right.csv" in said(client.get(page_of(other)))


def test_it_is_rejected_with_words(client: Client) -> None:
    dispute = DisputeFactory.create()
    for entries, words in (
        ({"verdict": "reject"}, "Answer in words"),
        ({"answer": "No"}, "Accept or reject the dispute."),
    ):
        response = client.post(page_of(dispute, "decide/"), entries)
        assert response.status_code == 200
        assert words in said(response)
    response = client.post(page_of(dispute, "decide/"), {"verdict": "reject", "answer": "No"})
    assert told(response) == ["The dispute is answered and the agency is told."]
    again = client.post(page_of(dispute, "decide/"), {"verdict": "reject", "answer": "No"})
    assert "nothing was done" not in said(client.get(page_of(dispute)))
    assert again.status_code == 200
    assert Dispute.objects.get().answer == "No"


def test_a_published_month_is_answered_all_the_same(client: Client) -> None:
    dispute = DisputeFactory.create()
    EvaluationFactory.create(month=MONTH)
    assert "The month is published meanwhile" in said(client.get(page_of(dispute)))
    client.post(page_of(dispute, "decide/"), {"verdict": "accept", "answer": "True"})
    dispute.refresh_from_db()
    assert dispute.state == DisputeState.ACCEPTED


def test_members_of_the_agency_do_not_decide() -> None:
    dispute, person = DisputeFactory.create(), operator()
    MembershipFactory.create(agency=dispute.agency, user=person)
    client = signed_in(person)
    assert "somebody else must decide" in said(client.get(page_of(dispute)))
    response = client.post(page_of(dispute, "decide/"), {"verdict": "accept", "answer": "True"})
    assert response.status_code == 200
    dispute.refresh_from_db()
    assert dispute.state == DisputeState.OPEN


def test_every_look_is_kept(client: Client) -> None:
    dispute = DisputeFactory.create()
    file = with_file(dispute)
    for path in (LIST, page_of(dispute), f"{LIST}files/{file.pk}/"):
        assert client.get(path).status_code == 200
    looks = StaffLook.objects.order_by("pk").values_list("path", "agency_id")
    assert list(looks) == [
        (LIST, None),
        (page_of(dispute), dispute.agency_id),
        (f"{LIST}files/{file.pk}/", dispute.agency_id),
    ]
    assert client.get(f"{LIST}files/{file.pk}/").content == PDF


def test_who_gets_in(client: Client) -> None:
    dispute = DisputeFactory.create()
    file = with_file(dispute)
    for path in (LIST, page_of(dispute), f"{LIST}files/{file.pk}/"):
        refused_to_outsiders(path)
        assert signed_in(supporter()).get(path).status_code == 200
        assert client.post(path).status_code == 405
    for step in ("decide/", "corrected/"):
        refused_to_outsiders(page_of(dispute, step))
        closed_to_support(page_of(dispute, step))
        assert client.get(page_of(dispute, step)).status_code == 405
        assert client.post(f"{LIST}999999/{step}").status_code == 404
    assert client.get(f"{LIST}999999/").status_code == 404
    page = said(signed_in(supporter()).get(page_of(dispute)))
    assert "Only those who answer disputes can decide it." in page


def test_queries_stay_the_same_for_more_rows(client: Client) -> None:
    dispute = accepted(creator_code="C-1", kind=DisputeKind.DATA)
    with_file(dispute)
    creator = CreatorFactory.create(creator_id="C-1")
    BindingFactory.create(creator=creator, bound_until=DAYS[1])
    EvaluationFactory.create(month=MONTH, state=EvaluationState.COMPUTED, published_at=None)
    parts_of(DAYS[:1], delivered())
    first = [queries(client, path) for path in (LIST, page_of(dispute))]
    BindingFactory.create(creator=creator, bound_from=DAYS[1])
    parts_of(DAYS, delivered())
    accepted()
    DisputeFactory.create()
    assert [queries(client, path) for path in (LIST, page_of(dispute))] == first
    assert first == [10, 14]
