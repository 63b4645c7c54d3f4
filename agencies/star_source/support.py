"""What the platform does for a creator in each phase, and until when (S, docs/rules.md §10)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.enums import StarPhase
from agencies.star_source.phases import Anchor, spans


@dataclass(frozen=True)
class Item:
    """A point of a phase's checklist; `key` is stored and never changes."""

    key: str
    phase: StarPhase
    label: str | Promise


def _items(phase: StarPhase, labels: Mapping[str, str | Promise]) -> tuple[Item, ...]:
    return tuple(Item(key, phase, label) for key, label in labels.items())


# The checklists are S; their division into points is D (docs/rules.md §10).
SUPPORT: Final[Mapping[StarPhase, tuple[Item, ...]]] = {
    StarPhase.PREPARATION: _items(
        StarPhase.PREPARATION,
        {
            "audience_portrait": _("Portrait of the audience"),
            "positioning": _("Positioning and style of the account"),
            "video_planning": _("Planning of the videos"),
            "trend_insight": _("Insight into trends"),
            "product_selection": _("Selection of products"),
        },
    ),
    StarPhase.TRIAL: _items(
        StarPhase.TRIAL,
        {
            "follower_strategy": _("Diagnosis and strategy: followers"),
            "video_strategy": _("Diagnosis and strategy: short videos"),
            "live_strategy": _("Diagnosis and strategy: live rooms"),
            "showcase_strategy": _("Diagnosis and strategy: showcase"),
            "first_live_products": _("First live: assortment of products"),
            "first_live_traffic": _("First live: paid traffic"),
            "first_live_presenting": _("First live: presenting products"),
            "first_live_marketing": _("First live: marketing"),
            "first_live_warm_up": _("First live: warm-up"),
        },
    ),
    StarPhase.DEVELOPMENT: _items(
        StarPhase.DEVELOPMENT,
        {
            "big_promotion": _("Personal big-promotion event"),
            "matchmaking": _("Brought together with the mall and with promotions"),
            "on_site_advertising": _("On-site advertising"),
            "topics": _("Topics"),
            "traffic": _("Traffic"),
        },
    ),
    StarPhase.MATURE: _items(
        StarPhase.MATURE,
        {
            "product_range": _("Wider range of products"),
            "content_innovation": _("New forms of content"),
            "influence": _("Influence"),
            "community": _("Community"),
            "dedicated_service": _("Dedicated customer service: rules and reputation watched"),
        },
    ),
}
ITEMS: Final[Mapping[str, Item]] = {
    item.key: item for checklist in SUPPORT.values() for item in checklist
}


@dataclass(frozen=True)
class Due:
    """A point that awaits the platform; `by` is the last day for it, None in the last phase."""

    item: Item
    by: date | None

    def is_overdue_on(self, day: date) -> bool:
        """Whether its last day is over."""
        return self.by is not None and self.by < day


def due(anchor: Anchor, *, done: Collection[str], since: date, day: date) -> list[Due]:
    """What is still to be done on a day, the earliest last day first (D, docs/rules.md §10).

    1. A point is due from the first day of its phase until the last one; the points of the last
       phase have no last day.
    2. A phase that was over before `since`, the first day that the reader knows, asks for nothing.
    """
    return list(_due(anchor, done=done, since=since, day=day))


def _due(anchor: Anchor, *, done: Collection[str], since: date, day: date) -> Iterator[Due]:
    for span in spans(anchor):
        if span.first_day <= day and not span.is_over_on(since):
            for item in SUPPORT[span.phase]:
                if item.key not in done:
                    yield Due(item, span.last_day)
