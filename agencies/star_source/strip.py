"""A plan as a strip of days: where each phase lies, the first live day, and today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from agencies.enums import StarPhase
from agencies.star_source.phases import Anchor, spans

# How much of the last phase is drawn, in days; the phase itself has no end.
TAIL: Final = 30
OVER, NOW, AHEAD = "over", "now", "ahead"


@dataclass(frozen=True)
class Segment:
    """A phase on the strip, in percent of its width; `state` is "over", "now" or "ahead"."""

    number: int
    phase: StarPhase
    state: str
    start: Decimal
    width: Decimal

    @property
    def middle(self) -> Decimal:
        """Where its number stands."""
        return self.start + self.width / 2


@dataclass(frozen=True)
class Strip:
    """The phases side by side; days beyond the ends of the strip stand at its ends."""

    segments: tuple[Segment, ...]
    first_live_at: Decimal
    today_at: Decimal


def strip(anchor: Anchor, today: date) -> Strip:
    """The strip of a plan as seen on a day. Percent, rounded to two decimals."""
    whole = spans(anchor)
    first = whole[0].first_day
    end = whole[-1].first_day + timedelta(days=TAIL)
    length = (end - first).days

    def at(day: date) -> Decimal:
        return round(Decimal(100 * (min(max(day, first), end) - first).days) / length, 2)

    ends = [span.first_day for span in whole[1:]] + [end]
    return Strip(
        segments=tuple(
            Segment(
                number,
                span.phase,
                NOW if span.holds_on(today) else OVER if span.is_over_on(today) else AHEAD,
                at(span.first_day),
                at(until) - at(span.first_day),
            )
            for number, (span, until) in enumerate(zip(whole, ends, strict=True), start=1)
        ),
        first_live_at=at(anchor.first_live_on),
        today_at=at(today),
    )
