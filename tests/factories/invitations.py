"""Invitations to become a member of an agency."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import factory

from agencies.enums import Role
from agencies.models import Invitation
from tests.factories.conduct import AgencyFactory
from tests.factories.requests import NOON


class InvitationFactory(factory.django.DjangoModelFactory[Invitation]):
    """An invitation by the platform, made at noon of 22 November 2026, open for 7 days."""

    class Meta:
        model = Invitation

    agency = factory.SubFactory(AgencyFactory)
    email = factory.Sequence(lambda n: f"invited{n}@example.com")
    role = Role.VIEWER
    nonce = factory.LazyFunction(uuid4)
    invited_at = NOON
    expires_at = factory.LazyAttribute(lambda o: o.invited_at + timedelta(days=7))
