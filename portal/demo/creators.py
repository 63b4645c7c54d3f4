"""The creators of the demo platform: what each brings and to which agencies each was bound."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from portal.demo import names, profile
from portal.demo.agencies import AgencyPlan
from portal.demo.bindings import Span, Spans
from portal.demo.chance import happens
from portal.demo.timeline import Timeline

_FOLLOWERS = (
    (300, 4_000),
    (1_500, 12_000),
    (5_000, 40_000),
    (12_000, 90_000),
    (30_000, 220_000),
    (90_000, 650_000),
    (300_000, 1_800_000),
    (1_200_000, 4_600_000),
)
_FAMOUS = (5_000_000, 11_000_000)
_FAMOUS_FROM_STRENGTH = 3000
_SENIOR, _STAR = 5, 7
_STARS_FROM_STRENGTH = 2500


@dataclass(frozen=True)
class CreatorPlan:
    """A creator of one home agency (a position in the list of agencies, or None).

    `weight` is the part in the home agency's amounts; `showcase_place` the place among its
    creators, per mille, in the order in which they open their showcase; `reputation_shift` the
    distance from the agency's reputation in hundredths, None for a creator without one; `active`
    and `streams` are 1024ths of days; before the month at position `promoted` the level was one
    lower.
    """

    creator_id: str
    nickname: str
    followers: int
    contact: str
    home: int | None
    weight: int
    level: int
    promoted: int
    reputation_shift: int | None
    showcase_place: int
    active: int
    streams: int
    starts: date
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class _Seat:
    """A creator's place in its agency: rank 0 is the strongest."""

    home: int | None
    rank: int
    size: int
    level: int
    showcase_place: int


def creator_plans(
    rnd: Random, line: Timeline, agencies: list[AgencyPlan], count: int
) -> list[CreatorPlan]:
    """Plan `count` creators in order of their ids; those beyond the agencies' seats are unbound.

    Raises ValueError when the agencies have more seats than there are creators.
    """
    seats = [seat for home, plan in enumerate(agencies) for seat in _seats(rnd, home, plan)]
    if len(seats) > count:
        raise ValueError(f"The demo agencies have {len(seats)} creators, more than {count}.")
    seats += [_Seat(None, 4, 12, rnd.choice((0, 0, 1, 2)), 999)] * (count - len(seats))
    rnd.shuffle(seats)
    spans = Spans(rnd, line, agencies)
    ids = sorted(rnd.sample(range(1_000_000_000, 10_000_000_000), count))
    return [
        _creator(rnd, str(number), seat, agencies, spans)
        for number, seat in zip(ids, seats, strict=True)
    ]


def _seats(rnd: Random, home: int, agency: AgencyPlan) -> Iterator[_Seat]:
    size = agency.headcount
    strength = max(agency.strengths)
    seniors = min(size, profile.at(profile.SENIORS, strength))
    places = [1000 * place // size for place in range(size)]
    rnd.shuffle(places)
    for rank in range(size):
        if rank < seniors:
            top = _STAR if rank * 6 < seniors and strength > _STARS_FROM_STRENGTH else _STAR - 1
            level = top if rank * 3 < seniors else _SENIOR
        else:
            level = max(
                0, _SENIOR - 1 - 5 * (rank - seniors) // (size - seniors) - rnd.randint(0, 1)
            )
        yield _Seat(home, rank, size, level, places[rank])


def _creator(
    rnd: Random, creator_id: str, seat: _Seat, agencies: list[AgencyPlan], spans: Spans
) -> CreatorPlan:
    agency = None if seat.home is None else agencies[seat.home]
    category = agency.category if agency else rnd.choice(names.CATEGORIES)
    bound = spans.of(seat.home, senior=seat.level >= _SENIOR, rank=seat.rank)
    low, high = _FOLLOWERS[seat.level]
    if agency and seat.level == _STAR and agency.strengths[0] > _FAMOUS_FROM_STRENGTH:
        low, high = _FAMOUS if happens(rnd, 30) else (low, high)
    unsteady = 6 if seat.rank * 4 < seat.size else 13
    rated = seat.rank <= 1 or happens(rnd, 90)
    return CreatorPlan(
        creator_id=creator_id,
        nickname=names.nickname(rnd, category),
        followers=rnd.randint(low, high),
        contact=f"{creator_id}@example.com" if happens(rnd, 70) else "",
        home=seat.home,
        weight=1000 * rnd.randint(80, 120) // (seat.rank + 3),
        level=seat.level,
        promoted=rnd.randrange(6) if seat.level > 0 and happens(rnd, 10) else 0,
        reputation_shift=rnd.randint(-unsteady, unsteady) if rated else None,
        showcase_place=seat.showcase_place,
        active=rnd.randint(530, 800),
        streams=rnd.randint(450, 800) if happens(rnd, 80) else 0,
        starts=spans.first_day(bound),
        spans=bound,
    )
