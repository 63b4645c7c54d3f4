"""Parting: asked, agreed, silent, refused, before the platform; what each leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from agencies.actions import unbinding as actions
from agencies.enums import LinkPurpose, News, Side, UnbindingState
from agencies.models import Binding, ConductEvent, CreatorLink, Unbinding
from agencies.refusals import Refused
from agencies.signals import agency_news, history_changed
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, UserFactory
from tests.factories.requests import NOON, CreatorLinkFactory, UnbindingFactory

pytestmark = pytest.mark.django_db

TODAY, DAY = NOON.date(), timedelta(days=1)
State = UnbindingState


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def news() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    told: list[tuple[str, dict[str, Any]]] = []

    def listen(news: str, about: dict[str, Any], **_: Any) -> None:
        told.append((news, about))

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


def bound(**fields: Any) -> Binding:
    creator = CreatorFactory.create(contact="creator@example.com", creator_id="C7", nickname="小七")
    return BindingFactory.create(creator=creator, **fields)


def wish(side: Side = Side.CREATOR, state: State = State.ASKED, **fields: Any) -> Unbinding:
    if state in (State.OBJECTED, State.CALLED_IN):
        fields = {"objection": "合同未到期", **fields}
    return UnbindingFactory.create(side=side, state=state, **fields)


def link_for(unbinding: Unbinding, *, answer: bool = False) -> CreatorLink:
    purpose = LinkPurpose.ANSWER if answer else LinkPurpose.LEAVE
    return CreatorLinkFactory.create(
        creator=unbinding.binding.creator,
        purpose=purpose,
        unbinding=unbinding if answer else None,
    )


def as_agency(unbinding: Unbinding) -> dict[str, Any]:
    return {
        "unbinding_id": unbinding.pk,
        "side": Side.AGENCY,
        "agency": unbinding.binding.agency,
        "at": NOON,
        "by": UserFactory.create(),
    }


def as_creator(unbinding: Unbinding, **given: Any) -> dict[str, Any]:
    return {
        "unbinding_id": unbinding.pk,
        "side": Side.CREATOR,
        "link": link_for(unbinding),
        "at": NOON,
        **given,
    }


def refusal(act: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        act(**given)
    return refused.value


def end_of(unbinding: Unbinding) -> date | None:
    return Binding.objects.get(pk=unbinding.binding_id).bound_until


def last_event() -> tuple[str, Any]:
    event = ConductEvent.objects.latest("pk")
    return event.verb, event.actor


class TestAsking:
    def test_the_agency_asks_and_the_creator_gets_a_link_for_the_silence(self) -> None:
        binding, owner = bound(), UserFactory.create()
        unbinding = actions.ask_unbinding_by_agency(
            agency=binding.agency, binding_id=binding.pk, reason=" 合作结束 ", at=NOON, by=owner
        )
        assert (unbinding.side, unbinding.state) == (Side.AGENCY, State.ASKED)
        assert (unbinding.reason, unbinding.asked_by) == ("合作结束", owner)
        assert (unbinding.asked_at, unbinding.silent_on) == (NOON, date(2026, 12, 6))
        link = unbinding.links.get()
        assert (link.purpose, link.creator) == (LinkPurpose.ANSWER, binding.creator)
        assert link.expires_at == NOON + 14 * DAY
        assert last_event() == ("ask", owner)

    def test_only_its_own_creators(self) -> None:
        binding = bound()
        with pytest.raises(Binding.DoesNotExist):
            actions.ask_unbinding_by_agency(
                agency=AgencyFactory.create(),
                binding_id=binding.pk,
                reason="",
                at=NOON,
                by=UserFactory.create(),
            )

    def test_a_creator_whom_nothing_reaches_is_not_left_to_silence(self) -> None:
        binding = BindingFactory.create()
        found = refusal(
            actions.ask_unbinding_by_agency,
            agency=binding.agency,
            binding_id=binding.pk,
            reason="",
            at=NOON,
            by=UserFactory.create(),
        )
        assert found.rule == "no_contact"
        assert Unbinding.objects.count() == 0

    def test_the_creator_asks_by_a_link_and_the_agency_is_told(self, news: list[Any]) -> None:
        binding = bound()
        link = CreatorLinkFactory.create(creator=binding.creator)
        unbinding = actions.ask_leaving(link=link, binding_id=binding.pk, reason="太忙", at=NOON)
        link.refresh_from_db()
        assert (unbinding.side, unbinding.asked_by, link.used_at) == (Side.CREATOR, None, NOON)
        about = {"silent_on": "2026-12-06", "creator_id": "C7", "nickname": "小七"}
        assert news == [(News.UNBINDING_ASKED, about)]
        assert last_event() == ("ask", None)

    def test_a_link_reaches_only_the_own_binding(self) -> None:
        link = CreatorLinkFactory.create()
        with pytest.raises(Binding.DoesNotExist):
            actions.ask_leaving(link=link, binding_id=bound().pk, reason="", at=NOON)
        link.refresh_from_db()
        assert link.used_at is None

    @pytest.mark.parametrize(
        ("until", "rule", "sentence"),
        [
            (
                TODAY,
                "over",
                "This binding ended on Nov. 21, 2026; there is nothing left to part from.",
            ),
            (TODAY + DAY, "ending", "This binding ends today already."),
        ],
    )
    def test_a_binding_that_ends_anyway(self, until: date, rule: str, sentence: str) -> None:
        binding = bound(bound_until=until)
        link = CreatorLinkFactory.create(creator=binding.creator)
        found = refusal(actions.ask_leaving, link=link, binding_id=binding.pk, reason="", at=NOON)
        assert (found.rule, str(found)) == (rule, sentence)
        link.refresh_from_db()
        assert link.used_at is None

    def test_one_wish_at_a_time(self) -> None:
        unbinding = wish(Side.AGENCY)
        found = refusal(
            actions.ask_leaving,
            link=link_for(unbinding),
            binding_id=unbinding.binding_id,
            reason="",
            at=NOON,
        )
        assert found.rule == "open"

    def test_an_answer_link_asks_for_nothing(self) -> None:
        unbinding = wish(Side.AGENCY, State.WITHDRAWN, closed_at=NOON)
        found = refusal(
            actions.ask_leaving,
            link=link_for(unbinding, answer=True),
            binding_id=unbinding.binding_id,
            reason="",
            at=NOON,
        )
        assert found.rule == "bad_link"


class TestAgreeing:
    def test_today_is_the_last_day(self, news: list[Any], changed: list[Any]) -> None:
        unbinding = wish(binding=bound())
        given = as_agency(unbinding)
        actions.agree(**given)
        unbinding.refresh_from_db()
        assert (unbinding.state, unbinding.closed_at) == (State.ENDED, NOON)
        assert end_of(unbinding) == TODAY + DAY
        about = {"last_day": "2026-11-22", "creator_id": "C7", "nickname": "小七"}
        assert news == [(News.CREATOR_UNBOUND, about)]
        assert changed == [(TODAY + DAY, None)]
        assert list(ConductEvent.objects.order_by("pk").values_list("verb", "actor")) == [
            ("agree", given["by"].pk),
            ("unbind", given["by"].pk),
        ]

    def test_by_the_answer_link(self) -> None:
        unbinding = wish(Side.AGENCY)
        link = link_for(unbinding, answer=True)
        actions.agree(**as_creator(unbinding, link=link))
        link.refresh_from_db()
        assert (end_of(unbinding), link.used_at) == (TODAY + DAY, NOON)

    def test_of_a_binding_that_begins_later_the_first_day_is_the_last(self) -> None:
        unbinding = wish(binding__bound_from=TODAY + 5 * DAY)
        actions.agree(**as_agency(unbinding))
        assert end_of(unbinding) == TODAY + 6 * DAY

    def test_an_end_that_comes_sooner_stays(self, changed: list[Any]) -> None:
        unbinding = wish(binding__bound_until=TODAY + DAY)
        actions.agree(**as_agency(unbinding))
        assert (end_of(unbinding), changed) == (TODAY + DAY, [])

    def test_an_end_that_comes_later_is_brought_forward(self, changed: list[Any]) -> None:
        unbinding = wish(binding__bound_until=TODAY + 9 * DAY)
        actions.agree(**as_agency(unbinding))
        assert end_of(unbinding) == TODAY + DAY
        assert changed == [(TODAY + DAY, TODAY + 8 * DAY)]

    @pytest.mark.parametrize("state", [State.OBJECTED, State.CALLED_IN])
    def test_also_after_a_refusal(self, state: State) -> None:
        unbinding = wish(state=state)
        actions.agree(**as_agency(unbinding))
        assert end_of(unbinding) == TODAY + DAY

    def test_nobody_agrees_with_themselves(self) -> None:
        mine, theirs = wish(Side.AGENCY), wish(Side.CREATOR)
        assert refusal(actions.agree, **as_agency(mine)).rule == "own_wish"
        assert refusal(actions.agree, **as_creator(theirs)).rule == "own_wish"
        assert (end_of(mine), end_of(theirs)) == (None, None)
        assert not CreatorLink.objects.filter(used_at__isnull=False).exists()

    def test_foreign_wishes_are_not_there(self) -> None:
        unbinding, other = wish(), wish(Side.AGENCY)
        for given in (
            {**as_agency(unbinding), "agency": AgencyFactory.create()},
            as_creator(other, link=CreatorLinkFactory.create()),
            as_creator(other, link=link_for(wish(Side.AGENCY), answer=True)),
        ):
            with pytest.raises(Unbinding.DoesNotExist):
                actions.agree(**given)

    def test_after_the_binding_ended_there_is_nothing_to_agree_to(self) -> None:
        unbinding = wish(binding__bound_until=TODAY)
        assert refusal(actions.agree, **as_agency(unbinding)).rule == "over"


class TestRefusing:
    def test_the_agency_refuses_with_a_reason_and_the_creator_gets_a_link(self) -> None:
        unbinding = wish()
        actions.object_to(**as_agency(unbinding), objection=" 合同未到期 ")
        unbinding.refresh_from_db()
        assert (unbinding.state, unbinding.objection) == (State.OBJECTED, "合同未到期")
        link = CreatorLink.objects.get()
        assert (link.creator, link.purpose) == (unbinding.binding.creator, LinkPurpose.LEAVE)
        assert end_of(unbinding) is None

    def test_a_creator_who_lost_the_contact_does_not_stop_it(self) -> None:
        unbinding = wish(binding__creator__contact="")
        actions.object_to(**as_agency(unbinding), objection="合同未到期")
        unbinding.refresh_from_db()
        assert unbinding.state == State.OBJECTED
        assert not CreatorLink.objects.exists()

    def test_the_creator_refuses_and_the_agency_is_told(self, news: list[Any]) -> None:
        unbinding = wish(Side.AGENCY, binding=bound())
        actions.object_to(**as_creator(unbinding), objection="佣金未结清")
        assert news == [(News.UNBINDING_OBJECTED, {"creator_id": "C7", "nickname": "小七"})]

    def test_without_a_reason_there_is_no_refusal(self) -> None:
        unbinding = wish(Side.AGENCY)
        given = as_creator(unbinding)
        found = refusal(actions.object_to, **given, objection="  ")
        assert (found.rule, str(found)) == (
            "text",
            "Say why: without a reason a wish to part cannot be refused.",
        )
        assert refusal(actions.object_to, **given, objection="长" * 501).rule == "text"
        given["link"].refresh_from_db()
        assert given["link"].used_at is None

    def test_an_answer_counts_until_the_day_before_silence_does(self) -> None:
        unbinding, late = wish(), wish()
        on_the_last_day = {**as_agency(unbinding), "at": NOON + 13 * DAY}
        actions.object_to(**on_the_last_day, objection="合同未到期")
        found = refusal(
            actions.object_to, **{**as_agency(late), "at": NOON + 14 * DAY}, objection="合同未到期"
        )
        assert (found.rule, str(found)) == (
            "silent",
            "Silence counted as consent on Dec. 6, 2026: the binding has ended.",
        )

    def test_twice_is_once(self) -> None:
        unbinding = wish(state=State.OBJECTED)
        found = refusal(actions.object_to, **as_agency(unbinding), objection="还是不行")
        assert (found.rule, str(found)) == (
            "closed",
            "This step is not possible any more: Refused by the other side.",
        )


class TestThePlatform:
    def test_who_was_refused_calls_it_in(self) -> None:
        unbinding = wish(state=State.OBJECTED)
        given = as_creator(unbinding)
        actions.call_in(**given)
        unbinding.refresh_from_db()
        given["link"].refresh_from_db()
        assert (unbinding.state, unbinding.called_in_at) == (State.CALLED_IN, NOON)
        assert given["link"].used_at == NOON

    def test_only_who_asked_and_only_after_a_refusal(self) -> None:
        unbinding = wish(state=State.OBJECTED)
        assert refusal(actions.call_in, **as_agency(unbinding)).rule == "others_wish"
        assert refusal(actions.call_in, **as_creator(wish())).rule == "closed"

    def test_it_keeps_the_binding_and_says_why(self, news: list[Any]) -> None:
        unbinding, admin = wish(state=State.CALLED_IN, binding=bound()), UserFactory.create()
        actions.decide(unbinding_id=unbinding.pk, keep=True, reason=" 合同有效 ", at=NOON, by=admin)
        unbinding.refresh_from_db()
        assert (unbinding.state, unbinding.decision) == (State.KEPT, "合同有效")
        assert (unbinding.closed_at, end_of(unbinding)) == (NOON, None)
        about = {
            "kept": True,
            "reason": "合同有效",
            "creator_id": "C7",
            "nickname": "小七",
        }
        assert news == [(News.UNBINDING_DECIDED, about)]
        assert CreatorLink.objects.get().purpose == LinkPurpose.LEAVE
        assert last_event() == ("keep", admin)

    def test_it_ends_the_binding_with_today(self, news: list[Any]) -> None:
        unbinding, admin = wish(state=State.CALLED_IN, binding=bound()), UserFactory.create()
        actions.decide(unbinding_id=unbinding.pk, keep=False, reason="欺诈", at=NOON, by=admin)
        assert end_of(unbinding) == TODAY + DAY
        assert [told for told, _ in news] == [News.UNBINDING_DECIDED, News.CREATOR_UNBOUND]
        assert ConductEvent.objects.filter(reason="欺诈", actor=admin).count() == 2

    def test_a_reason_is_mandatory_and_it_decides_only_what_it_was_called_to(self) -> None:
        given = {"keep": True, "at": NOON, "by": UserFactory.create()}
        called = wish(state=State.CALLED_IN)
        assert refusal(actions.decide, unbinding_id=called.pk, reason=" ", **given).rule == "text"
        other = wish(state=State.OBJECTED)
        assert refusal(actions.decide, unbinding_id=other.pk, reason="x", **given).rule == "closed"


class TestWithdrawing:
    @pytest.mark.parametrize("state", [State.ASKED, State.OBJECTED])
    def test_who_asked_may_stay(self, state: State) -> None:
        mine, theirs = wish(Side.AGENCY, state), wish(Side.CREATOR, state)
        actions.withdraw(**as_agency(mine))
        actions.withdraw(**as_creator(theirs))
        for unbinding in (mine, theirs):
            unbinding.refresh_from_db()
            assert (unbinding.state, unbinding.closed_at) == (State.WITHDRAWN, NOON)
            assert end_of(unbinding) is None

    def test_not_the_other_side_and_not_before_the_platform(self) -> None:
        assert refusal(actions.withdraw, **as_agency(wish())).rule == "others_wish"
        called = wish(Side.AGENCY, State.CALLED_IN)
        assert refusal(actions.withdraw, **as_agency(called)).rule == "closed"


class TestSilence:
    def test_fourteen_days_and_not_one_fewer(self, news: list[Any], changed: list[Any]) -> None:
        unbinding = wish(Side.AGENCY, binding=bound())
        midnight = NOON.replace(hour=0)
        assert actions.end_silent(now=midnight + 14 * DAY - timedelta(seconds=1)) == 0
        assert actions.end_silent(now=midnight + 14 * DAY) == 1
        assert actions.end_silent(now=midnight + 14 * DAY) == 0
        unbinding.refresh_from_db()
        assert (unbinding.state, unbinding.closed_at) == (State.ENDED, midnight + 14 * DAY)
        assert end_of(unbinding) == date(2026, 12, 6)
        about = {"last_day": "2026-12-05", "creator_id": "C7", "nickname": "小七"}
        assert news == [(News.CREATOR_UNBOUND, about)]
        assert changed == [(date(2026, 12, 6), None)]

    def test_a_late_run_ends_it_on_the_same_day(self) -> None:
        unbinding = wish()
        actions.end_silent(now=NOON + 40 * DAY)
        assert end_of(unbinding) == date(2026, 12, 6)

    def test_a_binding_that_begins_later_holds_one_day(self) -> None:
        unbinding = wish(binding__bound_from=date(2027, 1, 1))
        actions.end_silent(now=NOON + 14 * DAY)
        assert end_of(unbinding) == date(2027, 1, 2)

    @pytest.mark.parametrize("state", [State.OBJECTED, State.CALLED_IN])
    def test_a_refusal_is_no_silence(self, state: State) -> None:
        unbinding = wish(state=state)
        assert actions.end_silent(now=NOON + 40 * DAY) == 0
        assert end_of(unbinding) is None

    @pytest.mark.parametrize("state", [State.ASKED, State.OBJECTED, State.CALLED_IN])
    def test_a_wish_lapses_when_its_binding_ended_otherwise(
        self, state: State, news: list[Any]
    ) -> None:
        unbinding = wish(state=state, binding__bound_until=TODAY)
        assert actions.end_silent(now=NOON) == 1
        unbinding.refresh_from_db()
        assert (unbinding.state, end_of(unbinding)) == (State.ENDED, TODAY)
        assert (last_event(), news) == (("lapse", None), [])


def _two_open() -> None:
    wish(binding=wish(state=State.OBJECTED).binding)


@pytest.mark.parametrize(
    ("name", "violate"),
    [
        ("unbinding_state_known", lambda: UnbindingFactory.create(state="other", closed_at=NOON)),
        ("unbinding_side_known", lambda: UnbindingFactory.create(side="other")),
        ("unbinding_open_once", _two_open),
        ("unbinding_closed_unless_open", lambda: UnbindingFactory.create(closed_at=NOON)),
        ("unbinding_closed_unless_open", lambda: UnbindingFactory.create(state=State.ENDED)),
        (
            "unbinding_refused_with_reason",
            lambda: UnbindingFactory.create(state=State.OBJECTED, objection=""),
        ),
    ],
)
def test_the_database_refuses_a_wish_that_cannot_be(name: str, violate: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        violate()
