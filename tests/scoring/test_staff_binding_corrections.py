"""The staff's page that corrects a binding, and disputes that such a correction settles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.models import Binding, ConductEvent
from portal.models import StaffLook
from scoring.disputes import accept_dispute
from scoring.enums import DisputeState, EvaluationState
from scoring.models import Dispute, Evaluation
from tests.agencies.desk import closed_to_support, queries, refused_to_outsiders, said, told
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
)
from tests.factories.cases import AT
from tests.factories.disputes import DisputeFactory
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FROM, UNTIL = date(2026, 10, 8), date(2026, 10, 20)
RIGHT = {"bound_from": "2026-09-29", "last_day": "2026-10-19", "reason": "contract"}


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def client() -> Client:
    return signed_in(operator())


@pytest.fixture
def binding() -> Binding:
    return BindingFactory.create(
        agency=AgencyFactory.create(code="STAR", name="星河"),
        creator=CreatorFactory.create(creator_id="C-1", nickname="小雨"),
        bound_from=FROM,
        bound_until=UNTIL,
    )


def page_of(binding: Binding) -> str:
    return f"/staff/bindings/{binding.pk}/correct/"


def revision(month: date, **fields: Any) -> Evaluation:
    return EvaluationFactory.create(month=month, **fields)


def test_it_shows_what_is_recorded(client: Client, binding: Binding) -> None:
    BindingFactory.create(
        creator=binding.creator,
        agency=AgencyFactory.create(name="长风"),
        bound_from=UNTIL,
    )
    page = said(client.get(page_of(binding)))
    assert "小雨 (C-1) · 星河" in page
    assert "Oct. 8, 2026 to Oct. 19, 2026" in page
    assert "长风" in page
    assert "Oct. 20, 2026 on, without an end" in page
    assert 'value="2026-10-08"' in page
    assert 'value="2026-10-19"' in page
    assert page_of(binding) in said(client.get("/staff/bindings/?creator=C-1"))
    assert page_of(binding) in said(client.get(f"/staff/bindings/{binding.pk}/end/"))


def test_it_shows_the_months_then_corrects(client: Client, binding: Binding) -> None:
    published = revision(date(2026, 10, 1))
    stale = revision(
        date(2026, 9, 1), state=EvaluationState.COMPUTED, published_at=None, stale_since=AT
    )
    revision(date(2026, 8, 1))
    revision(date(2026, 11, 1), state=EvaluationState.SUPERSEDED)
    response = client.post(page_of(binding), RIGHT)
    page = said(response)
    assert response.context["shown"].revisions == (published, stale)
    assert "Sept. 29, 2026 to Oct. 7, 2026" in page
    assert page.count("out of date already") == 1
    assert "Correct the binding" in page
    assert 'name="seen" value="2026-10-08/2026-10-20"' in page
    assert not ConductEvent.objects.exists()
    done = client.post(page_of(binding), {**RIGHT, "seen": "2026-10-08/2026-10-20"})
    assert done.headers["location"] == "/staff/bindings/?creator=C-1"
    assert told(done) == [
        "The days of the binding are corrected; what they were is kept in the log."
    ]
    binding.refresh_from_db()
    assert (binding.bound_from, binding.bound_until) == (date(2026, 9, 29), UNTIL)
    marked = Evaluation.objects.filter(stale_since__isnull=False).order_by("month")
    assert [each.month.month for each in marked] == [9, 10]
    again = client.post(page_of(binding), {**RIGHT, "seen": "2026-10-08/2026-10-20"})
    assert "Somebody changed this binding meanwhile" in said(again)
    assert ConductEvent.objects.count() == 1


def test_the_months_shown_are_the_months_marked(client: Client, binding: Binding) -> None:
    for month in range(6, 11):
        revision(date(2026, month, 1))
    given = {**RIGHT, "bound_from": "2026-07-31", "last_day": "2026-07-31"}
    shown = client.post(page_of(binding), given).context["shown"].revisions
    client.post(page_of(binding), {**given, "seen": "2026-10-08/2026-10-20"})
    marked = Evaluation.objects.filter(stale_since__isnull=False).order_by("-month")
    assert [each.month.month for each in shown] == [10, 7]
    assert list(marked) == list(shown)


def test_a_binding_that_never_was_is_removed(client: Client, binding: Binding) -> None:
    given = {"never_was": "on", "reason": "typo"}
    page = said(client.post(page_of(binding), given))
    assert "It never was: it is removed" in page
    assert "None: no month of these days has been computed yet." in page
    sent = {"bound_from": "", "last_day": "", "never_was": "True", "reason": "typo"}
    done = client.post(page_of(binding), {**sent, "seen": "2026-10-08/2026-10-20"})
    assert told(done) == ["The binding was removed; what it was is kept in the log."]
    assert not Binding.objects.exists()
    assert client.get(page_of(binding)).status_code == 404


def test_an_open_binding_is_looked_at_and_stays_open(client: Client, binding: Binding) -> None:
    Binding.objects.filter(pk=binding.pk).update(bound_until=None)
    given = {"bound_from": "2026-10-09", "last_day": "", "reason": "x", "never_was": "False"}
    assert 'name="seen" value="2026-10-08/"' in said(client.post(page_of(binding), given))
    client.post(page_of(binding), {**given, "seen": "2026-10-08/"})
    binding.refresh_from_db()
    assert (binding.bound_from, binding.bound_until) == (FROM + DAY, None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": ""}, "Say why: the reason is kept with the step."),
        ({"bound_from": ""}, "Say since when the creator was bound."),
        ({"last_day": "2026-09-28"}, "The last day is before the first one"),
        ({"bound_from": "2026-10-08"}, "These days are recorded already"),
        ({"last_day": "9999-12-31"}, "is too far ahead; choose Nov. 20, 2028"),
        ({"seen": "2026-10-07/2026-10-20"}, "Somebody changed this binding meanwhile"),
        ({"seen": "nonsense"}, "Step 2 of 2"),
    ],
)
def test_refusals_are_sentences(
    client: Client, binding: Binding, given: dict[str, str], words: str
) -> None:
    response = client.post(page_of(binding), {**RIGHT, **given})
    assert response.status_code == 200
    assert words in said(response)
    assert Binding.objects.get().bound_from == FROM


def test_members_of_the_agency_may_not(binding: Binding) -> None:
    person = operator()
    MembershipFactory.create(agency=binding.agency, user=person)
    response = signed_in(person).post(page_of(binding), RIGHT)
    assert "somebody else must decide" in said(response)


def test_who_may_open_it(client: Client, binding: Binding) -> None:
    refused_to_outsiders(page_of(binding))
    closed_to_support(page_of(binding))
    support = signed_in(supporter())
    assert support.get(page_of(binding)).status_code == 403
    assert "/correct/" not in said(support.get("/staff/bindings/"))
    assert client.put(page_of(binding)).status_code == 405
    assert client.get("/staff/bindings/999999/correct/").status_code == 404


def test_every_look_is_kept(client: Client, binding: Binding) -> None:
    client.get(page_of(binding))
    look = StaffLook.objects.get()
    assert (look.agency, look.path) == (binding.agency, page_of(binding))


def test_it_asks_as_often_for_many(client: Client, binding: Binding) -> None:
    def bind(first: date) -> None:
        BindingFactory.create(creator=binding.creator, bound_from=first, bound_until=first + DAY)

    bind(UNTIL)
    one = queries(client, page_of(binding))
    bind(UNTIL + DAY)
    bind(UNTIL + 2 * DAY)
    assert queries(client, page_of(binding)) == one <= 14


def test_a_correction_settles_a_dispute_of_attribution(client: Client, binding: Binding) -> None:
    dispute = DisputeFactory.create(creator_code="C-1", filed_at=AT)
    accept_dispute(dispute_id=dispute.pk, answer="True", at=AT, by=operator())
    corrected = f"/staff/disputes/{dispute.pk}/corrected/"
    page = said(client.get(f"/staff/disputes/{dispute.pk}/"))
    for link in ("/staff/bindings/?creator=C-1", "/staff/imports/"):
        assert f'href="{link}"' in page
    assert page_of(binding) not in page
    for first, settled in ((FROM + DAY, False), (date(2026, 10, 7), True)):
        recorded = Binding.objects.get()
        until = recorded.bound_until
        seen = f"{recorded.bound_from.isoformat()}/{until and until.isoformat()}"
        form = {**RIGHT, "bound_from": first.isoformat(), "seen": seen}
        assert client.post(page_of(binding), form).status_code == 302
        response = client.post(corrected, {"imported": ""})
        assert (response.status_code == 302) == settled
    assert page_of(binding) not in said(client.get(f"/staff/disputes/{dispute.pk}/"))
    assert Dispute.objects.get().state == DisputeState.CORRECTED


def test_the_dispute_leads_to_each_binding_once(client: Client, binding: Binding) -> None:
    dispute = DisputeFactory.create(creator_code="C-1", first_day=FROM, last_day=UNTIL, filed_at=AT)
    page = f"/staff/disputes/{dispute.pk}/"
    assert page_of(binding) not in said(client.get(page))
    accept_dispute(dispute_id=dispute.pk, answer="True", at=AT, by=operator())
    assert said(client.get(page)).count(page_of(binding)) == 1
