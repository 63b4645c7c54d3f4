"""What binding or parting would change: exact against the scoring, and silent about others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from agencies.enums import Measure, PenaltyState, Role
from agencies.models import Agency, Binding, Penalty
from scoring.models import CreatorContribution
from scoring.points import Totals, indicator_values, level_for, score
from scoring.queries.binding_preview import addition, days_left, freed_place, parting_effect
from scoring.queries.contributed import totals_of, without
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.contributions import contributed_month
from tests.factories.contributions import totals_of as summed
from tests.factories.requests import UnbindingFactory
from tests.factories.staff import signed_in

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
OCTOBER = date(2026, 10, 1)
NOTHING = Totals(*[0] * 11)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


CENTS = st.integers(-(10**13), 10**13)
COUNT = st.integers(0, 10**9)
CONTRIBUTIONS = st.builds(
    CreatorContribution,
    bound_days=st.integers(1, 31),
    bound_on_last_day=st.booleans(),
    settled_cents=CENTS,
    showcase_cents=CENTS,
    good_goods_cents=CENTS,
    settled_orders=COUNT,
    worry_free_orders=COUNT,
    live_minutes=st.integers(0, 44_640),
    level=st.none() | st.integers(0, 7),
    reputation=st.none() | st.integers(0, 500),
)


@given(st.lists(CONTRIBUTIONS, max_size=8), st.randoms(use_true_random=False))
def test_taking_out_all_creators_one_by_one_leaves_nothing(
    people: list[CreatorContribution], dice: Any
) -> None:
    totals = summed(people)
    dice.shuffle(people)
    for position, each in enumerate(people):
        totals = without(totals, each)
        assert totals == summed(people[position + 1 :])
    assert totals == NOTHING


@given(CONTRIBUTIONS)
def test_a_creator_alone_is_the_whole(brought: CreatorContribution) -> None:
    assert totals_of(brought) == summed([brought])
    assert without(totals_of(brought), brought) == NOTHING


@pytest.fixture
def agency(db: None) -> Agency:
    return AgencyFactory.create(stage="assessed", level="V1", binding_cap=50)


@pytest.fixture
def owner(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def words(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def month_of(agency: Agency, **star: Any) -> Binding:
    """October with two creators; the binding of the one who is a star."""
    binding = BindingFactory.create(agency=agency, creator__creator_id="STAR")
    figures = {
        "settled_cents": 600_000_000,
        "showcase_cents": 150_000_000,
        "good_goods_cents": 200_000_000,
        "settled_orders": 40_000,
        "level": 7,
        "reputation": 490,
        **star,
    }
    contributed_month(agency, OCTOBER, {binding.creator: figures, CreatorFactory.create(): {}})
    return binding


def test_the_result_without_a_creator_is_that_of_the_others(agency: Agency) -> None:
    binding = month_of(agency)
    effect = parting_effect(agency, binding.creator_id)
    assert effect is not None
    assert effect.before is not None
    assert effect.after is not None
    assessment = agency.assessments.get()
    month = CreatorContribution.objects.filter(evaluation=assessment.evaluation_id)
    others = month.exclude(creator=binding.creator)
    rulebook = assessment.evaluation.rules
    values = indicator_values(summed(list(others)))
    expected = score(rulebook, values)
    assert effect.after.values == values
    assert effect.after.score == expected
    assert effect.after.level == level_for(rulebook, expected.total).key
    assert effect.before.score.total == assessment.total
    assert (effect.before.stage, effect.before.level) == (assessment.stage, assessment.level)
    assert effect.change == expected.total - assessment.total < 0
    assert sum(line.change for line in effect.lines) == effect.change
    assert {line.key: line.points_after for line in effect.lines} == expected.points


def test_without_its_reputation_an_agency_would_be_in_observation(agency: Agency) -> None:
    binding = BindingFactory.create(agency=agency)
    poor = CreatorFactory.create()
    contributed_month(
        agency,
        OCTOBER,
        {binding.creator: {"settled_orders": 90_000}, poor: {"reputation": 300}},
    )
    effect = parting_effect(agency, binding.creator_id)
    assert effect is not None
    assert effect.before is not None
    assert effect.after is not None
    assert (effect.before.stage, effect.after.stage, effect.after.level) == (
        "assessed",
        "observation",
        "",
    )


def test_an_effect_may_lack_the_creator_the_points_or_the_result(agency: Agency) -> None:
    stranger = CreatorFactory.create()
    assert parting_effect(agency, stranger.pk) is None
    month_of(agency)
    effect = parting_effect(agency, stranger.pk)
    assert effect is not None
    assert (effect.brought, effect.before, effect.change) == (None, None, 0)
    novice = AgencyFactory.create()
    contributed_month(novice, OCTOBER, {stranger: {}}, stage="novice")
    effect = parting_effect(novice, stranger.pk)
    assert effect is not None
    assert effect.brought is not None
    assert effect.before is None
    assert addition(novice) is None


def test_of_a_creator_who_moved_only_the_own_part_is_taken_out(agency: Agency) -> None:
    binding = month_of(agency)
    contributed_month(AgencyFactory.create(), OCTOBER, {binding.creator: {"settled_cents": 9**9}})
    effect = parting_effect(agency, binding.creator_id)
    assert effect is not None
    assert effect.after is not None
    assert effect.after.values["settled_amount"] == Decimal("10000.00")


def test_one_more_creator_moves_each_indicator_by_the_knots(agency: Agency) -> None:
    month_of(agency)
    more = addition(agency)
    assert more is not None
    rulebook = agency.assessments.get().evaluation.rules
    assert (more.l5.before, more.l5.after) == (2, 3)
    assert (more.l5.points_before, more.l5.points_after) == (Decimal("27.50"), Decimal("35.00"))
    assert (more.showcase.before, more.showcase.after) == (2, 3)
    assert more.idle.before == Decimal("60.0000")
    assert more.idle.after == Decimal("39.5604")
    assert more.idle.points_after < rulebook.indicator(more.idle.key).max_points


@pytest.mark.parametrize(
    ("since", "until", "silent_on", "expected"),
    [
        (date(2026, 1, 1), None, date(2026, 12, 6), (date(2026, 12, 5), 9, 5)),
        (date(2026, 1, 1), None, date(2026, 11, 25), (date(2026, 11, 24), 3, 0)),
        (date(2026, 1, 1), date(2026, 11, 23), date(2026, 12, 6), (TODAY, 1, 0)),
        (date(2026, 12, 1), None, date(2026, 12, 6), (date(2026, 12, 5), 0, 5)),
        (date(2026, 12, 24), None, date(2026, 12, 6), (date(2026, 12, 24), 0, 1)),
    ],
)
def test_the_days_that_still_count(
    since: date, until: date | None, silent_on: date, expected: tuple[date, int, int]
) -> None:
    binding = Binding(bound_from=since, bound_until=until)
    left = days_left(binding, silent_on=silent_on, today=TODAY)
    assert (left.last_day, left.this_month, left.later) == expected


def test_a_place_is_freed_by_the_creators_last_binding_only(agency: Agency) -> None:
    binding = BindingFactory.create(agency=agency, bound_until=date(2026, 12, 1))
    BindingFactory.create(agency=agency)
    place = freed_place(agency, binding, today=TODAY)
    assert (place.used, place.after) == (2, 1)
    BindingFactory.create(agency=agency, creator=binding.creator, bound_from=date(2027, 1, 1))
    place = freed_place(agency, binding, today=TODAY)
    assert (place.used, place.after) == (2, 2)
    silent = BindingFactory.create(agency=agency)
    UnbindingFactory.create(binding=silent, silent_on=TODAY)
    place = freed_place(agency, silent, today=TODAY)
    assert (place.used, place.after) == (2, 2)


def test_the_page_of_parting_shows_the_effect(agency: Agency, owner: Client) -> None:
    binding = month_of(agency)
    page = words(owner, f"/creators/{binding.pk}/unbind/")
    assert "0 of 50 places are then taken instead of 1." in page
    assert "Dec. 5, 2026 is the last day that counts for you." in page
    assert "Days still to count: 9 in this month, 5 after it." in page
    assert "The result of October 2026 without this creator" in page
    effect = parting_effect(agency, binding.creator_id)
    assert effect is not None
    assert effect.before is not None
    assert effect.after is not None
    assert "Computed with the rules and data of October 2026 (data through" in page
    assert "only without this creator. The next month may differ." in page
    as_it_was, without_it = page.split("Total as it was")[1].split("Total without this creator")
    assert f">{effect.before.score.total:,}</span>" in as_it_was
    assert f">{effect.after.score.total:,}</span>" in without_it.split("</dl>")[0]
    line = effect.lines[0]
    assert f"<span>{line.points_before:,} <span" in page
    assert f"</span> {line.points_after:,}</span>" in page
    assert "would change" in page


def test_the_page_of_parting_tells_a_reputation_with_the_digits_that_decide(
    agency: Agency, owner: Client
) -> None:
    binding = BindingFactory.create(agency=agency)
    contributed_month(
        agency,
        OCTOBER,
        {
            binding.creator: {"reputation": 484, "settled_orders": 10},
            CreatorFactory.create(): {"reputation": 483, "settled_orders": 90},
        },
    )
    page = words(owner, f"/creators/{binding.pk}/unbind/")
    assert "<span>4.8310</span>" in page
    assert "<span>4.8300</span>" in page


@pytest.mark.parametrize(
    ("others", "limited", "unlimited"),
    [
        (1, "1 of 20 places is then taken instead of 2.", "You then have 1 creator instead of 2;"),
        (2, "2 of 20 places are then taken instead of 3.", "You then have 2 creators instead of 3"),
    ],
)
def test_the_page_of_parting_counts_who_stays(
    agency: Agency, owner: Client, others: int, limited: str, unlimited: str
) -> None:
    binding = BindingFactory.create(agency=agency)
    BindingFactory.create_batch(others, agency=agency)
    path = f"/creators/{binding.pk}/unbind/"
    Agency.objects.filter(pk=agency.pk).update(binding_cap=20)
    assert limited in words(owner, path)
    Agency.objects.filter(pk=agency.pk).update(binding_cap=None)
    assert unlimited in words(owner, path)


def test_the_page_of_parting_without_a_result(agency: Agency, owner: Client) -> None:
    binding = BindingFactory.create(agency=agency)
    page = words(owner, f"/creators/{binding.pk}/unbind/")
    assert "No result of this agency is published yet" in page


def test_the_preview_of_binding_tells_places_and_points(agency: Agency, owner: Client) -> None:
    month_of(agency)
    page = words(owner, "/creators/preview/")
    assert "2 of 50 places would be taken instead of 1." in page
    assert "No rule stands against a new binding at present." in page
    assert "Send the request" in page
    assert "27.50" in page
    assert "35.00" in page
    Agency.objects.filter(pk=agency.pk).update(binding_cap=1)
    assert "the agency may bind 1 creators, and it has 1." in words(owner, "/creators/preview/")
    Agency.objects.filter(pk=agency.pk).update(binding_cap=None)
    assert "You would have 2 creators instead of 1" in words(owner, "/creators/preview/")
    Agency.objects.filter(pk=agency.pk).update(followers_below=5_000_000)
    assert "Creators with 5M followers or more are refused" in words(owner, "/creators/preview/")


def test_the_preview_names_what_forbids_binding_and_until_when(
    agency: Agency, owner: Client
) -> None:
    Penalty.objects.create(
        violation=ViolationFactory.create(agency=agency),
        agency=agency,
        kind=Measure.SUSPEND_BINDING,
        state=PenaltyState.ACTIVE,
        starts_on=TODAY,
        until=date(2026, 12, 1),
    )
    page = words(owner, "/creators/preview/")
    assert "it is possible again from Dec. 1, 2026" in page
    assert "places would be taken" not in page
    assert "Send the request" not in page
    assert "There are no points of this agency yet to tell it by." in page


def test_the_preview_tells_nothing_of_any_creator(agency: Agency, owner: Client) -> None:
    """Whatever the address asks for: who is free is told to nobody before asking."""
    CreatorFactory.create(creator_id="FREE", nickname="CANARY")
    BindingFactory.create(creator__creator_id="TAKEN", creator__nickname="CANARY")
    plain = owner.get("/creators/preview/").content
    token = b"csrfmiddlewaretoken"
    for code in ("FREE", "TAKEN", "MISSING"):
        asked = owner.get("/creators/preview/", {"creator_id": code}).content
        assert b"CANARY" not in asked
        assert len(asked.split(token)) == len(plain.split(token))
        assert asked.count(b"notice-good") == plain.count(b"notice-good") == 1


def test_a_viewer_reads_the_preview_and_cannot_part(agency: Agency) -> None:
    binding = month_of(agency)
    viewer = signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)
    page = words(viewer, "/creators/preview/").split("<main")[1]
    assert 'method="post"' not in page
    assert viewer.get(f"/creators/{binding.pk}/unbind/").status_code == 403
    assert viewer.post("/creators/preview/").status_code == 405
    assert Client().get("/creators/preview/").status_code == 302


def test_three_creators_take_as_many_queries_as_one(
    agency: Agency, owner: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    binding = month_of(agency)
    pages = ((f"/creators/{binding.pk}/unbind/", 8), ("/creators/preview/", 7))
    for more in range(2):
        for path, number in pages:
            with django_assert_num_queries(number):
                words(owner, path)
        BindingFactory.create_batch(2, agency=agency)
        assert more < 2
