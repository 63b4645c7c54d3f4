"""What the pages of support are measured on: questions, mails, looks, contacts, plans, salons.

As of 30,000 agencies: 40,000 questions of which 2,000 are open, 60,000 mails of which 300 did not
arrive, 50,000 looks, a contact for 12,000 agencies, 6,000 creators in the Star Source plan, and 60
salons with 100 people each.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from agencies.enums import News, StarPhase
from agencies.models import Agency, Creator, StarAnchor, StarPlan
from portal.enums import Author, CarriedState, ContactKind, EventState, QuestionState, SeatState
from portal.models import (
    ContactAssignment,
    ContactPerson,
    Event,
    HelpArticle,
    NewsMail,
    OutboxEntry,
    Question,
    QuestionMessage,
    Registration,
    StaffLook,
    User,
)
from tests.bench.history import SCALE

STAFF = "desk@bench.example"
QUESTIONS, OPEN = int(40_000 * SCALE), int(2_000 * SCALE)
MAILS, UNDELIVERED = int(60_000 * SCALE), int(300 * SCALE)
LOOKS, LOOKED_AFTER, PLANS = int(50_000 * SCALE), int(12_000 * SCALE), int(6_000 * SCALE)
EVENTS, GUESTS, CONTACTS, ARTICLES = 60, 100, 80, 300
CLAUSES = ("indicators.reputation", "stages.observation", "credit.restored", "levels.V4", "")
MINUTE = timedelta(minutes=1)
Row = TypeVar("Row", bound=Model)


def administrator() -> User:
    """Somebody who may see everything; with it all rows, when they are missing."""
    staff = User.objects.filter(email=STAFF).first()
    if staff is None:
        with transaction.atomic():
            staff = User.objects.create_superuser(STAFF, None)
            _fill(staff, timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return staff


def _fill(staff: User, now: datetime) -> None:
    agencies = list(Agency.objects.order_by("pk").values_list("pk", flat=True))
    _questions(agencies, staff, now)
    _mails(agencies, staff, now)
    _write(
        StaffLook(actor=staff, agency_id=agency, path="/conduct/", at=now - number * MINUTE)
        for number, agency in enumerate(islice(cycle(agencies), LOOKS))
    )
    _contacts(agencies, now)
    _plans(staff, now)
    _events(agencies, staff, now)


def _questions(agencies: list[int], staff: User, now: datetime) -> None:
    def question(number: int, agency: int) -> Question:
        at = now - number * 10 * MINUTE
        found = Question(
            agency_id=agency,
            subject=f"为什么上月的第{number}项指标下降了",
            clause=CLAUSES[number % len(CLAUSES)],
            asked_by=staff,
            asked_at=at,
            level=f"V{number % 5 + 1}",
            stage="assessed",
            state=QuestionState.OPEN,
        )
        if number < OPEN:
            found.waiting_since, found.due_at = at, at + timedelta(days=1)
            return found
        found.state = QuestionState.ANSWERED
        found.first_answered_at, found.first_answered_by = at + 90 * MINUTE, staff
        found.first_answer_minutes, found.first_answer_late = 90, number % 10 == 0
        return found

    rows = _write(question(*each) for each in enumerate(islice(cycle(agencies), QUESTIONS)))
    _write(
        QuestionMessage(
            question=row,
            side=side,
            author=staff,
            text="请帮忙看一下口碑分的计算。",
            at=row.asked_at,
        )
        for row in rows
        for side in ((Author.AGENCY,) if row.waiting_since else Author)
    )
    _write(
        HelpArticle(
            clause=CLAUSES[number % len(CLAUSES)],
            title_zh=f"口碑分怎么算，第{number}问",
            title_en=f"How reputation is computed, {number}",
            text_zh="按成交订单加权。",
            text_en="Weighted by settled orders.",
            is_published=True,
            written_by=staff,
            changed_at=now,
        )
        for number in range(ARTICLES)
    )


def _mails(agencies: list[int], staff: User, now: datetime) -> None:
    sent = {"state": CarriedState.SENT, "next_attempt_at": None, "sent_at": now}
    entries = _write(
        OutboxEntry(agency_id=agency, news=News.RESULT_PUBLISHED, at=now, **sent)
        for agency in islice(cycle(agencies), MAILS)
    )
    failed = {
        "state": CarriedState.UNDELIVERED,
        "next_attempt_at": None,
        "last_error": "SMTPRecipientsRefused: 550 unknown",
    }
    _write(
        NewsMail(entry=entry, user=staff, at=now, **(failed if number < UNDELIVERED else sent))
        for number, entry in enumerate(entries)
    )


def _contacts(agencies: list[int], now: datetime) -> None:
    users = _write(
        User(email=f"contact{number}@bench.example", name=f"联系人{number}", is_staff=True)
        for number in range(CONTACTS)
    )
    people = _write(
        ContactPerson(user=user, kind=ContactKind.OPERATIONS, name=user.name, phone="400 100 2000")
        for user in users
    )
    _write(
        ContactAssignment(agency_id=agency, person=person, kind=person.kind, since=now)
        for agency, person in zip(agencies[:LOOKED_AFTER], cycle(people), strict=False)
    )


def _plans(staff: User, now: datetime) -> None:
    today = timezone.localdate(now)
    creators = Creator.objects.order_by("pk")[: PLANS * 7 : 7]
    plans = _write(
        StarPlan(creator=creator, selected_by=staff, selected_at=now, told_phase=StarPhase.TRIAL)
        for creator in creators
    )
    _write(
        StarAnchor(
            plan=plan,
            first_live_on=today + timedelta(days=number % 160 - 110),
            preparation_days=30,
            trial_days=15,
            development_days=90,
            set_by=staff,
            set_at=now,
        )
        for number, plan in enumerate(plans)
    )


def _events(agencies: list[int], staff: User, now: datetime) -> None:
    def salon(number: int) -> Event:
        begins = now + timedelta(days=7 * (number - EVENTS // 2) + 3)
        return Event(
            city_zh="杭州",
            city_en="Hangzhou",
            title_zh=f"第{number}期私享会",
            title_en=f"Salon {number}",
            venue_zh="文三路一号",
            venue_en="1 Wensan Road",
            starts_at=begins,
            ends_at=begins + timedelta(hours=3),
            register_until=begins - timedelta(days=1),
            seats=GUESTS,
            most_per_agency=2,
            state=EventState.PUBLISHED,
            created_by=staff,
            changed_at=now,
        )

    guests = cycle(agencies)
    _write(
        Registration(
            event=event,
            agency_id=next(guests),
            person=f"来宾{number}",
            phone=f"138{number:08d}",
            state=SeatState.SEATED,
            registered_by=staff,
            at=now,
            seated_at=now,
        )
        for event in _write(map(salon, range(EVENTS)))
        for number in range(GUESTS)
    )


def _write(rows: Iterable[Row]) -> list[Row]:
    every = list(rows)
    return type(every[0])._base_manager.bulk_create(every, batch_size=2_000) if every else []
