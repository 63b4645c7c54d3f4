"""What an agency of a given strength brings: strength 0–5000, a thousand for each level's width.

The curves aim at the default rulebook: strength 1000 scores about 400 points (V2 begins), 2000
about 550, 3000 about 700, 4000 about 850. All numbers are integers, so that a seed gives the same
platform on every machine.
"""

from itertools import pairwise

Curve = tuple[tuple[int, int], ...]

TOP = 5000

AMOUNT_YUAN: Curve = (
    (0, 70_000),
    (1000, 320_000),
    (2000, 1_300_000),
    (3000, 4_600_000),
    (4000, 13_500_000),
    (5000, 62_000_000),
)
"""Settled amount of an ordinary month, in yuan."""

HEADCOUNT: Curve = (
    (0, 4),
    (1000, 9),
    (2000, 14),
    (3000, 26),
    (4000, 66),
    (4500, 120),
    (4850, 270),
    (5000, 680),
)
"""Bound creators."""

SENIORS: Curve = ((0, 0), (1000, 1), (2000, 3), (3000, 5), (4000, 12), (5000, 48))
"""Creators of level 5 and above."""

SHOWCASE_CREATORS: Curve = (
    (0, 350),
    (1000, 560),
    (2000, 640),
    (3000, 680),
    (4000, 620),
    (5000, 480),
)
"""Creators who sell through their showcase, per mille of the headcount."""

SHOWCASE_SHARE: Curve = ((0, 25), (1000, 60), (2000, 90), (3000, 125), (4000, 180), (5000, 280))
"""Showcase amount, per mille of the settled amount."""

GOOD_GOODS_SHARE: Curve = ((0, 40), (1000, 85), (2000, 150), (3000, 210), (4000, 290), (5000, 680))
"""Good-goods amount, per mille of the settled amount."""

LIVE_MINUTES: Curve = ((0, 14), (1000, 30), (2000, 46), (3000, 62), (4000, 80), (5000, 120))
"""Live minutes per bound creator and day."""

REPUTATION: Curve = ((0, 441), (1000, 443), (2000, 446), (3000, 451), (4000, 458), (5000, 470))
"""Reputation of the agency's creators, in hundredths."""

WORRY_FREE: Curve = ((0, 120), (1000, 115), (2000, 95), (3000, 65), (4000, 60), (5000, 75))
"""Worry-free orders, per mille of the settled orders."""


def at(curve: Curve, strength: int) -> int:
    """Read a curve: linear between its points, flat outside, rounded down."""
    if strength <= curve[0][0]:
        return curve[0][1]
    for (x0, y0), (x1, y1) in pairwise(curve):
        if strength <= x1:
            return y0 + (y1 - y0) * (strength - x0) // (x1 - x0)
    return curve[-1][1]
