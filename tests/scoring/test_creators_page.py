"""The agency's creators: bound, asked and parting ones, and the sentence of every refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.actions import unbinding
from agencies.enums import BindingRequestState, Measure, PenaltyState, Role, Side, UnbindingState
from agencies.models import Agency, Binding, BindingRequest, CreatorLink, Penalty, Unbinding
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.requests import BindingRequestFactory, UnbindingFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(
        code="OWN",
        name="Own Agency",
        joined_on=date(2024, 1, 1),
        stage="assessed",
        level="V1",
        binding_cap=50,
        followers_below=5_000_000,
    )


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


@pytest.fixture
def viewer(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def text(client: Client, path: str = "/creators/") -> str:
    return words(client.get(path))


def creator(code: str, **fields: Any) -> Any:
    return CreatorFactory.create(creator_id=code, contact=f"{code}@example.com", **fields)


def bound(agency: Agency, code: str, **fields: Any) -> Binding:
    return BindingFactory.create(agency=agency, creator=creator(code), **fields)


def wish(binding: Binding, **fields: Any) -> Unbinding:
    return UnbindingFactory.create(binding=binding, **fields)


def test_bound_creators_are_listed_with_their_days(agency: Agency, member: Client) -> None:
    famous = creator("C1", nickname="小明", followers=1_234_567, followers_on=TODAY)
    BindingFactory.create(agency=agency, creator=famous, bound_from=date(2026, 3, 1))
    bound(agency, "OVER", bound_until=TODAY)
    page = text(member)
    assert "小明" in page
    assert '<data value="1234567" title="1,234,567">1.23M</data>' in page
    assert "March 1, 2026" in page
    assert "OVER" not in page
    assert '<span class="big">1</span>' in page
    assert "of 50 places taken" in page
    assert "49 places are free." in page


def test_an_agency_without_creators_reads_what_to_do(member: Client) -> None:
    assert "No creator is bound to this agency." in text(member)


def test_unlimited_and_full_are_said(agency: Agency, member: Client) -> None:
    bound(agency, "C1")
    Agency.objects.filter(pk=agency.pk).update(binding_cap=1)
    page = text(member)
    assert "No place is free" in page
    assert "No creator can be asked while no place is free." in page
    assert "Send the request" not in page
    Agency.objects.filter(pk=agency.pk).update(binding_cap=None)
    assert "there may be any number" in text(member)


def test_before_its_first_month_the_rulebooks_cap_counts(agency: Agency, member: Client) -> None:
    Agency.objects.filter(pk=agency.pk).update(stage="", level="", binding_cap=None)
    assert "of 20 places taken" in text(member)


@pytest.mark.parametrize(
    ("looked_for", "found"), [("AB", {"AB1", "AB2"}), ("b1", set()), ("二", {"AB2"}), ("", None)]
)
def test_the_search_is_in_the_address(
    agency: Agency, member: Client, looked_for: str, found: set[str] | None
) -> None:
    for code, name in (("AB1", "一"), ("AB2", "二"), ("XAB", "三")):
        BindingFactory.create(agency=agency, creator=creator(code, nickname=name))
    page = text(member, f"/creators/?q={looked_for}").split('id="bound"')[1]
    expected = {"AB1", "AB2", "XAB"} if found is None else found
    assert {code for code in ("AB1", "AB2", "XAB") if f">{code}<" in page} == expected
    assert ("No creator of this agency fits what you chose." in page) is (expected == set())


def test_the_list_is_paged_and_keeps_the_search(agency: Agency, member: Client) -> None:
    for number in range(51):
        bound(agency, f"C{number:03d}")
    page = text(member, "/creators/?q=C")
    assert "1–50 of 51" in page
    assert 'href="/creators/?q=C&amp;page=2#bound"' in page
    assert "C050" not in page
    assert "C050" in text(member, "/creators/?q=C&page=2")


def test_asking_sends_a_link_to_the_creator_and_shows_the_request(
    agency: Agency, member: Client
) -> None:
    creator("C9")
    answer = member.post("/creators/ask/", {"creator_id": " C9 ", "message": "Come to us"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/creators/")
    request = BindingRequest.objects.get()
    assert (request.agency, request.message) == (agency, "Come to us")
    assert CreatorLink.objects.get().request == request
    page = text(member)
    assert "has been asked and gets a link" in page
    assert "asked on Nov. 22, 2026, expires on Nov. 29, 2026, noon" in page
    assert str(CreatorLink.objects.get().nonce.hex) not in page


def test_a_second_post_asks_once(member: Client) -> None:
    creator("C9")
    member.post("/creators/ask/", {"creator_id": "C9"})
    again = words(member.post("/creators/ask/", {"creator_id": "C9"}))
    assert "was asked on Nov. 22, 2026 and has not answered yet" in again
    assert BindingRequest.objects.count() == 1


def _full(agency: Agency) -> None:
    Agency.objects.filter(pk=agency.pk).update(binding_cap=0)


def _suspended(agency: Agency) -> None:
    Penalty.objects.create(
        violation=ViolationFactory.create(agency=agency),
        agency=agency,
        kind=Measure.SUSPEND_BINDING,
        state=PenaltyState.ACTIVE,
        starts_on=TODAY,
        until=date(2026, 12, 1),
    )


def _elsewhere(_agency: Agency) -> None:
    BindingFactory.create(
        agency=AgencyFactory.create(name="Rival Secret"), creator__creator_id="C8"
    )


@pytest.mark.parametrize(
    ("prepare", "code", "said"),
    [
        (_full, "C9", "the agency may bind 0 creators, and it has 0"),
        (_suspended, "C9", "it is possible again from Dec. 1, 2026"),
        (_elsewhere, "C8", "is bound to another agency since Jan. 1, 2024"),
        (lambda _agency: None, "NOBODY", "The platform knows no creator with the ID NOBODY"),
        (lambda _agency: None, "C7", "has 5,000,000 followers"),
        (lambda _agency: None, "", "This field is required."),
        (lambda _agency: None, "C6", "The platform has no contact of creator"),
    ],
)
def test_each_refusal_is_a_sentence_at_the_field(
    agency: Agency, member: Client, prepare: Callable[[Agency], None], code: str, said: str
) -> None:
    creator("C9")
    creator("C7", followers=5_000_000, followers_on=TODAY)
    CreatorFactory.create(creator_id="C6")
    prepare(agency)
    page = words(member.post("/creators/ask/", {"creator_id": code}))
    error = page.split('<span class="field-error" id="id_creator_id_error">')[1].split("</span>")[0]
    assert said in error
    assert "Rival Secret" not in page
    assert f'value="{code}"' in page or code == ""
    assert BindingRequest.objects.count() == 0


def test_a_suspension_is_said_before_anybody_asks(agency: Agency, member: Client) -> None:
    assert "Send the request" in text(member)
    _suspended(agency)
    page = text(member)
    assert "No new bindings now; possible again from Dec. 1, 2026." in page
    assert "Send the request" not in page
    assert "places are free" not in page


def test_a_request_is_withdrawn_once(agency: Agency, member: Client) -> None:
    request = BindingRequestFactory.create(agency=agency)
    path = f"/creators/requests/{request.pk}/withdraw/"
    assert member.post(path).headers["location"] == "/creators/"
    assert "its link opens nothing any more" in text(member)
    request.refresh_from_db()
    assert request.state == BindingRequestState.WITHDRAWN
    member.post(path)
    assert "The agency has withdrawn this request." in text(member)


def test_parting_is_asked_on_a_page_that_says_what_it_means(agency: Agency, member: Client) -> None:
    binding = bound(agency, "C1")
    path = f"/creators/{binding.pk}/unbind/"
    page = text(member, path)
    assert "After 14 days of silence, on Dec. 6, 2026, the binding has ended." in page
    answer = member.post(path, {"reason": "We part as friends"})
    assert answer.headers["location"] == "/creators/"
    asked = Unbinding.objects.get()
    assert (asked.side, asked.reason, asked.silent_on) == (
        Side.AGENCY,
        "We part as friends",
        date(2026, 12, 6),
    )
    page = text(member)
    assert (
        "You requested unbinding. Without an answer before Dec. 6, 2026 the binding ends." in page
    )
    again = words(member.post(path, {"reason": ""}))
    assert "A wish to part is open for this binding already" in again
    assert Unbinding.objects.count() == 1


def test_a_creators_wish_is_agreed_to(agency: Agency, member: Client) -> None:
    asked = wish(bound(agency, "C1"), reason="Too far away")
    page = text(member)
    assert "The creator wants to leave." in page
    assert "Reason: Too far away" in page
    path = f"/creators/unbindings/{asked.pk}/agree/"
    assert member.post(path).headers["location"] == "/creators/"
    assert "The binding ends with today." in text(member)
    assert Binding.objects.get().bound_until == date(2026, 11, 23)
    member.post(path)
    assert "This step is not possible any more" in text(member)


def test_refusing_needs_a_reason(agency: Agency, member: Client) -> None:
    asked = wish(bound(agency, "C1"))
    path = f"/creators/unbindings/{asked.pk}/object/"
    member.post(path, {"objection": " "})
    assert "Say why: without a reason a wish to part cannot be refused." in text(member)
    for unfit in ("a\x00b", "x" * 501):
        member.post(path, {"objection": unfit})
        assert Unbinding.objects.get().state == UnbindingState.ASKED
    member.post(path, {"objection": "The contract runs"})
    page = text(member)
    assert "You refused; the creator may call the platform in." in page
    assert "Reason of the refusal: The contract runs" in page
    assert Unbinding.objects.get().state == UnbindingState.OBJECTED


@pytest.mark.parametrize(
    ("answer", "state"),
    [("call-in", UnbindingState.CALLED_IN), ("withdraw", UnbindingState.WITHDRAWN)],
)
def test_a_refused_wish_goes_to_the_platform_or_is_withdrawn(
    agency: Agency, member: Client, answer: str, state: UnbindingState
) -> None:
    asked = wish(
        bound(agency, "C1"), side=Side.AGENCY, state=UnbindingState.OBJECTED, objection="No"
    )
    page = text(member)
    assert "The creator refused; the binding goes on." in page
    assert "Call the platform in" in page
    member.post(f"/creators/unbindings/{asked.pk}/{answer}/")
    asked.refresh_from_db()
    assert asked.state == state


def test_nobody_answers_for_the_other_side(agency: Agency, member: Client) -> None:
    own = wish(bound(agency, "C1"), side=Side.AGENCY)
    member.post(f"/creators/unbindings/{own.pk}/agree/")
    assert "Only the side that was asked can answer." in text(member)
    theirs = wish(bound(agency, "C2"))
    member.post(f"/creators/unbindings/{theirs.pk}/withdraw/")
    assert "Only the side that asked to part can do this." in text(member)


def test_foreign_is_missing(member: Client) -> None:
    foreign = BindingFactory.create()
    asked, request = wish(foreign), BindingRequestFactory.create()
    for path in (
        f"/creators/{foreign.pk}/unbind/",
        "/creators/987654/unbind/",
        f"/creators/{10**30}/unbind/",
        f"/creators/requests/{request.pk}/withdraw/",
        "/creators/requests/987654/withdraw/",
        *(
            f"/creators/unbindings/{pk}/{answer}/"
            for pk in (asked.pk, 987654)
            for answer in ("agree", "object", "call-in", "withdraw")
        ),
    ):
        assert member.post(path, {"objection": "x"}).status_code == 404, path
    asked.refresh_from_db()
    request.refresh_from_db()
    assert (asked.state, request.state) == (UnbindingState.ASKED, BindingRequestState.ASKED)


def test_nothing_of_another_agency_is_there(member: Client) -> None:
    foreign = BindingFactory.create(creator__creator_id="FOREIGN", creator__nickname="FOREIGN")
    wish(foreign, reason="FOREIGN")
    BindingRequestFactory.create(creator=foreign.creator, message="FOREIGN")
    assert "FOREIGN" not in text(member)
    assert ">FOREIGN<" not in text(member, "/creators/?q=FOREIGN")


def test_an_unknown_answer_is_not_found(agency: Agency, member: Client) -> None:
    asked = wish(bound(agency, "C1"))
    assert member.post(f"/creators/unbindings/{asked.pk}/end/").status_code == 404


def test_a_viewer_reads_and_changes_nothing(agency: Agency, viewer: Client) -> None:
    binding = bound(agency, "C1")
    asked, request = wish(binding), BindingRequestFactory.create(agency=agency)
    page = text(viewer)
    assert "Only an owner of the agency can bind and unbind" in page
    assert 'method="post"' not in page.split("<main")[1]
    for path in (
        "/creators/ask/",
        f"/creators/{binding.pk}/unbind/",
        f"/creators/requests/{request.pk}/withdraw/",
        f"/creators/unbindings/{asked.pk}/agree/",
    ):
        assert viewer.post(path, {"creator_id": "C1"}).status_code == 403, path


def test_a_removed_agency_is_led_to_the_decision(agency: Agency, member: Client) -> None:
    binding = bound(agency, "C1")
    Agency.objects.filter(pk=agency.pk).update(removed_on=TODAY)
    assert member.get("/creators/").headers["location"] == "/conduct/"
    for path in ("/creators/ask/", f"/creators/{binding.pk}/unbind/"):
        assert member.post(path, {"creator_id": "C1"}).headers["location"] == "/conduct/"
    assert Unbinding.objects.count() == 0


def test_each_address_takes_its_method(agency: Agency, member: Client) -> None:
    assert member.post("/creators/").status_code == 405
    assert member.put(f"/creators/{bound(agency, 'C1').pk}/unbind/").status_code == 405
    for path in ("ask/", "requests/1/withdraw/", "unbindings/1/agree/"):
        assert member.get(f"/creators/{path}").status_code == 405


def test_three_rows_take_as_many_queries_as_one(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    def one_more(number: int) -> None:
        wish(bound(agency, f"C{number}"))
        bound(agency, f"D{number}")
        BindingRequestFactory.create(agency=agency)

    one_more(1)
    text(member)
    with django_assert_num_queries(9):
        text(member)
    one_more(2)
    one_more(3)
    with django_assert_num_queries(9):
        text(member)


def test_wishes_are_shown_five_at_a_time(agency: Agency, member: Client) -> None:
    for number in range(6):
        wish(bound(agency, f"W{number:02d}"), reason=f"reason {number:02d}")
    first = text(member, "/creators/?q=W").split('id="bound"')[0]
    assert "reason 04" in first
    assert "reason 05" not in first
    assert 'href="/creators/?q=W&amp;wishes=2#wishes"' in first
    for page in ("2", "99"):
        second = text(member, f"/creators/?wishes={page}").split('id="bound"')[0]
        assert "reason 05" in second
        assert "reason 04" not in second
        assert "Page 2 of 2" in second


def test_wishes_that_await_the_answer_of_the_agency_stand_first(
    agency: Agency, member: Client
) -> None:
    for number in range(5):
        wish(
            bound(agency, f"W{number}"),
            state=UnbindingState.OBJECTED,
            objection="the contract goes on",
            silent_on=date(2026, 10, number + 1),
        )
    wish(bound(agency, "URGENT"), reason="answer me", silent_on=date(2026, 11, 24))
    first = text(member).split('id="bound"')[0]
    assert first.index("answer me") < first.index("You refused")


def test_a_binding_that_ends_later_may_be_parted_from(agency: Agency, member: Client) -> None:
    later = bound(agency, "C1", bound_until=date(2026, 12, 24))
    today = bound(agency, "C2", bound_until=date(2026, 11, 23))
    page = text(member)
    assert "bound until before Dec. 24, 2026" in page
    assert "bound until before Nov. 23, 2026" in page
    assert f'href="/creators/{later.pk}/unbind/"' in page
    assert f'href="/creators/{today.pk}/unbind/"' not in page


def test_silence_frees_the_place_however_late_the_clock(agency: Agency, member: Client) -> None:
    wish(bound(agency, "C1"), silent_on=TODAY)
    bound(agency, "C2")
    assert '<span class="big">1</span>' in text(member)


def test_an_answer_by_the_creator_shows(agency: Agency, member: Client) -> None:
    binding = bound(agency, "C1")
    member.post(f"/creators/{binding.pk}/unbind/", {})
    link = CreatorLink.objects.get()
    unbinding.object_to(
        unbinding_id=Unbinding.objects.get().pk,
        side=Side.CREATOR,
        link=link,
        objection="I like it here",
        at=NOW,
    )
    assert "Reason of the refusal: I like it here" in text(member)
