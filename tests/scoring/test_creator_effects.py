"""Which creators moved an indicator: every effect recomputed another way, sums exact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from agencies.models import Agency, Creator
from scoring.models import Assessment, CreatorContribution
from scoring.points import indicator_values
from scoring.queries.creator_effects import PER_PAGE, CreatorEffects, creator_effects
from scoring.queries.departures import Departures, Stay, departures_of
from scoring.rulebook import INDICATOR_KEYS
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, EvaluationFactory
from tests.factories.contributions import ORDINARY, contribute, contributed_month, totals_of

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
SHARES = ("showcase_share", "good_goods_share")
Brought = Mapping[Creator, Mapping[str, Any]]


def months(agency: Agency, before: Brought, now: Brought) -> tuple[Assessment, Assessment]:
    return (
        contributed_month(agency, SEPTEMBER, before),
        contributed_month(agency, OCTOBER, now),
    )


def effects_of(key: str, pair: tuple[Assessment, Assessment], page: str = "") -> CreatorEffects:
    effects = creator_effects(key, *pair, page)
    assert effects is not None
    return effects


def by_creator(effects: CreatorEffects) -> dict[str, Decimal | None]:
    return {row.creator_id: row.effect for row in effects.rows}


def recomputed(key: str, before: Brought, now: Brought, one: Creator) -> Decimal | None:
    """The value of last month with one creator's rows exchanged, minus last month's value."""

    def value(brought: Brought) -> Decimal | None:
        rows = [CreatorContribution(creator=who, **ORDINARY | row) for who, row in brought.items()]
        return indicator_values(totals_of(rows))[key]

    exchanged = {who: row for who, row in before.items() if who != one}
    if one in now:
        exchanged[one] = now[one]
    then, instead = value(before), value(exchanged)
    if then is None or instead is None:
        return None
    return (instead - then) * (100 if key in SHARES else 1)


def drawn(random: Random) -> dict[str, Any]:
    settled = random.randrange(0, 50_000_000)
    return {
        "bound_days": random.randrange(1, 31),
        "bound_on_last_day": random.random() < 0.8,
        "settled_cents": settled,
        "showcase_cents": random.choice([0, settled // 3, settled]),
        "good_goods_cents": settled // random.randrange(2, 9),
        "settled_orders": random.choice([0, random.randrange(5_000)]),
        "worry_free_orders": random.randrange(900),
        "live_minutes": random.randrange(9_000),
        "level": random.choice([None, 3, 4, 5, 6]),
        "reputation": random.choice([None, random.randrange(400, 500)]),
    }


@pytest.mark.parametrize("seed", range(3))
def test_every_effect_is_the_value_with_one_creator_exchanged(seed: int) -> None:
    random = Random(seed)
    creators = CreatorFactory.create_batch(9)
    before = {creator: drawn(random) for creator in creators[:7]}
    now = {creator: drawn(random) for creator in creators[2:]}
    before[creators[3]] |= {"reputation": 450, "settled_orders": 100}
    now[creators[3]] |= {"reputation": 460, "settled_orders": 70}
    pair = months(AgencyFactory.create(), before, now)
    for key in INDICATOR_KEYS:
        effects = effects_of(key, pair)
        assert by_creator(effects) == {
            creator.creator_id: recomputed(key, before, now, creator) for creator in creators
        }


@pytest.mark.parametrize("key", INDICATOR_KEYS)
def test_effects_others_and_remainder_are_the_change(key: str) -> None:
    random = Random(4)
    creators = CreatorFactory.create_batch(PER_PAGE + 5)
    pair = months(
        AgencyFactory.create(),
        {creator: drawn(random) for creator in creators},
        {creator: drawn(random) for creator in creators},
    )
    values = [Decimal(each.indicators[key]["value"]) for each in pair]
    change = (values[1] - values[0]) * (100 if key in SHARES else 1)
    pages = [effects_of(key, pair, str(page)) for page in (1, 2)]
    for effects in pages:
        listed = sum((row.effect or Decimal(0) for row in effects.rows), start=Decimal(0))
        assert listed + effects.others + effects.remainder == effects.change == change
        assert effects.mean or effects.remainder == 0
    assert [len(each.rows) for each in pages] == [PER_PAGE, 5]
    assert [each.others_count for each in pages] == [5, PER_PAGE]
    sizes = [abs(row.effect or Decimal(0)) for each in pages for row in each.rows]
    assert sizes == sorted(sizes, reverse=True)


def test_two_creators_by_hand() -> None:
    first, second = CreatorFactory.create_batch(2)
    pair = months(
        AgencyFactory.create(),
        {
            first: {"settled_cents": 100_00, "showcase_cents": 10_00},
            second: {"settled_cents": 100_00, "showcase_cents": 30_00},
        },
        {
            first: {"settled_cents": 200_00, "showcase_cents": 10_00},
            second: {"settled_cents": 100_00, "showcase_cents": 60_00},
        },
    )
    # September 40/200 = 20 %; first alone 40/300 = 13.3333 %, second alone 70/200 = 35 %;
    # October 70/300 = 23.3333 %
    effects = effects_of("showcase_share", pair)
    assert by_creator(effects) == {
        second.creator_id: Decimal("15.0000"),
        first.creator_id: Decimal("-6.6667"),
    }
    assert effects.change == Decimal("3.3333")
    assert effects.remainder == Decimal("-5.0000")


def test_a_creator_who_came_or_went_is_marked() -> None:
    stayed, gone, came = CreatorFactory.create_batch(3)
    pair = months(AgencyFactory.create(), {stayed: {}, gone: {}}, {stayed: {}, came: {}})
    effects = effects_of("settled_orders", pair)
    assert {row.creator_id: (row.joined, row.left, row.effect) for row in effects.rows} == {
        stayed.creator_id: (False, False, 0),
        gone.creator_id: (False, True, -1_000),
        came.creator_id: (True, False, 1_000),
    }
    assert effects.change == 0


def test_the_records_of_the_bindings_tell_the_days() -> None:
    agency, other = AgencyFactory.create_batch(2)
    gone, came, back, stayed, moved = CreatorFactory.create_batch(5)
    for creator, since, until in (
        (gone, date(2024, 1, 1), date(2026, 10, 9)),
        (came, date(2026, 10, 12), date(2026, 11, 1)),
        (back, date(2024, 1, 1), date(2026, 10, 5)),
        (back, date(2026, 10, 20), None),
        (stayed, date(2024, 1, 1), date(2026, 10, 5)),
        (stayed, date(2026, 10, 5), date(2026, 11, 3)),
    ):
        BindingFactory.create(agency=agency, creator=creator, bound_from=since, bound_until=until)
    BindingFactory.create(agency=other, creator=moved, bound_from=date(2026, 10, 12))
    everybody: dict[Creator, dict[str, Any]] = {
        each: {} for each in (gone, came, back, stayed, moved)
    }
    effects = effects_of("settled_orders", months(agency, everybody, everybody))
    assert {row.creator_id: row.stay for row in effects.rows} == {
        gone.creator_id: Stay(unbound_on=date(2026, 10, 9)),
        came.creator_id: Stay(bound_on=date(2026, 10, 12)),
        back.creator_id: Stay(bound_on=date(2026, 10, 20)),
        stayed.creator_id: Stay(),
        moved.creator_id: Stay(),
    }


GONE = {"bound_on_last_day": False}


def test_who_left_is_counted_with_what_went_along() -> None:
    agency = AgencyFactory.create()
    stayed, early, during, on_the_first, passing = CreatorFactory.create_batch(5)
    before, now = months(
        agency,
        {
            stayed: {"settled_cents": 100_00},
            early: {"settled_cents": 7_000_00, **GONE},
            during: {"settled_cents": 900_00},
            on_the_first: {"settled_cents": 50_05},
        },
        {
            stayed: {"settled_cents": 120_00},
            during: {"settled_cents": 300_00, **GONE},
            passing: {"settled_cents": 10_00, **GONE},
        },
    )
    # during −600, on the first −50.05, passing +10; early had left the month before
    found = departures_of(before, now)
    assert found == Departures(3, Decimal("-640.05"), Decimal("-7620.05"))
    assert found.along


def test_nobody_left_or_nothing_is_kept() -> None:
    stayed, gone = CreatorFactory.create_batch(2)
    before, now = months(AgencyFactory.create(), {stayed: {}}, {stayed: {}})
    assert departures_of(before, now) is None
    other = AgencyFactory.create()
    before, now = months(other, {stayed: {}, gone: {}}, {stayed: {}})
    assert departures_of(before, now) is not None
    CreatorContribution.objects.filter(agency=other, creator=gone).delete()
    assert departures_of(before, now) is None


def test_whole_sums_with_a_decimal_point_are_divided_exactly() -> None:
    first, second = CreatorFactory.create_batch(2)
    before, now = months(
        AgencyFactory.create(),
        {first: {"live_minutes": 100}, second: {"live_minutes": 101}},
        {first: {"live_minutes": 107}, second: {"live_minutes": 103, "bound_days": 29}},
    )
    exact = by_creator(effects_of("live_minutes_per_creator_day", (before, now)))
    before.totals = {name: float(value) for name, value in before.totals.items()}
    assert by_creator(effects_of("live_minutes_per_creator_day", (before, now))) == exact


def test_equal_effects_come_in_the_order_of_the_creators() -> None:
    creators = CreatorFactory.create_batch(5)
    pair = months(AgencyFactory.create(), {}, {creator: {} for creator in reversed(creators)})
    effects = effects_of("worry_free_orders", pair)
    assert list(by_creator(effects)) == [creator.creator_id for creator in creators]


def test_without_the_one_rated_creator_there_would_be_no_value() -> None:
    old, new = CreatorFactory.create_batch(2)
    pair = months(AgencyFactory.create(), {old: {"reputation": 450}}, {new: {"reputation": 480}})
    effects = effects_of("reputation", pair)
    assert by_creator(effects) == {new.creator_id: Decimal("0.1500"), old.creator_id: None}
    assert effects.change == Decimal("0.3000")
    assert effects.remainder == Decimal("0.1500")


def test_a_month_without_reputation_has_no_change_to_divide() -> None:
    creator = CreatorFactory.create()
    pair = months(AgencyFactory.create(), {creator: {"reputation": None}}, {creator: {}})
    assert creator_effects("reputation", *pair, "") is None


def test_without_creators_there_is_nothing_to_divide() -> None:
    pair = months(AgencyFactory.create(), {}, {})
    assert creator_effects("settled_amount", *pair, "") is None


def test_sums_of_any_size_are_divided_exactly() -> None:
    creator, other = CreatorFactory.create_batch(2)
    huge = {
        "settled_cents": 900_000_000_000_003,
        "showcase_cents": 777_777_777_777_777,
        "live_minutes": 2_000_000_000,
        "settled_orders": 4_000_000_000,
    }
    before, now = {creator: {}, other: huge}, {creator: huge, other: {}}
    pair = months(AgencyFactory.create(), before, now)
    for key in INDICATOR_KEYS:
        assert by_creator(effects_of(key, pair)) == {
            each.creator_id: recomputed(key, before, now, each) for each in (creator, other)
        }


def test_refunds_below_zero_leave_no_share() -> None:
    creator, other = CreatorFactory.create_batch(2)
    refunded = {"settled_cents": -5_000_000, "showcase_cents": -100}
    pair = months(AgencyFactory.create(), {creator: {}, other: {}}, {creator: refunded, other: {}})
    effects = effects_of("showcase_share", pair)
    assert by_creator(effects)[creator.creator_id] == Decimal("-10.0000")


@pytest.mark.parametrize(
    ("page", "number"), [("", 1), ("x", 1), ("0", 1), ("2", 2), ("99", 2), ("9" * 40, 1), ("²", 1)]
)
def test_a_page_that_does_not_exist_is_the_nearest(page: str, number: int) -> None:
    creators = CreatorFactory.create_batch(PER_PAGE + 1)
    pair = months(AgencyFactory.create(), {}, {creator: {} for creator in creators})
    effects = effects_of("settled_orders", pair, page)
    assert effects.page.number == number
    assert len(effects.rows) == (PER_PAGE if number == 1 else 1)


def test_contributions_to_another_agency_count_for_nothing_here() -> None:
    creator = CreatorFactory.create()
    own = AgencyFactory.create()
    pair = months(own, {creator: {}}, {creator: {}})
    stranger = CreatorFactory.create(creator_id="CANARY", nickname="CANARY")
    october = EvaluationFactory._meta.model.objects.get(month=OCTOBER)
    contribute(october, AgencyFactory.create(), {stranger: {}, creator: {"settled_orders": 77}})
    effects = effects_of("settled_orders", pair)
    assert by_creator(effects) == {creator.creator_id: 0}
