"""Cases: what belongs to a violation, and violations that were drafted and issued by actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import factory

from agencies.actions.violations import draft_violation, issue
from agencies.enums import Measure, PenaltyState, ViolationKind
from agencies.models import Appeal, CaseFile, Incident, Penalty, Violation
from agencies.signals import agency_news, history_changed
from tests.factories.conduct import AgencyFactory, ViolationFactory
from tests.factories.people import UserFactory
from tests.factories.staff import operator

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
PDF = b"%PDF-1.7 evidence"


def later(days: int) -> datetime:
    """The same hour so many days after `TODAY`."""
    return AT + timedelta(days=days)


class IncidentFactory(factory.django.DjangoModelFactory[Incident]):
    class Meta:
        model = Incident

    title = factory.Sequence(lambda n: f"直播间事件{n}")
    created_at = AT
    created_by = factory.SubFactory(UserFactory)


class AppealFactory(factory.django.DjangoModelFactory[Appeal]):
    class Meta:
        model = Appeal

    agency = factory.SubFactory(AgencyFactory)
    text = "事实不符"
    filed_by = factory.SubFactory(UserFactory)
    filed_at = AT
    due_on = TODAY + timedelta(days=15)


class PenaltyFactory(factory.django.DjangoModelFactory[Penalty]):
    """A measure in force since today, without an end."""

    class Meta:
        model = Penalty

    violation = factory.SubFactory(ViolationFactory)
    agency = factory.SelfAttribute("violation.agency")
    kind = Measure.SUSPEND_BINDING
    state = PenaltyState.ACTIVE
    starts_on = TODAY


class CaseFileFactory(factory.django.DjangoModelFactory[CaseFile]):
    """A file of evidence of a violation."""

    class Meta:
        model = CaseFile

    violation = factory.SubFactory(ViolationFactory)
    name = "evidence.pdf"
    content_type = "application/pdf"
    content = PDF
    size = factory.LazyAttribute(lambda o: len(o.content))
    sha256 = factory.LazyAttribute(lambda o: sha256(o.content).hexdigest())
    added_by = factory.SubFactory(UserFactory)
    added_at = AT


def drafted(**given: Any) -> Violation:
    """A draft by an operator: a dispute of 20 points without measures, unless told otherwise."""
    ordinary = {
        "kind": ViolationKind.DISPUTE,
        "occurred_on": date(2026, 9, 1),
        "summary": "与达人发生纠纷",
        "points": 20,
        "measures": (),
        "at": AT,
    }
    filled = {**ordinary, "request_key": uuid4(), **given}
    filled.setdefault("agency", None)
    filled["agency"] = filled["agency"] or AgencyFactory.create()
    filled["by"] = filled.get("by") or operator()
    return draft_violation(**filled)


def issued(**given: Any) -> Violation:
    """A violation issued by whoever drafted it, at the same moment."""
    by = given.pop("by", None) or operator()
    draft = drafted(by=by, **given)
    return issue(violation_id=draft.pk, at=given.get("at", AT), by=by)


@dataclass
class Heard:
    """What the signals said: news by agency, and the spans of changed history."""

    news: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    spans: list[tuple[date, date | None]] = field(default_factory=list)

    def kinds(self) -> list[tuple[int, str]]:
        return [(agency_id, news) for agency_id, news, _about in self.news]


@contextmanager
def listening() -> Iterator[Heard]:
    """Note what is said meanwhile."""
    heard = Heard()

    def note_news(agency_id: int, news: str, about: dict[str, Any], **_: Any) -> None:
        heard.news.append((agency_id, str(news), about))

    def note_span(first: date, last: date | None, **_: Any) -> None:
        heard.spans.append((first, last))

    agency_news.connect(note_news)
    history_changed.connect(note_span)
    try:
        yield heard
    finally:
        agency_news.disconnect(note_news)
        history_changed.disconnect(note_span)
