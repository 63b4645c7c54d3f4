"""A small platform at the edges of what an open appeal holds, written as contract files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.reference.edge_script import Flat, Script
from tests.reference.edges import FIVE, ONE

# 400.00 by the default knots, the first total of V2; FIVE has 550.00, the first of V3.
LOW = Flat(level="4", worry_free=0, showcase=50_000, good_goods=0)
# 139.99 points of service.
UNSERVED = Flat(creators=2, orders=(9_900, 100), reputation=("4.30", "4.29"))
# 700.00, the first total of V4.
HIGH = Flat(
    creators=20,
    level="4",
    showcase=300_000,
    good_goods=500_000,
    orders=100_000,
    reputation="4.76",
)


def write_holds(
    directory: Path, months: Sequence[str] = ("2026-04", "2026-05", "2026-06")
) -> list[Path]:
    """Write three months in which deductions of the second one are appealed.

    Cases named `…/appeal` are appealed; those of `hold-decided` no longer when the third month is
    computed. The result lists the files in an order of import.
    """
    script = Script([date.fromisoformat(f"{month}-01") for month in months], random.Random(7))
    end, after = script.last(1), script.first(2)
    plans: dict[str, tuple[tuple[Flat, ...], date | None]] = {
        "hold-equal": ((FIVE,), None),
        "hold-lower-before": ((LOW, FIVE), None),
        "hold-higher-before": ((HIGH, replace(HIGH, worry_free=0)), None),
        "hold-floor": ((FIVE,), None),
        "hold-short": ((FIVE,), None),
        "hold-service": ((FIVE, UNSERVED, FIVE), None),
        "hold-observed": ((UNSERVED, FIVE), None),
        "hold-first": ((FIVE,), script.first(-1)),
        "hold-novice": ((FIVE,), script.day(0, 15)),
        "hold-enough": ((FIVE,), None),
        "hold-all": ((FIVE,), None),
        "hold-decided": ((FIVE,), None),
        "hold-late": ((FIVE,), None),
        "hold-plain": ((FIVE,), None),
    }
    for code, (flats, joined) in plans.items():
        script.flat(script.agency(code, joined=joined), *flats, bound=joined)
        asked = {"hold-floor": 10, "hold-short": 10, "hold-enough": 40, "hold-all": 500}
        if code != "hold-plain":
            day = after if code == "hold-late" else end
            script.violate(code, day, asked.get(code, 41), f"{code}/appeal")
    # not appealed: with the contested 10 points, 80 in all and 79
    script.violate("hold-floor", script.day(1, 5), 40, "hold-floor/stands")
    script.violate("hold-short", script.day(1, 5), 41, "hold-short/stands")
    script.flat(script.agency("ordinary"), ONE)
    script.bind("ordinary", "everyday")
    for day in script.all_days():
        script.fact("everyday", day, settled="1", orders=1, live=30, reputation="4.40")
    return script.write(directory)
