"""Draws that come out alike on every machine: whole numbers only."""

from random import Random


def happens(rnd: Random, percent: int) -> bool:
    """Say whether something that happens in so many cases of a hundred happens now."""
    return rnd.randrange(100) < percent
