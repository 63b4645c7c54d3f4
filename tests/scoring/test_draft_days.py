"""The draft days: the provisional score, marked as such, and the ways to a dispute."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from agencies.enums import Role
from agencies.models import Agency
from scoring.disputes import accept_dispute, mark_corrected
from scoring.enums import DisputeState
from scoring.models import FactPart, ProjectionRun
from scoring.projection import project, projection_due
from scoring.queries.provisional import provisional_of
from tests.agencies.desk import queries
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
)
from tests.factories.disputes import (
    AFTER_DUE,
    BEFORE_DUE,
    FIRST,
    MONTH,
    SECOND,
    DisputeFactory,
    delivered,
    parts_of,
)
from tests.factories.facts import days_of, deliver_month
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.factories.staff import operator, signed_in

pytestmark = pytest.mark.django_db

PAGE = "/score/?month=2026-10"
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _first() -> Iterator[None]:
    with time_machine.travel(FIRST, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


@pytest.fixture
def run() -> ProjectionRun:
    return ProjectionRunFactory.create(month=MONTH, data_through=date(2026, 10, 31))


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_the_provisional_score_says_what_it_is(
    agency: Agency, member: Client, run: ProjectionRun
) -> None:
    ProjectionFactory.create(run=run, agency=agency)
    parts_of(days_of(MONTH), delivered())
    page = text(member, PAGE)
    assert "provisional</span> </h1>" in page
    assert "Provisional result of October 2026 · data through Oct. 31, 2026" in page
    assert "This result is not final: it is published on Nov. 3, 2026 at 03:00" in page
    assert "the credit of that day decides" in page
    assert 'href="/disputes/new/?month=2026-10">Dispute it</a>' in page
    assert "/receipt/" not in page.split("<main")[1]
    assert "102.93 <span" in page


def test_it_agrees_with_what_the_projection_stored(agency: Agency, run: ProjectionRun) -> None:
    stored = ProjectionFactory.create(run=run, agency=agency)
    found = provisional_of(agency, now=FIRST)
    assert found is not None
    lines = [line for block in found.blocks for line in block.indicators]
    kept = {
        key: (each["value"], each["points"], each["percentile"])
        for key, each in stored.indicators.items()
    }
    assert {each.key: _stored(each.value, each.points, each.percentile) for each in lines} == kept
    assert {block.key: block.points for block in found.blocks} == {
        key: getattr(stored, key) for key in ("operating", "growth", "service", "bonus")
    }
    assert (found.total, found.level, found.change) == (stored.total, "V3", None)


def _stored(value: Decimal | None, points: Decimal, percentile: Decimal | None) -> tuple[str, ...]:
    return str(value), str(points), str(percentile)


def test_it_is_compared_with_the_month_before(
    agency: Agency, member: Client, run: ProjectionRun
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=agency)
    ProjectionFactory.create(run=run, agency=agency)
    found = provisional_of(agency, now=FIRST)
    assert found is not None
    assert (found.before, found.change) == (SEPTEMBER, Decimal("0.00"))
    page = text(member, PAGE)
    assert "by creator<span" not in page  # there is no movement of a month without a result
    options = re.findall(r'<option value="([\d-]+)"( selected)?>', page)
    assert options == [("2026-10", " selected"), ("2026-09", "")]


def test_the_published_score_leads_to_the_provisional_one(
    agency: Agency, member: Client, run: ProjectionRun
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=agency)
    assert "Provisional result" not in text(member, "/score/")
    ProjectionFactory.create(run=run, agency=agency)
    page = text(member, "/score/")
    assert 'href="/score/?month=2026-10">Provisional result of October 2026</a>' in page
    assert "Result of September 2026" in page


def test_before_the_first_result_it_is_offered(
    agency: Agency, member: Client, run: ProjectionRun
) -> None:
    ProjectionFactory.create(run=run, agency=agency)
    page = text(member, "/score/")
    assert "There is no score yet" in page
    assert 'href="/score/?month=2026-10"' in page


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (SECOND, "it is published on Nov. 3, 2026 at 03:00"),
        (BEFORE_DUE, "it is published on Nov. 3, 2026 at 03:00"),
        (AFTER_DUE, "This result is not final: it is held back"),
    ],
)
def test_until_it_is_published_it_stays_provisional(
    agency: Agency, member: Client, run: ProjectionRun, at: datetime, words: str
) -> None:
    ProjectionFactory.create(run=run, agency=agency)
    parts_of(days_of(MONTH), delivered())
    with time_machine.travel(at, tick=False):
        assert words in text(member, PAGE)


def test_publication_ends_it(agency: Agency, member: Client, run: ProjectionRun) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=MONTH), agency=agency)
    ProjectionFactory.create(run=run, agency=agency)
    page = text(member, PAGE)
    assert "Result of October 2026" in page
    assert "provisional" not in page


def test_a_running_month_has_no_provisional_score(agency: Agency, member: Client) -> None:
    ProjectionFactory.create(
        run=ProjectionRunFactory.create(month=date(2026, 11, 1), data_through=FIRST.date()),
        agency=agency,
    )
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=agency)
    text(member, "/score/?month=2026-11", 404)


def test_each_day_says_whether_its_facts_are_there(
    agency: Agency, member: Client, run: ProjectionRun
) -> None:
    ProjectionFactory.create(run=run, agency=agency)
    days = days_of(MONTH)
    parts_of(days[:-2], delivered())
    parts_of(days[:1], delivered())
    page = text(member, PAGE)
    words = re.findall(r'<span class="fact-word"> (\w+) </span>', page)
    assert words == ["corrected"] + ["there"] * 28 + ["missing"] * 2
    assert "when the facts of 2 missing days arrive" in page
    assert "This result is not final: it is due on Nov. 3, 2026 at 03:00" in page
    assert "newest data: Nov. 1, 2026, 10 a.m." in page


def test_a_novice_reads_when_it_counts(member: Client, agency: Agency, run: ProjectionRun) -> None:
    agency.joined_on = date(2026, 10, 9)
    agency.save()
    ProjectionFactory.create(run=run, agency=agency, novice=True)
    assert "Novices get no points" in text(member, PAGE)


def test_another_agencys_provisional_score_is_not_ones_own(
    member: Client, run: ProjectionRun
) -> None:
    ProjectionFactory.create(run=run, agency=AgencyFactory.create(name="CANARY"))
    page = text(member, "/score/")
    assert "CANARY" not in page
    assert "2026-10" not in page.split("<main")[1]


def test_viewers_read_it_without_the_form(agency: Agency, run: ProjectionRun) -> None:
    ProjectionFactory.create(run=run, agency=agency)
    viewer = signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)
    for path in (PAGE, "/home/"):
        page = text(viewer, path)
        assert "An owner of the agency can dispute it." in page
        assert "/disputes/new/" not in page


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (FIRST, "It is provisional until its publication on Nov. 3, 2026 at 03:00."),
        (AFTER_DUE, "It stays provisional until the platform publishes it."),
    ],
)
def test_home_leads_to_score_and_dispute(
    agency: Agency, member: Client, run: ProjectionRun, at: datetime, words: str
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=agency)
    ProjectionFactory.create(run=run, agency=agency)
    with time_machine.travel(at, tick=False):
        page = text(member, "/home/")
    assert words in page
    assert 'href="/score/?month=2026-10">Every indicator of it</a>' in page
    assert 'href="/disputes/new/?month=2026-10">Dispute it</a>' in page


def test_home_of_a_running_month_offers_no_dispute(agency: Agency) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=MONTH), agency=agency)
    with time_machine.travel(datetime(2026, 11, 15, 4, 0, tzinfo=UTC), tick=False):
        ProjectionFactory.create(agency=agency)
        member = signed_in(MembershipFactory.create(agency=agency).user)
        assert "/disputes/" not in text(member, "/home/").split("<main")[1]


def test_a_creators_page_leads_to_a_dispute_of_the_draft_month(
    agency: Agency, member: Client
) -> None:
    creator = BindingFactory.create(agency=agency).creator
    path = f"/creators/of/{creator.creator_id}/"
    way = f"/disputes/new/?month=2026-10&amp;creator={creator.creator_id}"
    assert way in text(member, path)
    for month in (MONTH, SEPTEMBER, date(2026, 8, 1)):
        EvaluationFactory.create(month=month)
    assert "/disputes/new/" not in text(member, path)


def test_it_takes_ten_queries_in_every_state(
    agency: Agency, member: Client, run: ProjectionRun
) -> None:
    ProjectionFactory.create(run=run, agency=agency)
    first = queries(member, PAGE)
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=agency)
    parts_of(days_of(MONTH), delivered())
    DisputeFactory.create_batch(3, agency=agency)
    assert (first, queries(member, PAGE)) == (9, 10)
    assert queries(member, "/score/") <= 10
    assert "3 disputes of yours wait for an answer." in text(member, PAGE)


def test_it_is_read_only_and_for_members(member: Client) -> None:
    assert member.post(PAGE).status_code == 405
    assert Client().get(PAGE).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_corrected_binding_shows_in_the_provisional_score() -> None:
    agency, creator, staff = AgencyFactory.create(), CreatorFactory.create(), operator()
    BindingFactory.create(agency=agency)
    deliver_month(MONTH, creator)
    assert FactPart.objects.current().count() == 31
    before = project(at=FIRST)
    assert before is not None
    dispute = DisputeFactory.create(agency=agency, creator_code=creator.creator_id)
    accept_dispute(dispute_id=dispute.pk, answer="属实", at=FIRST, by=staff)
    BindingFactory.create(agency=agency, creator=creator, bound_from=dispute.first_day)
    assert not projection_due(FIRST)
    later = FIRST + timedelta(minutes=5)
    found = mark_corrected(dispute_id=dispute.pk, imported_file_id=None, at=later, by=staff)
    assert found.state == DisputeState.CORRECTED
    assert projection_due(later)
    project(at=later)
    provisional = provisional_of(agency, now=later)
    assert provisional is not None
    assert provisional.projected.values["settled_orders"] == Decimal(2700)
    assert not projection_due(later)
