"""What another first live day would change, before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agencies.enums import StarPhase
from agencies.policy import conduct_policy
from agencies.star_source.phases import Anchor, PhaseSpan, Planned, phase_on, spans


@dataclass(frozen=True)
class MovedPhases:
    """The phases of before and after, each pair of the same phase; and the phase of today."""

    pairs: tuple[tuple[PhaseSpan, PhaseSpan], ...]
    phase_before: StarPhase
    phase_after: StarPhase


def planned(first_live_on: date, today: date) -> Planned:
    """A first live day with the days of the rulebook in force today."""
    days = conduct_policy(today).star_plan
    return Planned(first_live_on, days.preparation, days.trial, days.development)


def moved_phases(anchor: Anchor, first_live_on: date, today: date) -> MovedPhases:
    """The phases as they are and as another first live day would make them. One query."""
    after = planned(first_live_on, today)
    return MovedPhases(
        pairs=tuple(zip(spans(anchor), spans(after), strict=True)),
        phase_before=phase_on(anchor, today),
        phase_after=phase_on(after, today),
    )
