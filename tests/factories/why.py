"""An agency that fell from V3 to V2 because a creator left, with everything that explains it."""

from __future__ import annotations

from datetime import date
from typing import Any

from agencies.models import Agency, Creator
from scoring.models import Assessment
from tests.factories.conduct import AgencyFactory, BindingFactory, CreatorFactory
from tests.factories.contributions import contributed_month

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
BIG = {
    "settled_cents": 90_000_000,
    "showcase_cents": 12_000_000,
    "good_goods_cents": 20_000_000,
    "settled_orders": 15_000,
    "worry_free_orders": 3_000,
}
SMALL = {"settled_cents": 30_000_000, "showcase_cents": 2_000_000, "settled_orders": 3_000}


def fallen(**fields: Any) -> Agency:
    """In September V3, in October V2: 小鹿 brought most and left on 12 October 2026."""
    agency: Agency = AgencyFactory.create(**{"code": "OWN", "name": "晴川文化传媒", **fields})
    deer = CreatorFactory.create(creator_id="C-DEER", nickname="小鹿")
    bear = CreatorFactory.create(creator_id="C-BEAR", nickname="小熊")
    BindingFactory.create(agency=agency, creator=deer, bound_until=date(2026, 10, 12))
    BindingFactory.create(agency=agency, creator=bear)
    september_of(agency, deer, bear)
    october_of(agency, deer, bear)
    return agency


def september_of(agency: Agency, deer: Creator, bear: Creator) -> Assessment:
    return contributed_month(agency, SEPTEMBER, {deer: BIG, bear: SMALL})


def october_of(agency: Agency, deer: Creator, bear: Creator) -> Assessment:
    gone = {
        "bound_days": 11,
        "bound_on_last_day": False,
        "settled_cents": 8_000_000,
        "showcase_cents": 500_000,
        "settled_orders": 900,
        "worry_free_orders": 0,
    }
    return contributed_month(agency, OCTOBER, {deer: gone, bear: SMALL})
