"""Prepared answers of the desk and public answers for every agency."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.enums import Author
from portal.models import CannedAnswer, HelpArticle, Question, StaffLook
from portal.support.texts import withdraw_article, write_article
from tests.factories.conduct import AgencyFactory
from tests.factories.questions import HelpArticleFactory, QuestionFactory, answered, say
from tests.factories.service import CannedAnswerFactory
from tests.factories.staff import signed_in, supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return signed_in(supporter(name="Ann"))


def canned(**changes: str) -> dict[str, str]:
    fields = {
        "name": "Why a level fell",
        "clause": "level-cut-offs",
        "text_zh": "{agency}:{level}",
        "text_en": "{agency}: {level}",
        "is_active": "on",
    }
    return fields | changes


def article(**changes: str) -> dict[str, str]:
    fields = {
        "clause": "level-cut-offs",
        "title_zh": "等级怎么定?",
        "title_en": "How is a level decided?",
        "text_zh": "按总分。",
        "text_en": "By the total.",
    }
    return fields | changes


def test_support_writes_and_changes_a_prepared_answer(desk: Client) -> None:
    told = desk.post(reverse("staff-canned-new"), canned(), follow=True).content.decode()
    assert "The prepared answer is saved." in told
    (answer,) = CannedAnswer.objects.all()
    assert (answer.name, answer.clause, answer.is_active) == (
        "Why a level fell",
        "level-cut-offs",
        True,
    )
    assert answer.written_by.name == "Ann"
    url = reverse("staff-canned-answer", args=[answer.pk])
    desk.post(url, canned(name="Renamed", is_active=""))
    answer.refresh_from_db()
    assert (answer.name, answer.is_active) == ("Renamed", False)
    assert "{clause_text}" in desk.get(url).content.decode()


def test_two_prepared_answers_have_two_names(desk: Client) -> None:
    CannedAnswerFactory.create(name="Why a level fell")
    page = desk.post(reverse("staff-canned-new"), canned()).content.decode()
    assert "There is a prepared answer “Why a level fell” already" in page
    assert CannedAnswer.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text_en": "Dear {agncy}"}, "Nothing stands for {agncy}"),
        ({"text_zh": ""}, "This field is required."),
        ({"clause": "no-such-clause"}, "Select a valid choice."),
    ],
)
def test_a_prepared_answer_that_does_not_fit_is_refused(
    desk: Client, changes: dict[str, str], said: str
) -> None:
    assert said in desk.post(reverse("staff-canned-new"), canned(**changes)).content.decode()
    assert not CannedAnswer.objects.exists()


def test_the_preview_fills_in_an_agencys_figures_and_saves_nothing(desk: Client) -> None:
    agency = AgencyFactory.create(name="Galaxy <b>", code="GX1")
    sent = canned(preview="1", preview_for="GX1", text_en="To {agency}, {code}: {clause_title}")
    page = desk.post(reverse("staff-canned-new"), sent).content.decode()
    assert "To Galaxy &lt;b&gt;, GX1: Levels by total" in page
    assert not CannedAnswer.objects.exists()
    assert StaffLook.objects.filter(agency=agency).count() == 1
    without = desk.post(reverse("staff-canned-new"), canned(preview="1")).content.decode()
    assert "Name the agency whose figures are to be filled in." in without
    unknown = desk.post(reverse("staff-canned-new"), canned(preview="1", preview_for="NO"))
    assert "No agency has the code NO" in unknown.content.decode()


def test_prepared_answers_are_found_by_words_clause_and_state(desk: Client) -> None:
    CannedAnswerFactory.create(name="Fallen", clause="level-cut-offs")
    CannedAnswerFactory.create(name="Credit", text_en="Your credit", is_active=False)
    url = reverse("staff-canned-answers")
    for query, found in (
        ("", {"Fallen", "Credit"}),
        ("?q=your+CREDIT", {"Credit"}),
        ("?clause=level-cut-offs", {"Fallen"}),
        ("?state=unused", {"Credit"}),
        ("?q=nothing", set()),
    ):
        page = desk.get(url + query).content.decode()
        assert {name for name in ("Fallen", "Credit") if f">{name}</a>" in page} == found
    assert "Nothing fits these filters" in desk.get(f"{url}?q=nothing").content.decode()


def test_a_public_answer_is_written_published_and_taken_back(desk: Client) -> None:
    desk.post(reverse("staff-help-article-new"), article())
    (written,) = HelpArticle.objects.all()
    assert (written.title_en, written.is_published) == ("How is a level decided?", False)
    step = reverse("staff-help-article-publish", args=[written.pk])
    for shown in ("1", "1", "0"):
        desk.post(step, {"shown": shown})
        written.refresh_from_db()
        assert written.is_published == (shown == "1")
    desk.post(reverse("staff-help-article", args=[written.pk]), article(title_en="Changed"))
    written.refresh_from_db()
    assert written.title_en == "Changed"
    missing = desk.post(reverse("staff-help-article-new"), article(text_zh=""))
    assert "This field is required." in missing.content.decode()
    assert HelpArticle.objects.count() == 1


def asked() -> Question:
    agency = AgencyFactory.create(name="Galaxy", code="GX-77")
    question = QuestionFactory.create(agency=agency, subject="Why V2?", clause="level-cut-offs")
    answered(question, "Because the total was lower.")
    say(
        question,
        "Do not tell",
        by=question.first_answered_by,
        side=Author.PLATFORM,
        is_internal=True,
    )
    return question


def test_a_public_answer_begins_with_the_questions_answer_and_no_internal_note(
    desk: Client,
) -> None:
    question = asked()
    url = f"{reverse('staff-help-article-new')}?question={question.pk}"
    page = desk.get(url).content.decode()
    assert "Because the total was lower." in page
    assert 'value="Why V2?"' in page
    assert "Do not tell" not in page
    assert '<option value="level-cut-offs" selected>' in page
    assert StaffLook.objects.filter(agency=question.agency).count() == 1
    desk.post(url, article())
    assert HelpArticle.objects.get().question == question
    for wrong in ("0", "x", "9" * 5000):
        assert desk.get(f"{reverse('staff-help-article-new')}?question={wrong}").status_code == 404


@pytest.mark.parametrize("telling", ["text_en", "title_zh"])
def test_a_public_answer_never_names_the_agency_that_asked(desk: Client, telling: str) -> None:
    question = asked()
    url = f"{reverse('staff-help-article-new')}?question={question.pk}"
    for name in ("galaxy", "GX-77"):
        page = desk.post(url, article(**{telling: f"As {name} asked"})).content.decode()
        assert "The text names the agency that asked" in page
    assert not HelpArticle.objects.exists()
    named: Any = HelpArticleFactory.create(
        question=question, text_en="As Galaxy asked", is_published=False
    )
    told = desk.post(
        reverse("staff-help-article-publish", args=[named.pk]), {"shown": "1"}, follow=True
    )
    assert "The text names the agency that asked" in told.content.decode()
    named.refresh_from_db()
    assert named.is_published is False


def test_public_answers_are_found_by_words_and_state(desk: Client) -> None:
    HelpArticleFactory.create(title_en="Cut-offs", is_published=False)
    HelpArticleFactory.create(title_en="Credit", text_zh="信用分")
    url = reverse("staff-help-articles")
    for query, found in (
        ("", {"Cut-offs", "Credit"}),
        ("?q=信用", {"Credit"}),
        ("?state=hidden", {"Cut-offs"}),
    ):
        page = desk.get(url + query).content.decode()
        assert {name for name in ("Cut-offs", "Credit") if f">{name}</a>" in page} == found


def test_a_clause_that_the_rules_lack_by_now_stays_chosen(desk: Client) -> None:
    kept = CannedAnswerFactory.create(name="Old", clause="old-clause")
    url = reverse("staff-canned-answer", args=[kept.pk])
    assert '<option value="old-clause" selected>' in desk.get(url).content.decode()
    answer = desk.post(url, canned(name="Old", clause="old-clause"))
    assert answer.status_code == 302


def test_the_same_public_answer_sent_twice_is_one(desk: Client) -> None:
    first, again = (desk.post(reverse("staff-help-article-new"), article()) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert HelpArticle.objects.count() == 1
    assert signed_in(supporter()).post(reverse("staff-help-article-new"), article())
    assert HelpArticle.objects.count() == 2


def test_changing_a_public_answer_does_not_publish_what_was_taken_back_meanwhile() -> None:
    person, at = supporter(), timezone.now()
    opened: Any = HelpArticleFactory.create()
    withdraw_article(article_id=opened.pk, at=at, by=person)
    fields: Any = article(title_en="Clearer")
    kept = write_article(article=opened, question=None, at=at, by=person, **fields)
    kept.refresh_from_db()
    assert (kept.title_en, kept.is_published) == ("Clearer", False)


def test_the_end_of_a_line_is_one_character_as_in_the_browser(desk: Client) -> None:
    lines = "\r\n".join(["x" * 49] * 100)
    desk.post(reverse("staff-help-article-new"), article(text_en=lines))
    assert HelpArticle.objects.get().text_en == lines.replace("\r\n", "\n")
    refused = desk.post(reverse("staff-help-article-new"), article(text_en="x" * 5001))
    assert "at most 5000 characters" in refused.content.decode()
