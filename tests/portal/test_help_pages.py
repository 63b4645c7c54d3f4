"""The help page, public answers, and asking in two steps."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agencies.enums import Role
from agencies.models import Agency
from portal.models import Question, User
from tests.agencies.desk import queries, said
from tests.factories import BindingFactory, MembershipFactory, UserFactory
from tests.factories.questions import (
    ANSWERED,
    ASKED,
    PDF,
    HelpArticleFactory,
    QuestionFactory,
    answered,
)
from tests.factories.staff import signed_in, supporter

pytestmark = pytest.mark.django_db

HELP, ASK = "/help/", "/help/ask/"


@pytest.fixture(autouse=True)
def _then() -> Any:
    with time_machine.travel(ANSWERED, tick=False):
        yield


@pytest.fixture
def member() -> User:
    return MembershipFactory.create(role=Role.VIEWER).user


@pytest.fixture
def agency(member: User) -> Agency:
    return member.agencies.get()


@pytest.fixture
def client(member: User) -> Client:
    return signed_in(member)


def form(**changes: Any) -> dict[str, Any]:
    entries = {
        "request_key": uuid4(),
        "subject": "Why did we fall?",
        "text": "We sold more than before.",
        "clause": "",
    }
    return {**entries, **changes}


def test_help_begins_with_public_answers(client: Client) -> None:
    page = said(client.get(HELP))
    assert "You have not asked anything yet." in page
    assert "What others asked" not in page
    article = HelpArticleFactory.create(title_en="Why levels fall", text_en="By points.")
    page = said(client.get(HELP))
    assert "What others asked" in page
    assert f'<a href="/help/answers/{article.pk}/">Why levels fall</a>' in page


def test_search_finds_and_leads_on_to_asking(client: Client) -> None:
    HelpArticleFactory.create(title_en="Why levels fall")
    page = said(client.get(f"{HELP}?q=fall"))
    assert "Perhaps one of these answers it" in page
    assert 'href="/help/ask/?subject=fall"' in page
    page = said(client.get(f"{HELP}?q=%3Cb%3Eluck%00"))
    assert "No public answer fits these words." in page
    assert 'value="<b>luck"' in page


def test_htmx_gets_the_answers_alone(client: Client) -> None:
    HelpArticleFactory.create(title_en="Why levels fall")
    for path in (f"{HELP}?q=fall", f"{ASK}?subject=fall"):
        response = client.get(path, headers={"hx-request": "true"})
        assert said(response).startswith('<div id="found"')
        assert "HX-Request" in response.headers["vary"]


def test_own_questions_stand_with_their_states(client: Client, agency: Agency) -> None:
    waiting = QuestionFactory.create(agency=agency, subject="Where is it?")
    answered(QuestionFactory.create(agency=agency, subject="What is it?"))
    late = QuestionFactory.create(agency=agency, due_at=ASKED)
    page = said(client.get(HELP))
    assert f'<a href="/help/questions/{waiting.pk}/">Where is it?</a>' in page
    assert "by Nov. 16, 2026, 6 p.m." in page
    assert "late: we are sorry, and on it" in page
    only = said(client.get(f"{HELP}?state=answered"))
    assert "What is it?" in only
    assert late.subject not in only
    assert late.subject in said(client.get(f"{HELP}?state=nonsense&page=99"))


def test_a_public_answer_is_read_until_it_is_taken_back(client: Client) -> None:
    article = HelpArticleFactory.create(
        title_en="Why levels fall", text_en="See the rules.", clause="appeal"
    )
    page = said(client.get(f"/help/answers/{article.pk}/"))
    assert "See the rules." in page
    assert '<a href="/rules/#appeal">Appeal</a>' in page
    assert "/help/ask/?subject=Why%20levels%20fall&clause=appeal" in page
    article.is_published = False
    article.save()
    assert client.get(f"/help/answers/{article.pk}/").status_code == 404


def test_asking_begins_with_one_line_and_the_page_it_comes_from(
    client: Client, agency: Agency
) -> None:
    HelpArticleFactory.create(title_en="What counts as settled", clause="indicator-settled-amount")
    page = said(client.get(f"{ASK}?page=score&month=2026-10&indicator=settled_amount"))
    assert "What counts as settled" in page
    assert 'href="/score/?month=2026-10#settled_amount">Settled amount</a>' in page
    for name, value in (("page", "score"), ("month", "2026-10"), ("indicator", "settled_amount")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert "Say in one line what you want to know." in said(client.get(f"{ASK}?subject="))


def test_what_others_have_is_dropped_without_a_word(client: Client) -> None:
    foreign = BindingFactory.create(creator__creator_id="CANARY").creator
    page = said(client.get(f"{ASK}?page=creator&creator={foreign.creator_id}&violation=%00"))
    _frame, _main, content = page.partition("<main")  # the frame has the address itself
    assert "CANARY" not in content.partition("</main>")[0]
    assert "/creators/of/" not in content


def test_no_address_and_no_form_breaks_the_page(client: Client) -> None:
    for key in ("page", "month", "indicator", "violation", "creator", "clause", "subject"):
        asked = {"subject": "why", key: "\x00"}
        assert client.get(ASK, asked, headers={"HX-Request": "true"}).status_code == 200
        assert client.post(ASK, form(**asked)).status_code == 200
    assert client.get(ASK, {"clause": "\x00"}).status_code == 200
    for words in ("%_\\", "等级下降" * 1250):
        got = client.get(HELP, {"q": words}, headers={"HX-Request": "true"})
        assert got.status_code == 200
    assert not Question.objects.exists()


def test_five_thousand_characters_are_counted_as_the_browser_counts(
    client: Client, agency: Agency
) -> None:
    lines = "\r\n".join(["x" * 49] * 100)
    assert client.post(ASK, form(text=lines)).status_code == 302
    assert agency.questions.get().messages.get().text == lines.replace("\r\n", "\n")


def test_the_second_step_has_what_fits_and_by_when_we_answer(client: Client) -> None:
    HelpArticleFactory.create(title_en="Why levels fall")
    page = said(client.get(f"{ASK}?subject=Why+did+our+level+fall&page=score&month=2026-10"))
    assert 'value="Why did our level fall"' in page
    assert "Why levels fall" in page
    assert '<input type="hidden" name="month" value="2026-10"' in page
    assert "You have our first answer by Nov. 17, 2026" in page


def test_sending_leads_to_the_question(client: Client, agency: Agency) -> None:
    file = SimpleUploadedFile("proof.pdf", PDF)
    about = {"page": "score", "month": "2026-10"}
    response = client.post(ASK, form(attachments=[file], **about), follow=True)
    page = said(response)
    assert "Your question has been sent." in page
    question = agency.questions.get()
    assert response.redirect_chain == [(f"/help/questions/{question.pk}/", 302)]
    assert (question.about, question.asked_at) == (about, ANSWERED)
    assert "proof.pdf" in page
    assert 'href="/score/?month=2026-10">Score</a>' in page


def test_a_form_sent_twice_leads_to_the_same_question(client: Client) -> None:
    entries = form()
    first, again = (client.post(ASK, entries) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert Question.objects.count() == 1


def test_a_refusal_stands_beside_its_field(client: Client) -> None:
    for changes, words in (
        ({"text": " "}, "Write a sentence or two."),
        ({"subject": ""}, "Say in one line what you want to know."),
        ({"clause": "luck"}, "Select a valid choice."),
        ({"attachments": [SimpleUploadedFile("a.exe", b"MZ")]}, "is no PDF, PNG or JPEG file"),
    ):
        response = client.post(ASK, form(page="score", **changes))
        assert response.status_code == 200
        assert words in said(response)
        assert ">Score</a>" in said(response)
    assert not Question.objects.exists()


def test_a_removed_agency_asks_too_and_reads_the_public_rules(
    client: Client, agency: Agency
) -> None:
    agency.removed_on = date(2026, 11, 1)
    agency.save()
    article = HelpArticleFactory.create(clause="appeal")
    assert client.get(HELP).status_code == 200
    assert "/public/rules/#appeal" in said(client.get(f"/help/answers/{article.pk}/"))
    assert client.post(ASK, form()).status_code == 302


def test_others_get_no_help_page(client: Client) -> None:
    assert Client().get(HELP).headers["location"].startswith("/sign-in/?next=/help/")
    for person in (UserFactory.create(), supporter()):
        for path in (HELP, ASK):
            assert signed_in(person).get(path).headers["location"] == "/home/"
        assert signed_in(person).post(ASK, form()).status_code in {302, 403}
    assert not Question.objects.exists()
    assert client.post(HELP).status_code == 405
    assert client.put(ASK).status_code == 405


def test_pages_ask_the_database_alike_for_one_and_three(client: Client, agency: Agency) -> None:
    counts = []
    for more in (1, 2):
        QuestionFactory.create_batch(more, agency=agency)
        HelpArticleFactory.create_batch(more, title_en="Level")
        counts.append(
            [queries(client, path) for path in (HELP, f"{HELP}?q=level", f"{ASK}?subject=level")]
        )
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 10
