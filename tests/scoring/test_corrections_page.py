"""A corrected month says so, and what was seen of it before stays readable."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.enums import Role, Stage
from agencies.models import Agency
from scoring.enums import Cause, EvaluationState
from scoring.models import Evaluation
from scoring.queries.corrections import choose, seen_by
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.level import TOTALS
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
FIRST, SECOND = datetime(2026, 11, 2, 19, 1, tzinfo=UTC), datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
THIRD = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LESS = replace(TOTALS, settled_cents=100_000_000)
STAFF_ONLY = "Mr Chen's file of the 7th"


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def revision(number: int, at: datetime, *, month: date = OCTOBER, **given: Any) -> Evaluation:
    """A revision that was published, and has been replaced where a later one is made."""
    Evaluation.objects.filter(month=month).update(state=EvaluationState.SUPERSEDED)
    return EvaluationFactory.create(month=month, revision=number, published_at=at, **given)


@pytest.fixture
def corrected(agency: Agency) -> Agency:
    """October in two revisions that were published, and one between that never was."""
    AssessmentFactory.create(
        evaluation=revision(1, FIRST), agency=agency, from_totals=LESS, level="V2"
    )
    unseen = EvaluationFactory.create(
        revision=2, state=EvaluationState.SUPERSEDED, published_at=None
    )
    AssessmentFactory.create(evaluation=unseen, agency=agency, level="V5", total="999.99")
    now = revision(3, SECOND, cause=Cause.APPEAL, reason=STAFF_ONLY)
    AssessmentFactory.create(evaluation=now, agency=agency, level="V3")
    return agency


def text(client: Client, path: str) -> str:
    """What the page says, without its markup."""
    response = client.get(path)
    assert response.status_code == 200
    page = re.sub(r"<(head|script|style)\b.*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("path", ["/score/", "/score/receipt/", "/home/"])
def test_the_page_says_when_why_and_what_was_before(
    corrected: Agency, member: Client, path: str
) -> None:
    seen = choose(seen_by(corrected), "")
    assert seen is not None
    assert seen.correction is not None
    assert seen.correction.before is not None
    before, now = seen.correction.before.total, seen.shown.total
    page = text(member, path)
    assert "The result of October 2026 was corrected on Nov. 18, 2026 (revision 3)" in page
    assert f"Before: V2 with {before} points Now: V3 with {now} points Reason: An appeal" in page
    assert STAFF_ONLY not in page
    assert "999.99" not in page
    link = "/score/receipt/" if path == "/score/receipt/" else "/score/"
    content = member.get(path).content.decode()
    assert f'href="{link}?month=2026-10&amp;revision=1"' in content
    assert "revision=2" not in content


@pytest.mark.parametrize("path", ["/score/", "/score/receipt/"])
def test_an_old_revision_is_read_as_what_it_was(
    corrected: Agency, member: Client, path: str
) -> None:
    page = text(member, f"{path}?month=2026-10&revision=1")
    assert "You are reading revision 1, which counts no more" in page
    assert "It was replaced on Nov. 18, 2026 by revision 3 and is kept for reading." in page
    assert "Reason: An appeal was decided" in page
    first = corrected.assessments.get(evaluation__revision=1)
    assert f"{first.total} /" in page
    content = member.get(f"{path}?month=2026-10&revision=1").content.decode()
    assert "/score/movement" not in content
    assert f'href="{path}?month=2026-10"' in content


def test_rows_are_offered_of_the_revision_that_counts_only(
    corrected: Agency, member: Client
) -> None:
    old = text(member, "/score/receipt/?month=2026-10&revision=1")
    assert "those of a replaced one are not kept" in old
    assert "Make the file of rows" not in old
    assert "Make the file of rows" in text(member, "/score/receipt/?month=2026-10&revision=3")


def test_who_has_the_same_result_reads_that(agency: Agency, member: Client) -> None:
    for number, at in ((1, FIRST), (2, SECOND)):
        evaluation = revision(number, at, cause=Cause.FACTS)
        AssessmentFactory.create(evaluation=evaluation, agency=agency)
    page = text(member, "/score/")
    assert "October 2026 was published again on Nov. 18, 2026 (revision 2)" in page
    assert "Your level, stage and total stayed as they were." in page


def test_a_novice_and_one_without_a_level_are_put_in_words(agency: Agency, member: Client) -> None:
    for number, at, stage in ((1, FIRST, Stage.OBSERVATION), (2, SECOND, Stage.NOVICE)):
        evaluation = revision(number, at, cause=Cause.BINDINGS)
        AssessmentFactory.create(evaluation=evaluation, agency=agency, stage=stage, level="")
    page = text(member, "/score/")
    assert re.search(r"Before: Observation stage with [\d.]+ points Now: Novice stage", page)
    assert "Bindings of creators were corrected" in page


def test_each_of_three_leads_to_the_others(agency: Agency) -> None:
    for number, at in ((1, FIRST), (2, SECOND), (3, THIRD)):
        AssessmentFactory.create(evaluation=revision(number, at), agency=agency)
    seen = seen_by(agency)
    ends = []
    for text_ in ("1", "2", "3"):
        chosen = choose(seen, "2026-10", text_)
        assert chosen is not None
        assert chosen.correction is not None
        found = chosen.correction
        ends.append(
            (
                found.before and found.before.revision,
                found.after and found.after.revision,
                found.newest.revision,
                [each.revision for each in found.others],
            )
        )
    assert ends == [(None, 2, 3, [3, 2]), (1, 3, 3, [3, 1]), (2, None, 3, [2, 1])]


@pytest.mark.parametrize("asked", ["2", "4", "0", "-1", "x", "１", "1" * 400])
@pytest.mark.parametrize("path", ["/score/", "/score/receipt/"])
def test_what_was_never_published_is_not_found(
    corrected: Agency, member: Client, path: str, asked: str
) -> None:
    assert member.get(path, {"month": "2026-10", "revision": asked}).status_code == 404


def test_another_agency_s_revision_is_not_found(agency: Agency, member: Client) -> None:
    """The other one had a result in the first revision; this one has it in the second only."""
    other = AgencyFactory.create(name="CANARY")
    first = revision(1, FIRST)
    AssessmentFactory.create(evaluation=first, agency=other, total=Decimal("777.77"))
    second = revision(2, SECOND)
    for each in (agency, other):
        AssessmentFactory.create(evaluation=second, agency=each)
    for path in ("/score/", "/score/receipt/"):
        response = member.get(path, {"month": "2026-10", "revision": "1"})
        assert response.status_code == 404
        assert b"777.77" not in response.content
        assert b"CANARY" not in response.content
        assert "corrected on" not in text(member, path)


def test_a_viewer_reads_it_and_a_stranger_signs_in(corrected: Agency) -> None:
    viewer = signed_in(MembershipFactory.create(agency=corrected, role=Role.VIEWER).user)
    assert "counts no more" in text(viewer, "/score/?revision=1")
    assert Client().get("/score/?revision=1").status_code == 302


def test_lists_of_months_mark_those_that_were_corrected(corrected: Agency, member: Client) -> None:
    september = EvaluationFactory.create(month=SEPTEMBER)
    AssessmentFactory.create(evaluation=september, agency=corrected)
    for path in ("/score/", "/score/receipt/", "/score/movement/"):
        assert "October 2026 · corrected September 2026 Show" in text(member, path)
    home = text(member, "/home/")
    assert re.search(r"October 2026 corrected V3 .* September 2026 V", home)
    assert "September 2026 corrected" not in home


def test_an_uncorrected_month_says_nothing(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(revision=2), agency=agency)
    for path in ("/score/", "/score/receipt/", "/home/"):
        assert "corrected" not in text(member, path)


@pytest.mark.parametrize("path", ["/score/", "/score/?revision=1", "/score/receipt/", "/home/"])
def test_queries_are_as_many_however_often_it_was_corrected(
    agency: Agency, member: Client, path: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            assert member.get(path).status_code == 200
        return len(context)

    AssessmentFactory.create(evaluation=revision(1, FIRST), agency=agency)
    member.get(path)
    once = queries()
    for number in (2, 3, 4):
        AssessmentFactory.create(evaluation=revision(number, THIRD), agency=agency)
    assert queries() == once <= 10
