"""A small platform full of edges, written as contract files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from tests.reference.crowd import add_crowd
from tests.reference.edge_script import Flat, Script

# 550.00 by the default knots: 230 operating, 140 growth, 150 service and 30 bonus points.
FIVE = Flat()
ONE = Flat(creators=1)
# 850.00 by the default knots: 365 operating, 260 growth, 195 service and 30 bonus points.
TWENTY = Flat(
    creators=20,
    settled=5_000_000,
    showcase=1_500_000,
    good_goods=2_500_000,
    orders=100_000,
    live=60,
    reputation="4.76",
)
QUOTED_NAME = '星河,"新锐"\n传媒'


def write_edges(
    directory: Path,
    seed: int = 7,
    months: Sequence[str] = ("2026-04", "2026-05", "2026-06"),
) -> list[Path]:
    """Write a platform of three consecutive months into a folder.

    The same seed gives the same bytes. Every day of the months has facts. The result
    lists the files in an order of import in which some facts come before their bindings;
    kind by kind in the order of names gives the same platform.
    """
    firsts = [date.fromisoformat(f"{month}-01") for month in months]
    script = Script(firsts, random.Random(seed))
    if firsts != [script.first(0), script.first(1), script.first(2)]:
        raise ValueError("the edges need three consecutive months")
    _cut_offs(script)
    _service_floor(script)
    _credit(script)
    _joining(script)
    _code_order(script)
    _ties(script)
    _rises(script)
    _amounts(script)
    _halves(script)
    _moves(script)
    _levels(script)
    _reputations(script)
    _late_knowledge(script)
    _names(script)
    add_crowd(script)
    return script.write(directory)


def _cut_offs(script: Script) -> None:
    """Totals exactly on a cut-off, and a hundredth below one."""
    plans = {
        "cut-550": FIVE,
        "cut-549": Flat(orders=9_997),
        "cut-400": Flat(level="4", worry_free=0, showcase=50_000, good_goods=0),
        "cut-850": TWENTY,
        "cut-700": Flat(
            creators=20,
            level="4",
            showcase=300_000,
            good_goods=500_000,
            orders=100_000,
            reputation="4.76",
        ),
    }
    for code, plan in plans.items():
        script.flat(script.agency(code), plan)


def _service_floor(script: Script) -> None:
    """Reputations of 4.3, 4.2999, 4.29995 and 4.29994 around 140 points."""
    plans = {
        "service-140": ((5_000, 5_000), ("4.30", "4.30")),
        "service-13999": ((9_900, 100), ("4.30", "4.29")),
        "service-half": ((9_950, 50), ("4.30", "4.29")),
        "service-under": ((9_940, 60), ("4.30", "4.29")),
    }
    for code, (orders, reputation) in plans.items():
        plan = Flat(creators=2, orders=orders, reputation=reputation)
        script.flat(script.agency(code), plan)


def _credit(script: Script) -> None:
    """Deductions around the floor, on the edges of months, and more than there is."""
    month_end, next_month = script.last(0), script.first(1)
    cases = {
        "credit-80": [(month_end, 40)],
        "credit-79": [(month_end, 41)],
        "credit-first": [(next_month, 41)],
        "credit-day": [(script.day(0, 9), 15), (script.day(0, 9), 20), (script.day(0, 9), 5)],
        "credit-over": [(script.day(0, 2), 50), (script.day(1, 2), 120), (next_month, 10)],
        "credit-zero": [(script.day(0, 20), 0)],
        # Listed late to early: sorted by day, the earlier one is taken in full.
        "credit-sorted": [(script.day(1, 5), 100), (month_end, 50)],
    }
    for code, decisions in cases.items():
        script.flat(script.agency(code), ONE)
        for number, (day, points) in enumerate(decisions):
            script.violate(code, day, points, f"{code}/{10 - number}")
    # An earlier decision in a later file takes only what the later day still has.
    script.flat(script.agency("credit-late"), ONE)
    script.violate("credit-late", script.day(1, 5), 100, "credit-late/1")
    script.violate("credit-late", month_end, 50, "credit-late/2", wave=2)


def _joining(script: Script) -> None:
    """Agencies that join on the first, in the middle and on the last day of months."""
    joined = {
        "joined-last-before-2": script.last(-2),
        "joined-first-before": script.first(-1),
        "joined-last-before": script.last(-1),
        "joined-first": script.first(0),
        "joined-middle": script.day(0, 15),
        "joined-last": script.last(0),
        "joined-last-second": script.last(1),
        "joined-last-third": script.last(2),
        "joined-after": script.first(3),
    }
    for code, day in joined.items():
        script.flat(script.agency(code, joined=day), ONE, bound=day)


def _code_order(script: Script) -> None:
    """Equals, told apart only by their codes' code points."""
    for code in ("a1", "B2", "_x", "-y", "10", "9"):
        script.flat(script.agency(code), ONE)


def _ties(script: Script) -> None:
    """Equal totals that operating, settled or showcase amount decide, not the code."""
    plans = {
        "tie-b-operating": Flat(live=60, good_goods=0),
        "tie-a-operating": FIVE,
        "tie-b-settled": _large(200_000_000),
        "tie-a-settled": _large(100_000_000),
    }
    for code, plan in plans.items():
        script.flat(script.agency(code), plan)


def _large(settled: int) -> Flat:
    return Flat(settled=settled, showcase=settled * 15 // 100, good_goods=settled * 8 // 100)


def _rises(script: Script) -> None:
    """Equal growth in the second month after different first months."""
    plans = {
        "rise-z-up": (Flat(good_goods=0), FIVE),
        "rise-y-unassessed": (Flat(reputation="4.00", good_goods=0), FIVE),
        "rise-x-none": (FIVE,),
        "rise-w-down": (Flat(good_goods=100_000), FIVE, Flat(good_goods=100_000)),
    }
    for code, months in plans.items():
        script.flat(script.agency(code), *months)


def _amounts(script: Script) -> None:
    """Refunds, negative zeros, clamped shares, huge amounts and full days of live."""
    for code in ("refunds", "showcase-back", "big", "live-1440"):
        script.bind(script.agency(code), f"{code}-0")
        script.bind(code, f"{code}-1")
    for month in range(3):
        day, later = script.day(month, 3), script.day(month, 27)
        rated = {"orders": 10, "reputation": "4.50"}
        settled = ("-300.01", "-100.00", "50.00")[month]
        script.fact("refunds-0", day, settled="100", showcase="60.5", goods="70", **rated)
        script.fact("refunds-0", later, settled=settled, showcase="-0.00", goods="-70")
        script.fact("refunds-1", day, settled="-0.00", showcase="100", goods="-0", orders=1)
        script.fact("showcase-back-0", day, settled="100", showcase="80", goods="-0.01", **rated)
        script.fact("showcase-back-0", later, settled="20", showcase="-80.00", goods="120.01")
        script.fact("showcase-back-1", day, settled="5", showcase="-5", goods="0.3", **rated)
        huge = {"settled": "1000000000000.00", "showcase": "300000000000.01"}
        script.fact("big-0", day, goods="999999999999.99", **huge, **rated)
        script.fact("big-1", day, settled="999999999999.99", orders=3_000_000_000, worry=123_456)
    for offset, day in enumerate(script.all_days()):
        for position in (0, 1):
            script.fact(
                f"live-1440-{position}",
                day,
                settled=f"0.{(offset * 7 + position) % 100:02d}",
                orders=offset % 3,
                live=1440,
                reputation="4.55" if offset % 11 == position else "",
            )


def _halves(script: Script) -> None:
    """Points, shares and live minutes that lie exactly between two roundings."""
    for code in ("half-points", "half-share", "half-live"):
        script.bind(script.agency(code), f"{code}-0")
    for month in range(3):
        day = script.day(month, 11)
        rated = {"orders": 1, "reputation": "4.50"}
        script.fact("half-points-0", day, settled="12.50", worry=1, **rated)
        script.fact("half-share-0", day, settled="128", showcase="1", goods="3", **rated)
        # 32 creator-days and one minute: 0.03125 a day.
        short = 32 - script.last(month).day
        start = script.day(month, 5)
        creator = f"half-live-{month + 1}"
        script.bind("half-live", creator, start, start + timedelta(days=short))
        script.fact("half-live-0", day, live=1, **rated)


def _moves(script: Script) -> None:
    """Creators who move within a month, with gaps, for a day, on the edges of months."""
    a, b = script.agency("move-a"), script.agency("move-b")
    first, last, tenth, twentieth = (
        *(script.first(0), script.last(0), script.day(0, 10), script.day(0, 20)),
    )
    # A, B, A again: the second file closes the first binding and adds the others.
    for creator in ("mover-1", "mover-2"):
        script.bind(a, creator)
        script.close(a, creator, tenth)
        script.bind(b, creator, tenth, twentieth, wave=2)
        script.bind(a, creator, twentieth, wave=2)
    script.bind(a, "mover-gap", first, tenth)
    script.bind(a, "mover-gap", twentieth)
    script.bind(a, "mover-hole", script.first(-1), tenth)
    script.bind(b, "mover-hole", script.day(0, 13))
    script.bind(b, "mover-day", script.day(1, 15), script.day(1, 16))
    script.bind(a, "mover-first-day", script.first(1), script.day(1, 2))
    script.bind(a, "mover-last-day", last)
    script.bind(b, "mover-only-last", script.last(1), script.first(2))
    script.bind(b, "mover-until-first", script.first(-2), first)
    script.bind(a, "mover-until-second", script.first(-2), script.day(0, 2))
    script.bind(b, "mover-until-second", script.day(0, 2), script.last(2))
    script.bind(b, "mover-next-month", script.first(2))
    _restless_days(script)


def _restless_days(script: Script) -> None:
    """Give every mover different facts on every day, bound or not, also around the months."""
    movers = sorted(creator for creator in script.creators if creator.startswith("mover-"))
    span = [script.last(-1), *script.all_days(), script.first(3)]
    for position, creator in enumerate(movers):
        for offset, day in enumerate(span):
            seen = {1: "5", 5: "4"}.get((offset + position) % 12, "")
            script.fact(
                creator,
                day,
                settled=f"{1_000 + 37 * offset + position}.{(offset * 13) % 100:02d}",
                showcase=f"{(offset * 101 + position) % 400 - 50}.5",
                goods=f"{(offset * 53 + position) % 300}.25",
                orders=(offset * 5 + position) % 40,
                worry=offset % 4,
                live=(offset * 17 + position) % 180,
                level=seen,
                reputation=f"4.{(offset * 3 + position) % 100:02d}" if offset % 6 == 1 else "",
            )


def _levels(script: Script) -> None:
    """Which level counts, and for whom, when an agency's creators reach 5."""
    agency, other = script.agency("levels"), script.agency("levels-elsewhere")
    early, middle, last = script.day(0, 3), script.day(0, 15), script.last(0)
    seen = {
        "level-up": [(early, "4"), (last, "5")],
        "level-down": [(early, "5"), (last, "4")],
        "level-kept": [(early, "5"), (middle, ""), (last, "")],
        "level-zero": [(early, "6"), (last, "0")],
        "level-seven": [(middle, "7")],
        "level-none": [(middle, ""), (last, "")],
        "level-before": [(script.last(-1), "5"), (middle, "")],
        "level-gone": [(early, "5")],
        "level-arrived": [(early, "4"), (last, "5")],
        "level-silent": [],
        "level-5-here": [(early, "5"), (middle, "3"), (last, "")],
        "level-5-there": [(early, "4"), (middle, "5"), (last, "")],
    }
    for creator, days in seen.items():
        if creator == "level-gone":
            script.bind(agency, creator, end=last)
        elif creator == "level-arrived":
            script.bind(agency, creator, last)
        elif creator.startswith("level-5"):
            script.bind(agency, creator, end=script.day(0, 10))
            script.bind(other, creator, script.day(0, 10), script.day(0, 20))
            script.bind(agency, creator, script.day(0, 20))
        else:
            script.bind(agency, creator)
        for day, level in days:
            rated = {"orders": 3, "reputation": "4.50"}
            script.fact(creator, day, settled="10", live=60, level=level, **rated)


def _reputations(script: Script) -> None:
    """Missing, outdated, foreign, zero and weightless reputations."""
    agency, void = script.agency("reputation"), script.agency("reputation-void")
    script.agency("empty")
    script.bind(script.agency("idle"), "idle-0")
    for creator in ("rep-old", "rep-none", "rep-nought", "rep-weightless", "rep-kept"):
        script.bind(agency, creator)
    script.bind(agency, "rep-away", end=script.day(0, 20))
    script.bind(void, "rep-away", script.day(0, 20), script.day(0, 25))
    script.bind(void, "void-none")
    script.bind(void, "void-weightless")
    early, later = script.day(0, 4), script.day(0, 24)
    script.fact("rep-old", early, settled="1", orders=700, reputation="4.00")
    script.fact("rep-old", later, settled="1", orders=300, reputation="4.61")
    script.fact("rep-kept", early, settled="1", orders=7, reputation="4.9")
    script.fact("rep-kept", later, settled="1", orders=500)
    script.fact("rep-none", early, settled="1", orders=5_000)
    script.fact("rep-nought", early, settled="1", orders=10, reputation="0.00")
    script.fact("rep-weightless", early, settled="1", orders=0, reputation="1.00")
    script.fact("rep-away", early, settled="1", orders=50, reputation="4.33")
    script.fact("rep-away", later, settled="1", orders=0, reputation="5.00")
    script.fact("void-none", early, settled="1", orders=900)
    script.fact("void-weightless", early, settled="1", reputation="5")


def _late_knowledge(script: Script) -> None:
    """Facts that wait for a binding, belong to nobody, or are corrected later."""
    waiting = script.agency("waiting")
    script.creator("late-0", wave=2)
    script.creator("late-1", wave=2)
    script.bind(waiting, "late-0", script.first(0), wave=2)
    script.bind(waiting, "late-1", script.day(1, 12), wave=2)
    script.creator("free-0")
    for day in script.all_days():
        rated = {"orders": 5, "reputation": "4.62", "level": "5"}
        script.fact("late-0", day, settled="1000.10", showcase="500.05", live=45, **rated)
        if day.day % 2:
            script.fact("late-1", day, settled="2000", goods="1", live=15, **rated)
        else:
            script.plain_fact("late-1", day, settled="3.5", orders=1, worry=1)
            script.plain_fact("free-0", day, settled="123456.78", orders=9, live=99)
        if day.day % 5 == 0:
            script.plain_fact("ghost-0", day, settled="99999.99", orders=99, live=600)
    corrected = script.agency("corrected")
    for creator in ("fixed-0", "fixed-1"):
        script.bind(corrected, creator)
        for day in (script.day(0, 6), script.day(0, 16), script.day(1, 6)):
            values = {"settled": "5000.00", "showcase": "900", "goods": "800", "orders": 40}
            script.fact(creator, day, level="5", reputation="4.70", live=200, **values)
    # The whole row is replaced: what the new one leaves empty is gone.
    script.correct("fixed-0", script.day(0, 16), settled="-4999.99", orders=2, level="4")
    script.correct("fixed-1", script.day(0, 6), settled="0.01", reputation="4.10", orders=60)
    script.correct("fixed-1", script.day(1, 6))


def _names(script: Script) -> None:
    """A name that needs quoting, and one that a later file changes."""
    script.flat(script.agency("quoted", name=QUOTED_NAME), ONE)
    script.flat(script.agency("renamed", name="旧名"), ONE)
    script.renamed["renamed"] = {**script.agencies["renamed"], "name": "新名, 改"}
