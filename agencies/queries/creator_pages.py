"""What a creator sees behind a link: the own binding and the wish to part from it, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from agencies.models import Binding, Creator, Unbinding
from agencies.models.request import OPEN_UNBINDING


@dataclass(frozen=True)
class LeavingPage:
    """The binding that holds or begins next, its open wish to part, and the last one that closed.

    `last_day` is set where the binding has an end.
    """

    binding: Binding | None
    last_day: date | None
    wish: Unbinding | None
    closed: Unbinding | None


def leaving_page(creator: Creator, *, today: date) -> LeavingPage:
    """What the page for leaving shows a creator today; three queries at most."""
    binding = (
        Binding.objects.filter(creator=creator)
        .not_over_on(today)
        .select_related("agency")
        .order_by("bound_from")
        .first()
    )
    wishes = Unbinding.objects.filter(binding__creator=creator).select_related("binding__agency")
    until = binding.bound_until if binding else None
    return LeavingPage(
        binding=binding,
        last_day=until - timedelta(days=1) if until else None,
        wish=wishes.filter(binding=binding, state__in=OPEN_UNBINDING).first() if binding else None,
        closed=wishes.exclude(state__in=OPEN_UNBINDING).order_by("-closed_at", "-pk").first(),
    )
