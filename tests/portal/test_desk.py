"""The inbox of questions: order, filters, calls, closing many at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client

from agencies.models import Agency
from portal.enums import ContactKind, QuestionState
from portal.models import ContactAssignment, ContactPerson, Question, StaffLook, User
from portal.support.answering import assign
from tests.agencies.desk import (
    file_of,
    outsiders,
    queries,
    refused_to_outsiders,
    said,
    told,
)
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.questions import ASKED, QuestionFactory, answered, say
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
INBOX, CLOSE, CALL = "/staff/questions/", "/staff/questions/close/", "/staff/questions/call/"
HOUR = timedelta(hours=1)
NOW = ASKED + 2 * HOUR  # Monday noon; questions are due at 18:00 unless told


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def person() -> User:
    return supporter(name="Lin")


@pytest.fixture
def desk(person: User) -> Client:
    return signed_in(person)


@pytest.fixture
def star() -> Agency:
    return AgencyFactory.create(code="STAR", name="银杏", contact_phone="0571-1234567")


def asked(subject: str, due: datetime | None = None, **fields: Any) -> Question:
    if due is not None:
        fields["due_at"] = due
    return QuestionFactory.create(subject=subject, **fields)


def shown(desk: Client, query: str = "") -> list[str]:
    page = said(desk.get(f"{INBOX}?{query}"))
    return re.findall(r'<a href="/staff/questions/\d+/">([^<]+)</a>', page)


def looks() -> list[str]:
    return list(StaffLook.objects.order_by("pk").values_list("object_label", flat=True))


class TestInbox:
    def test_high_levels_first_then_whose_answer_is_due_first(self, desk: Client) -> None:
        asked("low late", due=NOW - HOUR, level="V2")
        asked("high late", due=NOW + 5 * HOUR, level="V5")
        asked("novice", due=NOW + HOUR, stage="novice")
        asked("high soon", due=NOW + HOUR, level="V4")
        answered(asked("answered"))
        assert shown(desk) == ["high soon", "high late", "low late", "novice"]

    def test_clocks_are_told_in_business_hours(self, desk: Client) -> None:
        asked("late", due=NOW - 90 * timedelta(minutes=1))
        asked("soon", due=NOW + timedelta(minutes=45))
        asked("tomorrow", due=NOW + timedelta(days=1))
        page = said(desk.get(INBOX))
        assert 'mark-danger">overdue by 1 h 30 min</span>' in page
        assert 'mark-warn">45 min left</span>' in page
        assert 'mark-plain">9 h left</span>' in page

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("state=answered", "done"),
            ("state=all", "done other mine"),
            ("state=nonsense", ""),
            ("whose=mine", "mine"),
            ("whose=nobody", "other"),
            ("level=V2", "other"),
            ("level=observation", "mine"),
            ("level=V9", ""),
            ("clause=appeal", "other"),
            ("clause=no-such", ""),
            ("overdue=true", "mine"),
            ("q=STAR", "mine"),
            ("q=STA", ""),
            ("q=杏", "mine"),
            ("q=othe", "other"),
            ("q=99999999999999999999", ""),
            ("q=mine&whose=nobody", ""),
        ],
    )
    def test_filters_live_in_the_address(
        self, desk: Client, person: User, star: Agency, query: str, found: str
    ) -> None:
        late = {"due": NOW - HOUR, "stage": "observation"}
        asked("mine", agency=star, assignee=person, **late)
        asked("other", level="V2", clause="appeal")
        answered(asked("done", assignee=person, level="V1"))
        assert shown(desk, query) == found.split()

    def test_a_question_is_found_by_its_number(self, desk: Client) -> None:
        one = asked("one")
        asked("two")
        assert shown(desk, f"q={one.pk}") == ["one"]
        assert shown(desk, f"q=Q{one.pk}") == ["one"]

    def test_what_nobody_took_is_its_contacts(self, desk: Client, person: User) -> None:
        contact = ContactPerson.objects.create(
            user=person, kind=ContactKind.SERVICE, name="Lin", phone="1"
        )
        own, former = asked("own"), asked("former")
        since = {"person": contact, "kind": ContactKind.SERVICE, "since": ASKED}
        ContactAssignment.objects.create(agency=own.agency, **since)
        ContactAssignment.objects.create(agency=former.agency, until=NOW, **since)
        asked("taken by another", agency=own.agency, assignee=operator())
        assert shown(desk, "whose=mine") == ["own"]

    def test_figures_above_the_list(self, desk: Client, person: User) -> None:
        asked("late", due=NOW - HOUR, assignee=person)
        asked("fresh")
        page = said(desk.get(INBOX))
        figures = re.findall(r'<strong class="num">(\d+)</strong> ([^<]+)</a>', page)
        assert figures == [
            ("2", "wait for an answer"),
            ("1", "overdue"),
            ("1", "are mine"),
            ("1", "are nobody's yet"),
        ]

    def test_nobody_waits(self, desk: Client) -> None:
        assert "Nobody waits" in said(desk.get(INBOX))
        assert "Nothing fits these filters" in said(desk.get(f"{INBOX}?q=x"))

    def test_the_file_has_the_rows_of_the_filter(self, desk: Client, star: Agency) -> None:
        one = asked("=1+1", agency=star, level="V2", clause="appeal")
        answered(asked("else"))
        lines = file_of(desk.get(f"{INBOX}?export=csv"))
        assert len(lines) == 2
        assert lines[1].startswith(f"{one.pk},STAR,银杏,V2,assessed,'=1+1,appeal,open,portal,")

    def test_the_number_of_queries_does_not_grow(self, desk: Client, person: User) -> None:
        asked("a", assignee=person)
        desk.get(INBOX)
        before = queries(desk, INBOX)
        asked("b", assignee=operator(), clause="appeal", level="V3")
        asked("c", level="V5")
        assert queries(desk, INBOX) == before
        assert before <= 14

    def test_who_may_read_and_who_may_close(self, desk: Client) -> None:
        asked("one")
        refused_to_outsiders(INBOX)
        assert desk.post(INBOX).status_code == 405
        assert 'name="pick"' in said(desk.get(INBOX))
        reader = UserFactory.create(is_staff=True)
        assert signed_in(reader).get(INBOX).status_code == 403
        assert looks()[0] == "Questions"

    def test_whoever_only_reads_chooses_nothing(self) -> None:
        reader = UserFactory.create(is_staff=True)
        reader.user_permissions.add(Permission.objects.get(codename="view_question"))
        asked("one")
        page = said(signed_in(reader).get(INBOX))
        assert "one</a>" in page
        assert 'name="pick"' not in page
        assert CALL not in page


class TestClosingMany:
    def test_the_preview_says_what_it_will_do_and_does_nothing(self, desk: Client) -> None:
        one, two = asked("one"), answered(asked("two"))
        over = asked("over", state="closed", closed_at=ASKED)
        page = said(desk.get(f"{CLOSE}?pick={one.pk}&pick={two.pk}&pick={over.pk}&pick=x"))
        assert "2 questions are closed." in page
        assert "1 of them never had an answer." in page
        assert "1 chosen question is closed or merged already and passed over." in page
        one.refresh_from_db()
        assert one.state == "open"
        assert looks() == ["Closing questions"]

    def test_it_closes_what_was_chosen(self, desk: Client) -> None:
        one, two = asked("one"), asked("two")
        picked = {"pick": [one.pk, two.pk], "reason": "Answered in public"}
        answer = desk.post(CLOSE, picked)
        assert answer.headers["location"] == INBOX
        assert told(answer) == ["2 questions are closed and their agencies are told."]
        one.refresh_from_db()
        assert (one.state, one.close_reason) == ("closed", "Answered in public")

    def test_what_got_a_new_message_is_passed_over_and_said(self, desk: Client) -> None:
        one, two = asked("one"), asked("two")
        page = said(desk.get(f"{CLOSE}?pick={one.pk}&pick={two.pk}"))
        seen = re.search(r'name="seen" value="(\d+)"', page)
        assert seen
        say(two, "wait", by=two.asked_by)
        sent = {"pick": [one.pk, two.pk], "reason": "x", "seen": seen[1]}
        assert told(desk.post(CLOSE, sent)) == [
            "1 question is closed and its agency is told.",
            "1 question was passed over: it was closed, or somebody wrote meanwhile.",
        ]
        two.refresh_from_db()
        assert two.state == "open"

    def test_without_a_reason_the_form_comes_back(self, desk: Client) -> None:
        one = asked("one")
        answer = desk.post(CLOSE, {"pick": one.pk, "reason": " "})
        assert answer.status_code == 200
        assert "Say why: the agencies read it." in said(answer)
        one.refresh_from_db()
        assert one.state == "open"

    def test_nothing_chosen(self, desk: Client) -> None:
        assert "Nothing to close" in said(desk.get(CLOSE))
        assert "None of these questions" in said(desk.post(CLOSE, {"pick": 7, "reason": "x"}))

    def test_who_may(self) -> None:
        refused_to_outsiders(CLOSE)


class TestCall:
    @pytest.fixture
    def call(self) -> dict[str, Any]:
        return {
            "request_key": uuid4(),
            "caller": "Mrs Chen, director",
            "caller_check": "called_back",
            "subject": "Why V2",
            "text": "She asks why.",
            "clause": "level-cut-offs",
            "keep": "on",
        }

    def test_the_agency_is_found_by_code_or_name(self, desk: Client, star: Agency) -> None:
        AgencyFactory.create(code="STAR-2", name="Other")
        assert "银杏" not in said(desk.get(CALL))
        page = said(desk.get(f"{CALL}?agency=star"))
        assert f'<a href="{CALL}?agency=STAR">银杏</a>' in page
        assert f'<a href="{CALL}?agency=STAR-2">Other</a>' in page
        assert "Step 2 of 2" in said(desk.get(f"{CALL}?agency=STAR"))
        assert "No agency has this code" in said(desk.get(f"{CALL}?agency=x%00y"))
        assert looks()[:2] == ["Agencies: star", f"A call of {star}"]

    def test_what_identifies_the_caller_is_beside_the_form(
        self, desk: Client, star: Agency
    ) -> None:
        waiting = asked("They asked already", agency=star)
        page = said(desk.get(f"{CALL}?agency=STAR"))
        assert "0571-1234567" in page
        assert f'<a href="/staff/questions/{waiting.pk}/">' in page

    def test_a_call_is_entered_for_the_agency(
        self, desk: Client, person: User, star: Agency, call: dict[str, Any]
    ) -> None:
        answer = desk.post(f"{CALL}?agency=STAR", call)
        question = Question.objects.get()
        assert answer.headers["location"] == f"/staff/questions/{question.pk}/"
        assert (question.agency, question.channel, question.state) == (star, "phone", "open")
        assert (question.caller, question.caller_check) == ("Mrs Chen, director", "called_back")
        assert (question.clause, question.assignee) == ("level-cut-offs", person)
        assert (question.asked_by, question.asked_at) == (person, NOW)

    def test_it_may_be_answered_and_closed_at_once(
        self, desk: Client, person: User, star: Agency, call: dict[str, Any]
    ) -> None:
        del call["keep"]
        desk.post(f"{CALL}?agency=STAR", {**call, "said": "Because.", "close": "on"})
        question = Question.objects.get()
        assert (question.state, question.assignee) == ("closed", None)
        assert (question.first_answer_minutes, question.first_answer_late) == (0, False)
        texts = [("agency", "She asks why."), ("platform", "Because.")]
        assert list(question.messages.values_list("side", "text")) == texts

    def test_the_form_sent_again_later_takes_the_question_from_nobody(
        self, desk: Client, person: User, star: Agency, call: dict[str, Any]
    ) -> None:
        desk.post(f"{CALL}?agency=STAR", call)
        question = Question.objects.get()
        other = supporter(name="Bai")
        assign(question_id=question.pk, to=other, at=NOW, by=person)
        with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
            desk.post(f"{CALL}?agency=STAR", {**call, "said": "So."})
        question.refresh_from_db()
        assert (question.assignee, question.state) == (other, QuestionState.OPEN)

    def test_the_form_sent_twice_enters_one_call(
        self, desk: Client, star: Agency, call: dict[str, Any]
    ) -> None:
        for _time in range(2):
            assert desk.post(f"{CALL}?agency=STAR", {**call, "said": "So."}).status_code == 302
        assert Question.objects.get().messages.count() == 2

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"caller": ""}, "This field is required."),
            ({"caller_check": ""}, "Say how you made sure that they speak for the agency."),
            ({"caller_check": "guessed"}, "Select a valid choice."),
            ({"subject": ""}, "This field is required."),
            ({"clause": "none"}, "Select a valid choice."),
            ({"close": "on"}, "Write what you answered, or leave the question open."),
        ],
    )
    def test_what_is_missing_is_said(
        self,
        desk: Client,
        star: Agency,
        call: dict[str, Any],
        wrong: dict[str, str],
        reason: str,
    ) -> None:
        answer = desk.post(f"{CALL}?agency=STAR", {**call, **wrong})
        assert answer.status_code == 200
        assert reason in said(answer)
        assert not Question.objects.exists()

    def test_a_member_enters_no_call_of_the_own_agency(
        self, desk: Client, person: User, star: Agency, call: dict[str, Any]
    ) -> None:
        MembershipFactory.create(agency=star, user=person)
        answer = desk.post(f"{CALL}?agency=STAR", call)
        assert "You are a member of this agency" in said(answer)
        assert not Question.objects.exists()

    def test_who_may(self) -> None:
        refused_to_outsiders(CALL)


def test_the_desk_is_no_place_for_agencies() -> None:
    question = asked("secret")
    for name, client in outsiders().items():
        if name == "stranger":
            continue
        assert client.get(f"{INBOX}{question.pk}/").status_code == 403


def test_more_than_can_be_closed_at_once_are_refused_before_the_preview(desk: Client) -> None:
    answer = desk.get(CLOSE, {"pick": range(1, 202)}, follow=True)
    assert "At most 200 questions are closed at a time: choose fewer." in said(answer)
