"""Plans by where they stand on a day: what lists and counts ask the database."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, CombinedExpression, RawSQL
from django.db.models.lookups import GreaterThan

from agencies.enums import StarPhase
from agencies.models import Agency, Binding, StarAnchor, StarPlan
from agencies.models.agency import CODE_PATTERN
from agencies.models.creator import BindingQuerySet
from agencies.star_source.support import SUPPORT

LIVE: Final = "anchors__first_live_on"
# Where plans that ended stand among the phases.
LEFT: Final = "left"
# The points of these phases have a last day.
TIMED: Final = (StarPhase.PREPARATION, StarPhase.TRIAL, StarPhase.DEVELOPMENT)

# Plans with an open point of a phase that has begun, and that ends (half-open) in (after, before]
# and after the day of selection. The lists are the points of `TIMED`.
_OPEN_POINTS: Final = """
    SELECT plan.id FROM agencies_starplan plan
    JOIN agencies_staranchor anchor ON anchor.plan_id = plan.id AND NOT EXISTS (
        SELECT FROM agencies_staranchor newer
        WHERE newer.plan_id = plan.id AND newer.id > anchor.id
    )
    JOIN LATERAL (VALUES
        (first_live_on - trial_days - preparation_days, first_live_on - trial_days, %s::text[]),
        (first_live_on - trial_days, first_live_on, %s::text[]),
        (first_live_on, first_live_on + development_days, %s::text[])
    ) span (first_day, until, items) ON true
    WHERE plan.left_on IS NULL AND span.first_day <= %s AND span.until <= %s
    AND span.until > greatest(%s, (plan.selected_at AT TIME ZONE %s)::date)
    AND (
        SELECT count(*) FROM agencies_starsupport point
        WHERE point.plan_id = plan.id AND point.undone_at IS NULL AND point.item = ANY (span.items)
    ) < cardinality(span.items)
"""


def with_phase(plans: QuerySet[StarPlan], day: date) -> QuerySet[Any]:
    """The plans with what their newest anchor says of a day.

    `phase` holds on the day, `until` is the day on which the next one begins (None in the last),
    `live_on` the first live day. The same as `phases.phase_on`, reckoned by the database.
    """
    newer = StarAnchor.objects.filter(plan=OuterRef("pk"), pk__gt=OuterRef("anchor_pk"))
    # one join and no look-up per plan: lists are ordered by these
    return (
        plans.annotate(anchor_pk=F("anchors"), live_on=F(LIVE))
        .filter(~Exists(newer), anchor_pk__isnull=False)
        .annotate(phase=_phase(day), until=_until(day))
    )


def newest_of_creators(plans: QuerySet[StarPlan]) -> QuerySet[StarPlan]:
    """Of each creator the newest plan: the one that stands, or the one that was left last."""
    newer = StarPlan.objects.filter(creator=OuterRef("creator"), pk__gt=OuterRef("pk"))
    return plans.exclude(Exists(newer))


def bound_to(agency: Agency, today: date) -> QuerySet[StarPlan]:
    """The newest plans of the creators who are bound to an agency today."""
    return newest_of_creators(of_agency(StarPlan.objects.all(), agency, today)).select_related(
        "creator"
    )


def plan_of_creator(agency: Agency, creator_id: str, today: date) -> Any | None:
    """The newest plan, with its phase, of a creator by id who is bound to the agency today.

    None for anybody else. One query.
    """
    if not re.fullmatch(CODE_PATTERN, creator_id):
        return None
    plans = with_phase(bound_to(agency, today), today)
    return plans.filter(creator__creator_id=creator_id).first()


def counts_by_phase(agency: Agency, today: date) -> dict[str, int]:
    """How many plans of an agency's creators are in each phase; "left" counts those that ended.

    One query.
    """
    found: dict[str, int] = {}
    plans = with_phase(bound_to(agency, today), today).values("phase", "left_on").order_by()
    for phase, left_on, number in plans.annotate(number=Count("pk")).values_list(
        "phase", "left_on", "number"
    ):
        key = phase if left_on is None else LEFT
        found[key] = found.get(key, 0) + number
    return found


def in_phase(plans: QuerySet[Any], phase: str) -> QuerySet[Any]:
    """Of plans with their phases those that stand in one; "left" finds those that ended."""
    if phase == LEFT:
        return plans.filter(left_on__isnull=False)
    return plans.filter(left_on=None, phase=phase)


def by_what_is_next(plans: QuerySet[Any]) -> QuerySet[Any]:
    """Plans with their phases by the day on which the next one begins; those that ended last."""
    return plans.order_by(
        F("left_on").desc(nulls_first=True), F("until").asc(nulls_last=True), "pk"
    )


def agency_of(creator_id: int, today: date) -> Agency | None:
    """The agency to which a creator (by primary key) is bound on a day; None for nobody."""
    return Agency.objects.filter(
        pk__in=_bound_on(today).filter(creator=creator_id).values("agency")
    ).first()


def all_plans(today: date) -> QuerySet[Any]:
    """Every plan for the staff, with its phase and the agency of its creator today."""
    bound = _bound_on(today).filter(creator=OuterRef("creator"))
    plans = with_phase(StarPlan.objects.prefetch_related("creator"), today)
    return plans.annotate(
        agency_code=Subquery(bound.values("agency__code")[:1]),
        agency_name=Subquery(bound.values("agency__name")[:1]),
    )


def of_agency(plans: QuerySet[Any], agency: Agency, today: date) -> QuerySet[Any]:
    """Of some plans those whose creators are bound to an agency today.

    The creators are looked up first, as an array. In a semi-join PostgreSQL would walk the index of
    all creators' bindings, past those of every other agency.
    """
    creators = ArraySubquery(_bound_on(today).filter(agency=agency).values("creator"))
    return plans.filter(
        Func(  # creator_id = ANY(ARRAY(…)), for which Django has no lookup
            *(F("creator"), creators),
            template="(%(expressions)s))",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
    )


def overdue(plans: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Plans with an open point of a phase that is over."""
    return plans.filter(pk__in=_open_points(after=date.min, before=today, today=today))


def ending(plans: QuerySet[Any], today: date, *, days: int) -> QuerySet[Any]:
    """Plans with an open point of a phase that ends within so many days."""
    last = today + timedelta(days=days)
    return plans.filter(pk__in=_open_points(after=today, before=last, today=today))


def _open_points(*, after: date, before: date, today: date) -> RawSQL:
    items = [[item.key for item in SUPPORT[phase]] for phase in TIMED]
    parameters = (*items, today, before, after, settings.TIME_ZONE)
    return RawSQL(_OPEN_POINTS, parameters)  # noqa: S611 - a text of ours, values apart


def _bound_on(day: date) -> BindingQuerySet:
    return Binding.objects.filter(bound_from__lte=day).not_over_on(day)


def _phase(day: date) -> Case:
    before = [StarPhase.BEFORE, *_begins()]
    whens = [
        When(GreaterThan(begin, day), then=Value(phase.value))
        for begin, phase in zip(_begins().values(), before, strict=False)
    ]
    return Case(*whens, default=Value(StarPhase.MATURE.value), output_field=CharField())


def _until(day: date) -> Case:
    whens = [When(GreaterThan(begin, day), then=begin) for begin in _begins().values()]
    return Case(*whens, default=None, output_field=DateField())


def _begins() -> dict[StarPhase, Combinable]:
    """The first day of each phase, as `phases.spans` reckons it."""
    trial = F(LIVE) - F("anchors__trial_days")
    return {
        StarPhase.PREPARATION: _day(trial - F("anchors__preparation_days")),
        StarPhase.TRIAL: _day(trial),
        StarPhase.DEVELOPMENT: F(LIVE),
        StarPhase.MATURE: _day(F(LIVE) + F("anchors__development_days")),
    }


def _day(reckoned: CombinedExpression) -> ExpressionWrapper:
    return ExpressionWrapper(reckoned, output_field=DateField())
