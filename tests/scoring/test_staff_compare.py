"""Two revisions side by side: who stands elsewhere, by what, and which inputs differ."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from agencies.enums import Stage
from agencies.models import Agency
from portal.models import StaffLook
from scoring.enums import EvaluationState
from scoring.models import Evaluation, RulebookVersion
from scoring.queries.revisions import inputs_apart, totals_of
from tests.agencies.desk import file_of, queries, refused_to_outsiders, said
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory
from tests.factories.evaluations import parts_of
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def client() -> Client:
    return signed_in(supporter())


def agency(code: str) -> Agency:
    return AgencyFactory.create(code=code, name=f"Agency {code}")


@pytest.fixture
def pair() -> tuple[Evaluation, Evaluation]:
    """Two revisions of October: one agency rises, one falls, one moves, one stays, two are new."""
    before = EvaluationFactory.create(state=EvaluationState.SUPERSEDED)
    now = EvaluationFactory.create(revision=2)
    old = {"total": "500.00", "operating": "250.00"}
    for code, fields in {
        "RISEN": {**old, "level": "V2"},
        "FALLEN": {"level": "V4", "total": "712.00"},
        "MOVED": {"total": "601.00", "growth": "1.00"},
        "SAME": {"credit": 110},
        "GONE": {},
    }.items():
        AssessmentFactory.create(evaluation=before, agency=agency(code), **fields)
    for each in Agency.objects.exclude(code="GONE"):
        AssessmentFactory.create(evaluation=now, agency=each)
    AssessmentFactory.create(evaluation=now, agency=agency("FRESH"), stage=Stage.NOVICE)
    return before, now


def compare(evaluation: Evaluation, query: str = "") -> str:
    return f"/staff/evaluations/{evaluation.pk}/compare/?{query}"


def shown(client: Client, evaluation: Evaluation, query: str = "") -> set[str]:
    return {each.code for each in client.get(compare(evaluation, query)).context["pairs"]}


def test_the_counts_say_how_many_differ_in_what(pair: tuple[Evaluation, Evaluation]) -> None:
    before, now = pair
    totals = totals_of(now, before)
    assert (totals.agencies, totals.changed, totals.moved, totals.points) == (6, 5, 4, 3)
    assert (totals.rises, totals.falls, totals.credit) == (1, 1, 1)
    assert (totals.appeared, totals.gone) == (1, 1)


def test_the_list_is_narrowed_by_what_changed(
    client: Client, pair: tuple[Evaluation, Evaluation]
) -> None:
    _before, now = pair
    assert shown(client, now) == {"RISEN", "FALLEN", "MOVED", "GONE", "FRESH"}
    assert shown(client, now, "show=levels") == {"RISEN", "FALLEN", "GONE", "FRESH"}
    assert shown(client, now, "show=rises") == {"RISEN"}
    assert shown(client, now, "show=falls") == {"FALLEN"}
    assert "SAME" in shown(client, now, "show=all")
    assert shown(client, now, "show=all&q=SA") == {"SAME"}
    assert shown(client, now, "q=agency fal") == {"FALLEN"}
    page = said(client.get(compare(now, "q=nobody")))
    assert "Nothing fits these filters." in page


def test_an_agency_is_told_with_what_moved_it(
    client: Client, pair: tuple[Evaluation, Evaluation]
) -> None:
    before, now = pair
    risen = before.assessments.get(agency__code="RISEN")
    was = risen.indicators
    was["settled_amount"]["points"] = "1.00"
    type(risen).objects.filter(pk=risen.pk).update(indicators=was)
    response = client.get(compare(now, "show=rises"))
    (found,) = response.context["pairs"]
    result = now.assessments.get(agency__code="RISEN")
    assert found.change == result.total - Decimal("500.00")
    assert found.changes["operating"] == result.operating - Decimal("250.00")
    earned = Decimal(result.indicators["settled_amount"]["points"])
    assert found.strongest == ("settled_amount", earned - 1)
    assert "Settled amount" in said(response)
    assert f"/admin/agencies/agency/{found.agency_id}/change/" in said(response)


def test_it_is_a_file_too(client: Client, pair: tuple[Evaluation, Evaluation]) -> None:
    _before, now = pair
    response = client.get(compare(now, "show=falls&export=csv"))
    assert response["Content-Disposition"] == (
        'attachment; filename="compare-2026-10-r1-2026-10-r2.csv"'
    )
    head, line = file_of(response)
    row = dict(zip(head.split(","), line.split(","), strict=True))
    assert (row["agency_code"], row["level_before"], row["level"]) == ("FALLEN", "V4", "V3")
    assert row["total_before"] == "712.00"
    assert row["moved_most_by"] == ""


def test_the_published_revision_of_the_month_is_proposed_first(client: Client) -> None:
    EvaluationFactory.create(month=SEPTEMBER)
    EvaluationFactory.create(revision=1, state=EvaluationState.SUPERSEDED)
    published = EvaluationFactory.create(revision=2)
    computed = EvaluationFactory.create(revision=3, state=EvaluationState.COMPUTED)
    response = client.get(compare(computed))
    assert response.context["other"] == published
    assert "Every agency has the same stage, level and points in both." in said(response)
    names = [name for _pk, name in response.context["filter"].fields["other"].choices]
    assert names == [
        *("2026-10 r2 · Published", "2026-10 r1 · Superseded", "2026-09 r1 · Published"),
    ]


def test_inputs_say_in_words_which_of_them_differ(client: Client) -> None:
    frozen = {"agencies": "a.parquet", "bindings": "b.parquet"}
    before = EvaluationFactory.create(state=EvaluationState.SUPERSEDED, inputs=frozen)
    now = EvaluationFactory.create(revision=2, inputs=frozen | {"agencies": "c.parquet"})
    parts = parts_of(before.month)
    before.parts.set(parts)
    now.parts.set(parts[1:])
    page = said(client.get(compare(now)))
    for words in (
        *("Rules: version 2026.1 in both.", "Promotion data: 1 day differs:", "October 1"),
        *("Bindings: the same.", "Agencies, their credit and appeals: different."),
    ):
        assert words in page
    now.parts.set(parts)
    assert not inputs_apart(now, before).days
    now.rulebook = RulebookVersion.objects.create(
        version="2026.2",
        effective_from=date(2027, 1, 1),
        text=now.rulebook.text,
        sha256="9" * 64,
        created_at=timezone.now(),
    )
    now.save(update_fields=["rulebook"])
    page = said(client.get(compare(now)))
    assert "Rules: version 2026.1 in the first, 2026.2 in the second." in page


def test_two_months_are_compared_too(client: Client) -> None:
    before = EvaluationFactory.create(month=SEPTEMBER)
    now = EvaluationFactory.create()
    page = said(client.get(compare(now, f"with={before.pk}")))
    assert "They are of two months" in page


def test_what_has_no_other_to_stand_beside_says_so(client: Client) -> None:
    alone = EvaluationFactory.create()
    assert "There is no other revision of this month" in said(client.get(compare(alone)))
    requested = EvaluationFactory.create(
        month=SEPTEMBER, state=EvaluationState.REQUESTED, result_digest="", published_at=None
    )
    assert "This revision has no result yet." in said(client.get(compare(requested)))


def test_a_revision_that_is_none_of_these_shows_nothing(
    client: Client, pair: tuple[Evaluation, Evaluation]
) -> None:
    _before, now = pair
    page = client.get(compare(now, "with=4711"))
    assert page.status_code == 200
    assert "pairs" not in page.context


def test_the_look_is_written_down_and_the_door_is_kept(
    client: Client, pair: tuple[Evaluation, Evaluation]
) -> None:
    _before, now = pair
    client.get(compare(now))
    assert StaffLook.objects.get().path == compare(now).rstrip("?")
    refused_to_outsiders(compare(now))
    assert signed_in(operator()).post(compare(now)).status_code == 405
    assert client.get("/staff/evaluations/4711/compare/").status_code == 404


def test_three_agencies_are_asked_for_as_one(client: Client) -> None:
    before = EvaluationFactory.create(state=EvaluationState.SUPERSEDED)
    now = EvaluationFactory.create(revision=2)
    AssessmentFactory.create(evaluation=now, agency=agency("A"))
    client.get(compare(now))
    few = queries(client, compare(now))
    for code in ("B", "C"):
        AssessmentFactory.create(evaluation=before, agency=agency(code))
    assert queries(client, compare(now)) == few <= 14
