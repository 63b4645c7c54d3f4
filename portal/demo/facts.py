"""The daily facts of the demo platform's creators, a month at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from portal.demo import profile
from portal.demo.agencies import AgencyPlan
from portal.demo.bindings import Span
from portal.demo.chance import happens
from portal.demo.creators import CreatorPlan
from portal.demo.timeline import ONE, Month, day_factor

HEADER = (
    "creator_id,day,settled_amount,showcase_amount,good_goods_amount,settled_orders,"
    "worry_free_orders,live_minutes,creator_level,reputation,followers\n"
)

_ORDINARY_DAYS = 30
_UNBOUND_STRENGTH = 400
_UNBOUND_BASKET_CENTS = 7_500
_LIVE_MINUTES_A_DAY = 1440
# A refund day: so many 1024ths of days, and only where little was sold.
_REFUND_DAYS, _FEW_ORDERS = 12, 30


@dataclass(frozen=True)
class _Targets:
    """What a whole agency brings on an ordinary day of the month, and how."""

    cents: int
    basket_cents: int
    showcase: int
    openers: int
    good_goods: int
    worry_free: int
    live_minutes: int
    reputation: int
    weight: int
    opener_weight: int


class _Rate(NamedTuple):
    """A creator's month; shares, orders and days in 1024ths, `first` to `last` are days."""

    creator_id: str
    active: int
    orders: int
    basket_cents: int
    showcase: int
    good_goods: int
    worry_free: int
    live_minutes: int
    streams: int
    level: int
    reputation: int
    followers: int
    gain: int
    first: int
    gap_from: int
    gap_until: int


def write_facts(
    path: Path,
    rnd: Random,
    *,
    month: Month,
    position: int,
    agencies: list[AgencyPlan],
    creators: list[CreatorPlan],
) -> None:
    """Write a month's facts, by day and then creator; `position` is the month's among all."""
    targets = _all_targets(month, position, agencies, creators)
    rates = list(_rates(rnd, month, position, creators, targets))
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(HEADER)
        for number in range(month.days):
            day = month.first + timedelta(days=number)
            out.write("".join(_rows(rnd, day, rates)))


def bound_days(spans: tuple[Span, ...], agency: int, first: date, end: date) -> int:
    """Count the days in [first, end) on which a creator was bound to the agency."""
    days = 0
    for span in spans:
        if span.agency == agency:
            until = min(span.bound_until or end, end)
            days += max((until - max(span.bound_from, first)).days, 0)
    return days


def _all_targets(
    month: Month, position: int, agencies: list[AgencyPlan], creators: list[CreatorPlan]
) -> list[_Targets]:
    """Each agency's targets, spread over the creators who are bound to it in the month."""
    openers = [
        profile.at(profile.SHOWCASE_CREATORS, agency.strengths[position]) for agency in agencies
    ]
    weights = [0] * len(agencies)
    opener_weights = [0] * len(agencies)
    floors = [0] * len(agencies)
    for plan in creators:
        if plan.home is None:
            continue
        here = plan.weight * bound_days(plan.spans, plan.home, month.first, month.end) // month.days
        floors[plan.home] += plan.weight * 6 // 10
        weights[plan.home] += here
        if plan.showcase_place < openers[plan.home]:
            opener_weights[plan.home] += here
    return [
        _targets(agency, position, max(weight, floor, 1), opener_weight)
        for agency, weight, floor, opener_weight in zip(
            agencies, weights, floors, opener_weights, strict=True
        )
    ]


def _targets(agency: AgencyPlan, position: int, weight: int, opener_weight: int) -> _Targets:
    strength = agency.strengths[position]
    return _Targets(
        cents=profile.at(profile.AMOUNT_YUAN, strength) * 100 // _ORDINARY_DAYS,
        basket_cents=agency.basket_cents,
        showcase=profile.at(profile.SHOWCASE_SHARE, strength) * ONE // 1000,
        openers=profile.at(profile.SHOWCASE_CREATORS, strength),
        good_goods=profile.at(profile.GOOD_GOODS_SHARE, strength) * ONE // 1000,
        worry_free=profile.at(profile.WORRY_FREE, strength) * ONE // 1000,
        live_minutes=profile.at(profile.LIVE_MINUTES, strength),
        reputation=agency.reputations[position],
        weight=weight,
        opener_weight=max(opener_weight, weight // 8),
    )


def _unbound(creator: CreatorPlan) -> _Targets:
    """Targets of somebody who works alone."""
    strength = _UNBOUND_STRENGTH
    return _Targets(
        cents=profile.at(profile.AMOUNT_YUAN, strength) * 10 // _ORDINARY_DAYS,
        basket_cents=_UNBOUND_BASKET_CENTS,
        showcase=profile.at(profile.SHOWCASE_SHARE, strength) * ONE // 1000,
        openers=0,
        good_goods=profile.at(profile.GOOD_GOODS_SHARE, strength) * ONE // 1000,
        worry_free=profile.at(profile.WORRY_FREE, strength) * ONE // 1000,
        live_minutes=profile.at(profile.LIVE_MINUTES, strength),
        reputation=440,
        weight=creator.weight,
        opener_weight=creator.weight,
    )


def _rates(
    rnd: Random,
    month: Month,
    position: int,
    creators: list[CreatorPlan],
    targets: list[_Targets],
) -> Iterator[_Rate]:
    for plan in creators:
        first = (plan.starts - month.first).days
        if first >= month.days:
            continue
        goal = _unbound(plan) if plan.home is None else targets[plan.home]
        gap_from = rnd.randint(0, 20) if happens(rnd, 6) else month.days
        cents = goal.cents * plan.weight * ONE // (goal.weight * plan.active)
        showcase = goal.showcase * goal.weight // goal.opener_weight
        live = goal.live_minutes * ONE * ONE * 5 // (plan.active * plan.streams * 4 or 1)
        reputation = 0
        if plan.reputation_shift is not None:
            reputation = min(max(goal.reputation + plan.reputation_shift, 361), 494)
        gain = plan.followers // 4000
        yield _Rate(
            creator_id=plan.creator_id,
            active=plan.active,
            orders=cents * ONE // goal.basket_cents,
            basket_cents=goal.basket_cents * (85 + plan.weight % 31) // 100,
            showcase=min(showcase, 700) if plan.showcase_place < goal.openers else 0,
            good_goods=min(goal.good_goods, 640),
            worry_free=goal.worry_free,
            live_minutes=live if plan.streams else 0,
            streams=plan.streams,
            level=plan.level - 1 if position < plan.promoted else plan.level,
            reputation=reputation,
            followers=plan.followers + gain * 30 * position,
            gain=gain,
            first=first,
            gap_from=gap_from,
            gap_until=gap_from + rnd.randint(6, 25),
        )


def _rows(rnd: Random, day: date, rates: list[_Rate]) -> Iterator[str]:
    """The rows of a day. One draw of 50 bits feeds five choices: this is the costly loop."""
    factor = day_factor(day)
    number = day.day - 1
    text = day.isoformat()
    draw = rnd.getrandbits
    for rate in rates:
        bits = draw(50)
        if (bits & 1023) >= rate.active or number < rate.first:
            continue
        if rate.gap_from <= number < rate.gap_until:
            continue
        a, b, c, d = bits >> 10 & 1023, bits >> 20 & 1023, bits >> 30 & 1023, bits >> 40
        # 2**30 is one order here; b rounds up or down at random, so small creators keep their mean.
        orders = (rate.orders * factor * (512 + a) + (b << 20)) >> 30
        if d < _REFUND_DAYS and orders < _FEW_ORDERS:
            orders = good_goods = 0
            amount = -(rate.basket_cents * (200 + a) >> 9)
            showcase = amount if rate.showcase else 0
        else:
            amount = orders * rate.basket_cents * (896 + (c >> 2)) >> 10
            showcase = amount * rate.showcase * (768 + (d >> 1)) >> 20
            good_goods = amount * rate.good_goods * (512 + c) >> 20
        worry_free = min(orders, (orders * rate.worry_free + d) >> 10)
        live = 0
        if c < rate.streams:
            live = min(rate.live_minutes * (512 + b) >> 10, _LIVE_MINUTES_A_DAY)
        level = rate.level if d & 7 else ""
        reputation = ""
        if rate.reputation and d & 3 == 1:
            reputation = _hundredths(rate.reputation + a % 3 - 1)
        followers = rate.followers + rate.gain * number if d % 11 == 0 else ""
        yield (
            f"{rate.creator_id},{text},{_hundredths(amount)},{_hundredths(showcase)},"
            f"{_hundredths(good_goods)},{orders},{worry_free},{live},"
            f"{level},{reputation},{followers}\n"
        )


def _hundredths(number: int) -> str:
    """Write hundredths (cents, points) as a plain decimal number."""
    sign = "-" if number < 0 else ""
    whole, rest = divmod(abs(number), 100)
    return f"{sign}{whole}.{rest:02d}"
