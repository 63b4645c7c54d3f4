"""One of everything that people around the level do, for tests that try every address.

Events, texts, hours and contacts are the platform's: one of each for all agencies. What an agency
asks, whom it sends, and its creators in the Star Source plan are its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from agencies.models import Agency, Creator, StarIncentive, StarPlan
from portal.enums import Author
from portal.models import (
    CannedAnswer,
    ContactPerson,
    Event,
    EventMaterial,
    HelpArticle,
    NewsMail,
    OutboxEntry,
    Question,
    QuestionFile,
    Registration,
    ServiceDay,
)
from tests.factories import MembershipFactory, UserFactory
from tests.factories.events import EventFactory, RegistrationFactory, material_of
from tests.factories.mails import SPREAD, UNDELIVERED, news_mail, news_of
from tests.factories.questions import HelpArticleFactory, QuestionFactory, say, with_file
from tests.factories.service import CannedAnswerFactory, ContactPersonFactory
from tests.factories.star_source import (
    StarAnchorFactory,
    StarIncentiveFactory,
    StarPlanFactory,
    StarSupportFactory,
)


@dataclass(frozen=True)
class House:
    """What belongs to no agency: an event with a file, texts, a contact, a day, a lost mail."""

    event: Event
    material: EventMaterial
    article: HelpArticle
    canned: CannedAnswer
    contact: ContactPerson
    day: ServiceDay
    mail: NewsMail

    def value(self, address: str, name: str) -> Any:
        """What an address has in the place of `name`; None for an address of another kind."""
        if name == "material":
            return self.material.pk
        if address == "staff-mail":
            return "news" if name == "kind" else self.mail.pk
        if address in {"event-material", "staff-event-material"}:
            return self.material.pk
        for prefix, row in (
            ("event-cancel", None),
            ("event", self.event),
            ("staff-event", self.event),
            ("help-article", self.article),
            ("staff-help-article", self.article),
            ("staff-canned", self.canned),
            ("staff-contact", self.contact),
            ("staff-service-day", self.day),
        ):
            if address.startswith(prefix):
                return row.pk if row and name == "pk" else None
        return None


@dataclass(frozen=True)
class People:
    """What is an agency's own; `canary` is in every text of it."""

    question: Question
    file: QuestionFile
    told: OutboxEntry
    registration: Registration
    plan: StarPlan
    incentive: StarIncentive

    def value(self, address: str, name: str) -> Any:
        """What an address has in the place of `name`; None for an address of another kind."""
        named = {"registration": self.registration, "incentive": self.incentive}
        if name in named:
            return named[name].pk
        if name != "pk":
            return None
        rows = {
            "question-file": self.file,
            "staff-question-file": self.file,
            "message": self.told,
            "event-cancel-registration": self.registration,
        }
        if address in rows:
            return rows[address].pk
        for prefix, row in (
            ("question", self.question),
            ("staff-question", self.question),
            ("staff-star", self.plan),
        ):
            if address.startswith(prefix):
                return row.pk
        return None


def house() -> House:
    """The platform's own things; call it twice and they are the same."""
    found = Event.objects.first()
    if found is not None:
        return House(
            found,
            EventMaterial.objects.get(),
            HelpArticle.objects.get(),
            CannedAnswer.objects.get(),
            ContactPerson.objects.get(),
            ServiceDay.objects.get(),
            NewsMail.objects.get(),
        )
    now = timezone.now()
    event = EventFactory.create(
        starts_at=now + timedelta(days=5),
        ends_at=now + timedelta(days=5, hours=3),
        register_until=now + timedelta(days=4),
    )
    return House(
        event,
        material_of(event),
        HelpArticleFactory.create(),
        CannedAnswerFactory.create(),
        ContactPersonFactory.create(),
        ServiceDay.objects.create(day=timezone.localdate() + timedelta(days=9), name="年会"),
        news_mail(MembershipFactory.create(), **UNDELIVERED),
    )


def people_of(agency: Agency, creator: Creator, event: Event, *, text: str) -> People:
    """What the agency asked, whom it sends, and its creator in the plan."""
    today = timezone.localdate()
    question = QuestionFactory.create(agency=agency, subject=text, text=text)
    say(question, text, by=UserFactory.create(), side=Author.PLATFORM, is_internal=True)
    plan = StarPlanFactory.create(creator=creator, reason=text)
    StarAnchorFactory.create(plan=plan, first_live_on=today + timedelta(days=10))
    StarSupportFactory.create(plan=plan, note=text)
    return People(
        question,
        with_file(question.messages.earliest("id"), name=f"{text}.pdf"),
        news_of(agency, about={"creator_id": creator.creator_id, "nickname": text}, **SPREAD),
        RegistrationFactory.create(event=event, agency=agency, person=text),
        plan,
        StarIncentiveFactory.create(plan=plan, what=text, given_on=today),
    )
