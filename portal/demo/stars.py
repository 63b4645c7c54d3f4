"""Creators of the demo platform in the Star Source plan, one in each phase."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction

from agencies.actions.star_source import (
    Line,
    mark_done,
    move_anchor,
    record_incentive,
    select_creators,
)
from agencies.models import Creator, StarPlan
from portal.demo.stage import Stage

PARTS: Final = {"v5", "v3"}
# Agency and days from today to the first live: mature, development, trial, preparation.
_CAST: Final = (("v5", -120), ("v5", -30), ("v5", 9), ("v3", 33))
_DONE: Final = (
    *("audience_portrait", "positioning", "video_planning", "trend_insight"),
    *("product_selection", "follower_strategy", "video_strategy"),
)
_REASON: Final = "内容稳定，近三个月橱窗转化高于同类达人。"
_KEY: Final = UUID("6f1f2a52-5d3c-4b55-9f0e-1c5f6d0b8a11")


@transaction.atomic
def play_stars(situations: Mapping[str, str], *, now: datetime) -> bool:
    """Play the scene once; whether it was played now."""
    if not situations.keys() >= PARTS or StarPlan.objects.exists():
        return False
    stage = Stage.of(situations, now=now)
    by, today = stage.people["operations"], stage.day(0)
    lines = [
        Line(creator.creator_id, today + timedelta(days=days))
        for creator, days in zip(_creators(stage), [days for _, days in _CAST], strict=True)
    ]
    chosen = select_creators(lines=lines, reason=_REASON, at=stage.at(8), by=by)
    mature, developing, trying, preparing = chosen.plans
    for plan in (mature, developing, trying):
        for item in _DONE:
            mark_done(plan_id=plan.pk, item=item, at=stage.at(6), by=by)
    mark_done(
        plan_id=preparing.pk, item="audience_portrait", note="粉丝以25–35岁为主。", at=now, by=by
    )
    for number, (plan, amount, days) in enumerate(
        ((mature, 800_000, 100), (mature, 500_000, 40), (developing, 300_000, 20))
    ):
        record_incentive(
            plan_id=plan.pk,
            given_on=today - timedelta(days=days),
            what="直播间流量扶持",
            amount=amount,
            request_key=uuid5(_KEY, str(number)),
            at=stage.at(3),
            by=by,
        )
    move_anchor(
        plan_id=trying.pk,
        first_live_on=today + timedelta(days=12),
        reason="达人样品到货推迟三天。",
        at=stage.at(2),
        by=by,
        seen=None,
    )
    return True


def _creators(stage: Stage) -> list[Creator]:
    """Whom the agencies of the cast have bound today, the first ones by id."""
    waiting: dict[str, list[Creator]] = {}
    for name, _days in _CAST:
        if name not in waiting:
            bindings = stage.agencies[name].bindings.filter(
                bound_from__lte=stage.day(0) - timedelta(days=100), bound_until=None
            )
            order = bindings.select_related("creator").order_by("creator__creator_id")
            waiting[name] = [binding.creator for binding in order[: len(_CAST)]]
    return [waiting[name].pop(0) for name, _days in _CAST]
