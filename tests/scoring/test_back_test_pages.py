"""The pages of the back-test lab: what they say, to whom, and what a form does once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from scoring.enums import BackTestState, EvaluationState
from scoring.models import BackTest, Evaluation, RulebookVersion
from tests.agencies.desk import (
    closed_to_support,
    file_of,
    queries,
    refused_to_outsiders,
    said,
    told,
)
from tests.factories.backtests import (
    NOW,
    OCTOBER,
    SEPTEMBER,
    asked_test,
    draft_of,
    published_month,
    ready_test,
)
from tests.factories.level import EvaluationFactory
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

LIST, ASK = "/staff/backtests/", "/staff/backtests/ask/"
GENTLE = [("min_total = 550", "min_total = 650")]


@pytest.fixture
def october() -> Evaluation:
    return published_month(OCTOBER)


@pytest.fixture
def draft(october: Evaluation) -> RulebookVersion:
    return draft_of()


@pytest.fixture
def client() -> Client:
    return signed_in(operator())


def page_of(test: BackTest, query: str = "") -> str:
    return f"{LIST}{test.pk}/{query}"


# --- the list and asking ----------------------------------------------------------------------


def test_the_list_offers_drafts_first_and_the_newest_three_months(
    client: Client, draft: RulebookVersion
) -> None:
    published_month(SEPTEMBER)
    page = said(client.get(f"{LIST}?version={draft.pk}"))
    assert "No back-test yet" in page
    assert page.index("draft · Draft") < page.index("2026.1 · In force")
    assert f'<option value="{draft.pk}" selected>' in page
    assert page.count("checked") == 2
    for odd in ("x", "9" * 30, "١"):
        assert client.get(f"{LIST}?version={odd}").status_code == 200


def test_without_a_published_month_there_is_nothing_to_try(client: Client) -> None:
    assert "No month is published yet" in said(client.get(LIST))


def test_a_back_test_is_asked_for_once(
    client: Client, draft: RulebookVersion, django_capture_on_commit_callbacks: Any
) -> None:
    form = {"version": draft.pk, "months": ["2026-10"]}
    for sentence in ("The back-test is asked for.", "was tried on these months already"):
        response = client.post(ASK, form)
        test = BackTest.objects.get()
        assert response.headers["location"] == page_of(test)
        assert sentence in told(response)[-1]
    assert (test.version, test.months, test.state) == (draft, [OCTOBER], BackTestState.ASKED)


def test_a_wrong_form_is_shown_again_with_its_reason(
    client: Client, draft: RulebookVersion
) -> None:
    page = said(client.post(ASK, {"version": draft.pk}))
    assert "Choose at least one month to try the rules on." in page
    page = said(client.post(ASK, {"version": draft.pk, "months": ["2026-09"]}))
    assert "is not one of the available choices" in page
    RulebookVersion.objects.filter(pk=draft.pk).update(text="nothing")
    page = said(client.post(ASK, {"version": draft.pk, "months": ["2026-10"]}))
    assert "This version has faults and cannot be tried" in page
    assert not BackTest.objects.exists()


def test_kept_tests_stand_with_their_figures(client: Client, draft: RulebookVersion) -> None:
    ready_test(draft, OCTOBER)
    asked_test(draft_of("second"), OCTOBER)
    page = said(client.get(LIST))
    assert "Ready" in page
    assert "Asked for" in page
    assert 'data-label="Fall">1</td>' in page


def test_the_list_costs_the_same_with_one_test_and_with_three(
    client: Client, draft: RulebookVersion
) -> None:
    ready_test(draft, OCTOBER)
    client.get(LIST)
    one = queries(client, LIST)
    for name in ("second", "third"):
        ready_test(draft_of(name), OCTOBER)
    assert queries(client, LIST) == one <= 14


# --- while it runs ----------------------------------------------------------------------------


def test_a_running_test_shows_its_progress_and_looks_again(
    client: Client, draft: RulebookVersion
) -> None:
    test = asked_test(draft, OCTOBER)
    assert "waiting for a worker" in said(client.get(page_of(test)))
    running = {"state": BackTestState.RUNNING, "attempt": 2, "claimed_at": NOW, "progress": 41}
    BackTest.objects.update(error="ValueError: odd", **running)
    response = client.get(page_of(test))
    assert response.headers["refresh"] == "3"
    page = said(response)
    assert 'value="41"' in page
    assert "The attempt before ended with: ValueError: odd" in page


def test_it_is_stopped_once_and_says_by_whom(client: Client, draft: RulebookVersion) -> None:
    test = asked_test(draft, OCTOBER)
    cancel = f"{page_of(test)}cancel/"
    assert told(client.post(cancel)) == ["The back-test is stopped."]
    test.refresh_from_db()
    assert test.state == BackTestState.FAILED
    response = client.get(page_of(test))
    assert "refresh" not in response.headers
    assert "Stopped by " in said(response)
    assert "is over already" in told(client.post(cancel))[-1]


def test_a_failed_one_says_what_it_ended_with(client: Client, draft: RulebookVersion) -> None:
    test = asked_test(draft, OCTOBER, state=BackTestState.FAILED, error="ValueError: odd")
    assert "It ended with: ValueError: odd" in said(client.get(page_of(test)))


# --- the figures ------------------------------------------------------------------------------


def test_the_page_tells_the_matrix_and_who_moves(client: Client, draft: RulebookVersion) -> None:
    test = ready_test(draft, OCTOBER)
    agency = test.results.get().agency
    page = said(client.get(page_of(test)))
    assert agency.code in page
    assert "?before=V3&amp;after=V1#movers" in client.get(page_of(test)).content.decode()
    assert "Other rules than the curves, such as cut-offs" in page
    assert "October 2026" in page
    assert agency.code in said(client.get(page_of(test, "?before=V3&after=V1&month=2026-10")))
    assert agency.code in said(client.get(page_of(test, "?moved_by=none")))
    for other in ("before=V1", "after=V5", "before=novice", "moved_by=reputation", "after=odd"):
        page = said(client.get(page_of(test, f"?{other}")))
        assert agency.code not in page
        assert "Nobody who moves fits these filters." in page
    assert agency.code in said(client.get(page_of(test, "?page=99")))
    assert agency.code not in said(client.get(page_of(test, "?month=odd")))


def test_it_says_that_the_text_or_a_revision_has_changed_since(
    client: Client, draft: RulebookVersion, october: Evaluation
) -> None:
    test = ready_test(draft, OCTOBER)
    page = said(client.get(page_of(test)))
    assert "has changed since" not in page
    assert "newer revision" not in page
    RulebookVersion.objects.filter(pk=draft.pk).update(sha256="0" * 64)
    Evaluation.objects.filter(pk=october.pk).update(state="superseded")
    page = said(client.get(page_of(test)))
    assert "The text of this version has changed since" in page
    assert "Some months have a newer revision since" in page
    assert "its text has changed since" in said(client.get(LIST))


def test_every_result_leaves_as_a_file(client: Client, draft: RulebookVersion) -> None:
    test = ready_test(draft, OCTOBER)
    result = test.results.get()
    header, line = file_of(client.get(page_of(test, "?export=csv")))
    assert header.startswith("month,agency_code,agency_name,bound_creators,stage_before")
    total = result.total
    code, name = result.agency.code, result.agency.name
    assert line == f"2026-10,{code},{name},,assessed,V3,{total},assessed,V1,{total},,1,1,1,1"


def test_the_page_costs_the_same_with_one_mover_and_with_three(client: Client) -> None:
    published_month(SEPTEMBER)
    published_month(OCTOBER, agencies=3)
    draft = draft_of()
    one, three = ready_test(draft, SEPTEMBER), ready_test(draft, OCTOBER)
    client.get(page_of(one))
    assert queries(client, page_of(one)) == queries(client, page_of(three)) <= 14


def test_two_tests_are_compared_over_the_months_that_both_have(
    client: Client, october: Evaluation
) -> None:
    published_month(SEPTEMBER)
    strict, gentle = draft_of(), draft_of("gentle", GENTLE)
    own, other = ready_test(strict, SEPTEMBER, OCTOBER), ready_test(gentle, OCTOBER)
    alike = ready_test(draft_of("alike"), OCTOBER)
    assert "Compare with another back-test" in said(client.get(page_of(own)))
    page = said(client.get(page_of(own, f"?with={other.pk}")))
    agency = own.results.get(month=OCTOBER).agency
    assert agency.code in page
    assert agency.code in said(client.get(page_of(own, f"?with={other.pk}&page=7")))
    assert "Whom they tell apart in October 2026" in page
    assert "September 2026" not in page.split("The months that both have")[1]
    page = said(client.get(page_of(own, f"?with={alike.pk}&month=odd")))
    assert "Both give every agency the same stage and level" in page
    for missing in (own.pk, 999_999, asked_test(draft_of("third"), OCTOBER).pk):
        assert client.get(page_of(own, f"?with={missing}")).status_code == 404


def test_comparing_says_where_a_month_was_corrected_between_the_two(
    client: Client, october: Evaluation
) -> None:
    before = ready_test(draft_of(), OCTOBER)
    beside = ready_test(draft_of("gentle", GENTLE), OCTOBER)
    Evaluation.objects.filter(pk=october.pk).update(state=EvaluationState.SUPERSEDED)
    EvaluationFactory.create(month=OCTOBER, revision=2)
    after = ready_test(before.version, OCTOBER)
    note = "Some months have a newer revision since"
    assert note not in said(client.get(page_of(before, f"?with={beside.pk}")))
    assert note in said(client.get(page_of(before, f"?with={after.pk}")))


# --- who may ----------------------------------------------------------------------------------


def test_support_reads_and_does_not_ask(draft: RulebookVersion) -> None:
    test = asked_test(draft, OCTOBER)
    support = signed_in(supporter())
    assert "Try a version" not in said(support.get(LIST))
    assert "Stop the back-test" not in said(support.get(page_of(test)))
    closed_to_support(ASK)
    closed_to_support(f"{page_of(test)}cancel/")


def test_others_methods_and_missing_tests(client: Client, draft: RulebookVersion) -> None:
    test = ready_test(draft, OCTOBER)
    for path in (LIST, ASK, page_of(test), f"{page_of(test)}cancel/"):
        refused_to_outsiders(path)
    assert client.post(LIST).status_code == client.post(page_of(test)).status_code == 405
    assert client.get(ASK).status_code == client.get(f"{page_of(test)}cancel/").status_code == 405
    assert client.get(f"{LIST}999999/").status_code == 404
    assert client.post(f"{LIST}999999/cancel/").status_code == 404
