"""The creators of an agency, and what is open between them and it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Prefetch, Q, QuerySet

from agencies.enums import BindingRequestState
from agencies.models import Agency, Binding, BindingRequest, Penalty, Unbinding
from agencies.models.request import OPEN_UNBINDING
from agencies.queries.credit import credit_ban
from agencies.queries.wishes import places_taken


@dataclass(frozen=True)
class Places:
    """How many creators an agency may have: `used` counts those bound today or later.

    `cap` None means any number; `suspended_until` is the first day on which binding is possible
    again, `suspended` says that it is not now.
    """

    used: int
    cap: int | None
    suspended: bool
    suspended_until: date | None

    @property
    def left(self) -> int | None:
        """How many more may be bound; None for any number."""
        return None if self.cap is None else max(self.cap - self.used, 0)


def bound_creators(agency: Agency, *, today: date, search: str = "") -> QuerySet[Binding]:
    """The agency's current and coming bindings with creator and open wish to part.

    1. Ordered by creator id; `search` is the beginning of an id or a part of a nickname.
    2. Each has `open_wishes`: the wish to part that is not closed, or nothing; and `ends_today`:
       whether today is the last day anyway.
    """
    bindings = agency.bindings.not_over_on(today)
    if search:
        bindings = bindings.filter(
            Q(creator__creator_id__startswith=search) | Q(creator__nickname__icontains=search)
        )
    wishes = Unbinding.objects.filter(state__in=OPEN_UNBINDING)
    return (
        bindings.select_related("creator")
        .annotate(ends_today=Q(bound_until__lte=today + timedelta(days=1)))
        .prefetch_related(Prefetch("unbindings", queryset=wishes, to_attr="open_wishes"))
        .order_by("creator__creator_id", "bound_from")
    )


def places(agency: Agency, *, cap: int | None, today: date) -> Places:
    """How many of `cap` places are taken, and whether the agency may bind at all today.

    As the rules count: a creator who is bound today or later takes one place (docs/rules.md §9).
    """
    ban = credit_ban(agency.pk, today=today)
    suspensions = list(
        Penalty.objects.in_effect_on(today)
        .suspending()
        .filter(agency=agency)
        .values_list("until", flat=True)
    )
    holding = [*suspensions, *([ban.until] if ban else [])]
    ends = [end for end in holding if end is not None]
    taken = places_taken(agency, today=today).values("creator").distinct()
    return Places(
        used=taken.count(),
        cap=cap,
        suspended=bool(holding),
        suspended_until=None if len(ends) < len(holding) else max(ends, default=None),
    )


def open_requests(agency: Agency, *, now: datetime) -> QuerySet[BindingRequest]:
    """Requests that the creator has not answered, those that expire first first."""
    return (
        agency.binding_requests.filter(state=BindingRequestState.ASKED, expires_at__gt=now)
        .select_related("creator")
        .order_by("expires_at", "id")
    )


def open_wishes(agency: Agency) -> QuerySet[Unbinding]:
    """Wishes to part of either side that are not closed, those that fall due first first."""
    return (
        Unbinding.objects.filter(binding__agency=agency, state__in=OPEN_UNBINDING)
        .select_related("binding__creator")
        .order_by(F("silent_on").asc(), "id")
    )
