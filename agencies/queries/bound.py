"""The creators of an agency, and what is open between them and it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, When

from agencies.credit_rules import bans_on
from agencies.enums import BindingRequestState, Side, UnbindingState
from agencies.ledger.limits import bands, deduction_days
from agencies.ledger.lines import lines_of
from agencies.models import Agency, BindingRequest, Penalty, Unbinding
from agencies.models.request import OPEN_UNBINDING
from agencies.policy import conduct_policies
from agencies.queries.wishes import places_counted


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

    @property
    def open(self) -> bool:
        """Whether a creator may be bound now."""
        return self.left != 0 and not self.suspended


def places(agency: Agency, *, today: date) -> Places:
    """How many places are taken of how many, and whether the agency may bind at all today.

    As the rules of a binding count (`agencies.actions.binding_checks`): whoever is bound today or
    later takes one place; before its first publication the rulebook says the cap (docs/rules.md §5,
    §9). Two queries, and one more where the rulebook is asked.
    """
    lines = lines_of(agency.pk)
    unpublished = agency.stage == ""
    days = deduction_days(lines) | ({today} if unpublished else set())
    policies = conduct_policies(days) if days else {}
    used, suspensions = _taken_and_suspended(agency, today)
    banned = [ban.until for ban in bans_on(lines, bands(policies), today)]
    ends = [end for end in suspensions if end is not None] + banned
    holding = len(suspensions) + len(banned)
    return Places(
        used=used,
        cap=policies[today].binding_cap if unpublished else agency.binding_cap,
        suspended=bool(holding),
        suspended_until=None if len(ends) < holding else max(ends, default=None),
    )


def _taken_and_suspended(agency: Agency, today: date) -> tuple[int, list[date | None]]:
    """How many creators take a place, and until when each suspension in force holds."""
    suspending = Penalty.objects.in_effect_on(today).suspending().filter(agency=OuterRef("pk"))
    taken = places_counted(agency, today=today)
    used, suspensions = (
        Agency.objects.filter(pk=agency.pk)
        .values_list(Subquery(taken), ArraySubquery(suspending.order_by("pk").values("until")))
        .get()
    )
    return used or 0, suspensions


def open_requests(agency: Agency, *, now: datetime) -> QuerySet[BindingRequest]:
    """Requests that the creator has not answered, those that expire first first."""
    return (
        agency.binding_requests.filter(state=BindingRequestState.ASKED, expires_at__gt=now)
        .select_related("creator")
        .order_by("expires_at", "id")
    )


def open_wishes(agency: Agency) -> QuerySet[Unbinding]:
    """Wishes to part of either side that are not closed, in the order in which they press.

    1. Those of creators that await the agency's answer, whose silence falls due first first.
    2. Its own that were refused, where it may call the platform in.
    3. Those that wait for somebody else.
    """
    return (
        Unbinding.objects.filter(binding__agency=agency, state__in=OPEN_UNBINDING)
        .select_related("binding__creator")
        .annotate(
            turn=Case(
                When(state=UnbindingState.ASKED, side=Side.CREATOR, then=0),
                When(state=UnbindingState.OBJECTED, side=Side.AGENCY, then=1),
                default=2,
                output_field=IntegerField(),
            )
        )
        .order_by("turn", "silent_on", "id")
    )
