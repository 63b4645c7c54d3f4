"""Any agency at the desk: found by code, name, level or stage, and seen at a glance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from agencies.enums import Stage, ViolationState
from agencies.models import Agency
from portal.enums import QuestionState
from portal.models import StaffLook
from tests.agencies.desk import file_of, queries, refused_to_outsiders, said
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    EvaluationFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.questions import QuestionFactory
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
LIST = "/staff/agencies/"
PAGE = "/staff/agencies/A1/"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client() -> Client:
    return signed_in(supporter(name="Su Port"))


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="A1", name="星河文化", city="杭州", joined_on=date(2024, 1, 2))


def codes(client: Client, narrowed: str = "") -> list[str]:
    """The agencies that the list shows, in its order."""
    return re.findall(r'href="/staff/agencies/([\w-]+)/"', said(client.get(f"{LIST}?{narrowed}")))


class TestList:
    """/staff/agencies/"""

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("B2", ["B2", "B20", "XB2"]),
            ("b2", ["B2", "B20", "XB2"]),
            ("星河", ["A1", "XB2"]),
            ("大星", ["XB2"]),
            ("star", ["B20"]),
            ("%25", []),
            ("_", []),
            ("'", []),
            ("%00", []),
            ("", ["A1", "B2", "B20", "XB2"]),
            ("+++", ["A1", "B2", "B20", "XB2"]),
        ],
    )
    def test_a_part_of_code_or_name_finds_the_best_fit_first(
        self, client: Client, agency: Agency, words: str, found: list[str]
    ) -> None:
        for code, name in (("XB2", "大星河"), ("B20", "Big Star"), ("B2", "Second")):
            AgencyFactory.create(code=code, name=name)
        assert codes(client, f"q={words}") == found

    def test_level_stage_and_leaving_narrow_it_down(self, client: Client) -> None:
        for code, stage, level in (
            ("FOUR", Stage.ASSESSED, "V4"),
            ("TWO", Stage.ASSESSED, "V2"),
            ("NEW", Stage.NOVICE, ""),
        ):
            AgencyFactory.create(code=code, stage=stage, level=level)
        AgencyFactory.create(code="GONE", removed_on=TODAY)
        AgencyFactory.create(code="GOING", removed_on=TODAY + timedelta(days=1))
        assert codes(client, "level=V4") == ["FOUR"]
        assert codes(client, "stage=novice") == ["NEW"]
        assert codes(client, "state=removed") == ["GONE"]
        assert codes(client, "state=here") == ["FOUR", "GOING", "NEW", "TWO"]
        assert codes(client, "q=o&level=V2") == ["TWO"]
        assert codes(client, "level=V9") == []
        assert "Nothing fits these filters" in said(client.get(f"{LIST}?state=nonsense"))

    def test_each_line_says_level_city_and_whether_it_left(
        self, client: Client, agency: Agency
    ) -> None:
        Agency.objects.update(
            stage=Stage.ASSESSED, level="V3", level_since=date(2026, 8, 1), removed_on=TODAY
        )
        page = said(client.get(LIST))
        for part in ("level-V3", "August 2026", "杭州", "Jan. 2, 2024", "removed on Nov. 22, 2026"):
            assert part in page

    def test_the_list_is_paged_and_is_one_look(self, client: Client) -> None:
        AgencyFactory.create_batch(60)
        assert len(codes(client)) == 50
        assert len(codes(client, "page=2")) == 10
        assert set(StaffLook.objects.values_list("object_label", "agency")) == {("Agencies", None)}

    def test_the_file_is_exact_and_harmless(self, client: Client) -> None:
        AgencyFactory.create(code="A1", name="=1+1", city="@x", joined_on=date(2024, 1, 2))
        assert file_of(client.get(f"{LIST}?q=A1&export=csv"))[1].startswith("A1,'=1+1,,,,'@x,")

    def test_it_is_for_the_platform_and_only_read(self, client: Client) -> None:
        refused_to_outsiders(LIST)
        assert client.post(LIST).status_code == 405
        assert "Who looked at what" not in said(client.get(LIST))
        assert "Who looked at what" in said(signed_in(operator()).get(LIST))

    def test_one_row_costs_what_three_cost(self, client: Client, agency: Agency) -> None:
        client.get(LIST)
        one = queries(client, LIST)
        AgencyFactory.create_batch(2)
        assert queries(client, LIST) == one <= 9


class TestPage:
    """/staff/agencies/<code>/"""

    def test_level_credit_and_figures_are_those_of_the_agencys_own_pages(
        self, client: Client, agency: Agency
    ) -> None:
        evaluation = EvaluationFactory.create()
        result = AssessmentFactory.create(evaluation=evaluation, agency=agency)
        BindingFactory.create(agency=agency)
        BindingFactory.create(agency=agency, bound_until=TODAY)
        MembershipFactory.create_batch(2, agency=agency)
        page = said(client.get(PAGE))
        assert "Result of October 2026" in page
        assert "data through Oct. 28, 2026" in page
        assert f"level-{result.level}" in page
        assert f'<dd class="big num"> {result.total} </dd>' in page
        own = said(signed_in(MembershipFactory.create(agency=agency).user).get("/score/"))
        assert str(result.total) in own
        assert 'Creators bound today</dt> <dd class="big num"> 1 </dd>' in page
        assert 'Credit today</dt> <dd class="big num"> 120 </dd>' in page
        assert '<dt>Members</dt> <dd class="num"> 2 </dd>' in page

    def test_without_a_result_it_says_so(self, client: Client, agency: Agency) -> None:
        page = said(client.get(PAGE))
        assert "No result of this agency is published yet." in page
        assert "There is no question to see to." in page
        assert "No case is open, and no appeal is possible." in page

    def test_a_removed_agency_says_since_when(self, client: Client, agency: Agency) -> None:
        Agency.objects.filter(pk=agency.pk).update(removed_on=TODAY)
        assert "removed on Nov. 22, 2026" in said(client.get(PAGE))

    def test_open_questions_and_cases_lead_on_the_pressing_first(
        self, client: Client, agency: Agency
    ) -> None:
        answered = QuestionFactory.create(agency=agency, state=QuestionState.ANSWERED)
        waiting = QuestionFactory.create(agency=agency, due_at=NOW + timedelta(days=1))
        QuestionFactory.create(subject="CANARY")
        QuestionFactory.create(
            agency=agency, subject="Closed", state=QuestionState.CLOSED, closed_at=NOW
        )
        case = ViolationFactory.create(
            agency=agency, reference="OPEN-1", appeal_until=TODAY + timedelta(days=3)
        )
        ViolationFactory.create(agency=agency, reference="OVER", appeal_until=date(2026, 11, 1))
        page = said(client.get(PAGE))
        first, second = (f'href="/staff/questions/{each.pk}/"' for each in (waiting, answered))
        assert page.index(first) < page.index(second)
        assert "answer due Nov. 23, 2026" in page
        assert f'href="/staff/violations/{case.pk}/">OPEN-1</a>' in page
        assert "until Nov. 25, 2026" in page
        for absent in ("CANARY", "Closed", "OVER"):
            assert absent not in page.partition("<main")[2]

    def test_the_ways_lead_to_what_this_person_may_open(
        self, client: Client, agency: Agency
    ) -> None:
        page = said(client.get(PAGE))
        for way in (
            "/staff/agencies/A1/why/",
            "/staff/credit/?agency=A1",
            "/staff/violations/?q=A1",
            "/staff/bindings/?agency=A1",
            f"/admin/agencies/agency/{agency.pk}/change/",
        ):
            assert f'href="{way}"' in page
            assert client.get(way).status_code == 200
        assert "/staff/looks/" not in page
        assert 'action="/staff/agencies/A1/see/"' in page

    def test_who_looked_is_named_to_those_who_may_read_the_trail(
        self, client: Client, agency: Agency
    ) -> None:
        page = said(client.get(PAGE)).partition("Last looked at")[2]
        assert "Support, Nov. 22, 2026, noon" in page
        assert "Su Port" not in page
        assert "Su Port, Nov. 22, 2026, noon" in said(signed_in(operator()).get(PAGE))

    def test_it_is_a_look_at_this_agency(self, client: Client, agency: Agency) -> None:
        client.get(PAGE)
        look = StaffLook.objects.get()
        assert (look.agency, look.path, look.object_label) == (agency, PAGE, "星河文化 (A1)")

    def test_it_is_for_the_platform_and_only_read(self, client: Client, agency: Agency) -> None:
        refused_to_outsiders(PAGE)
        assert client.post(PAGE).status_code == 405
        assert client.get("/staff/agencies/NOBODY/").status_code == 404
        assert client.get("/staff/agencies/a1/").status_code == 404

    def test_one_of_everything_costs_what_three_cost(self, client: Client, agency: Agency) -> None:
        AssessmentFactory.create(agency=agency)

        def one_more(number: int) -> None:
            QuestionFactory.create(agency=agency)
            ViolationFactory.create(
                agency=agency,
                reference=f"CASE-{number}",
                state=ViolationState.ISSUED,
                appeal_until=TODAY,
            )
            MembershipFactory.create(agency=agency)
            BindingFactory.create(agency=agency)

        one_more(1)
        client.get(PAGE)
        one = queries(client, PAGE)
        one_more(2)
        one_more(3)
        assert queries(client, PAGE) == one <= 14
