"""What the database refuses of hours, targets, contacts and texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.enums import ContactKind
from portal.models import ServiceDay, ServiceHours, ServiceTarget
from tests.factories.questions import HelpArticleFactory
from tests.factories.service import (
    SINCE,
    CannedAnswerFactory,
    ContactAssignmentFactory,
    ContactPersonFactory,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


def refused(name: str, step: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        step()


def test_hours_belong_to_a_weekday_and_are_in_order() -> None:
    hours = ServiceHours.objects.create
    refused("service_hours_of_a_weekday", lambda: hours(weekday=7, opens="09:00", closes="18:00"))
    refused("service_hours_in_order", lambda: hours(weekday=6, opens="09:00", closes="09:00"))
    refused("weekday", lambda: hours(weekday=0, opens="09:00", closes="18:00"))


def test_a_day_has_both_times_in_order_or_none() -> None:
    day = ServiceDay.objects.create
    for times in (
        {"opens": "09:00"},
        {"closes": "09:00"},
        {"opens": "18:00", "closes": "09:00"},
    ):
        refused("service_day_in_order", lambda times=times: day(day=DAY, name="x", **times))
    day(day=DAY, name="Holiday")
    refused("day", lambda: day(day=DAY, name="Again"))


def test_a_target_is_between_a_minute_and_ten_thousand() -> None:
    for minutes in (0, 10_001):
        refused(
            "service_target_positive",
            lambda minutes=minutes: ServiceTarget.objects.create(key="V9", minutes=minutes),
        )


def test_a_contact_has_a_known_kind_and_a_way_to_be_reached() -> None:
    person = ContactPersonFactory.create
    refused("contact_person_kind_known", lambda: person(kind="friend"))
    refused("contact_person_can_be_reached", lambda: person(phone=""))


def test_an_agency_has_one_contact_of_a_kind_from_a_day_to_a_later_one() -> None:
    held = ContactAssignmentFactory.create()
    again = ContactAssignmentFactory.build
    refused(
        "contact_assignment_one_of_a_kind",
        lambda: again(agency=held.agency, person=held.person).save(),
    )
    for wrong in ({"until": SINCE - timedelta(seconds=1)}, {"kind": "friend", "until": SINCE}):
        refused(
            "contact_assignment_in_order",
            lambda wrong=wrong: again(agency=held.agency, person=held.person, **wrong).save(),
        )
    service = ContactPersonFactory.create(kind=ContactKind.SERVICE)
    again(agency=held.agency, person=service, kind=service.kind).save()


def test_texts_are_in_both_languages() -> None:
    for missing in ("title_zh", "title_en", "text_zh", "text_en"):
        refused(
            "help_article_in_both_languages",
            lambda missing=missing: HelpArticleFactory.create(**{missing: ""}),
        )
    for missing in ("text_zh", "text_en"):
        refused(
            "canned_answer_in_both_languages",
            lambda missing=missing: CannedAnswerFactory.create(**{missing: ""}),
        )
    CannedAnswerFactory.create(name="One")
    refused("name", lambda: CannedAnswerFactory.create(name="One"))
