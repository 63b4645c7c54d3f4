"""Silence is final on its day, also for whoever acts before the clock does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import translation

from agencies.actions import unbinding as actions
from agencies.actions.binding_changes import hold
from agencies.actions.binding_requests import ask_binding, confirm_binding
from agencies.actions.bindings import bind, end_binding, transfer
from agencies.actions.transfers import TransferOrder, show_transfer, transfer_as_shown
from agencies.enums import LinkPurpose, News, Side, Stage, UnbindingState
from agencies.models import Agency, Binding, ConductEvent, CreatorLink, Unbinding
from agencies.refusals import Refused
from agencies.signals import agency_news
from tests.agencies.beside import Beside, until_waiting
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    UserFactory,
)
from tests.factories.requests import (
    NOON,
    BindingRequestFactory,
    CreatorLinkFactory,
    UnbindingFactory,
)
from tests.factories.staff import operator, signed_in

pytestmark = pytest.mark.django_db
TODAY, DAY = NOON.date(), timedelta(days=1)
LATE = NOON + 3 * DAY
SENTENCE = "Silence counted as consent on Nov. 22, 2026: the binding has ended."


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def news() -> Iterator[list[str]]:
    told: list[str] = []

    def listen(news: str, **_: Any) -> None:
        told.append(news)

    agency_news.connect(listen)
    yield told
    agency_news.disconnect(listen)


def silent(**fields: Any) -> Unbinding:
    """A wish whose silence has counted on 22 November, which no clock has seen."""
    return UnbindingFactory.create(silent_on=TODAY, **fields)


def refusal(act: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        act(**given)
    return refused.value


def end_of(wish: Unbinding) -> date | None:
    return Binding.objects.get(pk=wish.binding_id).bound_until


def desk() -> dict[str, Any]:
    return {"reason": "机构合并", "at": LATE, "by": UserFactory.create()}


class TestSteps:
    @pytest.mark.parametrize(
        ("act", "side", "more"),
        [
            (actions.agree, Side.AGENCY, {}),
            (actions.object_to, Side.AGENCY, {"objection": "合同未到期"}),
            (actions.withdraw, Side.CREATOR, {}),
            (actions.call_in, Side.CREATOR, {}),
        ],
    )
    def test_come_too_late(self, act: Any, side: Side, more: dict[str, str]) -> None:
        wish = silent()
        found = refusal(act, unbinding_id=wish.pk, side=side, at=LATE, **more)
        assert (found.rule, str(found)) == ("silent", SENTENCE)
        assert actions.end_silent(now=LATE) == 1
        assert end_of(wish) == TODAY

    def test_of_the_day_before_count(self) -> None:
        wish = silent()
        actions.withdraw(unbinding_id=wish.pk, side=Side.CREATOR, at=NOON - DAY)
        assert actions.end_silent(now=LATE) == 0
        assert end_of(wish) is None

    def test_a_new_wish_finds_the_binding_over(self) -> None:
        wish = silent()
        link = CreatorLinkFactory.create(creator=wish.binding.creator)
        found = refusal(
            actions.ask_leaving, link=link, binding_id=wish.binding_id, reason="", at=LATE
        )
        assert found.rule == "over"

    def test_no_end_replaces_that_day(self) -> None:
        wish = silent()
        found = refusal(end_binding, binding_id=wish.binding_id, last_day=LATE.date(), **desk())
        assert (found.rule, str(found)) == (
            "ends",
            "This binding ends on Nov. 21, 2026 already; an end can only be brought forward.",
        )


class TestNewBindings:
    def test_the_platform_binds_who_is_free_since_then(self) -> None:
        wish, agency = silent(), AgencyFactory.create()
        bind(agency=agency, creator=wish.binding.creator, on=LATE.date(), **desk())
        wish.refresh_from_db()
        assert (wish.state, wish.closed_at, end_of(wish)) == (UnbindingState.ENDED, LATE, TODAY)
        verbs = ConductEvent.objects.order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["fall_silent", "unbind", "bind"]

    def test_an_agency_asks_and_the_creator_confirms(self) -> None:
        wish, other = silent(), silent()
        asked = ask_binding(
            agency=AgencyFactory.create(),
            creator_id=wish.binding.creator.creator_id,
            message="",
            at=LATE,
            by=UserFactory.create(),
        )
        assert (asked.state, end_of(wish)) == ("asked", TODAY)
        request = BindingRequestFactory.create(creator=other.binding.creator)
        link = CreatorLinkFactory.create(
            creator=request.creator, purpose=LinkPurpose.CONFIRM, request=request
        )
        assert confirm_binding(link=link, at=LATE).bound_from == LATE.date()
        assert end_of(other) == TODAY

    def test_a_refused_step_settles_nothing(self) -> None:
        wish = silent()
        removed = AgencyFactory.create(removed_on=TODAY)
        found = refusal(
            bind, agency=removed, creator=wish.binding.creator, on=LATE.date(), **desk()
        )
        assert (found.rule, end_of(wish)) == ("removed", None)
        assert not ConductEvent.objects.exists()

    def test_the_place_is_free(self) -> None:
        agency = AgencyFactory.create(stage=Stage.ASSESSED, level="V1", binding_cap=1)
        wish = silent(binding__agency=agency)
        bind(agency=agency, creator=CreatorFactory.create(), on=LATE.date(), **desk())
        assert end_of(wish) is None, "the clock settles that one"
        assert actions.end_silent(now=LATE) == 1

    def test_a_transfer_moves_nobody_who_is_unbound(self) -> None:
        wish, stays = silent(), BindingFactory.create()
        ids = (wish.binding.creator.creator_id, stays.creator.creator_id)
        order = TransferOrder(AgencyFactory.create(), LATE.date(), creator_ids=ids)
        shown = show_transfer(order, at=LATE)
        result = transfer_as_shown(order, seen=shown.digest, **desk())
        assert [creator.creator_id for creator in result.moved] == [ids[1]]
        assert end_of(wish) == TODAY

    def test_a_transfer_read_in_another_language_is_the_same_transfer(self) -> None:
        stays, moves = silent().binding.creator, BindingFactory.create().creator
        ids = (stays.creator_id, moves.creator_id)
        order = TransferOrder(AgencyFactory.create(), LATE.date(), creator_ids=ids)
        with translation.override("zh-hans"):
            shown = show_transfer(order, at=LATE)
        result = transfer_as_shown(order, seen=shown.digest, **desk())
        assert [creator for creator, _ in result.refused] == [stays]


class TestTheClock:
    def test_one_that_fails_leaves_the_others_settled(self) -> None:
        bad, good = silent(), silent()

        def listen(about: dict[str, Any], **_: Any) -> None:
            if about["creator_id"] == bad.binding.creator.creator_id:
                raise ValueError("cannot be told")

        agency_news.connect(listen)
        try:
            with pytest.raises(ExceptionGroup) as failed:
                actions.end_silent(now=LATE)
        finally:
            agency_news.disconnect(listen)
        assert [type(fault) for fault in failed.value.exceptions] == [ValueError]
        assert failed.value.__notes__ == ["1 others were settled"]
        assert (end_of(bad), end_of(good)) == (None, TODAY)
        assert actions.end_silent(now=LATE) == 1

    @pytest.mark.parametrize(("first", "until"), [(date.max, None), (date.max - DAY, date.max)])
    def test_the_end_of_the_calendar(self, first: date, until: date | None) -> None:
        wish = silent(binding__bound_from=first)
        assert actions.end_silent(now=LATE) == 1
        assert end_of(wish) == until

    def test_agreeing_at_the_end_of_the_calendar(self) -> None:
        wish = UnbindingFactory.create(binding__bound_from=date.max)
        actions.agree(unbinding_id=wish.pk, side=Side.AGENCY, at=NOON)
        assert end_of(wish) is None


class TestNews:
    def test_a_creators_steps_are_told(self, news: list[str]) -> None:
        wish = UnbindingFactory.create()
        actions.withdraw(unbinding_id=wish.pk, side=Side.CREATOR, at=NOON)
        refused = UnbindingFactory.create(state=UnbindingState.OBJECTED, objection="no")
        actions.call_in(unbinding_id=refused.pk, side=Side.CREATOR, at=NOON)
        assert news == [News.UNBINDING_WITHDRAWN, News.UNBINDING_CALLED_IN]

    def test_its_own_steps_are_not(self, news: list[str]) -> None:
        for act, state in ((actions.withdraw, "asked"), (actions.call_in, "objected")):
            wish = UnbindingFactory.create(side=Side.AGENCY, state=state, objection="no")
            act(unbinding_id=wish.pk, side=Side.AGENCY, agency=wish.binding.agency, at=NOON)
        assert news == []

    @pytest.mark.parametrize("keep", [True, False])
    def test_the_agency_reads_why_the_platform_decided(self, keep: bool) -> None:
        wish = UnbindingFactory.create(
            state=UnbindingState.CALLED_IN, objection="no", called_in_at=NOON
        )
        reason = "contract clause 7"
        actions.decide(
            unbinding_id=wish.pk, keep=keep, reason=reason, at=NOON, by=UserFactory.create()
        )
        member = signed_in(MembershipFactory.create(agency=wish.binding.agency).user)
        page = " ".join(member.get("/messages/").content.decode().split())
        assert f"the binding {'is kept' if keep else 'ends'}. Reason: {reason}" in page


def test_who_withdrew_waits_a_day() -> None:
    binding = BindingFactory.create(creator=CreatorFactory.create(contact="c@example.com"))
    given = {
        "agency": binding.agency,
        "binding_id": binding.pk,
        "reason": "",
        "by": UserFactory.create(),
    }
    wish = actions.ask_unbinding_by_agency(**given, at=NOON)
    own = {"unbinding_id": wish.pk, "side": Side.AGENCY, "agency": binding.agency}
    actions.withdraw(**own, at=NOON)
    soon = refusal(actions.ask_unbinding_by_agency, **given, at=NOON + DAY - timedelta(seconds=1))
    assert (soon.rule, soon.until, str(soon)) == (
        "too_soon",
        TODAY + DAY,
        "The last wish to part was withdrawn; a new one is possible from Nov. 23, 2026, noon.",
    )
    assert actions.ask_unbinding_by_agency(**given, at=NOON + DAY).state == UnbindingState.ASKED


def test_the_other_side_may_ask_at_once() -> None:
    wish = UnbindingFactory.create(side=Side.AGENCY, state=UnbindingState.WITHDRAWN, closed_at=NOON)
    link = CreatorLinkFactory.create(creator=wish.binding.creator)
    asked = actions.ask_leaving(link=link, binding_id=wish.binding_id, reason="", at=NOON)
    assert asked.state == UnbindingState.ASKED


@pytest.mark.django_db(transaction=True)
def test_a_transfer_sees_the_end_that_an_import_writes() -> None:
    binding, end = BindingFactory.create(), TODAY - 30 * DAY
    given = {"reason": "x", "at": NOON, "by": UserFactory.create()}
    to, ids = AgencyFactory.create(), [binding.creator.creator_id]
    beside = Beside(lambda: transfer(to_agency=to, on=TODAY, creator_ids=ids, **given))
    with transaction.atomic():
        Binding.objects.filter(pk=binding.pk).update(bound_until=end)
        beside.start()
        until_waiting(1)
    assert beside.end().moved == []
    binding.refresh_from_db()
    assert binding.bound_until == end
    assert not to.bindings.exists()


def _agency_page(wish: Unbinding) -> tuple[Client, str, dict[str, str]]:
    member = MembershipFactory.create(agency=wish.binding.agency).user
    return signed_in(member), f"/creators/unbindings/{wish.pk}/agree/", {}


def _agency_asks(wish: Unbinding) -> tuple[Client, str, dict[str, str]]:
    member = MembershipFactory.create(agency=wish.binding.agency).user
    return signed_in(member), f"/creators/{wish.binding_id}/unbind/", {"reason": ""}


def _staff_ends(wish: Unbinding) -> tuple[Client, str, dict[str, str]]:
    form = {"last_day": "2027-12-31", "reason": "x"}
    return signed_in(operator()), f"/staff/bindings/{wish.binding_id}/end/", form


def _staff_decides(wish: Unbinding) -> tuple[Client, str, dict[str, str]]:
    form = {"verdict": "end", "reason": "x"}
    return signed_in(operator()), f"/staff/unbindings/{wish.pk}/decide/", form


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", [_agency_page, _agency_asks, _staff_ends, _staff_decides])
def test_what_goes_while_somebody_acts_is_not_found(page: Any, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    wish = UnbindingFactory.create()
    client, path, form = page(wish)
    beside = Beside(lambda: client.post(path, form).status_code)
    with transaction.atomic():
        hold([wish.binding.creator_id], [wish.binding.agency_id])
        Binding.objects.filter(pk=wish.binding_id).delete()
        beside.start()
        until_waiting(1)
    assert beside.end() == 404
    assert not CreatorLink.objects.exists()
    assert Agency.objects.filter(pk=wish.binding.agency_id).exists()
    connection.close()
