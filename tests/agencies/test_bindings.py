"""The platform binds, ends and transfers: with a reason, under the rules, in few queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agencies.actions import bindings as actions
from agencies.actions.unbinding import end_silent
from agencies.enums import Measure, News, PenaltyState, Stage, Subject, UnbindingState
from agencies.models import Agency, Binding, ConductEvent, Creator, Penalty
from agencies.refusals import Refused
from agencies.signals import agency_news, history_changed
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.requests import NOON, UnbindingFactory

pytestmark = pytest.mark.django_db

TODAY, DAY = NOON.date(), timedelta(days=1)
EARLIER = date(2026, 1, 1)


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


def given(**changes: Any) -> dict[str, Any]:
    return {"reason": "机构合并", "at": NOON, "by": UserFactory.create(), **changes}


def refusal(act: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        act(**arguments)
    return refused.value.rule, str(refused.value)


def spans(creator: Creator) -> list[tuple[int, date, date | None]]:
    rows = creator.bindings.order_by("bound_from")
    return list(rows.values_list("agency", "bound_from", "bound_until"))


class TestBind:
    def test_a_later_day_with_its_reason_in_the_log(
        self, news: list[Any], changed: list[Any]
    ) -> None:
        agency, creator = AgencyFactory.create(), CreatorFactory.create()
        admin = UserFactory.create()

        binding = actions.bind(
            agency=agency, creator=creator, on=TODAY + 3 * DAY, **given(by=admin)
        )

        assert spans(creator) == [(agency.pk, TODAY + 3 * DAY, None)]
        about = {
            "on": "2026-11-25",
            "creator_id": creator.creator_id,
            "nickname": creator.nickname,
        }
        assert news == [(agency.pk, News.CREATOR_BOUND, about)]
        assert changed == [(TODAY + 3 * DAY, None)]
        event = ConductEvent.objects.get()
        assert (event.subject, event.subject_id) == (Subject.BINDING, binding.pk)
        assert (event.verb, event.reason, event.actor) == ("bind", "机构合并", admin)

    def test_the_rules_hold_for_the_platform_too(self) -> None:
        agency = AgencyFactory.create(removed_on=TODAY)
        creator = CreatorFactory.create()
        found = refusal(actions.bind, agency=agency, creator=creator, on=TODAY, **given())
        assert found[0] == "removed"

    def test_a_reason_is_mandatory_and_the_past_is_over(self) -> None:
        pair = {"agency": AgencyFactory.create(), "creator": CreatorFactory.create()}
        assert refusal(actions.bind, **pair, on=TODAY, **given(reason="  ")) == (
            "reason",
            "Say why: the reason is kept with the binding.",
        )
        assert refusal(actions.bind, **pair, on=TODAY - DAY, **given()) == (
            "past",
            "Nov. 21, 2026 is over; choose Nov. 22, 2026 or a later day. History comes by import.",
        )
        assert Binding.objects.count() == 0


class TestEnd:
    def test_today_may_be_the_last_day_and_an_open_wish_lapses(
        self, news: list[Any], changed: list[Any]
    ) -> None:
        wish = UnbindingFactory.create()
        binding = actions.end_binding(binding_id=wish.binding_id, last_day=TODAY, **given())
        wish.refresh_from_db()
        assert binding.bound_until == TODAY + DAY
        assert (wish.state, wish.closed_at) == (UnbindingState.ENDED, NOON)
        creator = binding.creator
        about = {
            "last_day": "2026-11-22",
            "creator_id": creator.creator_id,
            "nickname": creator.nickname,
        }
        assert news == [(binding.agency_id, News.CREATOR_UNBOUND, about)]
        assert changed == [(TODAY + DAY, None)]
        assert list(ConductEvent.objects.order_by("pk").values_list("verb", "reason")) == [
            ("lapse", ""),
            ("unbind", "机构合并"),
        ]

    def test_a_later_last_day_leaves_the_wish_open(self) -> None:
        wish = UnbindingFactory.create()
        actions.end_binding(binding_id=wish.binding_id, last_day=TODAY + 90 * DAY, **given())
        wish.refresh_from_db()
        assert wish.state == UnbindingState.ASKED

    def test_an_end_can_only_be_brought_forward(self, changed: list[Any]) -> None:
        binding = BindingFactory.create(bound_until=TODAY + 10 * DAY)
        late = refusal(
            actions.end_binding, binding_id=binding.pk, last_day=TODAY + 9 * DAY, **given()
        )
        assert late == (
            "ends",
            "This binding ends on Dec. 1, 2026 already; an end can only be brought forward.",
        )
        actions.end_binding(binding_id=binding.pk, last_day=TODAY + 4 * DAY, **given())
        assert changed == [(TODAY + 5 * DAY, TODAY + 9 * DAY)]

    def test_it_ends_neither_in_the_past_nor_before_it_begins(self) -> None:
        binding = BindingFactory.create(bound_from=TODAY + 5 * DAY)
        for last_day, sentence in (
            (
                TODAY - DAY,
                "Nov. 21, 2026 is over; choose Nov. 22, 2026 or a later day. History comes by"
                " import.",
            ),
            (
                TODAY + 4 * DAY,
                "This binding begins on Nov. 27, 2026; it can end on that day or later.",
            ),
        ):
            found = refusal(
                actions.end_binding, binding_id=binding.pk, last_day=last_day, **given()
            )
            assert found == ("past", sentence)
        ended = actions.end_binding(binding_id=binding.pk, last_day=TODAY + 5 * DAY, **given())
        assert ended.bound_until == TODAY + 6 * DAY


def agency_of(*creators: Creator, **fields: Any) -> Agency:
    agency = AgencyFactory.create(**{"stage": Stage.ASSESSED, "level": "V3", **fields})
    for creator in creators:
        BindingFactory.create(agency=agency, creator=creator, bound_from=EARLIER)
    return agency


class TestTransfer:
    def test_all_of_an_agency(self, news: list[Any], changed: list[Any]) -> None:
        creators = CreatorFactory.create_batch(3)
        old, new, admin = agency_of(*creators), agency_of(), UserFactory.create()
        wish = UnbindingFactory.create(binding=old.bindings.first())

        result = actions.transfer(from_agency=old, to_agency=new, on=TODAY + DAY, **given(by=admin))

        assert (result.moved, result.refused) == (creators, [])
        for creator in creators:
            assert spans(creator) == [
                (old.pk, EARLIER, TODAY + DAY),
                (new.pk, TODAY + DAY, None),
            ]
        assert news == [
            (old.pk, News.CREATOR_UNBOUND, {"last_day": "2026-11-22", "creators": 3}),
            (new.pk, News.CREATOR_BOUND, {"on": "2026-11-23", "creators": 3}),
        ]
        assert changed == [(TODAY + DAY, None)]
        wish.refresh_from_db()
        assert wish.state == UnbindingState.ASKED, "it may lead to an earlier end"
        log = ConductEvent.objects.filter(subject=Subject.BINDING, reason="机构合并", actor=admin)
        assert sorted(log.values_list("verb", "agency")) == [
            *[("transfer_in", new.pk)] * 3,
            *[("transfer_out", old.pk)] * 3,
        ]

    def test_those_named_from_wherever_they_are(self, news: list[Any]) -> None:
        one, two, other = CreatorFactory.create_batch(3)
        first, second, new = agency_of(one, other), agency_of(two), agency_of()
        result = actions.transfer(
            creator_ids=[f" {two.creator_id} ", one.creator_id, "", one.creator_id],
            to_agency=new,
            on=TODAY,
            **given(),
        )
        assert result.moved == [one, two]
        assert [(to, told) for to, told, _about in news] == [
            (first.pk, News.CREATOR_UNBOUND),
            (second.pk, News.CREATOR_UNBOUND),
            (new.pk, News.CREATOR_BOUND),
        ]
        assert news[0][2] == {
            "last_day": "2026-11-21",
            "creator_id": one.creator_id,
            "nickname": one.nickname,
        }
        assert spans(other) == [(first.pk, EARLIER, None)]

    def test_who_is_refused_stays_and_is_listed_with_the_rule(self) -> None:
        names = ["A-FREE", "B-LARGE", "C-LATER", "D-OURS", "E-NEW", "F-SEEN", "G-TWICE"]
        free, large, later, ours, new, seen, twice = (
            CreatorFactory.create(creator_id=name, nickname="") for name in names
        )
        Creator.objects.filter(pk=large.pk).update(followers=6_000_000, followers_on=TODAY)
        Creator.objects.filter(pk=seen.pk).update(introduced_on=None)
        target = agency_of(ours, followers_below=5_000_000)
        agency_of(large)
        BindingFactory.create(creator=new, bound_from=TODAY)
        BindingFactory.create(creator=later, bound_from=TODAY + 3 * DAY)
        BindingFactory.create(creator=twice, bound_until=TODAY + 3 * DAY)
        BindingFactory.create(creator=twice, bound_from=TODAY + 3 * DAY)
        before = set(Binding.objects.values_list("pk", "agency", "bound_from", "bound_until"))

        result = actions.transfer(
            creator_ids=[*names, "NOBODY"], to_agency=target, on=TODAY, **given()
        )

        assert result.moved == []
        assert [(creator.creator_id, str(refused)) for creator, refused in result.refused] == [
            (
                "A-FREE",
                "Creator A-FREE is not bound to the agency to transfer from on Nov. 22, 2026.",
            ),
            (
                "B-LARGE",
                "Creator B-LARGE has 6,000,000 followers (as of Nov. 22, 2026). At its present"
                " level the agency may bind creators with fewer than 5,000,000; higher levels have"
                " no such limit, and levels are set on the 3rd of each month.",
            ),
            (
                "C-LATER",
                "The present binding of creator C-LATER begins only on Nov. 25, 2026; a transfer is"
                " possible from the day after.",
            ),
            ("D-OURS", "Creator D-OURS is already bound to this agency, since Jan. 1, 2026."),
            (
                "E-NEW",
                "The present binding of creator E-NEW begins only on Nov. 22, 2026; a transfer is"
                " possible from the day after.",
            ),
            (
                "F-SEEN",
                "The platform knows no creator with the ID F-SEEN. Check the ID; a new creator can"
                " be bound once the platform has delivered the creator's data.",
            ),
            (
                "G-TWICE",
                "A binding of creator G-TWICE to another agency begins on Nov. 25, 2026. A creator"
                " has one agency at a time.",
            ),
            (
                "NOBODY",
                "The platform knows no creator with the ID NOBODY. Check the ID; a new creator can"
                " be bound once the platform has delivered the creator's data.",
            ),
        ]
        after = set(Binding.objects.values_list("pk", "agency", "bound_from", "bound_until"))
        assert after == before
        assert spans(free) == []

    def test_the_cap_is_counted_as_places_are_taken(self) -> None:
        creators = CreatorFactory.create_batch(5)
        old = agency_of(*creators)
        new = agency_of(*CreatorFactory.create_batch(2), level="V1", binding_cap=5)
        result = actions.transfer(from_agency=old, to_agency=new, on=TODAY, **given())
        assert result.moved == creators[:3]
        assert [creator for creator, _ in result.refused] == creators[3:]
        assert str(result.refused[0][1]).startswith(
            "At its present level the agency may bind 5 creators, and it has 5."
        )
        assert new.bindings.count() == 5

    def test_the_preview_says_what_the_transfer_does(self) -> None:
        creators = CreatorFactory.create_batch(3)
        agency_of(*creators)
        order = {
            "creator_ids": [*(creator.creator_id for creator in creators), "NOBODY"],
            "to_agency": agency_of(level="V1", binding_cap=2),
            "on": TODAY,
        }
        preview = actions.transfer_preview(**order, at=NOON)
        assert (len(preview.moved), len(preview.refused)) == (2, 2)
        assert actions.transfer(**order, **given()) == preview
        assert actions.transfer_preview(**order, at=NOON) != preview

    def test_named_creators_of_one_agency_only(self) -> None:
        one, two = CreatorFactory.create_batch(2)
        old, _other, new = agency_of(one), agency_of(two), agency_of()
        result = actions.transfer(
            creator_ids=[one.creator_id, two.creator_id],
            from_agency=old,
            to_agency=new,
            on=TODAY,
            **given(),
        )
        assert (result.moved, [creator for creator, _ in result.refused]) == ([one], [two])

    def test_an_agency_that_may_not_bind_gets_nobody(self) -> None:
        old, new = agency_of(CreatorFactory.create()), agency_of()
        Penalty.objects.create(
            agency=new,
            violation=ViolationFactory.create(agency=new),
            kind=Measure.SUSPEND_BINDING,
            state=PenaltyState.ACTIVE,
            starts_on=TODAY,
            until=TODAY + DAY,
        )
        to = {"from_agency": old, "to_agency": new}
        assert refusal(actions.transfer, **to, on=TODAY, **given())[0] == "suspended"
        assert refusal(actions.transfer_preview, **to, on=TODAY, at=NOON)[0] == "suspended"
        assert len(actions.transfer(**to, on=TODAY + DAY, **given()).moved) == 1

    def test_a_reason_a_day_and_somebody_to_move_are_needed(self) -> None:
        to = {"from_agency": agency_of(), "to_agency": agency_of()}
        assert refusal(actions.transfer, **to, on=TODAY, **given(reason=""))[0] == "reason"
        assert refusal(actions.transfer, **to, on=TODAY - DAY, **given())[0] == "past"
        with pytest.raises(ValueError, match="Name the creators"):
            actions.transfer(to_agency=agency_of(), on=TODAY, **given())
        assert actions.transfer(**to, on=TODAY, **given()).moved == []

    def test_the_preview_writes_nothing(self) -> None:
        old, new = agency_of(CreatorFactory.create()), agency_of()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            actions.transfer_preview(from_agency=old, to_agency=new, on=TODAY, at=NOON)
        assert {query["sql"].partition(" ")[0] for query in queries} == {"SELECT"}
        assert not any("FOR " in query["sql"] for query in queries)

    def test_forty_creators_take_as_many_queries_as_two(self) -> None:
        taken = []
        for number in (2, 40):
            old, new = agency_of(*CreatorFactory.create_batch(number)), agency_of()
            arguments = given()
            with CaptureQueriesContext(connection) as queries:
                actions.transfer(from_agency=old, to_agency=new, on=TODAY, **arguments)
            taken.append(len(queries))
            assert new.bindings.count() == number
        assert taken[0] == taken[1] <= 32

    def test_wishes_lapse_with_the_day(self) -> None:
        wish = UnbindingFactory.create()
        chosen = [wish.binding.creator.creator_id]
        actions.transfer(creator_ids=chosen, to_agency=agency_of(), on=TODAY, **given())
        wish.refresh_from_db()
        assert wish.state == UnbindingState.ENDED

    def test_a_wish_that_lapses_later_is_closed_by_the_clock(self) -> None:
        wish = UnbindingFactory.create()
        chosen = [wish.binding.creator.creator_id]
        on = TODAY + 3 * DAY
        actions.transfer(creator_ids=chosen, to_agency=agency_of(), on=on, **given())
        assert end_silent(now=NOON + 2 * DAY) == 0
        assert end_silent(now=NOON + 3 * DAY) == 1
        assert Binding.objects.get(pk=wish.binding_id).bound_until == on
        assert ConductEvent.objects.filter(verb="lapse", subject_id=wish.pk).count() == 1

    def test_an_earlier_silence_counts_also_when_the_clock_is_late(self) -> None:
        wish = UnbindingFactory.create(silent_on=TODAY + 2 * DAY)
        chosen = [wish.binding.creator.creator_id]
        on = TODAY + 5 * DAY
        actions.transfer(creator_ids=chosen, to_agency=agency_of(), on=on, **given())
        assert end_silent(now=NOON + 9 * DAY) == 1
        assert Binding.objects.get(pk=wish.binding_id).bound_until == TODAY + 2 * DAY

    def test_more_than_fifty_thousand_are_too_many(self) -> None:
        actions._check_number(50_000)
        assert refusal(actions._check_number, number=50_001) == (
            "too_many",
            "These are 50,001 creators; at most 50,000 move at a time. Name some of them by their"
            " IDs first.",
        )


class TestDays:
    LATEST = TODAY + 730 * DAY

    @pytest.mark.parametrize("day", [LATEST + DAY, date.max])
    def test_two_years_ahead_are_the_most(self, day: date) -> None:
        bound, free = BindingFactory.create(), CreatorFactory.create()
        to = {"to_agency": agency_of(), "creator_ids": [bound.creator.creator_id]}
        for act, arguments in (
            (actions.bind, {"agency": agency_of(), "creator": free, "on": day, **given()}),
            (actions.end_binding, {"binding_id": bound.pk, "last_day": day, **given()}),
            (actions.transfer, {**to, "on": day, **given()}),
            (actions.transfer_preview, {**to, "on": day, "at": NOON}),
        ):
            rule, sentence = refusal(act, **arguments)
            assert rule == "too_far"
            assert sentence.endswith("is too far ahead; choose Nov. 21, 2028 or an earlier day.")

    def test_the_last_day_allowed(self) -> None:
        bound = BindingFactory.create()
        ended = actions.end_binding(binding_id=bound.pk, last_day=self.LATEST, **given())
        assert ended.bound_until == self.LATEST + DAY
