"""Plans of the Star Source plan as rows, made as of `TODAY`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import factory

from agencies.actions.star_source import Line, select_creators
from agencies.enums import StarPhase
from agencies.models import Agency, StarAnchor, StarIncentive, StarPlan, StarSupport
from agencies.star_source.phases import phase_on
from portal.models import User
from tests.factories.cases import AT, TODAY
from tests.factories.conduct import BindingFactory, CreatorFactory
from tests.factories.people import UserFactory
from tests.factories.staff import operator


class StarPlanFactory(factory.django.DjangoModelFactory[StarPlan]):
    """A plan of a creator, selected today; without an anchor."""

    class Meta:
        model = StarPlan

    creator = factory.SubFactory(CreatorFactory)
    selected_by = factory.SubFactory(UserFactory)
    selected_at = AT
    reason = "rising quickly"
    told_phase = StarPhase.TRIAL


class StarAnchorFactory(factory.django.DjangoModelFactory[StarAnchor]):
    """A first live day of a plan in ten days: the trial run, with the default rulebook's days."""

    class Meta:
        model = StarAnchor

    plan = factory.SubFactory(StarPlanFactory)
    first_live_on = TODAY + timedelta(days=10)
    preparation_days = 30
    trial_days = 15
    development_days = 90
    set_by = factory.SubFactory(UserFactory)
    set_at = AT


class StarSupportFactory(factory.django.DjangoModelFactory[StarSupport]):
    """A point of the preparation that was done today."""

    class Meta:
        model = StarSupport

    plan = factory.SubFactory(StarPlanFactory)
    item = "audience_portrait"
    done_by = factory.SubFactory(UserFactory)
    done_at = AT


class StarIncentiveFactory(factory.django.DjangoModelFactory[StarIncentive]):
    """Ten thousand impressions that were given today, in the trial run."""

    class Meta:
        model = StarIncentive

    plan = factory.SubFactory(StarPlanFactory)
    phase = StarPhase.TRIAL
    given_on = TODAY
    what = "首页曝光"
    amount = 10_000
    recorded_by = factory.SubFactory(UserFactory)
    recorded_at = AT
    request_key = factory.LazyFunction(uuid4)


def planned_creator(agency: Agency | None = None, *, days: int = 10, **fields: Any) -> StarPlan:
    """A creator bound to an agency long ago whose first live day is so many days after `TODAY`.

    The phase of that day is told already. `fields` are the creator's.
    """
    creator = CreatorFactory.create(**fields)
    if agency is not None:
        BindingFactory.create(agency=agency, creator=creator)
    plan = StarPlanFactory.create(creator=creator)
    anchor = StarAnchorFactory.create(plan=plan, first_live_on=TODAY + timedelta(days=days))
    plan.told_phase = phase_on(anchor, TODAY)
    plan.save()
    return plan


def selected(creator_id: str, first_live_on: date, *, by: User | None = None) -> StarPlan:
    """The plan of a creator whom an operator selected at `AT`."""
    done = select_creators(
        lines=[Line(creator_id, first_live_on)], reason="rising", at=AT, by=by or operator()
    )
    return done.plans[0]
