"""A held level is shown as held wherever a level is explained, with the cases that hold it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.enums import ViolationState
from agencies.ledger.lines import lines_of
from agencies.models import Agency, Violation
from scoring.models import Assessment, RulebookVersion
from scoring.queries.appeals import months_held_by
from scoring.queries.projection import Projected, projection_of
from scoring.queries.rules.conduct import conduct_sections
from scoring.queries.standing import standing_of
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.appeals import appealed, hold_falls
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.factories.staff import signed_in, superuser

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
MID_NOVEMBER = datetime(2026, 11, 15, 4, 0, tzinfo=UTC)


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


@pytest.fixture
def case(agency: Agency) -> Violation:
    """A case that took 50 points in October, under appeal."""
    return appealed(agency, date(2026, 10, 20), points=50, reference="CASE-OWN")


def result(agency: Agency, month: date = OCTOBER, **given: Any) -> Assessment:
    evaluation = EvaluationFactory.create(month=month)
    return AssessmentFactory.create(evaluation=evaluation, agency=agency, **given)


@pytest.fixture
def held(agency: Agency, case: Violation) -> Assessment:
    """V3 of October, held with 70 points of credit; in September it was V3 by itself."""
    hold_falls(RulebookVersion.objects.get())
    result(agency, SEPTEMBER)
    return result(agency, held=True, credit=70, contested=50, level_before="V3")


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(plain.split())


@pytest.mark.parametrize("path", ["/home/", "/score/", "/score/movement/", "/benefits/"])
def test_a_page_that_tells_the_level_tells_that_it_is_held(
    held: Assessment, member: Client, path: str
) -> None:
    with time_machine.travel(MID_NOVEMBER, tick=False):
        page = text(member, path)
    assert "V3 is held by an open appeal." in page
    assert "Credit of Oct. 31, 2026 is 70, and a level needs 80." in page
    assert "But 50 points of deductions are under an undecided appeal" in page
    assert "without them, it would be 120. Case: CASE-OWN ." in page
    assert "If the deduction stands, October 2026 gives no level." in page


def test_the_receipt_does_the_sum(held: Assessment, member: Client) -> None:
    page = text(member, "/score/receipt/")
    assert "Credit misses its floor, and V3 is held by an open appeal. Case: CASE-OWN ." in page
    assert "Credit 70 + points under appeal 50 = 120 ≥ 80" in page
    assert "Level of the month before: V3; level by the total: V3;" in page
    assert "Everything that level" not in page


def test_home_marks_the_risk_in_the_place_of_low_credit(held: Assessment, member: Client) -> None:
    with time_machine.travel(MID_NOVEMBER, tick=False):
        page = text(member, "/home/")
    assert (
        "Credit of Oct. 31, 2026 is 70 , below 80, and only an open appeal holds V3. If the"
        " deduction stands, October 2026 gives no level."
    ) in page
    assert "by what is known today" not in page


@pytest.mark.parametrize("path", ["/home/", "/score/", "/score/movement/", "/score/receipt/"])
def test_a_level_that_is_not_held_is_not_called_so(
    agency: Agency, member: Client, case: Violation, path: str
) -> None:
    result(agency, SEPTEMBER)
    result(agency, contested=50, level_before="V3", credit=85)
    with time_machine.travel(MID_NOVEMBER, tick=False):
        page = text(member, path)
    assert "open appeal" not in page
    assert "CASE-OWN" not in page


@pytest.mark.parametrize("path", ["/home/", "/score/", "/score/movement/", "/score/receipt/"])
def test_a_hold_takes_no_query_more(
    agency: Agency,
    held: Assessment,
    member: Client,
    path: str,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    ProjectionFactory.create(agency=agency)
    with time_machine.travel(MID_NOVEMBER, tick=False):
        member.get(path)
        with django_assert_max_num_queries(10):
            member.get(path)


def test_a_lower_level_before_is_explained(agency: Agency, member: Client, case: Violation) -> None:
    result(agency, held=True, credit=70, contested=50, level_before="V2", level="V2")
    page = text(member, "/home/")
    assert "V2 is held by an open appeal." in page
    assert (
        "The total alone gives V3; an appeal holds what there was, V2, and lifts nothing." in page
    )
    assert "points to V4" not in page
    assert "This is the highest level." not in page


def test_only_what_was_counted_and_undecided_is_named(held: Assessment, agency: Agency) -> None:
    late = datetime(2026, 11, 20, tzinfo=UTC)
    appealed(agency, date(2026, 10, 21), points=1, reference="LATE-APPEAL", filed_at=late)
    appealed(agency, date(2026, 11, 1), points=1, reference="NEXT-MONTH")
    appealed(agency, date(2026, 10, 22), points=1, reference="STANDS", undecided=False)
    appealed(AgencyFactory.create(), date(2026, 10, 22), points=9, reference="CANARY")
    standing = standing_of(agency)
    assert standing is not None
    assert standing.hold is not None
    assert standing.hold.cases == ("CASE-OWN",)


def test_what_held_a_month_is_named_after_its_verdict_too(
    held: Assessment, agency: Agency, case: Violation
) -> None:
    case.state = ViolationState.UPHELD
    case.reviewed_by, case.review_reason = superuser(), "复核维持"
    case.reviewed_on = date(2026, 11, 9)
    case.save()
    assert case.appeal is not None
    case.appeal.decided_at = datetime(2026, 11, 9, 3, tzinfo=UTC)
    case.appeal.save()
    standing = standing_of(agency)
    assert standing is not None
    assert standing.hold is not None
    assert standing.hold.cases == ("CASE-OWN",)
    assert months_held_by(case) == []


def test_the_case_says_which_months_it_holds(
    held: Assessment, member: Client, case: Violation, agency: Agency
) -> None:
    other = appealed(agency, date(2026, 11, 2), points=1, reference="OTHER")
    told = "It holds your level V3 for October 2026 until it is decided."
    assert told in text(member, f"/conduct/violations/{case.reference}/")
    assert told not in text(member, f"/conduct/violations/{other.reference}/")
    assert months_held_by(case) == [(OCTOBER, "V3")]


class TestProjection:
    def projected(
        self, agency: Agency, *, today: date = date(2026, 11, 15), **run: Any
    ) -> Projected:
        ProjectionFactory.create(run=ProjectionRunFactory.create(**run), agency=agency)
        found = projection_of(agency, lines=lines_of(agency.pk), today=today)
        assert found is not None
        return found

    def test_it_holds_what_the_result_would_hold(self, held: Assessment, agency: Agency) -> None:
        found = self.projected(agency)
        assert (found.stage, found.level, found.credit) == ("assessed", "V3", 70)
        assert (found.contested, found.level_before) == (50, "V3")
        assert found.hold is not None
        assert (found.hold.cases, found.hold.without) == (("CASE-OWN",), 120)

    def test_of_a_month_that_is_over_only_its_own_days_count(
        self, agency: Agency, case: Violation
    ) -> None:
        hold_falls(RulebookVersion.objects.get())
        result(agency, SEPTEMBER)
        appealed(agency, date(2026, 11, 1), points=20, reference="NEXT-MONTH")
        run = {"month": OCTOBER, "data_through": date(2026, 10, 31)}
        found = self.projected(agency, today=date(2026, 11, 2), **run)
        assert (found.credit, found.contested, found.level) == (70, 50, "V3")
        assert found.hold is not None
        assert found.hold.cases == ("CASE-OWN",)

    def test_without_the_switch_there_is_no_level(self, agency: Agency, case: Violation) -> None:
        result(agency)
        found = self.projected(agency)
        assert (found.stage, found.level, found.hold) == ("observation", "", None)
        assert found.contested == 50

    def test_home_says_that_it_would_be_held(
        self, held: Assessment, agency: Agency, member: Client
    ) -> None:
        self.projected(agency)
        with time_machine.travel(MID_NOVEMBER, tick=False):
            page = text(member, "/home/")
        assert "V3 would be held as long as an appeal is open." in page
        assert "No level, because credit" not in page


def test_guidance_does_not_count_on_the_appeal(
    held: Assessment, agency: Agency, member: Client
) -> None:
    appealed(agency, date(2026, 11, 2), points=15, undecided=False)  # more than the way back gives
    with time_machine.travel(MID_NOVEMBER, tick=False):
        page = text(member, "/guidance/")
    assert "That does not count the open appeal, which holds the level you have" in page


def test_the_rules_say_what_the_switch_does() -> None:
    version = RulebookVersion.objects.get()

    def told() -> str:
        clauses = [each for part in conduct_sections(version.rulebook) for each in part.clauses]
        lines = next(each.lines for each in clauses if each.key == "appeal")
        return next(each.text for each in lines if each.key == "hold")

    assert told().endswith("a fall of the level is not held.")
    hold_falls(version)
    assert "only deductions under appeal keep credit below 80" in told()


def test_staff_see_what_was_contested_and_held(held: Assessment) -> None:
    page = text(signed_in(superuser()), f"/admin/scoring/assessment/{held.pk}/change/")
    assert "points under appeal: 50" in page.replace("Points", "points")
    assert "Level before: V3" in page
