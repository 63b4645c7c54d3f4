"""What correcting a binding would change: its days, and the months computed from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from agencies.models import Binding
from agencies.queries.binding_days import Days
from scoring.enums import EvaluationState
from scoring.models import Evaluation
from scoring.models.evaluation import OPEN

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """Days, both inclusive; `last` is None without an end."""

    first: date
    last: date | None

    @classmethod
    def of(cls, days: Days) -> Stretch:
        """Half-open days."""
        first, until = days
        return cls(first, until and until - ONE_DAY)


@dataclass(frozen=True)
class CorrectionShown:
    """The days that a correction changes, and the revisions that it makes out of date."""

    stretches: tuple[Stretch, ...]
    revisions: tuple[Evaluation, ...]


def correction_shown(changed: Sequence[Days]) -> CorrectionShown:
    """Of half-open stretches of changed days. One query."""
    return CorrectionShown(
        tuple(map(Stretch.of, changed)),
        tuple(_made_stale(changed)),
    )


def _made_stale(changed: Sequence[Days]) -> list[Evaluation]:
    """The open and published revisions of these days' months, the newest month first.

    What was asked for and froze nothing yet reads the days as they will be.
    """
    months = Q(pk__in=[])
    for first, until in changed:
        stretch = Q(month__gte=first.replace(day=1))
        months |= stretch if until is None else stretch & Q(month__lt=until)
    found = (
        Evaluation.objects.filter(months, state__in=[*OPEN, EvaluationState.PUBLISHED])
        .exclude(state=EvaluationState.REQUESTED, inputs_digest="")
        .only("month", "revision", "state", "stale_since")
    )
    return list(found.order_by("-month", "-revision"))


def others_of_creator(binding: Binding) -> list[tuple[Binding, Stretch]]:
    """The creator's other bindings with agency and days, the latest first. One query."""
    others = Binding.objects.filter(creator=binding.creator_id).exclude(pk=binding.pk)
    return [
        (each, Stretch.of((each.bound_from, each.bound_until)))
        for each in others.select_related("agency").order_by("-bound_from")
    ]
