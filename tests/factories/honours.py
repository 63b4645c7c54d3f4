"""Titles and public notices."""

from __future__ import annotations

from uuid import uuid4

import factory

from agencies.enums import NoticeState
from agencies.models import NoticeEntry, PublicNotice, Title
from tests.factories.cases import AT, TODAY
from tests.factories.conduct import AgencyFactory, ViolationFactory
from tests.factories.people import UserFactory


class TitleFactory(factory.django.DjangoModelFactory[Title]):
    """A title granted today."""

    class Meta:
        model = Title

    agency = factory.SubFactory(AgencyFactory)
    name_zh = factory.Sequence(lambda n: f"年度机构{n}")
    name_en = factory.Sequence(lambda n: f"Agency of the year {n}")
    granted_on = TODAY
    granted_by = factory.SubFactory(UserFactory)


class PublicNoticeFactory(factory.django.DjangoModelFactory[PublicNotice]):
    """A draft on the decisions of November 2026 so far."""

    class Meta:
        model = PublicNotice

    title = factory.Sequence(lambda n: f"违规处罚公示{n}")
    introduction = "为维护平台秩序，现将有关处理结果公示如下。"
    first_day = TODAY.replace(day=1)
    last_day = TODAY
    created_by = factory.SubFactory(UserFactory)
    created_at = AT
    request_key = factory.LazyFunction(uuid4)

    class Params:
        published = factory.Trait(
            state=NoticeState.PUBLISHED,
            published_at=AT,
            published_by=factory.SubFactory(UserFactory),
        )


class NoticeEntryFactory(factory.django.DjangoModelFactory[NoticeEntry]):
    """An entry as a draft or a publication holds it."""

    class Meta:
        model = NoticeEntry

    notice = factory.SubFactory(PublicNoticeFactory)
    violation = factory.SubFactory(ViolationFactory, decided_on=TODAY)
    agency_name = factory.LazyAttribute(lambda o: o.violation.agency.name)
    wording = "经核查，该机构存在违规行为。"
