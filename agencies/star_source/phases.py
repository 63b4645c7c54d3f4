"""Which phase of the Star Source plan holds on a day: reckoned from the first live day alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from agencies.enums import StarPhase

ONE_DAY = timedelta(days=1)


class Anchor(Protocol):
    """A first live day with the days of the phases around it, as they were when it was set."""

    @property
    def first_live_on(self) -> date: ...
    @property
    def preparation_days(self) -> int: ...
    @property
    def trial_days(self) -> int: ...
    @property
    def development_days(self) -> int: ...


@dataclass(frozen=True)
class Planned:
    """An anchor that is only thought of, for a preview."""

    first_live_on: date
    preparation_days: int
    trial_days: int
    development_days: int


@dataclass(frozen=True)
class PhaseSpan:
    """The days of a phase, both inclusive; the last phase has no last day."""

    phase: StarPhase
    first_day: date
    last_day: date | None

    @property
    def days(self) -> int | None:
        """How many days it lasts; None for the last phase."""
        return None if self.last_day is None else (self.last_day - self.first_day).days + 1

    def holds_on(self, day: date) -> bool:
        """Whether the phase holds on the day."""
        return self.first_day <= day and not self.is_over_on(day)

    def is_over_on(self, day: date) -> bool:
        """Whether the phase ended before the day."""
        return self.last_day is not None and self.last_day < day

    def number_of(self, day: date) -> int:
        """The how manieth day of the phase a day is; the first is 1."""
        return (day - self.first_day).days + 1


def spans(anchor: Anchor) -> list[PhaseSpan]:
    """The four phases in their order, without a gap between them.

    With F the first live day (S for 45 and 90 days, D for how the 45 divide, docs/rules.md §10):
    1. Preparation and trial end the day before F; the trial is the later part.
    2. Development begins with F, which is its first day.
    3. Mature is everything after, without an end.
    """
    trial = anchor.first_live_on - timedelta(days=anchor.trial_days)
    preparation = trial - timedelta(days=anchor.preparation_days)
    mature = anchor.first_live_on + timedelta(days=anchor.development_days)
    return [
        PhaseSpan(StarPhase.PREPARATION, preparation, trial - ONE_DAY),
        PhaseSpan(StarPhase.TRIAL, trial, anchor.first_live_on - ONE_DAY),
        PhaseSpan(StarPhase.DEVELOPMENT, anchor.first_live_on, mature - ONE_DAY),
        PhaseSpan(StarPhase.MATURE, mature, None),
    ]


def span_on(anchor: Anchor, day: date) -> PhaseSpan | None:
    """The phase that holds on a day with its days; None before the plan begins."""
    return next((span for span in spans(anchor) if span.holds_on(day)), None)


def phase_on(anchor: Anchor, day: date) -> StarPhase:
    """The phase that holds on a day (S, docs/rules.md §10)."""
    span = span_on(anchor, day)
    return span.phase if span else StarPhase.BEFORE
