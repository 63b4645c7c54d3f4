"""What one creator brought, as sums of its own: to show it, and to take it out of an agency's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property

from scoring.indicators import L5
from scoring.models import CreatorContribution
from scoring.points import Totals, indicator_values


def counts_as_l5(brought: CreatorContribution) -> bool:
    """Whether the creator is one of the month's L5+ creators (S, docs/rules.md §4)."""
    return brought.bound_on_last_day and (brought.level or 0) >= L5


def totals_of(brought: CreatorContribution) -> Totals:
    """The sums that an agency with this creator alone would have; units as in `Totals`."""
    rated = brought.reputation is not None
    return Totals(
        settled_cents=brought.settled_cents,
        showcase_cents=brought.showcase_cents,
        good_goods_cents=brought.good_goods_cents,
        settled_orders=brought.settled_orders,
        worry_free_orders=brought.worry_free_orders,
        live_minutes=brought.live_minutes,
        creator_days=brought.bound_days,
        l5_creators=int(counts_as_l5(brought)),
        showcase_creators=int(brought.showcase_cents > 0),
        reputation_points=(brought.reputation or 0) * brought.settled_orders,
        reputation_orders=brought.settled_orders if rated else 0,
    )


def without(totals: Totals, brought: CreatorContribution) -> Totals:
    """The sums of an agency as they would be without this creator."""
    own = asdict(totals_of(brought))
    return Totals(**{name: total - own[name] for name, total in asdict(totals).items()})


@dataclass(frozen=True)
class Brought:
    """What a creator brought, as people read it: yuan, shares, reputation in points."""

    sums: CreatorContribution

    @cached_property
    def values(self) -> dict[str, Decimal | None]:
        """The indicator values that an agency with this creator alone would have."""
        return indicator_values(totals_of(self.sums))

    @property
    def settled_amount(self) -> Decimal | None:
        return self.values["settled_amount"]

    @property
    def showcase_amount(self) -> Decimal:
        return yuan(self.sums.showcase_cents)

    @property
    def showcase_share(self) -> Decimal | None:
        return self.values["showcase_share"]

    @property
    def good_goods_amount(self) -> Decimal:
        return yuan(self.sums.good_goods_cents)

    @property
    def good_goods_share(self) -> Decimal | None:
        return self.values["good_goods_share"]

    @property
    def reputation(self) -> Decimal | None:
        """The latest one on the agency's days, with its 2 decimals."""
        latest = self.sums.reputation
        return None if latest is None else Decimal(latest).scaleb(-2)

    @property
    def counts_as_l5(self) -> bool:
        return counts_as_l5(self.sums)

    @property
    def counts_in_showcase(self) -> bool:
        return self.sums.showcase_cents > 0


def yuan(cents: int) -> Decimal:
    """Cents as yuan with 2 decimals."""
    return Decimal(cents).scaleb(-2)
