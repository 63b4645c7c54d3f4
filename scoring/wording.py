"""The names that people know: dimensions, indicators, and where a number comes from."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DIMENSION_NAMES: Final[dict[str, Promise]] = {
    "operating": _("Operating power"),
    "growth": _("Growth power"),
    "service": _("Service power"),
    "bonus": _("Bonus"),
}

INDICATOR_NAMES: Final[dict[str, Promise]] = {
    "settled_amount": _("Settled amount"),
    "settled_orders": _("Settled orders"),
    "l5_creators": _("Creators at L5 and above"),
    "live_minutes_per_creator_day": _("Live investment"),
    "showcase_share": _("Showcase share"),
    "showcase_creators": _("Creators selling by showcase"),
    "good_goods_share": _("Good-goods share"),
    "reputation": _("Creators' reputation"),
    "worry_free_orders": _("Worry-free service orders"),
}

INDICATOR_MEANINGS: Final[dict[str, Promise]] = {
    "settled_amount": _("Settled amount of all bound creators on the days they were yours"),
    "settled_orders": _("Settled orders of all bound creators on the days they were yours"),
    "l5_creators": _(
        "Creators bound on the last day of the month whose latest level is L5 or higher"
    ),
    "live_minutes_per_creator_day": _("Live minutes per bound creator and day"),
    "showcase_share": _("Showcase amount as a share of the settled amount"),
    "showcase_creators": _("Creators whose showcase amount of the month is above 0"),
    "good_goods_share": _("Good-goods amount as a share of the settled amount"),
    "reputation": _("Mean of the creators' latest reputation, weighted by their settled orders"),
    "worry_free_orders": _("Orders with the worry-free service"),
}

# How figures of an indicator are written; the template tag `figure` knows each.
UNITS: Final[dict[str, str]] = {
    "settled_amount": "yuan",
    "settled_orders": "count",
    "l5_creators": "count",
    "live_minutes_per_creator_day": "minutes",
    "showcase_share": "share",
    "showcase_creators": "count",
    "good_goods_share": "share",
    "reputation": "mean",
    "worry_free_orders": "count",
}


def fine_unit(key: str) -> str:
    """The unit of an indicator where it is compared: a reputation with the digits that decide."""
    return "rating" if key == "reputation" else UNITS[key]


SOURCE_MEANINGS: Final[dict[str, Promise]] = {
    "S": _("Stated by the platform's announcements"),
    "P": _("From the platform's public rules and notices"),
    "D": _("A default of this product, which the operating platform replaces with its own"),
}
