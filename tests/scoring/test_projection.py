"""What the month would give if it ended today: the evaluation's rules over the days so far."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from threading import Barrier
from typing import Any

import django_rq
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from agencies.credit_rules import Line
from agencies.ledger import Deduction, deduct
from agencies.ledger.lines import lines_of
from agencies.models import Agency, Binding, Creator
from scoring.due import settle
from scoring.evaluation.actions import publish, request_evaluation
from scoring.evaluation.run import run_evaluation
from scoring.jobs import project as project_job
from scoring.models import Assessment, Projection, ProjectionRun, RulebookVersion
from scoring.points import Totals
from scoring.projection import _replaced, project, projection_due
from scoring.queries.projection import Projected, projection_of
from scoring.signals import facts_imported
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, ViolationFactory
from tests.factories.facts import deliver_facts
from tests.factories.level import EvaluationFactory

pytestmark = pytest.mark.django_db(transaction=True)

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
TODAY = date(2026, 11, 22)
NOW = timezone.make_aware(datetime(2026, 11, 22, 10, 0))
STRONG = {
    "settled_cents": 500_000_000,
    "showcase_cents": 100_000_000,
    "good_goods_cents": 150_000_000,
    "settled_orders": 20_000,
}


@dataclass
class House:
    """An agency with a strong creator, one without creators, a novice; facts of 1-3 November."""

    strong: Agency
    quiet: Agency
    fresh: Agency
    star: Creator


@pytest.fixture
def house(transactional_db: None) -> House:
    star = CreatorFactory.create()
    strong = AgencyFactory.create(code="strong")
    BindingFactory.create(agency=strong, creator=star)
    _deliver(star, NOVEMBER, 3)
    return House(
        strong=strong,
        quiet=AgencyFactory.create(code="quiet"),
        fresh=AgencyFactory.create(code="fresh", joined_on=date(2026, 11, 20)),
        star=star,
    )


def _deliver(creator: Creator, first: date, days: int, **row: Any) -> None:
    deliver_facts({(creator, first + timedelta(days=n)): {**STRONG, **row} for n in range(days)})


def _lines(credit: int) -> list[Line]:
    return [Line(1, "opening", credit, date(2024, 1, 1))]


def _shown(agency: Agency, *, credit: int = 120, today: date = TODAY) -> Projected:
    found = projection_of(agency, lines=_lines(credit), today=today)
    assert found is not None
    return found


def test_the_days_so_far_are_scored_by_the_evaluation_s_rules(house: House) -> None:
    run = project(at=NOW)

    assert run is not None
    assert (run.month, run.data_through) == (NOVEMBER, date(2026, 11, 3))
    found = _shown(house.strong)
    assert found.totals == Totals(
        settled_cents=1_500_000_000,
        showcase_cents=300_000_000,
        good_goods_cents=450_000_000,
        settled_orders=60_000,
        worry_free_orders=30,
        live_minutes=180,
        creator_days=3,
        l5_creators=1,
        showcase_creators=1,
        reputation_points=460 * 60_000,
        reputation_orders=60_000,
    )
    # 15 million yuan lie at two thirds of the way from 5 to 20 million: 150 + 2/3 × 40
    assert found.points["settled_amount"] == Decimal("176.67")
    # 60,000 orders: 50 + 5/9 × 35
    assert found.points["settled_orders"] == Decimal("69.44")
    assert found.points["live_minutes_per_creator_day"] == Decimal("50.00")
    assert found.values["reputation"] == Decimal("4.6000")
    assert found.operating == Decimal("316.11")  # 176.67 + 69.44 + 20 + 50
    # share 0.2: 90 + 30/3; one showcase creator: 6; good goods 0.3: 60
    assert (found.growth, found.service, found.bonus) == (
        Decimal("166.00"),
        Decimal("175.00"),
        Decimal("0.90"),
    )
    assert (found.total, found.level, found.stage) == (Decimal("658.01"), "V3", "assessed")
    # the facts of 4 to 21 November have not come; nine days are left, today among them
    assert (found.days, found.days_missing, found.days_left) == (3, 18, 9)
    assert (found.complete, found.over) == (False, False)
    assert found.percentiles["settled_amount"] == Decimal("100.0")


def test_one_query_shows_it(house: House, django_assert_num_queries: Any) -> None:
    project(at=NOW)
    with django_assert_num_queries(1):
        projection_of(house.strong, lines=_lines(120), today=TODAY)


def test_a_complete_month_gives_what_its_evaluation_gives(house: House) -> None:
    _deliver(house.star, OCTOBER, 31, worry_free_orders=700)
    first_of_november = NOW.replace(day=1)
    assert project(at=first_of_november) is not None
    projected = _shown(house.strong, today=date(2026, 11, 1))

    evaluation = request_evaluation(month=OCTOBER, at=first_of_november)
    run_evaluation(evaluation.pk)

    columns = ("operating", "growth", "service", "bonus", "total", "totals", "indicators")
    results = Assessment.objects.filter(evaluation=evaluation).order_by("agency_id")
    projections = Projection.objects.order_by("agency_id")
    assert list(results.values_list("agency", *columns)) == list(
        projections.filter(agency__in=results.values("agency")).values_list("agency", *columns)
    )
    result = results.get(agency=house.strong)
    assert (projected.stage, projected.level) == (result.stage, result.level)
    assert (projected.complete, projected.days_left) == (True, 0)


def test_the_l5_day_is_the_day_the_facts_reach(house: House) -> None:
    left, joined = CreatorFactory.create(), CreatorFactory.create()
    # bound on the 3rd, the last day with facts, and gone on the 4th: counts
    BindingFactory.create(
        agency=house.strong, creator=left, bound_from=OCTOBER, bound_until=date(2026, 11, 4)
    )
    # gone on the 3rd already: does not
    BindingFactory.create(
        agency=house.strong, creator=joined, bound_from=OCTOBER, bound_until=date(2026, 11, 3)
    )
    _deliver(left, NOVEMBER, 3)
    _deliver(joined, NOVEMBER, 3)
    project(at=NOW)
    found = _shown(house.strong)
    assert found.totals is not None
    assert found.values["l5_creators"] == 2
    assert found.totals.creator_days == 3 + 3 + 2


def test_a_deduction_of_today_shows_at_once(house: House) -> None:
    project(at=NOW)
    assert _shown(house.strong, credit=80).level == "V3"
    fallen = _shown(house.strong, credit=79)
    assert (fallen.stage, fallen.level, fallen.credit) == ("observation", "", 79)
    assert fallen.total == Decimal("658.01")


def test_percentiles_compare_those_who_would_be_assessed_with_today_s_credit(house: House) -> None:
    rival = AgencyFactory.create(code="rival")
    other = CreatorFactory.create()
    BindingFactory.create(agency=rival, creator=other)
    _deliver(other, NOVEMBER, 3, settled_cents=900_000_000)
    project(at=NOW)
    assert _shown(house.strong).percentiles["settled_amount"] == Decimal("0.0")

    case = ViolationFactory.create(agency=rival, decided_on=TODAY, points=41)
    deduct([Deduction(rival.pk, case.pk, 41, TODAY, case.reference)], at=NOW)
    project(at=NOW + timedelta(days=1))
    assert _shown(house.strong).percentiles["settled_amount"] == Decimal("100.0")


def test_a_month_that_is_over_counts_the_credit_of_its_last_day(house: House) -> None:
    rival = AgencyFactory.create(code="rival")
    other = CreatorFactory.create()
    BindingFactory.create(agency=rival, creator=other)
    _deliver(house.star, OCTOBER, 31)
    _deliver(other, OCTOBER, 31, settled_cents=900_000_000)
    first, second = date(2026, 11, 1), date(2026, 11, 2)
    for agency in (rival, house.strong):
        case = ViolationFactory.create(agency=agency, decided_on=first, points=50)
        deduct([Deduction(agency.pk, case.pk, 50, first, case.reference)], at=NOW)
    assert project(at=NOW.replace(day=2)) is not None

    found = projection_of(house.strong, lines=lines_of(house.strong.pk), today=second)

    assert found is not None
    assert (found.credit, found.credit_on) == (120, date(2026, 10, 31))
    assert (found.stage, found.level, found.over) == ("assessed", "V4", True)
    assert found.percentiles["settled_amount"] == Decimal("0.0")  # the rival is assessed as well


def test_days_without_facts_are_counted(house: House) -> None:
    deliver_facts({(house.star, date(2026, 11, 14)): STRONG})  # 4 to 13 November are missing
    run = project(at=NOW)
    assert run is not None
    assert (run.days, run.data_through) == (4, date(2026, 11, 14))
    found = _shown(house.strong, today=date(2026, 11, 15))
    assert (found.days, found.days_missing, found.days_left) == (4, 10, 16)
    late = _shown(house.strong, today=TODAY)
    assert (late.days, late.days_missing, late.days_left) == (4, 17, 9)


def test_a_month_with_gaps_is_not_complete(house: House) -> None:
    days = [OCTOBER + timedelta(days=n) for n in range(31) if n != 9]
    deliver_facts({(house.star, day): STRONG for day in days})
    assert project(at=NOW) is not None
    found = _shown(house.strong, today=date(2026, 11, 2))
    assert (found.complete, found.over) == (False, True)
    assert (found.days, found.days_missing, found.days_left) == (30, 1, 0)


def test_novices_and_agencies_without_creators_have_theirs(house: House) -> None:
    project(at=NOW)
    fresh = _shown(house.fresh)
    assert (fresh.stage, fresh.level, fresh.total, fresh.totals) == ("novice", "", None, None)
    assert (fresh.values, fresh.points) == ({}, {})
    quiet = _shown(house.quiet)
    assert (quiet.stage, quiet.service, quiet.values["reputation"]) == (
        "observation",
        Decimal("0.00"),
        None,
    )


def test_a_novice_of_a_corrected_joining_day_is_shown_without_points(house: House) -> None:
    project(at=NOW)
    house.strong.joined_on = date(2026, 10, 15)
    assert (_shown(house.strong).stage, _shown(house.strong).total) == ("novice", None)


def test_removed_agencies_have_none(house: House) -> None:
    Agency.objects.filter(pk=house.quiet.pk).update(removed_on=TODAY)
    Agency.objects.filter(pk=house.fresh.pk).update(removed_on=TODAY + timedelta(days=1))
    project(at=NOW)
    assert set(Projection.objects.values_list("agency__code", flat=True)) == {"strong", "fresh"}
    house.strong.removed_on = TODAY
    assert projection_of(house.strong, lines=_lines(120), today=TODAY) is None


def test_an_agency_without_a_projection_has_none(house: House) -> None:
    assert projection_of(house.strong, lines=_lines(120), today=TODAY) is None


def test_a_published_month_has_a_result_instead(house: House) -> None:
    project(at=NOW)
    evaluation = EvaluationFactory.create(month=NOVEMBER)
    assert projection_of(house.strong, lines=_lines(120), today=TODAY) is None
    type(evaluation).objects.update(state="superseded")
    assert projection_of(house.strong, lines=_lines(120), today=TODAY) is not None


def test_a_projection_older_than_the_newest_full_month_is_not_shown(house: House) -> None:
    project(at=NOW)
    assert projection_of(house.strong, lines=_lines(120), today=date(2026, 12, 31)) is not None
    assert projection_of(house.strong, lines=_lines(120), today=date(2027, 1, 1)) is None


def test_the_full_month_is_projected_until_its_result_is_published(house: House) -> None:
    _deliver(house.star, OCTOBER, 31)
    held_back = project(at=NOW)
    assert held_back is not None
    assert held_back.month == OCTOBER

    evaluation = request_evaluation(month=OCTOBER, at=NOW)
    run_evaluation(evaluation.pk)
    publish(evaluation_id=evaluation.pk, at=NOW)

    assert projection_due(NOW)
    running = project(at=NOW)
    assert running is not None
    assert (running.month, running.data_through) == (NOVEMBER, date(2026, 11, 3))


def test_nothing_is_due_without_facts(transactional_db: None) -> None:
    assert not projection_due(NOW)
    assert project(at=NOW) is None


def test_nothing_is_due_for_months_before_the_newest_full_one(transactional_db: None) -> None:
    deliver_facts({(CreatorFactory.create(), date(2026, 9, 30)): {}})
    assert not projection_due(NOW)


def test_nothing_is_due_without_rules(house: House) -> None:
    RulebookVersion.objects.update(state="retired")
    assert not projection_due(NOW)
    assert project(at=NOW) is None


def test_it_is_due_once_for_each_change(house: House) -> None:
    assert projection_due(NOW)
    first = project(at=NOW)
    assert not projection_due(NOW)
    assert project(at=NOW) is None

    deliver_facts({(house.star, NOVEMBER): {**STRONG, "settled_cents": 1}})  # a correction
    assert projection_due(NOW)
    second = project(at=NOW)
    assert (first is None, second is None) == (False, False)
    assert _shown(house.strong).values["settled_amount"] == Decimal("10000000.01")

    assert projection_due(NOW + timedelta(days=1))  # credit and bindings may have moved
    assert list(ProjectionRun.objects.all()) == [second]


def test_asking_whether_it_is_due_takes_five_queries(
    house: House, django_assert_num_queries: Any
) -> None:
    project(at=NOW)
    with django_assert_num_queries(5):
        projection_due(NOW)


def test_two_at_once_write_once(house: House) -> None:
    together = Barrier(2)

    def run(_: int) -> int | None:
        together.wait()
        try:
            done = project(at=NOW)
            return done.pk if done else None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, range(2)))

    assert sorted(each is None for each in done) == [False, True]
    assert ProjectionRun.objects.count() == 1
    assert Projection.objects.count() == 3


def test_a_run_that_was_overtaken_writes_nothing(house: House) -> None:
    first = project(at=NOW)
    assert first is not None
    late = ProjectionRun(
        month=first.month,
        data_through=first.data_through,
        rulebook=first.rulebook,
        days=3,
        inputs="0" * 64,
        computed_at=NOW,
    )
    assert _replaced(late, [], seen=None) is False
    assert Projection.objects.filter(run=first).count() == 3


def test_a_run_that_dies_leaves_the_old_ones_as_they_were(house: House) -> None:
    first = project(at=NOW)
    deliver_facts({(house.star, date(2026, 11, 4)): STRONG})

    def dies(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith('DELETE FROM "scoring_projectionrun"'):
            raise RuntimeError("out of memory")
        return execute(sql, *args)

    with connection.execute_wrapper(dies), pytest.raises(RuntimeError, match="out of memory"):
        project(at=NOW)

    assert list(ProjectionRun.objects.all()) == [first]
    assert Projection.objects.filter(run=first).count() == 3
    assert projection_due(NOW)
    assert project(at=NOW) is not None  # and the lock was let go


def test_a_day_that_arrives_meanwhile_makes_it_due_again(house: House) -> None:
    arrived = []

    def arrives(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith('INSERT INTO "scoring_projectionrun"') and not arrived:
            arrived.append(True)
            deliver_facts({(house.star, date(2026, 11, 4)): STRONG})
        return execute(sql, *args)

    with connection.execute_wrapper(arrives):
        run = project(at=NOW)

    assert run is not None
    assert run.data_through == date(2026, 11, 3)
    assert projection_due(NOW)


def test_agencies_that_are_gone_lose_theirs(house: House) -> None:
    project(at=NOW)
    Agency.objects.filter(pk=house.quiet.pk).update(removed_on=TODAY)
    project(at=NOW + timedelta(days=1))
    assert not Projection.objects.filter(agency=house.quiet).exists()


def test_the_job_does_what_is_due_and_no_more(house: House) -> None:
    with time_machine.travel(NOW, tick=False):
        project_job()
        project_job()
    assert ProjectionRun.objects.count() == 1


def test_an_import_rings_when_it_is_committed_and_only_if_it_matters(house: House) -> None:
    queue = django_rq.get_queue("default")
    queue.empty()
    with time_machine.travel(NOW, tick=False):
        with transaction.atomic():
            facts_imported.send(None, days=[NOVEMBER], at=NOW)
            assert queue.count == 0
        assert [job.func_name for job in queue.jobs] == ["scoring.jobs.project"]
        project_job()
        queue.empty()
        with transaction.atomic():
            facts_imported.send(None, days=[NOVEMBER], at=NOW)
    assert queue.count == 0


def test_a_queue_that_is_away_fails_no_import(house: House, settings: Any) -> None:
    EvaluationFactory.create(month=OCTOBER)
    settings.RQ_QUEUES = {"default": {"URL": "unix:///nowhere/valkey.sock?db=0"}}
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        facts_imported.send(None, days=[NOVEMBER], at=NOW)
    assert settle(now=NOW) == []
    assert projection_due(NOW)


def test_reconcile_rings_until_it_is_done(house: House) -> None:
    EvaluationFactory.create(month=OCTOBER)
    assert settle(now=NOW) == ["rang for projections"]
    project(at=NOW)
    assert settle(now=NOW) == []


def test_a_run_lies_within_its_month(house: House) -> None:
    run = project(at=NOW)
    assert run is not None
    for wrong in (
        {"month": date(2026, 11, 2)},
        {"data_through": date(2026, 10, 31)},
    ):
        with (
            pytest.raises(IntegrityError, match="projection_run_within_its_month"),
            transaction.atomic(),
        ):
            ProjectionRun.objects.filter(pk=run.pk).update(**wrong)


@pytest.mark.parametrize("days", [0, 4])
def test_a_run_has_days_with_facts_but_no_more_than_there_are(house: House, days: int) -> None:
    run = project(at=NOW)
    assert run is not None
    with (
        pytest.raises(IntegrityError, match="projection_run_has_days_with_facts"),
        transaction.atomic(),
    ):
        ProjectionRun.objects.filter(pk=run.pk).update(days=days)


def test_the_days_of_a_run_from_before_they_were_kept_are_counted(house: House) -> None:
    deliver_facts({(house.star, date(2026, 11, 14)): STRONG})
    deliver_facts({(house.star, date(2026, 11, 14)): {**STRONG, "settled_cents": 1}})
    run = project(at=NOW)
    assert run is not None
    ProjectionRun.objects.update(days=1)
    statement = import_module("scoring.migrations.0005_days_with_facts").COUNT
    with connection.cursor() as cursor:
        cursor.execute(statement)
    run.refresh_from_db()
    assert run.days == 4


def test_bindings_that_begin_after_the_facts_do_not_count(house: House) -> None:
    later = CreatorFactory.create()
    Binding.objects.create(
        agency=house.quiet, creator=later, bound_from=date(2026, 11, 4), bound_until=None
    )
    project(at=NOW)
    totals = _shown(house.quiet).totals
    assert totals is not None
    assert totals == replace(totals, creator_days=0)
