"""The staff's page that explains a level: who may read it, what it shows, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.enums import Role
from agencies.models import Agency
from portal.models import Question, StaffLook
from tests.agencies.desk import queries, refused_to_outsiders, said
from tests.factories import AgencyFactory, CreatorFactory, MembershipFactory
from tests.factories.contributions import contributed_month
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.factories.questions import QuestionFactory, answered
from tests.factories.staff import operator, signed_in, supporter
from tests.factories.why import OCTOBER, fallen

pytestmark = pytest.mark.django_db

PATH = "/staff/agencies/OWN/why/"
AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return fallen()


@pytest.fixture
def client() -> Client:
    return signed_in(supporter())


def open_question(agency: Agency, **fields: Any) -> Question:
    return QuestionFactory.create(agency=agency, **fields)


def test_it_reads_as_an_answer_in_both_languages_beside_the_figures(
    client: Client, agency: Agency
) -> None:
    page = said(client.get(PATH))
    assert '<article class="card-plain why-letter" lang="zh-hans">' in page
    assert '<article class="card-plain why-letter" lang="en">' in page
    assert "that of September 2026 was V3 with 567.40" in page
    assert "· 小鹿 (C-DEER): −¥820.00K; bound to you until Oct. 11, 2026" in page
    assert "data through Oct. 28, 2026" in page
    assert "Credit on the last day of the month: 120; today: 120." in page


def test_its_figures_are_those_of_the_score_page(client: Client, agency: Agency) -> None:
    member = signed_in(MembershipFactory.create(agency=agency).user)
    page, score = said(client.get(PATH)), said(member.get("/score/"))
    movement = said(member.get("/score/movement/"))
    for figure in ("408.13", "−159.27", "−43.83", "−34.33", "−34.00"):
        assert figure in page
        assert figure in score
        assert figure in movement


def test_another_month_is_explained_and_a_missing_one_is_not_found(
    client: Client, agency: Agency
) -> None:
    page = said(client.get(f"{PATH}?month=2026-09"))
    assert "The result of September 2026 is V3 with 567.40 points." in page
    assert '<option value="2026-09" selected>September 2026</option>' in page
    assert client.get(f"{PATH}?month=2026-08").status_code == 404
    assert client.get(f"{PATH}?month=nonsense").status_code == 404


def test_an_open_question_leads_to_its_answer_in_either_language(
    client: Client, agency: Agency
) -> None:
    question = open_question(agency, subject="Why did we fall to V2?")
    answered(open_question(agency, subject="Answered already"))
    open_question(AgencyFactory.create(), subject="Somebody else's")
    page = said(client.get(PATH))
    assert f"Q{question.pk} Why did we fall to V2?" in page
    for language in ("zh-hans", "en"):
        where = f"/staff/questions/{question.pk}/?why=1&language={language}&month=2026-10"
        assert f'href="{where}"' in page
        assert client.get(where).status_code == 200
    assert "Answered already" not in page
    assert "Somebody else's" not in page


def test_without_open_questions_it_says_so(client: Client, agency: Agency) -> None:
    assert "No question of this agency waits for an answer." in said(client.get(PATH))


def test_an_agency_without_a_result_is_explained_as_well(client: Client) -> None:
    AgencyFactory.create(code="OWN", name="New", joined_on=date(2026, 11, 2))
    page = said(client.get(PATH))
    assert "There is no published result of your agency yet" in page
    assert "The figures behind it" not in page


def test_every_look_is_written_down_with_its_agency(client: Client, agency: Agency) -> None:
    client.get(f"{PATH}?month=2026-10")
    look = StaffLook.objects.get()
    assert (look.agency, look.object_label, look.path) == (
        agency,
        "Why this level",
        f"{PATH}?month=2026-10",
    )


def test_who_may_read_it(agency: Agency) -> None:
    refused_to_outsiders(PATH)
    viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER).user
    assert signed_in(viewer).get(PATH).status_code == 403
    assert signed_in(operator()).get(PATH).status_code == 200


def test_a_missing_agency_is_not_found(client: Client) -> None:
    assert client.get("/staff/agencies/NONE/why/").status_code == 404


def test_it_is_read_only(client: Client, agency: Agency) -> None:
    assert client.post(PATH).status_code == 405
    assert StaffLook.objects.count() == 0


def test_it_costs_the_same_for_one_creator_and_question_and_for_three(client: Client) -> None:
    agency = fallen()
    ProjectionFactory.create(agency=agency, run=ProjectionRunFactory.create())
    open_question(agency)
    client.get(PATH)
    one = queries(client, PATH)
    open_question(agency)
    open_question(agency)
    assert queries(client, PATH) == one
    assert one <= 14


def test_another_agencys_creators_are_not_named(client: Client, agency: Agency) -> None:
    stranger = CreatorFactory.create(nickname="外人CANARY")
    contributed_month(AgencyFactory.create(), OCTOBER, {stranger: {}})
    assert "外人CANARY" not in said(client.get(PATH))
