"""An agency asks for a creator, who confirms or declines; what each step leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from agencies.actions import binding_requests as actions
from agencies.actions.links import make_link
from agencies.enums import BindingRequestState, LinkPurpose, News, Stage, Subject
from agencies.models import Agency, Binding, BindingRequest, ConductEvent, CreatorLink
from agencies.refusals import Refused
from agencies.signals import agency_news, history_changed
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, UserFactory
from tests.factories.requests import NOON, BindingRequestFactory, CreatorLinkFactory

pytestmark = pytest.mark.django_db

TODAY, DAY = NOON.date(), timedelta(days=1)
State = BindingRequestState


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def news() -> Iterator[list[tuple[int, str, dict[str, Any]]]]:
    told: list[tuple[int, str, dict[str, Any]]] = []

    def listen(agency_id: int, news: str, about: dict[str, Any], **_: Any) -> None:
        told.append((agency_id, news, about))

    agency_news.connect(listen)
    yield told
    agency_news.disconnect(listen)


@pytest.fixture
def changed() -> Iterator[list[tuple[date, date | None]]]:
    spans: list[tuple[date, date | None]] = []

    def listen(first: date, last: date | None, **_: Any) -> None:
        spans.append((first, last))

    history_changed.connect(listen)
    yield spans
    history_changed.disconnect(listen)


def reachable(**fields: Any) -> Any:
    return CreatorFactory.create(**{"contact": "creator@example.com", **fields})


def ask(agency: Agency, creator_id: str, **given: Any) -> BindingRequest:
    by = given.pop("by", None) or UserFactory.create()
    ordinary = {"message": "", "at": NOON, "by": by}
    return actions.ask_binding(agency=agency, creator_id=creator_id, **{**ordinary, **given})


def asked(**fields: Any) -> tuple[BindingRequest, CreatorLink]:
    """An open request with its link."""
    request = BindingRequestFactory.create(**fields)
    link = CreatorLinkFactory.create(
        creator=request.creator, purpose=LinkPurpose.CONFIRM, request=request
    )
    return request, link


def refusal(act: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        act(**given)
    return refused.value


class TestAsking:
    def test_the_request_its_link_and_its_line_in_the_log(self) -> None:
        agency, creator, owner = AgencyFactory.create(), reachable(), UserFactory.create()

        request = ask(agency, f" {creator.creator_id} ", message=" 您好 ", by=owner)

        assert (request.agency, request.creator, request.state) == (agency, creator, State.ASKED)
        assert (request.message, request.asked_by) == ("您好", owner)
        assert (request.asked_at, request.expires_at) == (NOON, NOON + 7 * DAY)
        link = request.links.get()
        assert (link.creator, link.purpose) == (creator, LinkPurpose.CONFIRM)
        assert link.expires_at == request.expires_at
        event = ConductEvent.objects.get(agency=agency)
        assert (event.subject, event.subject_id) == (Subject.BINDING_REQUEST, request.pk)
        assert (event.verb, event.actor, event.creator) == ("ask", owner, creator)

    def test_an_unknown_id_and_one_without_data_read_the_same(self) -> None:
        agency = AgencyFactory.create()
        CreatorFactory.create(creator_id="SEEN", introduced_on=None, nickname="")
        found = [refusal(ask, agency=agency, creator_id=each) for each in ("SEEN", "NONE")]
        assert {each.rule for each in found} == {"not_introduced"}
        assert str(found[0]).replace("SEEN", "NONE") == str(found[1])

    def test_the_rules_of_a_binding_are_checked(self) -> None:
        agency = AgencyFactory.create(stage=Stage.NOVICE, binding_cap=0)
        creator = reachable()
        assert refusal(ask, agency=agency, creator_id=creator.creator_id).rule == "cap"
        assert BindingRequest.objects.count() == 0

    def test_asking_twice_names_the_first_time_and_its_end(self) -> None:
        agency, creator = AgencyFactory.create(), reachable(creator_id="C7", nickname="")
        ask(agency, "C7")
        again = refusal(ask, agency=agency, creator_id="C7", at=NOON + DAY)
        assert (again.rule, again.until) == ("already_asked", TODAY + 7 * DAY)
        assert str(again) == (
            "Creator C7 was asked on Nov. 22, 2026 and has not answered yet. The request ends on"
            " Nov. 29, 2026."
        )
        assert ask(AgencyFactory.create(), "C7").state == State.ASKED
        assert BindingRequest.objects.filter(creator=creator).count() == 2

    def test_a_request_that_has_run_out_makes_room_for_the_next_after_a_day(self) -> None:
        agency, creator = AgencyFactory.create(), reachable()
        first = ask(agency, creator.creator_id)
        soon = refusal(
            ask,
            agency=agency,
            creator_id=creator.creator_id,
            at=first.expires_at + DAY - timedelta(seconds=1),
        )
        assert (soon.rule, soon.until) == ("too_soon", TODAY + 8 * DAY)
        second = ask(agency, creator.creator_id, at=first.expires_at + DAY)
        first.refresh_from_db()
        assert (first.state, first.closed_at) == (State.EXPIRED, first.expires_at + DAY)
        assert second.state == State.ASKED

    @pytest.mark.parametrize(
        ("state", "days", "sentence"),
        [
            (
                State.WITHDRAWN,
                1,
                "The last request to creator C7 is closed: Withdrawn. The agency can ask the same"
                " creator again from Nov. 23, 2026, noon.",
            ),
            (
                State.DECLINED,
                7,
                "The last request to creator C7 is closed: Declined by the creator. The agency can"
                " ask the same creator again from Nov. 29, 2026, noon.",
            ),
        ],
    )
    def test_a_creator_is_left_in_peace(self, state: State, days: int, sentence: str) -> None:
        agency, creator = AgencyFactory.create(), reachable(creator_id="C7", nickname="")
        BindingRequestFactory.create(agency=agency, creator=creator, state=state, closed_at=NOON)
        over = NOON + days * DAY
        for at in (NOON, over - timedelta(seconds=1)):
            soon = refusal(ask, agency=agency, creator_id="C7", at=at)
            assert (soon.rule, str(soon), soon.until) == ("too_soon", sentence, over.date())
        assert ask(AgencyFactory.create(), "C7").state == State.ASKED, "others may ask"
        assert ask(agency, "C7", at=over).state == State.ASKED
        assert CreatorLink.objects.count() == 2

    def test_a_late_clock_makes_the_pause_no_longer(self) -> None:
        request = BindingRequestFactory.create(
            state=State.EXPIRED, closed_at=NOON + 30 * DAY, asked_at=NOON
        )
        again = ask(request.agency, request.creator.creator_id, at=NOON + 8 * DAY)
        assert again.state == State.ASKED

    def test_two_hundred_requests_a_day_are_the_most(self) -> None:
        agency, creator = AgencyFactory.create(stage=Stage.ASSESSED, level="V3"), reachable()
        BindingRequestFactory.create_batch(
            200, agency=agency, state=State.WITHDRAWN, closed_at=NOON
        )
        full = refusal(ask, agency=agency, creator_id=creator.creator_id)
        assert (full.rule, full.until, str(full)) == (
            "too_many",
            TODAY + DAY,
            "The agency has asked 200 times today, the most a day. Go on on Nov. 23, 2026.",
        )
        midnight = (NOON + DAY).replace(hour=0)
        assert ask(agency, creator.creator_id, at=midnight).state == State.ASKED

    def test_fifty_open_requests_are_the_most(self) -> None:
        agency, creator = AgencyFactory.create(stage=Stage.ASSESSED, level="V3"), reachable()
        requests = BindingRequestFactory.create_batch(50, agency=agency)
        full = refusal(ask, agency=agency, creator_id=creator.creator_id)
        assert full.rule == "too_many"
        assert str(full) == (
            "50 requests of the agency await an answer, which is the most at a time. Wait for"
            " answers, or withdraw a request."
        )
        actions.withdraw_request(
            agency=agency, request_id=requests[0].pk, at=NOON, by=UserFactory.create()
        )
        assert ask(agency, creator.creator_id).state == State.ASKED

    def test_a_creator_whom_nothing_reaches_is_not_asked(self) -> None:
        agency, creator = AgencyFactory.create(), reachable(contact="")
        assert refusal(ask, agency=agency, creator_id=creator.creator_id).rule == "no_contact"
        assert BindingRequest.objects.count() == 0
        assert ConductEvent.objects.count() == 0

    def test_a_message_has_an_end(self) -> None:
        agency, creator = AgencyFactory.create(), reachable()
        long = refusal(ask, agency=agency, creator_id=creator.creator_id, message="长" * 501)
        assert (long.rule, str(long)) == ("message", "The message is longer than 500 characters.")


class TestConfirming:
    def test_the_binding_begins_today(self, news: list[Any], changed: list[Any]) -> None:
        request, link = asked()

        binding = actions.confirm_binding(link=link, at=NOON + DAY)

        assert (binding.agency, binding.creator) == (request.agency, request.creator)
        assert (binding.bound_from, binding.bound_until) == (TODAY + DAY, None)
        request.refresh_from_db()
        link.refresh_from_db()
        assert (request.state, request.binding) == (State.CONFIRMED, binding)
        assert (request.closed_at, link.used_at) == (NOON + DAY, NOON + DAY)
        creator = request.creator
        about = {
            "creator_id": creator.creator_id,
            "nickname": creator.nickname,
            "on": "2026-11-23",
        }
        assert news == [(request.agency_id, News.CREATOR_BOUND, about)]
        assert changed == [(TODAY + DAY, None)]
        log = ConductEvent.objects.order_by("pk").values_list("subject", "verb", "actor", "creator")
        assert list(log) == [
            (Subject.BINDING, "bind", None, creator.pk),
            (Subject.BINDING_REQUEST, "confirm", None, creator.pk),
        ]

    def test_a_refusal_leaves_link_and_request_as_they_were(self) -> None:
        request, link = asked(agency__stage=Stage.NOVICE, agency__binding_cap=0)
        assert refusal(actions.confirm_binding, link=link, at=NOON).rule == "cap"
        request.refresh_from_db()
        link.refresh_from_db()
        assert (request.state, link.used_at) == (State.ASKED, None)
        assert not Binding.objects.exists()
        Agency.objects.update(binding_cap=1)
        assert actions.confirm_binding(link=link, at=NOON).agency == request.agency

    def test_it_works_once(self) -> None:
        _request, link = asked()
        actions.confirm_binding(link=link, at=NOON)
        assert refusal(actions.confirm_binding, link=link, at=NOON).rule == "used_link"
        assert Binding.objects.count() == 1

    def test_a_second_link_of_an_answered_request_does_nothing(self) -> None:
        request, link = asked()
        second = make_link(
            creator=request.creator, purpose=LinkPurpose.CONFIRM, request=request, at=NOON
        )
        actions.decline_binding(link=link, at=NOON)
        late = refusal(actions.confirm_binding, link=second, at=NOON)
        assert (late.rule, str(late)) == (
            "closed",
            "This request has been answered already: Declined by the creator.",
        )
        second.refresh_from_db()
        assert second.used_at is None

    def test_after_its_week_it_is_too_late(self) -> None:
        request, link = asked()
        late = refusal(actions.confirm_binding, link=link, at=request.expires_at)
        assert late.rule == "expired_link"

    def test_a_withdrawn_request_cannot_be_confirmed(self) -> None:
        request, link = asked()
        actions.withdraw_request(
            agency=request.agency, request_id=request.pk, at=NOON, by=UserFactory.create()
        )
        gone = refusal(actions.confirm_binding, link=link, at=NOON)
        assert (gone.rule, str(gone)) == ("closed", "The agency has withdrawn this request.")

    def test_a_link_for_leaving_confirms_nothing(self) -> None:
        link = CreatorLinkFactory.create()
        assert refusal(actions.confirm_binding, link=link, at=NOON).rule == "bad_link"

    def test_what_others_asked_stays_open_and_is_refused_by_the_binding(self) -> None:
        _request, link = asked()
        other, other_link = asked(creator=link.creator)
        actions.confirm_binding(link=link, at=NOON)
        assert refusal(actions.confirm_binding, link=other_link, at=NOON).rule == "bound"
        other.refresh_from_db()
        assert other.state == State.ASKED


class TestOtherEnds:
    def test_declining_tells_the_agency(self, news: list[Any]) -> None:
        request, link = asked()
        actions.decline_binding(link=link, at=NOON)
        request.refresh_from_db()
        link.refresh_from_db()
        assert (request.state, link.used_at) == (State.DECLINED, NOON)
        creator = request.creator
        assert news == [
            (
                request.agency_id,
                News.REQUEST_DECLINED,
                {"creator_id": creator.creator_id, "nickname": creator.nickname},
            )
        ]

    def test_withdrawing_is_for_the_own_agency(self) -> None:
        request, owner = BindingRequestFactory.create(), UserFactory.create()
        with pytest.raises(BindingRequest.DoesNotExist):
            actions.withdraw_request(
                agency=AgencyFactory.create(), request_id=request.pk, at=NOON, by=owner
            )
        given = {"agency": request.agency, "request_id": request.pk, "at": NOON, "by": owner}
        actions.withdraw_request(**given)
        request.refresh_from_db()
        assert (request.state, request.closed_at) == (State.WITHDRAWN, NOON)
        assert refusal(actions.withdraw_request, **given).rule == "closed"
        assert ConductEvent.objects.get().actor == owner

    def test_what_is_due_expires_once(self, news: list[Any]) -> None:
        due = BindingRequestFactory.create_batch(2)
        open_still = BindingRequestFactory.create(asked_at=NOON + timedelta(seconds=1))
        now = due[0].expires_at
        assert actions.expire_due(now=now - timedelta(seconds=1)) == 0
        assert [actions.expire_due(now=now), actions.expire_due(now=now)] == [2, 0]
        for request in due:
            request.refresh_from_db()
            assert (request.state, request.closed_at) == (State.EXPIRED, now)
        open_still.refresh_from_db()
        assert open_still.state == State.ASKED
        assert [(agency_id, told) for agency_id, told, _about in news] == [
            (request.agency_id, News.REQUEST_EXPIRED) for request in due
        ]


def _closed_while_asked() -> None:
    BindingRequestFactory.create(closed_at=NOON)


def _declined_without_a_day() -> None:
    BindingRequestFactory.create(state=State.DECLINED)


def _open_twice() -> None:
    first = BindingRequestFactory.create()
    BindingRequestFactory.create(agency=first.agency, creator=first.creator)


@pytest.mark.parametrize(
    ("name", "violate"),
    [
        (
            "binding_request_state_known",
            lambda: BindingRequestFactory.create(state="other", closed_at=NOON),
        ),
        ("binding_request_open_once", _open_twice),
        ("binding_request_closed_unless_asked", _closed_while_asked),
        ("binding_request_closed_unless_asked", _declined_without_a_day),
        ("binding_request_expires_later", lambda: BindingRequestFactory.create(expires_at=NOON)),
    ],
)
def test_the_database_refuses_a_request_that_cannot_be(name: str, violate: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        violate()


def test_a_binding_that_is_deleted_leaves_its_request() -> None:
    request, link = asked()
    actions.confirm_binding(link=link, at=NOON).delete()
    request.refresh_from_db()
    assert (request.state, request.binding) == (State.CONFIRMED, None)
    BindingFactory.create(creator=request.creator)
