"""Silence is final on its day, whoever comes first: the clock, or somebody who acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from agencies.actions.binding_changes import close_wishes, day_after, finish, hold
from agencies.actions.transitions import move
from agencies.enums import UnbindingState
from agencies.models import Agency, Binding, Creator, Unbinding
from agencies.models.request import OPEN_UNBINDING


def has_counted(unbinding: Unbinding, today: date) -> bool:
    """Whether the other side's silence was consent by today (P, docs/rules.md §9)."""
    return unbinding.state == UnbindingState.ASKED and unbinding.silent_on <= today


def is_over(binding: Binding, today: date) -> bool:
    """Whether a binding ended before the day."""
    return binding.bound_until is not None and binding.bound_until <= today


def hold_settled(
    creator_ids: Iterable[int], agency_ids: Iterable[int], *, at: datetime
) -> tuple[dict[int, Creator], dict[int, Agency]]:
    """Lock as `hold` does, and end first what silence has ended already (P, docs/rules.md §9).

    Also locked are the agencies of the creators' wishes whose silence has counted.
    """
    creators = hold(creator_ids, [])[0]
    due = Unbinding.objects.filter(
        binding__creator__in=creators,
        state=UnbindingState.ASKED,
        silent_on__lte=timezone.localdate(at),
    )
    found = list(due.order_by("pk").values_list("pk", "binding__agency"))
    agencies = hold([], {*agency_ids, *(agency_id for _pk, agency_id in found)})[1]
    for pk, _agency_id in found:
        _settle(pk, at)
    return creators, agencies


@transaction.atomic
def settle(unbinding_id: int, *, at: datetime) -> bool:
    """End by silence, or let lapse, one wish to part that is due; False where it is not.

    Locks creator, agency, unbinding and binding.
    """
    found = Unbinding.objects.filter(pk=unbinding_id).select_related("binding").first()
    if found is None:
        return False
    hold([found.binding.creator_id], [found.binding.agency_id])
    return _settle(unbinding_id, at)


def _settle(unbinding_id: int, at: datetime) -> bool:
    unbinding = (
        Unbinding.objects.select_for_update(of=("self",))
        .select_related("binding__creator")
        .filter(pk=unbinding_id, state__in=OPEN_UNBINDING)
        .first()
    )
    if unbinding is None:
        return False
    binding, today = unbinding.binding, timezone.localdate(at)
    until = max(unbinding.silent_on, day_after(binding.bound_from))
    silent = has_counted(unbinding, today)
    if is_over(binding, today) and not (silent and not is_over(binding, until)):
        return bool(close_wishes([binding.pk], at=at))
    if not silent:
        return False
    move(
        unbinding,
        "fall_silent",
        agency_id=binding.agency_id,
        creator=binding.creator,
        at=at,
        closed_at=at,
    )
    finish(binding, until=until, at=at)
    return True
