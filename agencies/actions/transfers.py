"""Transfers that do what was looked at, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.actions.binding_checks import limits_of
from agencies.actions.bindings import TransferResult, transfer, transfer_preview
from agencies.models import Agency
from agencies.queries.wishes import places_used
from agencies.refusals import Refused

if TYPE_CHECKING:
    from portal.models import User


@dataclass(frozen=True)
class TransferOrder:
    """Who moves where and when: the creators with these ids, or all of an agency."""

    to_agency: Agency
    on: date
    creator_ids: tuple[str, ...] | None = None
    from_agency: Agency | None = None


@dataclass(frozen=True)
class TransferShown:
    """What a transfer would do; `bound` counts creators of the target today, cap None: any number.

    `digest` is a fingerprint of all of it.
    """

    result: TransferResult
    cap: int | None
    bound: int
    digest: str

    @property
    def bound_after(self) -> int:
        """How many creators the target has once those moved have arrived."""
        return self.bound + len(self.result.moved)


def show_transfer(order: TransferOrder, *, at: datetime) -> TransferShown:
    """What the transfer would do now; writes and locks nothing. Raises Refused as `transfer`."""
    result = transfer_preview(
        to_agency=order.to_agency,
        on=order.on,
        at=at,
        creator_ids=order.creator_ids,
        from_agency=order.from_agency,
    )
    today = timezone.localdate(at)
    bound = places_used(order.to_agency, today=today)
    cap = limits_of(order.to_agency, today=today).cap
    return TransferShown(result, cap, bound, _digest(order, result, [cap, bound]))


@transaction.atomic
def transfer_as_shown(
    order: TransferOrder, *, seen: str, reason: str, at: datetime, by: User
) -> TransferResult:
    """Transfer exactly what the preview with the digest `seen` showed (D, docs/rules.md §9).

    Raises Refused(rule="changed") where the situation is another one by now: nothing is done then.
    Locks and raises as `transfer`.
    """
    expected = show_transfer(order, at=at)
    if expected.digest != seen:
        raise _changed()
    result = transfer(
        to_agency=order.to_agency,
        on=order.on,
        reason=reason,
        at=at,
        by=by,
        creator_ids=order.creator_ids,
        from_agency=order.from_agency,
    )
    if result != expected.result:
        raise _changed()
    return result


def _changed() -> Refused:
    return Refused(
        _("The situation has changed since the preview, so nothing was done. Look at it again."),
        rule="changed",
    )


def _digest(order: TransferOrder, result: TransferResult, room: Sequence[int | None]) -> str:
    told = [
        [order.to_agency.pk, order.from_agency and order.from_agency.pk, order.on.isoformat()],
        *result.told,
        list(room),
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
