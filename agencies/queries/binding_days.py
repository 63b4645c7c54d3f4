"""The days of bindings, half-open [from, until), and how two recordings of them differ."""

from __future__ import annotations

from datetime import date

Days = tuple[date, date | None]


def days_that_differ(before: Days | None, after: Days | None) -> list[Days]:
    """The days of one but not of both, as half-open stretches in order that do not touch.

    None stands for no days at all, an end of None for no end.
    """
    # at a bound that both have nothing begins or stops to differ
    bounds = set(before or ()) ^ set(after or ())
    ordered = sorted(bounds, key=lambda day: (day is None, day or date.min))
    return [
        (first, until)
        for first, until in zip(ordered[::2], ordered[1::2], strict=True)
        if first is not None
    ]
