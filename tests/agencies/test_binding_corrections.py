"""What was recorded wrongly of a binding is put right: days, log, news, signals, races."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from agencies.actions.binding_corrections import correct_binding, remove_binding
from agencies.enums import News, UnbindingState
from agencies.models import Agency, Binding, ConductEvent
from agencies.queries.binding_days import Days, days_that_differ
from agencies.refusals import Refused
from agencies.signals import Changed, agency_news, history_changed
from portal.models import User
from tests.agencies.beside import race
from tests.agencies.test_history_signals import heard
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, MembershipFactory
from tests.factories.cases import AT, TODAY
from tests.factories.requests import BindingRequestFactory, UnbindingFactory
from tests.factories.staff import operator

DAY = timedelta(days=1)
FROM, UNTIL = date(2026, 10, 8), date(2026, 10, 20)


@pytest.fixture
def person(db: None) -> User:
    return operator()


@pytest.fixture
def binding(db: None) -> Binding:
    agency = AgencyFactory.create(name="星河", code="STAR")
    return BindingFactory.create(agency=agency, bound_from=FROM, bound_until=UNTIL)


def correct(binding: Binding, first: date, until: date | None, by: User, **more: Any) -> Binding:
    given = {"reason": "按合同更正", "at": AT, "by": by} | more
    return correct_binding(binding_id=binding.pk, bound_from=first, bound_until=until, **given)


def remove(binding: Binding, by: User, **more: Any) -> None:
    remove_binding(binding_id=binding.pk, **{"reason": "从未签约", "at": AT, "by": by} | more)


def stored(binding: Binding) -> Days:
    return Binding.objects.values_list("bound_from", "bound_until").get(pk=binding.pk)


@contextmanager
def days_sent() -> Iterator[list[Days]]:
    """The first and last days that were sent up meanwhile, all about one creator's binding."""
    found: list[Days] = []
    with heard(history_changed) as said:
        yield found
    for each in said:
        assert (each["what"], each["about"]) == (Changed.BINDINGS, {"creators": 1})
        found.append((each["first"], each["last"]))


def test_the_days_are_set_and_kept(binding: Binding, person: User) -> None:
    right = correct(binding, date(2026, 10, 1), date(2026, 10, 18), person)
    assert (right.bound_from, right.bound_until) == stored(binding)
    assert stored(binding) == (date(2026, 10, 1), date(2026, 10, 18))
    step = ConductEvent.objects.get()
    assert (step.subject, step.subject_id, step.verb) == ("binding", binding.pk, "correct")
    assert (step.agency, step.creator) == (binding.agency, binding.creator)
    assert (step.actor, step.at, step.reason) == (person, AT, "按合同更正")
    assert step.about == {
        "was": {"from": "2026-10-08", "until": "2026-10-20"},
        "is": {"from": "2026-10-01", "until": "2026-10-18"},
    }


@pytest.mark.parametrize(
    ("first", "until", "sent"),
    [
        ((10, 1), (10, 20), [((10, 1), (10, 7))]),
        ((10, 9), (10, 20), [((10, 8), (10, 8))]),
        ((10, 8), (10, 19), [((10, 19), (10, 19))]),
        ((10, 6), (11, 2), [((10, 6), (10, 7)), ((10, 20), (11, 1))]),
        ((9, 1), (9, 5), [((9, 1), (9, 4)), ((10, 8), (10, 19))]),
        ((10, 1), (10, 8), [((10, 1), (10, 19))]),
        ((10, 8), None, [((10, 20), None)]),
        ((10, 25), None, [((10, 8), (10, 19)), ((10, 25), None)]),
    ],
)
def test_exactly_the_days_that_change_are_sent_up(
    binding: Binding, person: User, first: Any, until: Any, sent: Any
) -> None:
    def day(found: tuple[int, int] | None) -> Any:
        return found and date(2026, *found)

    with days_sent() as found:
        correct(binding, day(first), day(until), person)
    assert found == [(day(a), day(b)) for a, b in sent]


@pytest.mark.parametrize(
    ("first", "until", "rule"),
    [
        (FROM, FROM, "empty"),
        (UNTIL, FROM, "empty"),
        (FROM, UNTIL, "same"),
        (TODAY + DAY, None, "future"),
        (date(2023, 12, 31), UNTIL, "before_joining"),
        (FROM, date(2028, 11, 22), "too_far"),
    ],
)
def test_what_cannot_have_been_is_refused(
    binding: Binding, person: User, first: date, until: date, rule: str
) -> None:
    with pytest.raises(Refused) as refused, days_sent() as sent:
        correct(binding, first, until, person)
    assert refused.value.rule == rule
    assert stored(binding) == (FROM, UNTIL)
    assert sent == []
    assert not ConductEvent.objects.exists()


def test_the_edges_are_allowed(binding: Binding, person: User) -> None:
    for first, until in (
        (date(2024, 1, 1), UNTIL),
        (TODAY, TODAY + DAY),
        (FROM, date(2028, 11, 21)),
    ):
        correct(binding, first, until, person)
        assert stored(binding) == (first, until)


def test_a_far_end_that_is_recorded_may_stay(binding: Binding, person: User) -> None:
    far = date(2040, 1, 1)
    Binding.objects.filter(pk=binding.pk).update(bound_until=far)
    correct(binding, FROM - DAY, far, person)
    assert stored(binding) == (FROM - DAY, far)


def test_a_removed_agency_binds_until_its_removal(binding: Binding, person: User) -> None:
    left = date(2026, 10, 25)
    Agency.objects.filter(pk=binding.agency_id).update(removed_on=left)
    for until in (None, left + DAY):
        with pytest.raises(Refused) as refused:
            correct(binding, FROM, until, person)
        assert refused.value.rule == "removed"
        assert str(refused.value) == (
            "The agency was removed on Oct. 25, 2026; the day before is the last of any binding."
        )
    correct(binding, FROM, left, person)


@pytest.mark.parametrize("reason", ["", " \n"])
def test_nothing_is_done_without_a_reason(binding: Binding, person: User, reason: str) -> None:
    for step in (
        lambda: correct(binding, FROM - DAY, UNTIL, person, reason=reason),
        lambda: remove(binding, person, reason=reason),
    ):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.rule == "reason"
    assert stored(binding) == (FROM, UNTIL)


def test_days_of_another_binding_are_refused_by_name(binding: Binding, person: User) -> None:
    other = AgencyFactory.create(name="长风", code="WIND")
    after = BindingFactory.create(
        creator=binding.creator, agency=other, bound_from=UNTIL, bound_until=date(2026, 11, 1)
    )
    for first, until in ((FROM, UNTIL + DAY), (FROM, None), (date(2026, 10, 31), None)):
        with pytest.raises(Refused) as refused:
            correct(binding, first, until, person)
        assert refused.value.rule == "bound"
        assert str(refused.value) == (
            f"Another binding of creator {binding.creator}, to {other}, is there from"
            " Oct. 20, 2026 to Oct. 31, 2026: the days overlap. Correct that one first."
        )
    Binding.objects.filter(pk=after.pk).update(bound_until=None)
    with pytest.raises(Refused, match=r"is there from Oct\. 20, 2026 without an end"):
        correct(binding, FROM, UNTIL + DAY, person)
    correct(after, UNTIL + DAY, None, person)
    correct(binding, FROM, UNTIL + DAY, person)


def test_caps_and_bans_do_not_count(binding: Binding, person: User) -> None:
    Agency.objects.filter(pk=binding.agency_id).update(
        stage="assessed", level="V1", binding_cap=1, followers_below=1
    )
    BindingFactory.create(agency=binding.agency)
    correct(binding, FROM, None, person)


def test_a_wish_to_part_comes_first(binding: Binding, person: User) -> None:
    wish = UnbindingFactory.create(
        binding=BindingFactory.create(agency=binding.agency), silent_on=TODAY + DAY
    )
    for step in (
        lambda: correct(wish.binding, FROM, None, person),
        lambda: remove(wish.binding, person),
    ):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.rule == "wish"


def test_members_of_the_agency_correct_nothing(binding: Binding, person: User) -> None:
    MembershipFactory.create(agency=binding.agency, user=person)
    with pytest.raises(Refused) as refused:
        correct(binding, FROM - DAY, UNTIL, person)
    assert refused.value.rule == "own_agency"


def test_what_was_looked_at_must_still_be_recorded(binding: Binding, person: User) -> None:
    correct(binding, FROM - DAY, UNTIL, person, recorded=(FROM, UNTIL))
    for step in (
        lambda: correct(binding, FROM + DAY, UNTIL, person, recorded=(FROM, UNTIL)),
        lambda: remove(binding, person, recorded=(FROM, UNTIL)),
    ):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.rule == "changed"
    assert stored(binding) == (FROM - DAY, UNTIL)


def test_a_binding_that_never_was_is_removed_and_kept(binding: Binding, person: User) -> None:
    with days_sent() as sent:
        remove(binding, person)
    assert sent == [(FROM, UNTIL - DAY)]
    assert not Binding.objects.exists()
    step = ConductEvent.objects.get()
    assert (step.verb, step.reason, step.actor) == ("remove", "从未签约", person)
    assert step.about == {"was": {"from": "2026-10-08", "until": "2026-10-20"}, "is": None}
    kept = apps.get_model("agencies", "BindingEvent").objects.order_by("pgh_id")
    assert [(each.pgh_label, each.bound_from) for each in kept] == [
        ("insert", FROM),
        ("delete", FROM),
    ]
    with pytest.raises(Binding.DoesNotExist):
        remove(binding, person)


def test_what_somebody_agreed_to_was(binding: Binding, person: User) -> None:
    wished = UnbindingFactory.create(
        binding=BindingFactory.create(), state=UnbindingState.WITHDRAWN, closed_at=AT
    ).binding
    BindingRequestFactory.create(
        agency=binding.agency,
        creator=binding.creator,
        state="confirmed",
        closed_at=AT,
        binding=binding,
    )
    for each in (wished, binding):
        with pytest.raises(Refused) as refused:
            remove(each, person)
        assert refused.value.rule == "was"


def test_news_speak_of_today_only(binding: Binding, person: User) -> None:
    named = {"creator_id": binding.creator.creator_id, "nickname": binding.creator.nickname}
    bound, unbound = News.CREATOR_BOUND, News.CREATOR_UNBOUND
    steps: list[tuple[Days, list[tuple[News, dict[str, str]]]]] = [
        ((FROM - DAY, UNTIL + DAY), []),
        ((FROM, TODAY), []),
        ((FROM, None), [(bound, {"on": "2026-10-08"})]),
        ((FROM + DAY, None), []),
        ((FROM, TODAY + DAY), [(unbound, {"last_day": "2026-11-22"})]),
        ((FROM, TODAY + 2 * DAY), []),
        ((FROM, TODAY), [(unbound, {"last_day": "2026-11-21"})]),
        ((FROM, None), [(bound, {"on": "2026-10-08"})]),
    ]
    for days, told in steps:
        with heard(agency_news) as said:
            correct(binding, *days, person)
        assert [(each["news"], each["about"]) for each in said] == [
            (news, {**about, **named}) for news, about in told
        ], days
    with heard(agency_news) as said:
        remove(binding, person)
    assert [(each["news"], each["about"]) for each in said] == [(unbound, named)]


span = st.tuples(st.integers(0, 12), st.none() | st.integers(1, 6)).map(
    lambda drawn: (FROM + drawn[0] * DAY, drawn[1] and FROM + (drawn[0] + drawn[1]) * DAY)
)


def within(days: Days | None, day: date) -> bool:
    return days is not None and days[0] <= day and (days[1] is None or day < days[1])


@given(before=st.none() | span, after=st.none() | span)
def test_the_stretches_are_the_days_of_one_but_not_of_both(
    before: Days | None, after: Days | None
) -> None:
    stretches = days_that_differ(before, after)
    for day in (FROM + number * DAY for number in range(-2, 25)):
        differs = within(before, day) != within(after, day)
        assert sum(within(each, day) for each in stretches) == differs
    for (_first, until), (first, _until) in pairwise(stretches):
        assert until is not None
        assert until < first


def test_no_day_ever_belongs_to_two(binding: Binding, person: User) -> None:
    other = FROM + 3 * DAY, FROM + 5 * DAY
    Binding.objects.filter(pk=binding.pk).update(bound_until=FROM + DAY)
    BindingFactory.create(creator=binding.creator, bound_from=other[0], bound_until=other[1])
    for start, length in product(range(7), (1, 3, None)):
        first = FROM + start * DAY
        days = first, length and first + length * DAY
        free = first >= other[1] or (days[1] is not None and days[1] <= other[0])
        if days == stored(binding):
            continue
        with nullcontext() if free else pytest.raises(Refused, match="the days overlap"):
            correct(binding, *days, person)
        assert (stored(binding) == days) is free, days


@pytest.mark.django_db(transaction=True)
def test_two_corrections_never_share_a_day() -> None:
    person, creator = operator(), CreatorFactory.create()
    for turn in range(3):
        start = FROM - turn * 30 * DAY
        pair = [
            BindingFactory.create(creator=creator, bound_from=first, bound_until=first + DAY)
            for first in (start, start + 9 * DAY)
        ]
        longer = [(start, start + 6 * DAY), (start + 5 * DAY, start + 10 * DAY)]

        done, refused = race(
            [
                lambda each=each, days=days: correct(each, *days, person)
                for each, days in zip(pair, longer, strict=True)
            ]
        )

        assert (len(done), [each.rule for each in refused]) == (1, ["bound"])
        first, second = (stored(each) for each in pair)
        assert first[1] is not None
        assert first[1] <= second[0]
