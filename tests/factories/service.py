"""People who look after agencies, and the texts of the desk."""

from __future__ import annotations

from datetime import UTC, datetime

import factory

from portal.enums import ContactKind
from portal.models import CannedAnswer, ContactAssignment, ContactPerson
from tests.factories.conduct import AgencyFactory
from tests.factories.people import UserFactory

SINCE = datetime(2026, 11, 3, 1, 0, tzinfo=UTC)


class ContactPersonFactory(factory.django.DjangoModelFactory[ContactPerson]):
    """An operations contact who takes agencies."""

    class Meta:
        model = ContactPerson

    user = factory.SubFactory(UserFactory, is_staff=True)
    kind = ContactKind.OPERATIONS
    name = factory.Sequence(lambda n: f"Contact {n}")
    phone = "400 100 2000"


class ContactAssignmentFactory(factory.django.DjangoModelFactory[ContactAssignment]):
    """An agency that has a contact since the last publication."""

    class Meta:
        model = ContactAssignment

    agency = factory.SubFactory(AgencyFactory, stage="assessed", level="V4")
    person = factory.SubFactory(ContactPersonFactory)
    kind = factory.SelfAttribute("person.kind")
    since = SINCE
    because = "V4"


class CannedAnswerFactory(factory.django.DjangoModelFactory[CannedAnswer]):
    """A prepared answer that is in use."""

    class Meta:
        model = CannedAnswer

    name = factory.Sequence(lambda n: f"Prepared {n}")
    text_zh = "{agency} 的等级是 {level}"
    text_en = "The level of {agency} is {level}"
    written_by = factory.SubFactory(UserFactory, is_staff=True)
    changed_at = SINCE
