"""The agencies of the demo platform: who they are and how strong they are in each month."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from portal.demo import names, profile
from portal.demo.chance import happens
from portal.demo.situations import SITUATIONS, Situation
from portal.demo.timeline import Timeline, month_before

# Per mille of the agencies.
_JOINING_EACH_MONTH = 31
_POOR_SERVICE = 65
_LOW_CREDIT = 38

_STRONGEST_NEWCOMER = 2800

# The assessed agencies, per mille, that are weaker than a strength.
_PYRAMID: profile.Curve = (
    (0, 120),
    (300, 1000),
    (605, 2000),
    (830, 3000),
    (950, 4000),
    (1000, 4950),
)

_BASKET_CENTS = {
    "美妆": 10_500,
    "服饰": 9_500,
    "食品": 6_500,
    "母婴": 9_000,
    "家居": 8_000,
    "数码": 14_500,
    "图书": 5_500,
    "运动": 11_000,
    "珠宝": 16_500,
    "生鲜": 6_000,
}


@dataclass(frozen=True)
class AgencyPlan:
    """An agency with one strength (0–5000) and one reputation (hundredths) for each month."""

    code: str
    name: str
    joined_on: date
    city: str
    category: str
    contact_email: str
    contact_phone: str
    uscc: str
    situation: str
    low_credit: bool
    headcount: int
    basket_cents: int
    strengths: tuple[int, ...]
    reputations: tuple[int, ...]


@dataclass
class _Draft:
    joined_on: date
    strength: int
    situation: Situation | None = None
    poor_service: bool = False
    low_credit: bool = False


def agency_plans(rnd: Random, line: Timeline, count: int, headcount: int) -> list[AgencyPlan]:
    """Plan `count` agencies in order of their codes, with about `headcount` bound creators in all.

    Raises ValueError when there are fewer agencies than situations to show.
    """
    if count < 2 * len(SITUATIONS):
        raise ValueError(f"The demo platform needs {2 * len(SITUATIONS)} agencies or more.")
    drafts = list(_drafts(rnd, line, count))
    drafts.sort(key=lambda draft: draft.joined_on)
    sizes = _headcounts(rnd, drafts, headcount)
    homes = rnd.choices(names.CITIES, names.CITY_WEIGHTS, k=count)
    titles = names.agency_names(rnd, [city for city, _ in homes])
    plans: list[AgencyPlan] = []
    number = 10_000
    for draft, size, (city, region), title in zip(drafts, sizes, homes, titles, strict=True):
        number += rnd.randint(1, 6)
        code = f"AG{number}"
        category = rnd.choices(names.CATEGORIES, names.CATEGORY_WEIGHTS)[0]
        plans.append(
            AgencyPlan(
                code=code,
                name=title,
                joined_on=draft.joined_on,
                city=city,
                category=category,
                contact_email=f"{code.lower()}@example.com" if happens(rnd, 90) else "",
                contact_phone=names.phone(rnd) if happens(rnd, 50) else "",
                uscc=names.uscc(rnd, region) if happens(rnd, 85) else "",
                situation=draft.situation.name if draft.situation else "",
                low_credit=draft.low_credit,
                headcount=size,
                basket_cents=_BASKET_CENTS[category] * rnd.randint(88, 112) // 100,
                strengths=_strengths(rnd, line, draft),
                reputations=_reputations(rnd, line, draft),
            )
        )
    return plans


def _drafts(rnd: Random, line: Timeline, count: int) -> Iterator[_Draft]:
    newcomers = line.full[line.latest].first
    for situation in SITUATIONS:
        joined = _day_in(rnd, newcomers, line) if situation.novice else _long_ago(rnd, line)
        yield _Draft(joined, situation.strength, situation)
    joining = list(_joining_days(rnd, line, count))
    poor, low = count * _POOR_SERVICE // 1000, count * _LOW_CREDIT // 1000
    novice_from = month_before(newcomers)
    novices = [day for day in joining if day >= novice_from]
    grown = [day for day in joining if day < novice_from]
    for day in novices:
        yield _Draft(day, rnd.randint(200, 2100))
    for _ in range(poor):
        yield _Draft(_long_ago(rnd, line), rnd.randint(150, 2600), poor_service=True)
    for _ in range(low):
        yield _Draft(_long_ago(rnd, line), rnd.randint(150, 2600), low_credit=True)
    assessed = count - len(SITUATIONS) - len(novices) - poor - low
    strengths = [
        profile.at(_PYRAMID, (2 * place + 1) * 500 // assessed) for place in range(assessed)
    ]
    rnd.shuffle(strengths)
    for strength in strengths:
        young = bool(grown) and strength < _STRONGEST_NEWCOMER
        yield _Draft(grown.pop() if young else _long_ago(rnd, line), strength)


def _joining_days(rnd: Random, line: Timeline, count: int) -> Iterator[date]:
    """Some agencies join in every month from the one before the first, so each has novices."""
    monthly = max(1, count * _JOINING_EACH_MONTH // 1000)
    for first in (month_before(line.start), *(month.first for month in line.full)):
        for _ in range(monthly):
            yield _day_in(rnd, first, line)
    for _ in range(monthly * line.current.days // 30):
        yield _day_in(rnd, line.current.first, line)


def _day_in(rnd: Random, first: date, line: Timeline) -> date:
    following = (first + timedelta(days=31)).replace(day=1)
    latest = min(following - timedelta(days=1), line.yesterday)
    return first + timedelta(days=rnd.randint(0, (latest - first).days))


def _long_ago(rnd: Random, line: Timeline) -> date:
    """A day up to six years before the first month, recent years being fuller."""
    end = month_before(month_before(line.start))
    return end - timedelta(days=1 + rnd.randint(0, 46) * rnd.randint(0, 46))


def _headcounts(rnd: Random, drafts: list[_Draft], total: int) -> list[int]:
    """Headcounts along the strengths, scaled so that their sum is about `total`."""
    wanted = [
        0
        if draft.situation and not draft.situation.creators
        else profile.at(profile.HEADCOUNT, draft.strength) * rnd.randint(82, 118)
        for draft in drafts
    ]
    whole = sum(wanted)
    return [max(2, size * total // whole) if size else 0 for size in wanted]


def _strengths(rnd: Random, line: Timeline, draft: _Draft) -> tuple[int, ...]:
    """A calm path through the months: a trend that ends at the draft's strength, and some noise."""
    scripted = draft.situation
    trend = scripted.trend if scripted else rnd.randint(-35, 60)
    noise = 15 if scripted else 65
    path: list[int] = []
    for position in range(len(line.months)):
        distance = position - line.latest
        value = draft.strength + trend * distance + rnd.randint(-noise, noise)
        if scripted and distance < 0:
            value += scripted.before
        path.append(min(max(value, 60), profile.TOP))
    return tuple(path)


def _reputations(rnd: Random, line: Timeline, draft: _Draft) -> tuple[int, ...]:
    """A slowly drifting reputation; poor service begins in some month and may have ended before."""
    latest = line.latest
    usual = profile.at(profile.REPUTATION, draft.strength) + rnd.randint(-3, 4)
    poor = rnd.randint(378, 419)
    begins, ends = len(line.months), len(line.months)
    if draft.situation:
        begins = latest + draft.situation.poor_service_from
        ends = latest + draft.situation.poor_service_until
    elif draft.poor_service:
        begins = rnd.randint(-latest, latest)
        ends = latest + rnd.randint(1, 2)
    elif latest > 0 and happens(rnd, 4):
        ends = rnd.randint(1, latest)
        begins = ends - rnd.randint(1, 3)
    drift = 0
    path: list[int] = []
    for position in range(len(line.months)):
        drift = min(max(drift + rnd.randint(-1, 1), -2), 3)
        path.append((poor if begins <= position < ends else usual) + drift)
    return tuple(path)
