"""The front page, sign-in, the agency's home in each of its states, the choice of an agency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.enums import Role, Stage
from agencies.ledger import Deduction, deduct
from agencies.models import Agency
from rankings.models import BoardKind
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BoardFactory,
    EvaluationFactory,
    MembershipFactory,
    PlaceFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.people import PASSWORD
from tests.factories.staff import signed_in, superuser

pytestmark = pytest.mark.django_db

MID_NOVEMBER = datetime(2026, 11, 15, 4, 0, tzinfo=UTC)
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _mid_november() -> Any:
    with time_machine.travel(MID_NOVEMBER, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_stranger_sees_both_boards_on_the_front_page() -> None:
    october = _october()
    for kind in BoardKind:
        board = BoardFactory.create(kind=kind, evaluation=october)
        PlaceFactory.create(board=board, rank=1, name=f"First {kind}")
    page = text(Client(headers={"accept-language": "en"}), "/")
    assert "First strength" in page
    assert "First growth" in page
    assert 'href="/sign-in/"' in page


def test_the_front_page_works_before_the_first_publication() -> None:
    page = text(Client(headers={"accept-language": "en"}), "/")
    assert "No board has been published yet" in page


def test_the_front_page_leads_whoever_is_signed_in_home(member: Client) -> None:
    assert member.get("/").headers["location"] == "/home/"
    assert signed_in(superuser()).get("/").headers["location"] == "/home/"


def test_signing_in_and_out() -> None:
    user = UserFactory.create(email="owner@example.com")
    client = Client()
    answer = client.post("/sign-in/", {"username": "Owner@Example.com", "password": PASSWORD})
    assert answer.headers["location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert "_auth_user_id" not in client.session


def test_sign_in_does_not_tell_whether_an_address_has_an_account() -> None:
    UserFactory.create(email="known@example.com")
    UserFactory.create(email="gone@example.com", is_active=False)
    client = Client(headers={"accept-language": "en"})
    answers = {
        " ".join(
            client.post("/sign-in/", {"username": email, "password": password})
            .content.decode()
            .replace(email, "ADDRESS")
            .split("csrfmiddlewaretoken")[-1]
            .split("</form>")[0]
            .split(">", 1)[1]
            .split()
        )
        for email, password in (
            ("known@example.com", "wrong"),
            ("unknown@example.com", "wrong"),
            ("gone@example.com", PASSWORD),
        )
    }
    assert len(answers) == 1
    assert "do not match" in answers.pop()


def test_too_many_attempts_pause_an_address_from_one_connection(settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 2
    UserFactory.create(email="known@example.com")
    client = Client(headers={"accept-language": "en"})
    for _ in range(2):
        answer = client.post("/sign-in/", {"username": "known@example.com", "password": "wrong"})
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    other = Client().post(
        "/sign-in/",
        {"username": "known@example.com", "password": PASSWORD},
        headers={"x-forwarded-for": "192.0.2.7"},
        REMOTE_ADDR="192.0.2.7",
    )
    assert other.status_code == 302


def test_the_language_is_switched_by_a_post_that_keeps_the_page(member: Client) -> None:
    answer = member.post("/language/", {"language": "zh-hans", "next": "/score/?month=2026-10"})
    assert answer.headers["location"] == "/score/?month=2026-10"
    assert 'lang="zh-hans"' in text(member, "/home/")


def test_home_without_an_agency_says_whom_to_ask() -> None:
    assert "not a member of any agency" in text(signed_in(UserFactory.create()), "/home/")


def test_home_leads_the_staff_to_their_desk() -> None:
    page = text(signed_in(superuser()), "/home/")
    assert "not a member of any agency" not in page
    for work in ("/staff/questions/", "/staff/evaluations/", "/staff/mails/", "/admin/"):
        assert f'href="{work}"' in page


def test_home_before_the_first_result_of_a_novice_says_when_it_comes() -> None:
    agency = AgencyFactory.create(joined_on=date(2026, 11, 5))
    EvaluationFactory.create()
    page = text(signed_in(MembershipFactory.create(agency=agency).user), "/home/")
    assert "No result has been published for this agency yet" in page
    assert "novice stage until December 2026" in page
    assert (
        "The first assessed month is January 2027; its result is published on Feb. 3, 2027" in page
    )


def test_home_shows_level_total_changes_places_and_credit(agency: Agency, member: Client) -> None:
    september, october = EvaluationFactory.create(month=SEPTEMBER), _october()
    AssessmentFactory.create(evaluation=september, agency=agency, total="500.00", level="V2")
    now = AssessmentFactory.create(evaluation=october, agency=agency)
    assert (now.level, str(now.total)) == ("V3", "641.11")
    board = BoardFactory.create(evaluation=october, kind=BoardKind.STRENGTH)
    PlaceFactory.create(board=board, agency=agency, rank=17, previous_rank=20)
    page = text(member, "/home/")
    assert "V3 since the result of October 2026" in page
    assert "641.11" in page
    assert "+141.11" in page
    assert "was V2" in page
    assert "<strong>58.89 points</strong> to V4, which begins at 700." in page
    assert "No. 17" in page
    assert "not on the board" in page
    assert "data through Oct. 28, 2026" in page
    assert "revision 1" in page
    assert "of at most 150" in page


def test_home_names_every_floor_that_observation_misses(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(
        evaluation=_october(), agency=agency, stage=Stage.OBSERVATION, service="139.99", credit=60
    )
    page = text(member, "/home/")
    assert "Observation stage" in page
    assert "Service power: 139.99 of at least 140, <strong>0.01 missing</strong>" in page
    assert "Credit: 60 of at least 80, <strong>20 missing</strong>" in page


@pytest.mark.parametrize(
    ("service", "credit", "missed"),
    [("139.99", 80, ["Service power"]), ("140.00", 79, ["Credit"])],
)
def test_a_floor_reached_exactly_is_not_missed(
    agency: Agency, member: Client, service: str, credit: int, missed: list[str]
) -> None:
    AssessmentFactory.create(
        evaluation=_october(),
        agency=agency,
        stage=Stage.OBSERVATION,
        service=service,
        credit=credit,
    )
    page = text(member, "/home/")
    named = [name for name in ("Service power", "Credit") if f"<li> {name}: " in page]
    assert named == missed


def test_home_of_a_novice_says_until_when(member: Client, agency: Agency) -> None:
    Agency.objects.filter(pk=agency.pk).update(joined_on=date(2026, 9, 30))
    AssessmentFactory.create(evaluation=_october(), agency=agency, stage=Stage.NOVICE)
    page = text(member, "/home/")
    assert "until October 2026 there is no assessment" in page
    assert "The first assessed month is November 2026" in page


def test_credit_is_that_of_today_beside_that_of_the_month_end(
    agency: Agency, member: Client
) -> None:
    AssessmentFactory.create(evaluation=_october(), agency=agency)
    violation = ViolationFactory.create(
        agency=agency, occurred_on=date(2026, 11, 1), decided_on=date(2026, 11, 2), points=30
    )
    taken = Deduction(
        agency.pk, violation.pk, violation.points, violation.decided_on, violation.reference
    )
    deduct([taken], at=MID_NOVEMBER)
    page = text(member, "/home/")
    assert '<span class="big">90</span>' in page
    assert "At the end of October 2026 it was 120" in page


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2026, 11, 2, 18, 59, tzinfo=UTC), "The result of October 2026 is on its way"),
        (datetime(2026, 11, 2, 19, 0, tzinfo=UTC), "The result of October 2026 is held back"),
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), "The result of October 2026 is held back"),
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), "The result of November 2026 is on its way"),
    ],
)
def test_a_month_is_late_from_the_third_at_three(
    agency: Agency, member: Client, now: datetime, said: str
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=agency)
    with time_machine.travel(now, tick=False):
        client = signed_in(agency.memberships.get().user)
        page = text(client, "/home/")
    assert said in page


def test_a_published_month_is_not_called_late(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=_october(), agency=agency)
    page = text(member, "/home/")
    assert "held back" not in page
    assert "on its way" not in page


def test_home_of_a_removed_agency_leads_to_its_conduct(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=_october(), agency=agency)
    Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 11, 16))
    assert "V3 since the result of October 2026" in text(member, "/home/")
    Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 11, 15))
    answer = member.get("/home/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/conduct/")


def test_the_previous_month_is_the_calendar_month_before(agency: Agency, member: Client) -> None:
    august = EvaluationFactory.create(month=date(2026, 8, 1))
    AssessmentFactory.create(evaluation=august, agency=agency, total="500.00", level="V2")
    AssessmentFactory.create(evaluation=_october(), agency=agency)
    page = text(member, "/home/")
    assert "+141.11" not in page
    assert "no result in September 2026" in page


def test_revisions_that_nobody_saw_are_not_shown(agency: Agency, member: Client) -> None:
    old = EvaluationFactory.create(month=OCTOBER, revision=1, state="superseded", published_at=None)
    AssessmentFactory.create(evaluation=old, agency=agency, total="999.99", level="V5")
    new = EvaluationFactory.create(month=OCTOBER, revision=2)
    AssessmentFactory.create(evaluation=new, agency=agency)
    page = text(member, "/home/")
    assert "999.99" not in page
    assert "revision 2" in page


def test_a_member_of_several_agencies_switches_between_them() -> None:
    user = UserFactory.create()
    for code in ("B-SECOND", "A-FIRST"):
        MembershipFactory.create(user=user, agency__code=code, agency__name=code, role=Role.VIEWER)
    client = signed_in(user)
    assert "<strong>A-FIRST</strong>" in text(client, "/home/")
    answer = client.post("/agencies/switch/", {"agency": "B-SECOND"})
    assert answer.headers["location"] == "/home/"
    page = text(client, "/home/")
    assert "<strong>B-SECOND</strong>" in page
    assert "You now see the pages of B-SECOND." in page


def test_the_switch_is_offered_only_to_members_of_several(member: Client) -> None:
    assert "Switch agency" not in text(member, "/home/")


def test_a_foreign_and_a_missing_agency_are_alike_not_found(member: Client) -> None:
    AgencyFactory.create(code="FOREIGN")
    for code in ("FOREIGN", "MISSING", ""):
        assert member.post("/agencies/switch/", {"agency": code}).status_code == 404
    assert member.get("/agencies/switch/").status_code == 405


def test_a_membership_that_ended_counts_for_nothing() -> None:
    user = UserFactory.create()
    kept = MembershipFactory.create(user=user, agency__name="Kept Agency")
    ended = MembershipFactory.create(user=user, agency__code="ENDED", agency__name="Ended Agency")
    client = signed_in(user)
    client.post("/agencies/switch/", {"agency": "ENDED"})
    ended.delete()
    page = text(client, "/home/")
    assert kept.agency.name in page
    assert "<strong>Ended Agency</strong>" not in page


def test_home_takes_as_many_queries_for_three_months_as_for_one(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    october = _october()
    AssessmentFactory.create(evaluation=october, agency=agency)
    for kind in BoardKind:
        board = BoardFactory.create(evaluation=october, kind=kind)
        PlaceFactory.create(board=board, agency=agency, rank=1)
    text(member, "/home/")
    with django_assert_num_queries(10):
        text(member, "/home/")
    for month in (date(2026, 8, 1), SEPTEMBER):
        AssessmentFactory.create(evaluation=EvaluationFactory.create(month=month), agency=agency)
    with django_assert_num_queries(10):
        text(member, "/home/")


@pytest.mark.parametrize("path", ["/nowhere/", "/public/boards/strength/?month=2019-01"])
def test_what_is_not_there_has_a_page_of_the_house(path: str) -> None:
    BoardFactory.create(evaluation=_october())
    response = Client(headers={"accept-language": "en"}).get(path)
    assert response.status_code == 404
    assert "This page does not exist" in response.content.decode()


def test_a_form_without_its_mark_has_a_page_of_the_house() -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = client.post("/sign-in/", {"username": "a@example.com", "password": "b"})
    assert response.status_code == 403
    assert "The form was not accepted" in response.content.decode()


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_pages_of_last_resort_need_no_request(template: str) -> None:
    from django.template.loader import render_to_string

    assert "<main>" in render_to_string(template)


def _october() -> Any:
    return EvaluationFactory.create(month=OCTOBER)
