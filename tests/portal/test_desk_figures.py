"""The figures of the desk and the rules that agencies ask about again and again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from portal.enums import QuestionState, QuestionVerb
from portal.models import Question, QuestionStep, User
from portal.support.clauses import clause_titles
from portal.support.figures import Line, Now, figures
from portal.support.thread import BY_AGENCY
from portal.support.unclear import unclear_rules
from tests.factories.conduct import AgencyFactory
from tests.factories.people import UserFactory
from tests.factories.questions import HelpArticleFactory, QuestionFactory, answered

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
FIRST = TODAY - timedelta(days=29)


def asked(days: int = 0, **fields: Any) -> Question:
    at = NOW - timedelta(days=days)
    return QuestionFactory.create(**{"asked_at": at, "due_at": at + timedelta(hours=8), **fields})


def done(minutes: int, *, by: User, late: bool = False, **fields: Any) -> Question:
    question = asked(**fields)
    return answered(question, by=by, first_answer_minutes=minutes, first_answer_late=late)


def test_what_waits_now() -> None:
    asked(days=3)
    asked(assignee=UserFactory.create())
    done(5, by=UserFactory.create())
    found = figures(first=FIRST, last=TODAY, now=NOW)
    oldest = NOW - timedelta(days=3)
    assert found.now == Now(waiting=2, overdue=1, unassigned=1, oldest=oldest)


def test_first_answers_by_clause_person_and_month() -> None:
    ann, bob = UserFactory.create(name="Ann"), UserFactory.create(name="Bob")
    done(10, by=ann, clause="level-cut-offs", days=1)
    done(30, by=ann, clause="level-cut-offs", days=2)
    done(200, by=bob, late=True, clause="")
    asked(clause="gone", days=29)
    asked(clause="level-cut-offs", days=31)
    Question.objects.filter(first_answer_minutes=10).update(rating=5, rated_at=NOW)
    Question.objects.filter(first_answer_minutes=30).update(rating=2, rated_at=NOW)
    found = figures(first=FIRST, last=TODAY, now=NOW)
    rating = Decimal("3.5")
    assert found.all == Line(0, "", 4, 3, 1, 30, rating)
    assert found.all.in_time == Decimal(2) / 3
    title = clause_titles(NOW)["level-cut-offs"]
    assert found.clauses == (
        Line("level-cut-offs", title, 2, 2, 0, 10, rating),
        Line("", "", 1, 1, 1, 200, None),
        Line("gone", "gone", 1, 0, 0, None, None),
    )
    assert found.people == (
        Line(ann.pk, str(ann), 2, 2, 0, 10, rating),
        Line(bob.pk, str(bob), 1, 1, 1, 200, None),
    )
    assert [(each.key.date(), each.asked) for each in found.months] == [
        (date(2026, 10, 1), 2),
        (date(2026, 11, 1), 3),
    ]
    assert found.clauses[2].in_time is None


def test_a_day_is_the_platforms_and_merged_questions_count_as_one() -> None:
    midnight = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    inside = asked(asked_at=midnight, clause="level-cut-offs")
    asked(asked_at=midnight - timedelta(seconds=1))
    merged = asked(clause="level-cut-offs")
    Question.objects.filter(pk=merged.pk).update(
        state=QuestionState.MERGED,
        merged_into=inside,
        closed_at=NOW,
        waiting_since=None,
        due_at=None,
    )
    assert figures(first=TODAY, last=TODAY, now=NOW).all.asked == 1


def test_nothing_asked_is_no_figure() -> None:
    found = figures(first=FIRST, last=TODAY, now=NOW)
    assert found.all == Line(0, "", 0, 0, 0, None, None)
    assert (found.all.in_time, found.clauses, found.people, found.months) == (None, (), (), ())
    assert found.now == Now(0, 0, 0, None)


def test_unclear_rules_are_those_with_the_most_questions() -> None:
    agency, by = AgencyFactory.create(), UserFactory.create()
    AgencyFactory.create(removed_on=TODAY)
    for _each in range(4):
        asked(agency=agency, clause="level-cut-offs", days=89)
    asked(agency=AgencyFactory.create(), clause="level-cut-offs")
    asked(agency=agency, clause="level-cut-offs", days=90)
    reopened = done(10, by=by, agency=agency, clause="gone")
    Question.objects.filter(pk=reopened.pk).update(rating=4, rated_at=NOW)
    QuestionStep.objects.create(
        question=reopened, verb=QuestionVerb.REOPENED, about={"by": BY_AGENCY}, at=NOW
    )
    asked(agency=agency)
    HelpArticleFactory.create(clause="level-cut-offs")
    HelpArticleFactory.create(clause="level-cut-offs", is_published=False)
    found = unclear_rules(now=NOW)
    assert (found.first, found.last) == (date(2026, 8, 25), TODAY)
    assert (found.agencies, found.without_clause) == (2, 1)
    levels, gone = found.clauses
    assert (levels.clause, levels.title) == ("level-cut-offs", clause_titles(NOW)["level-cut-offs"])
    assert (levels.asked, levels.before, levels.change, levels.agencies) == (5, 1, 4, 2)
    assert (levels.per_hundred, levels.reopened, levels.rating) == (250, 0, None)
    assert (levels.public, len(levels.examples), levels.known) == (1, 3, True)
    assert (gone.title, gone.known, gone.reopened, gone.rating) == ("gone", False, 1, 4)


def test_clauses_are_named_in_the_readers_language() -> None:
    english = clause_titles(NOW)
    with translation.override("zh-hans"):
        chinese = clause_titles(NOW)
    assert english.keys() == chinese.keys()
    assert english["level-cut-offs"] != chinese["level-cut-offs"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queries_do_not_grow_with_the_questions(
    rows: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(rows):
        done(10, by=UserFactory.create(), clause=f"c{number}")
    with django_assert_num_queries(7):
        figures(first=FIRST, last=TODAY, now=NOW)
    with django_assert_num_queries(6):
        unclear_rules(now=NOW)
