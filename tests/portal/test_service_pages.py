"""The desk's own pages: who may open them, the hours, the figures, the unclear rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.models import ServiceDay, ServiceHours, ServiceTarget, StaffLook
from tests.factories.conduct import MembershipFactory
from tests.factories.people import UserFactory
from tests.factories.questions import HelpArticleFactory, QuestionFactory, answered
from tests.factories.service import (
    CannedAnswerFactory,
    ContactAssignmentFactory,
    ContactPersonFactory,
)
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

# Each address: what it needs in its path, the method, whether support may use it too.
ADDRESSES = [
    ("staff-service", "", "get", True),
    ("staff-service-hours", "", "post", False),
    ("staff-service-day", "", "post", False),
    ("staff-service-day-remove", "day", "post", False),
    ("staff-service-targets", "", "post", False),
    ("staff-contacts", "", "get", True),
    ("staff-contact-new", "", "get", False),
    ("staff-contact-new", "", "post", False),
    ("staff-contacts-assign", "", "post", False),
    ("staff-contact", "person", "get", True),
    ("staff-contact-edit", "person", "post", False),
    ("staff-contact-hand-over", "person", "post", False),
    ("staff-contact-change", "held", "get", False),
    ("staff-contact-change", "held", "post", False),
    ("staff-question-figures", "", "get", True),
    ("staff-unclear-rules", "", "get", True),
    ("staff-canned-answers", "", "get", True),
    ("staff-canned-new", "", "get", True),
    ("staff-canned-answer", "canned", "get", True),
    ("staff-help-articles", "", "get", True),
    ("staff-help-article-new", "", "get", True),
    ("staff-help-article", "article", "get", True),
    ("staff-help-article-publish", "article", "post", True),
]


@pytest.fixture
def there() -> dict[str, list[Any]]:
    """One of everything that an address may name."""
    held = ContactAssignmentFactory.create()
    return {
        "": [],
        "day": [ServiceDay.objects.create(day=date(2026, 10, 1), name="National Day").pk],
        "person": [held.person_id],
        "held": [held.agency.code, "operations"],
        "canned": [CannedAnswerFactory.create().pk],
        "article": [HelpArticleFactory.create().pk],
    }


@pytest.fixture
def desk() -> Client:
    return signed_in(operator())


def test_every_address_is_for_the_staff_with_its_right(there: dict[str, list[Any]]) -> None:
    member = signed_in(MembershipFactory.create().user)
    support, operations = signed_in(supporter()), signed_in(operator())
    for name, what, method, open_to_support in ADDRESSES:
        url = reverse(name, args=there[what])
        answer = getattr(Client(), method)(url)
        assert (answer.status_code, answer.headers["location"]) == (302, f"/sign-in/?next={url}")
        assert getattr(member, method)(url).status_code == 403, name
        found = getattr(support, method)(url).status_code
        assert found in ({200, 302} if open_to_support else {403}), name
        assert getattr(operations, method)(url).status_code in {200, 302}, name


def test_reading_addresses_take_no_post_and_writing_ones_no_get(
    there: dict[str, list[Any]], desk: Client
) -> None:
    methods: dict[str, set[str]] = {}
    for name, _what, method, _open in ADDRESSES:
        methods.setdefault(name, set()).add(method)
    both = {"staff-canned-new", "staff-canned-answer", "staff-help-article-new"}
    for name, what, method, _open in ADDRESSES:
        if len(methods[name]) == 1 and name not in {*both, "staff-help-article"}:
            other = "get" if method == "post" else "post"
            url = reverse(name, args=there[what])
            assert getattr(desk, other)(url).status_code == 405, name


def test_what_is_not_there_is_not_found(desk: Client) -> None:
    for name, args in (
        ("staff-contact", [0]),
        ("staff-contact-change", ["NOBODY", "operations"]),
        ("staff-canned-answer", [0]),
        ("staff-help-article", [0]),
    ):
        assert desk.get(reverse(name, args=args)).status_code == 404
    held = ContactAssignmentFactory.create()
    assert desk.get(f"/staff/agencies/{held.agency.code}/contact/friend/").status_code == 404


def week(**changes: str) -> dict[str, str]:
    times = {f"opens_{day}": "09:00" for day in range(5)}
    times |= {f"closes_{day}": "18:00" for day in range(5)}
    return times | changes


def test_operations_set_the_hours_of_the_week(desk: Client) -> None:
    sent = week(opens_0="", closes_0="", opens_6="10:00", closes_6="12:30")
    answer = desk.post(reverse("staff-service-hours"), sent, follow=True)
    assert "The hours are set." in answer.content.decode()
    kept = {row.weekday: (row.opens, row.closes) for row in ServiceHours.objects.all()}
    nine_to_six = (time(9), time(18))
    assert kept == {**dict.fromkeys(range(1, 5), nine_to_six), 6: (time(10), time(12, 30))}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "open at least one weekday"),
        (week(closes_1=""), "Give both times, or none for a day off."),
        (week(closes_1="08:00"), "Tuesday closes before it opens"),
    ],
)
def test_hours_that_do_not_fit_are_refused_on_the_page(
    desk: Client, sent: dict[str, str], said: str
) -> None:
    answer = desk.post(reverse("staff-service-hours"), sent)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert ServiceHours.objects.count() == 5


def test_a_holiday_is_set_changed_and_removed(desk: Client) -> None:
    url = reverse("staff-service-day")
    desk.post(url, {"day": "2026-10-01", "name": "National Day", "opens": "", "closes": ""})
    desk.post(url, {"day": "2026-10-01", "name": "Short", "opens": "10:00", "closes": "12:00"})
    (day,) = ServiceDay.objects.all()
    assert (day.name, day.opens, day.closes) == ("Short", time(10), time(12))
    page = desk.get(reverse("staff-service")).content.decode()
    assert "10:00–12:00" in page
    for wrong, said in (("", "has only one"), ("09:00", "closes before it opens")):
        sent = {"day": "2026-10-02", "name": "x", "opens": "10:00", "closes": wrong}
        assert said in desk.post(url, sent).content.decode()
    for _twice in range(2):
        desk.post(reverse("staff-service-day-remove", args=[day.pk]))
    assert not ServiceDay.objects.exists()


def test_targets_are_set_for_every_level_and_stage(desk: Client) -> None:
    keys = ["V5", "V4", "V3", "V2", "V1", "observation", "novice"]
    sent = {f"minutes_{key}": str(10 * (place + 1)) for place, key in enumerate(keys)}
    desk.post(reverse("staff-service-targets"), sent)
    kept = dict(ServiceTarget.objects.order_by("minutes").values_list("key", "minutes"))
    assert list(kept) == keys
    answer = desk.post(reverse("staff-service-targets"), {**sent, "minutes_V5": "0"})
    assert "greater than or equal to 1" in answer.content.decode()
    assert ServiceTarget.objects.get(key="V5").minutes == 10


def test_support_reads_the_hours_and_sees_no_button() -> None:
    page = signed_in(supporter()).get(reverse("staff-service")).content.decode()
    assert "Service hours and targets" in page
    assert "Set the hours" not in page
    assert "disabled" in page


def test_the_figures_are_those_of_the_days_asked_for(desk: Client) -> None:
    now = timezone.now()
    asked = {"asked_at": now, "due_at": now + timedelta(hours=8)}
    QuestionFactory.create(clause="level-cut-offs", **asked)
    answered(QuestionFactory.create(**asked), first_answer_minutes=77)
    page = desk.get(reverse("staff-question-figures")).content.decode()
    assert "77 min" in page
    assert "Levels by total" in page
    last = timezone.localdate(now) - timedelta(days=1)
    url = f"{reverse('staff-question-figures')}?first={last}&last={last}"
    later = desk.get(url).content.decode()
    assert "No questions in this time." in later
    for first, last in (("0001-01-01", "2026-01-01"), ("2026-01-01", "9999-12-31")):
        url = f"{reverse('staff-question-figures')}?first={first}&last={last}"
        assert "Ensure this value is" in desk.get(url).content.decode()
    wrong = desk.get(f"{reverse('staff-question-figures')}?first=2026-02-02&last=2026-01-01")
    assert "swap the two" in wrong.content.decode()


def test_unclear_rules_lead_to_the_clause_the_questions_and_a_public_answer(desk: Client) -> None:
    now = timezone.now()
    question = QuestionFactory.create(
        clause="level-cut-offs",
        subject="Which total do we need?",
        asked_at=now,
        due_at=now + timedelta(hours=8),
    )
    page = desk.get(reverse("staff-unclear-rules")).content.decode()
    assert f'{reverse("public-rules")}#level-cut-offs">Levels by total' in page
    assert f'{reverse("staff-question", args=[question.pk])}">Which total do we need?' in page
    assert "/staff/public-answers/new/?clause=level-cut-offs" in page
    assert StaffLook.objects.filter(path="/staff/unclear-rules/").count() == 1
    assert "/staff/unclear-rules/" in desk.get(reverse("staff-rulebooks")).content.decode()


def test_pages_take_as_many_queries_for_one_row_as_for_three(
    desk: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    pages = [
        "staff-service",
        "staff-contacts",
        "staff-question-figures",
        "staff-unclear-rules",
        "staff-canned-answers",
        "staff-help-articles",
    ]
    now = timezone.now()
    counts: list[list[int]] = []
    for rows in (1, 2):
        for number in range(rows):
            ServiceDay.objects.create(day=date(2026, 10, rows + number), name="x")
            ContactPersonFactory.create()
            CannedAnswerFactory.create()
            HelpArticleFactory.create()
            question = QuestionFactory.create(
                clause=f"c{rows}{number}", asked_at=now, due_at=now + timedelta(hours=8)
            )
            answered(question, by=UserFactory.create())
        found = []
        for name in pages:
            desk.get(reverse(name))
            with django_assert_max_num_queries(14) as taken:
                desk.get(reverse(name))
            found.append(len(taken))
        counts.append(found)
    assert counts[0] == counts[1]
