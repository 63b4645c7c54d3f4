"""Agencies of each kind, with three published months and half of the next.

Their facts are invented, everything after them is the product's own code: evaluations, boards,
projections. It is 15 November 2026; facts are there through the 14th.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from agencies.enums import Role
from agencies.ledger import Deduction, deduct
from agencies.models import Agency, Binding, Creator
from portal.models import User
from scoring.evaluation.actions import publish, request_evaluation
from scoring.evaluation.run import run_evaluation
from scoring.months import last_day
from scoring.projection import project
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.facts import deliver_facts

NOW = timezone.make_aware(datetime(2026, 11, 15, 12, 0))
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))
MONTHS = (AUGUST, SEPTEMBER, OCTOBER)
THROUGH = date(2026, 11, 14)

# What one creator brings on a day: enough for V1, V2, … V5 with three creators.
STRENGTHS: Mapping[int, Mapping[str, Any]] = {
    1: {"settled_cents": 40_000, "settled_orders": 40, "showcase_cents": 500},
    2: {"settled_cents": 500_000, "settled_orders": 400, "showcase_cents": 40_000},
    3: {
        "settled_cents": 9_000_000,
        "settled_orders": 900,
        "showcase_cents": 900_000,
        "good_goods_cents": 2_000_000,
        "live_minutes": 70,
    },
    4: {
        "settled_cents": 40_000_000,
        "settled_orders": 4_000,
        "showcase_cents": 7_000_000,
        "good_goods_cents": 13_000_000,
        "live_minutes": 100,
        "worry_free_orders": 900,
    },
    5: {
        "settled_cents": 120_000_000,
        "settled_orders": 12_000,
        "showcase_cents": 36_000_000,
        "good_goods_cents": 60_000_000,
        "live_minutes": 120,
        "worry_free_orders": 1_200,
        "reputation": 480,
    },
}
POOR_SERVICE = {"reputation": 420}


@dataclass
class Kind:
    """An agency with its owner and creators; `canary` is in every text that is not public."""

    name: str
    agency: Agency
    owner: User
    creators: list[Creator] = field(default_factory=list)

    @property
    def canary(self) -> str:
        return f"canary-{self.name}"


# the strength in each of the three months and in November; None for no creators
PLANS: Mapping[str, tuple[int, int, int, int] | None] = {
    "v5": (4, 5, 5, 5),
    "falling": (4, 4, 2, 2),
    "rising": (1, 2, 3, 4),
    "by_service": (3, 3, 3, 3),
    "by_credit": (3, 3, 3, 3),
    "novice": (1, 1, 1, 2),
    "no_creators": None,
    "removed": (2, 2, 2, 2),
}


def build_kinds() -> dict[str, Kind]:
    """All kinds, evaluated and published; call it with the clock at `NOW`."""
    kinds = {name: _kind(name, plan is not None) for name, plan in PLANS.items()}
    deliver_facts(dict(_facts(kinds)))
    _deduct(kinds["by_credit"])
    mover = _move(kinds["falling"], kinds["rising"])
    kinds["rising"].creators.append(mover)
    for month in MONTHS:
        evaluation = request_evaluation(month=month, at=NOW)
        run_evaluation(evaluation.pk)
        publish(evaluation_id=evaluation.pk, at=_third_after(month), release_reason="kinds")
    project(at=NOW)
    Agency.objects.filter(pk=kinds["removed"].agency.pk).update(removed_on=date(2026, 11, 10))
    for kind in kinds.values():
        kind.agency.refresh_from_db()
    return kinds


def _kind(name: str, has_creators: bool) -> Kind:
    joined = date(2026, 10, 8) if name == "novice" else date(2024, 1, 1)
    agency = AgencyFactory.create(
        code=f"K-{name.upper()}",
        name=f"晴川文化 {name}",
        joined_on=joined,
        contact_email=f"canary-{name}@example.com",
    )
    owner = MembershipFactory.create(
        agency=agency,
        role=Role.OWNER,
        user__email=f"{name}@kinds.example",
        user__name=f"负责人 canary-{name}",
    ).user
    kind = Kind(name, agency, owner)
    for number in range(3 * has_creators):
        creator = CreatorFactory.create(
            creator_id=f"{name}-{number}", nickname=f"达人{number} canary-{name}"
        )
        BindingFactory.create(agency=agency, creator=creator, bound_from=joined)
        kind.creators.append(creator)
    return kind


def _facts(kinds: Mapping[str, Kind]) -> Iterator[tuple[tuple[Creator, date], Mapping[str, Any]]]:
    for name, kind in kinds.items():
        plan = PLANS[name]
        if plan is None:
            continue
        poor = POOR_SERVICE if name == "by_service" else {}
        for month, strength in zip((*MONTHS, NOVEMBER), plan, strict=True):
            last = min(last_day(month), THROUGH)
            for number, creator in enumerate(kind.creators):
                row = {"level": 6 - number, **STRENGTHS[strength], **poor}
                for day in range((last - month).days + 1):
                    yield (creator, month + timedelta(days=day)), row


def _deduct(kind: Kind) -> None:
    """Leave 70 credit points from October on, and tell the case."""
    on = date(2026, 10, 20)
    violation = ViolationFactory.create(
        agency=kind.agency, decided_on=on, points=50, summary=kind.canary
    )
    deduct([Deduction(kind.agency.pk, violation.pk, 50, on, violation.reference)], at=NOW)


def _move(source: Kind, target: Kind) -> Creator:
    """The third creator of one agency goes to another on 16 October; both know the nickname."""
    creator = source.creators.pop()
    Creator.objects.filter(pk=creator.pk).update(nickname="换了机构的达人")
    moved_on = date(2026, 10, 16)
    Binding.objects.filter(creator=creator).update(bound_until=moved_on)
    BindingFactory.create(agency=target.agency, creator=creator, bound_from=moved_on)
    return creator


def _third_after(month: date) -> datetime:
    return timezone.make_aware(datetime(month.year, month.month + 1, 3, 3, 0))
