"""`evaluate` and `export_assessments`: what they say, and with which code they end."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import django_rq
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from rq import Worker

from agencies.enums import Stage
from scoring.enums import Cause, EvaluationState
from scoring.evaluation.staleness import mark_stale
from scoring.models import Evaluation, FactPart
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    CreatorFactory,
    EvaluationFactory,
)
from tests.factories.facts import deliver_facts
from tests.faults import processes
from tests.scoring.conftest import JULY, JUNE, NOW, Platform, published

COMPUTED = "is computed: 1 novice, 2 assessed, 1 observation.\n"


def run(command: str, *arguments: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a command."""
    out, err = StringIO(), StringIO()
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), f"{err.getvalue()}{error}\n"
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def _in_august() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def _no_worker() -> None:
    """Nobody works, and nobody is remembered who was killed."""
    django_rq.get_connection("default").flushdb()


@pytest.mark.usefixtures("_in_august")
class TestEvaluate:
    def test_it_computes_here_with_now(self, platform: Platform) -> None:
        assert run("evaluate", "2026-07", "--now") == (0, f"2026-07 r1 {COMPUTED}", "")
        evaluation = Evaluation.objects.get()
        assert (evaluation.month, evaluation.state) == (JULY, EvaluationState.COMPUTED)
        assert evaluation.published_at is None
        # with unchanged inputs it is not computed again
        assert run("evaluate", "2026-07", "--now") == (0, f"2026-07 r1 {COMPUTED}", "")
        assert Evaluation.objects.get().attempt == 1

    def test_it_publishes_what_the_gate_passes_and_leaves_it_alone_then(
        self, platform: Platform
    ) -> None:
        assert run("evaluate", "2026-07", "--now", "--publish") == (
            0,
            f"2026-07 r1 {COMPUTED}2026-07 r1 is published.\n",
            "",
        )
        evaluation = Evaluation.objects.get()
        assert evaluation.state == EvaluationState.PUBLISHED
        assert evaluation.release_reason == ""

        for more in ([], ["--publish"], ["--now", "--publish"], ["--release", "why not"]):
            assert run("evaluate", "2026-07", *more) == (
                0,
                "2026-07 r1 is published and its inputs are unchanged: left alone."
                " --again REASON makes a new revision.\n",
                "",
            )
        assert Evaluation.objects.get().events.count() == 4

    def test_what_was_only_computed_can_be_published_later(self, platform: Platform) -> None:
        run("evaluate", "2026-07", "--now")
        code, out, _ = run("evaluate", "2026-07", "--publish")
        assert (code, out.splitlines()[-1]) == (0, "2026-07 r1 is published.")
        assert Evaluation.objects.get().state == EvaluationState.PUBLISHED

    def test_changed_inputs_make_a_new_revision(self, platform: Platform) -> None:
        run("evaluate", "2026-07", "--now", "--publish")
        deliver_facts({(platform.star, JULY): {"settled_cents": 1}})
        mark_stale(JULY, JULY, at=timezone.now(), cause=Cause.FACTS)
        code, out, _ = run("evaluate", "2026-07", "--now")
        why = "2026-07 r2 is computed because facts arrived late or were corrected.\n"
        assert (code, out) == (0, f"{why}2026-07 r2 {COMPUTED}")
        states = Evaluation.objects.order_by("revision").values_list("state", flat=True)
        assert list(states) == ["published", "computed"]

    def test_again_makes_a_new_revision_with_its_reason(self, platform: Platform) -> None:
        run("evaluate", "2026-07", "--now", "--publish")
        code, out, _ = run(
            "evaluate", "2026-07", "--now", "--publish", "--again", "we looked twice"
        )
        first, *_, last = out.splitlines()
        assert (code, last) == (0, "2026-07 r2 is published.")
        assert first == (
            "2026-07 r2 is computed because somebody asked for it again (we looked twice)."
        )
        states = Evaluation.objects.order_by("revision").values_list("state", "reason")
        assert list(states) == [("superseded", ""), ("published", "we looked twice")]

    def test_an_appeal_that_changed_no_result_is_told(self, platform: Platform) -> None:
        run("evaluate", "2026-07", "--now", "--publish")
        deliver_facts({(CreatorFactory.create(), JULY): {}})  # bound to nobody
        mark_stale(JULY, JULY, at=timezone.now(), cause=Cause.APPEAL)
        assert run("evaluate", "2026-07", "--now", "--publish") == (
            0,
            "2026-07 r2 is computed because an appeal was decided.\n"
            "2026-07 r2 gave the published result once more and was set aside: nothing to"
            " publish.\n",
            "",
        )

    def test_what_the_gate_holds_is_told_and_exits_3(self, platform: Platform) -> None:
        FactPart.objects.filter(day__in=[date(2026, 7, 9), date(2026, 7, 10)]).delete()
        code, out, err = run("evaluate", "2026-07", "--now", "--publish")
        assert (code, out) == (3, f"2026-07 r1 {COMPUTED}")
        assert err.splitlines() == [
            "Held: 2 days have no facts: 2026-07-09, 2026-07-10. Import them and evaluate again.",
            "2026-07 r1 is computed but not published. --release REASON publishes it all the same.",
        ]
        assert Evaluation.objects.get().state == EvaluationState.COMPUTED

    def test_a_release_publishes_what_is_held_and_records_why(self, platform: Platform) -> None:
        FactPart.objects.filter(day=date(2026, 7, 9)).delete()
        assert run("evaluate", "2026-07", "--now", "--publish")[0] == 3
        code, out, _ = run("evaluate", "2026-07", "--release", "the day is lost")
        assert (code, out.splitlines()[-1]) == (0, "2026-07 r1 is published.")
        evaluation = Evaluation.objects.get()
        assert evaluation.release_reason == "the day is lost"
        assert evaluation.events.get(to_state="published").reason == "the day is lost"

    def test_release_computes_and_publishes_at_once(self, platform: Platform) -> None:
        FactPart.objects.filter(day=date(2026, 7, 9)).delete()
        code, _, _ = run("evaluate", "2026-07", "--now", "--publish", "--release", "lost")
        assert code == 0
        assert Evaluation.objects.get().release_reason == "lost"

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("month", "named"), [("2026-08", "August 2026"), ("2026-09", "September 2026")]
    )
    def test_a_month_that_is_not_over_is_refused(self, month: str, named: str) -> None:
        AgencyFactory.create()
        code, out, err = run("evaluate", month, "--now")
        assert (code, out) == (1, "")
        assert err == (
            f"{named} is not over yet: it can be evaluated from the first day of the next month"
            " on.\n"
        )
        assert not Evaluation.objects.exists()

    @pytest.mark.django_db
    def test_a_month_before_the_first_agency(self) -> None:
        AgencyFactory.create(joined_on=date(2024, 1, 1))
        code, out, err = run("evaluate", "2023-12", "--now")
        assert (code, out) == (1, "")
        assert err == (
            "No agency had joined by the end of December 2023: import the agencies first.\n"
        )

    @pytest.mark.parametrize("text", ["2026-7", "2026-13", "July", "2026-07-01", ""])
    def test_what_is_no_month(self, text: str) -> None:
        code, out, err = run("evaluate", text)
        assert (code, out) == (1, "")
        assert err == f"{text!r} is not a month: write it as YYYY-MM.\n"

    def test_a_failed_run_exits_1_and_says_why(self, platform: Platform, settings: Any) -> None:
        part = FactPart.objects.current().get(day=JULY)
        (settings.FACTS_DIR / part.path).unlink()
        code, out, err = run("evaluate", "2026-07", "--now", "--publish")
        assert (code, out) == (1, "")
        assert err.startswith("2026-07 r1 failed: ")
        assert part.path in err
        assert Evaluation.objects.get().state == EvaluationState.REQUESTED

    @pytest.mark.usefixtures("_no_worker")
    def test_without_a_worker_it_says_how_to_start_one(self, platform: Platform) -> None:
        code, out, err = run("evaluate", "2026-07", "--publish")
        assert (code, out) == (1, "")
        assert err == (
            "No worker is running. Start one with: python manage.py rqworker default, or compute"
            " in this process with --now. 2026-07 r1 stays asked for.\n"
        )
        evaluation = Evaluation.objects.get()
        assert evaluation.state == EvaluationState.REQUESTED
        assert evaluation.publish_when_computed

    def test_without_a_queue_it_says_so_and_the_request_stays(
        self, platform: Platform, settings: Any, tmp_path: Any
    ) -> None:
        settings.RQ_QUEUES = {"default": {"URL": f"unix://{tmp_path}/none.sock"}}
        code, out, err = run("evaluate", "2026-07")
        assert (code, out) == (1, "")
        assert err.startswith("The queue cannot be reached (")
        assert "Start one with: python manage.py rqworker default" in err
        assert Evaluation.objects.get().state == EvaluationState.REQUESTED

    @pytest.mark.usefixtures("_no_worker")
    def test_a_worker_computes_it_while_the_command_watches(self, platform: Platform) -> None:
        worker = processes.start("manage.py", "rqworker", "default", output=-3)
        try:
            queue = django_rq.get_queue("default")
            processes.until(lambda: Worker.count(queue=queue) == 1, "the worker is there")
            code, out, _ = run("evaluate", "2026-07", "--publish")
        finally:
            worker.terminate()
            worker.wait()
        assert (code, out) == (0, f"2026-07 r1 {COMPUTED}2026-07 r1 is published.\n")
        assert Evaluation.objects.get().attempt == 1


HEADER = (
    "agency_code,month,stage,level,total,operating,growth,service,bonus,credit,"
    "settled_amount,settled_amount_points,settled_orders,settled_orders_points,"
    "l5_creators,l5_creators_points,"
    "live_minutes_per_creator_day,live_minutes_per_creator_day_points,"
    "showcase_share,showcase_share_points,showcase_creators,showcase_creators_points,"
    "good_goods_share,good_goods_share_points,reputation,reputation_points,"
    "worry_free_orders,worry_free_orders_points"
)


class TestExportAssessments:
    def test_columns_and_values_of_a_computed_month(self, platform: Platform) -> None:
        published(JULY)
        code, out, err = run("export_assessments", "2026-07")
        assert (code, err) == (0, "")
        assert out.splitlines() == [
            HEADER,
            "fresh,2026-07,novice,,,,,,,120" + "," * 18,
            "quiet,2026-07,observation,,0.00,0.00,0.00,0.00,0.00,120,"
            "0.00,0.00,0,0.00,0,0.00,0.0000,0.00,0.000000,0.00,0,0.00,0.000000,0.00,,0.00,0,0.00",
            "strong,2026-07,assessed,V4,739.74,389.44,166.00,175.00,9.30,120,"
            "155000000.00,220.00,620000,99.44,1,20.00,60.0000,50.00,"
            "0.200000,100.00,1,6.00,0.300000,60.00,4.6000,175.00,310,9.30",
            "weak,2026-07,assessed,V2,407.20,109.40,113.50,175.00,9.30,120,"
            "31000.00,12.40,3100,27.00,1,20.00,60.0000,50.00,"
            "0.100000,65.00,1,6.00,0.200000,42.50,4.6000,175.00,310,9.30",
        ]

    def test_rows_are_in_the_order_of_code_points(self, db: None) -> None:
        evaluation = EvaluationFactory.create()
        for code in ("a1", "_x", "B2", "9", "10", "-y", "Z"):
            AssessmentFactory.create(evaluation=evaluation, agency=AgencyFactory(code=code))
        _, out, _ = run("export_assessments", "2026-10")
        codes = [row["agency_code"] for row in csv.DictReader(StringIO(out))]
        assert codes == ["-y", "10", "9", "B2", "Z", "_x", "a1"]

    def test_novices_have_credit_and_no_points_observed_ones_have_all(self, db: None) -> None:
        evaluation = EvaluationFactory.create()
        for stage in Stage:
            AssessmentFactory.create(
                evaluation=evaluation, agency=AgencyFactory(code=stage), stage=stage, credit=79
            )
        _, out, _ = run("export_assessments", "2026-10")
        rows = {row["stage"]: row for row in csv.DictReader(StringIO(out))}
        assert {stage: row["credit"] for stage, row in rows.items()} == {
            "assessed": "79",
            "novice": "79",
            "observation": "79",
        }
        filled = {key for key, value in rows["novice"].items() if value}
        assert filled == {"agency_code", "month", "stage", "credit"}
        assert {key for key, value in rows["observation"].items() if not value} == {"level"}
        assert {key for key, value in rows["assessed"].items() if not value} == set()
        points = [key for key in rows["assessed"] if key.endswith("_points")]
        assert len(points) == 9
        for key in ["total", "operating", "growth", "service", "bonus", *points]:
            assert len(rows["assessed"][key].partition(".")[2]) == 2
            assert rows["assessed"][key] == rows["observation"][key]

    def test_the_published_revision_counts_unless_the_latest_is_wanted(self, db: None) -> None:
        agency = AgencyFactory.create()
        computed_at = datetime(2026, 11, 3, tzinfo=UTC)
        for revision, state, credit in [
            (1, EvaluationState.SUPERSEDED, 101),
            (2, EvaluationState.PUBLISHED, 102),
            (3, EvaluationState.COMPUTED, 103),
        ]:
            AssessmentFactory.create(
                evaluation=EvaluationFactory.create(
                    revision=revision, state=state, computed_at=computed_at
                ),
                agency=agency,
                credit=credit,
            )

        def credit(*more: str) -> list[str]:
            _, out, _ = run("export_assessments", "2026-10", *more)
            return [row["credit"] for row in csv.DictReader(StringIO(out))]

        assert (credit(), credit("--latest")) == (["102"], ["103"])
        Evaluation.objects.filter(revision=3).update(state=EvaluationState.SUPERSEDED)
        EvaluationFactory.create(revision=4, state=EvaluationState.REQUESTED)
        assert (credit(), credit("--latest")) == (["102"], ["103"])

    def test_latest_is_enough_where_nothing_is_published(self, platform: Platform) -> None:
        with time_machine.travel(NOW):
            run("evaluate", "2026-06", "--now")
        code, out, err = run("export_assessments", "2026-06", "--latest")
        assert (code, err, out.splitlines()[0]) == (0, "", HEADER)
        assert [row["agency_code"] for row in csv.DictReader(StringIO(out))] == [
            "quiet",
            "strong",
            "weak",
        ]
        assert run("export_assessments", f"{JUNE:%Y-%m}") == (
            1,
            "",
            "Nothing is published for 2026-06: ask for it with evaluate 2026-06.\n",
        )

    def test_with_nothing_to_give_there_is_only_a_sentence(self, db: None) -> None:
        EvaluationFactory.create(state=EvaluationState.REQUESTED)
        assert run("export_assessments", "2026-10") == (
            1,
            "",
            "Nothing is published for 2026-10: ask for it with evaluate 2026-10.\n",
        )
        assert run("export_assessments", "2026-10", "--latest") == (
            1,
            "",
            "Nothing is computed for 2026-10: ask for it with evaluate 2026-10.\n",
        )

    def test_what_is_no_month(self) -> None:
        assert run("export_assessments", "10-2026") == (
            1,
            "",
            "'10-2026' is not a month: write it as YYYY-MM.\n",
        )
