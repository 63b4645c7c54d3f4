"""Agencies, members, creators, bindings, violations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factory
from django.utils import timezone

from agencies.enums import Role, ViolationKind
from agencies.ledger import open_ledgers
from agencies.models import Agency, Binding, Creator, Membership, Violation
from tests.factories.people import UserFactory


class AgencyFactory(factory.django.DjangoModelFactory[Agency]):
    """An agency that joined long ago, with its opening credit of 120."""

    class Meta:
        model = Agency

    code = factory.Sequence(lambda n: f"AG{n:05d}")
    name = factory.Sequence(lambda n: f"星河文化{n}")
    joined_on = date(2024, 1, 1)

    @classmethod
    def _create(cls, model_class: type[Agency], *args: Any, **kwargs: Any) -> Agency:
        agency = model_class.objects.create(**kwargs)
        open_ledgers([(agency.pk, agency.joined_on)], at=timezone.now())
        agency.refresh_from_db()
        return agency


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    agency = factory.SubFactory(AgencyFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.OWNER


class CreatorFactory(factory.django.DjangoModelFactory[Creator]):
    """A creator that a creators file introduced."""

    class Meta:
        model = Creator

    creator_id = factory.Sequence(lambda n: f"C{n:06d}")
    nickname = factory.Sequence(lambda n: f"达人{n}")
    introduced_on = date(2024, 1, 1)


class BindingFactory(factory.django.DjangoModelFactory[Binding]):
    class Meta:
        model = Binding

    agency = factory.SubFactory(AgencyFactory)
    creator = factory.SubFactory(CreatorFactory)
    bound_from = date(2024, 1, 1)


class ViolationFactory(factory.django.DjangoModelFactory[Violation]):
    class Meta:
        model = Violation

    agency = factory.SubFactory(AgencyFactory)
    kind = ViolationKind.DISPUTE
    occurred_on = date(2026, 5, 1)
    decided_on = date(2026, 5, 10)
    appeal_until = factory.LazyAttribute(
        lambda o: None if o.decided_on is None else o.decided_on + timedelta(days=15)
    )
    points = 20
    summary = "与达人发生纠纷"
    reference = factory.Sequence(lambda n: f"CASE-{n:05d}")
