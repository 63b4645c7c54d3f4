"""Ordinary agencies by chance: every level occurs, and some creators wander."""

from __future__ import annotations

from datetime import date, timedelta

from tests.reference.edge_script import Script, yuan

# (agencies, creators each, daily yuan per creator)
TIERS = ((4, 3, 700), (4, 5, 4_000), (4, 7, 15_000), (3, 10, 60_000), (2, 24, 150_000))
WANDERERS = 30


def add_crowd(script: Script) -> None:
    """Add agencies of five sizes, creators who wander among them, and violations."""
    codes = []
    for tier, (agencies, creators, amount) in enumerate(TIERS):
        for number in range(agencies):
            code = script.agency(f"Crowd_{tier}{number}")
            codes.append(code)
            for position in range(creators):
                creator = f"c{tier}{number}-{position}"
                script.bind(code, creator)
                _days(script, creator, amount, tier)
    for number in range(WANDERERS):
        _wander(script, f"wander-{number}", codes)
        _days(script, f"wander-{number}", 3_000, 1)
    for number, code in enumerate(script.rng.sample(codes, 6)):
        day = script.first(-2) + timedelta(days=script.rng.randrange(150))
        script.violate(code, day, script.rng.choice((5, 10, 20, 45)), f"crowd/{number}")
    _leave(script, codes)


def _days(script: Script, creator: str, amount: int, tier: int) -> None:
    """Give a creator days by chance; the better the tier, the better they are."""
    rng = script.rng
    quality = rng.randrange(400, 460) + 8 * tier
    for day in script.all_days():
        if rng.random() < 0.15:
            continue
        settled = rng.randrange(-amount * 5, amount * 200)
        orders = max(settled, 0) // rng.randrange(6_000, 14_000)
        script.fact(
            creator,
            day,
            settled=yuan(settled),
            showcase=yuan(settled * rng.randrange(0, 12 + 8 * tier) // 100),
            goods=yuan(settled * rng.randrange(0, 20 + 15 * tier) // 100),
            orders=orders,
            worry=orders * rng.randrange(0, 10 + 10 * tier) // 100,
            live=rng.randrange(0, 60 + 60 * tier),
            level=rng.choice(("", "", str(min(7, rng.randrange(0, 4) + tier)))),
            reputation=f"{min(rng.randrange(quality, quality + 20), 500) / 100:.2f}"
            if rng.random() < 0.4
            else "",
            followers=rng.choice(("", str(rng.randrange(1_000, 9_000_000)))),
        )


def _wander(script: Script, creator: str, codes: list[str]) -> None:
    """Bind a creator for random stretches, sometimes to nobody or to the same again."""
    rng = script.rng
    start: date = script.first(-1) + timedelta(days=rng.randrange(40))
    agency = rng.choice(codes)
    while start < script.last(2):
        end = start + timedelta(days=rng.choice((1, 2, 7, 20, 33)))
        script.bind(agency, creator, start, end)
        start = end + timedelta(days=rng.choice((0, 0, 1, 5)))
        agency = rng.choice((agency, *rng.sample(codes, 3)))
    script.bind(agency, creator, start)


def _leave(script: Script, codes: list[str]) -> None:
    """Let some settled creators move by the second file of bindings."""
    rng = script.rng
    settled = sorted(one for one in script.creators if one[0] == "c" and one[1].isdigit())
    agency_of = {one["creator_id"]: one["agency_code"] for one in script.bindings[1]}
    for creator in rng.sample(settled, 12):
        end = rng.choice(script.all_days())
        script.close(agency_of[creator], creator, end)
        if rng.random() < 0.7:
            script.bind(rng.choice(codes), creator, end, wave=2)
