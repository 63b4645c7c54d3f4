"""Wishes to bind and to part, and the links by which creators answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import factory

from agencies.enums import LinkPurpose, Side
from agencies.models import BindingRequest, CreatorLink, Unbinding
from tests.factories.conduct import AgencyFactory, BindingFactory, CreatorFactory
from tests.factories.people import UserFactory

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


class BindingRequestFactory(factory.django.DjangoModelFactory[BindingRequest]):
    """A request that an agency made at noon of 22 November 2026, open for 7 days."""

    class Meta:
        model = BindingRequest

    agency = factory.SubFactory(AgencyFactory)
    creator = factory.SubFactory(CreatorFactory, contact="creator@example.com")
    asked_by = factory.SubFactory(UserFactory)
    asked_at = NOON
    expires_at = factory.LazyAttribute(lambda o: o.asked_at + timedelta(days=7))


class UnbindingFactory(factory.django.DjangoModelFactory[Unbinding]):
    """A creator's wish to leave, made at noon of 22 November 2026."""

    class Meta:
        model = Unbinding

    binding = factory.SubFactory(
        BindingFactory, creator=factory.SubFactory(CreatorFactory, contact="creator@example.com")
    )
    side = Side.CREATOR
    asked_at = NOON
    silent_on = factory.LazyAttribute(lambda o: o.asked_at.date() + timedelta(days=14))


class CreatorLinkFactory(factory.django.DjangoModelFactory[CreatorLink]):
    """A link for leaving, made at noon of 22 November 2026, valid for 7 days."""

    class Meta:
        model = CreatorLink

    creator = factory.SubFactory(CreatorFactory, contact="creator@example.com")
    purpose = LinkPurpose.LEAVE
    nonce = factory.LazyFunction(uuid4)
    created_at = NOON
    expires_at = factory.LazyAttribute(lambda o: o.created_at + timedelta(days=7))
