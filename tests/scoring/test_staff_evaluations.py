"""The desk of evaluations: the list, asking, one revision with its report, publishing."""

from __future__ import annotations

import re
from datetime import date, timedelta

import django_rq
import pytest
from django.test import Client

from agencies.enums import Stage
from agencies.models import Agency
from portal.models import StaffLook
from scoring.enums import Cause, DisputeState, EvaluationState
from scoring.evaluation.gate import gate_report
from scoring.models import Evaluation, EvaluationEvent, FactPart
from tests.agencies.desk import closed_to_support, queries, refused_to_outsiders, said, told
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory
from tests.factories.evaluations import (
    AT,
    OCTOBER,
    computed_revision,
    dispute_of,
    mark_of,
    parts_of,
    release_of,
)
from tests.factories.rulebooks import draft, rules
from tests.factories.staff import operator, signed_in, supporter
from tests.portal.conftest import lost_queue, queue, queue_dir

__all__ = ["lost_queue", "queue", "queue_dir"]

pytestmark = pytest.mark.django_db
LIST = "/staff/evaluations/"
ASK = f"{LIST}ask/"
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def page_of(evaluation: Evaluation) -> str:
    return f"{LIST}{evaluation.pk}/"


def publish_at(evaluation: Evaluation) -> str:
    return f"{page_of(evaluation)}publish/"


@pytest.fixture
def client() -> Client:
    return signed_in(operator(name="运营"))


class TestList:
    def test_the_newest_month_and_revision_stand_first(self, client: Client) -> None:
        EvaluationFactory.create(month=SEPTEMBER, revision=1, state=EvaluationState.SUPERSEDED)
        EvaluationFactory.create(month=SEPTEMBER, revision=2)
        computed_revision(requested_by=operator(name="王敏"))
        page = said(client.get(LIST))
        places = [page.index(f">{name}</a>") for name in ("2026-10 r1", "2026-09 r2", "2026-09 r1")]
        assert places == sorted(places)
        assert "王敏 ·" in page

    def test_it_says_what_is_held_proposed_and_out_of_date(self, client: Client) -> None:
        mark_of(EvaluationFactory.create(month=SEPTEMBER), Cause.APPEAL)
        release_of(computed_revision(facts=False))
        page = said(client.get(LIST))
        assert '<span class="mark mark-warn">held</span>' in page
        assert "a release waits for a second person" in page
        assert "An appeal was decided" in page

    def test_causes_before_the_mark_that_counts_are_left_out(self, client: Client) -> None:
        evaluation = EvaluationFactory.create()
        mark_of(evaluation, Cause.RULES)
        Evaluation.objects.update(stale_since=None)
        mark_of(evaluation, Cause.BINDINGS, at=AT + timedelta(hours=1))
        page = said(client.get(LIST))
        assert "Bindings of creators were corrected" in page
        assert "Another version of the rules" not in page

    def test_filters_in_the_address_narrow_it(self, client: Client) -> None:
        EvaluationFactory.create(month=AUGUST, stale_since=AT)
        EvaluationFactory.create(month=SEPTEMBER)
        release_of(computed_revision(facts=False))

        def found(query: str) -> list[str]:
            page = said(client.get(f"{LIST}?{query}"))
            return [name for name in ("2026-08", "2026-09", "2026-10") if f">{name} r1</a>" in page]

        assert found("month=2026-09") == ["2026-09"]
        assert found("state=computed") == ["2026-10"]
        assert found("needs=stale") == ["2026-08"]
        assert found("needs=held") == ["2026-10"]
        assert found("needs=release") == ["2026-10"]
        assert found("month=soon") == []
        assert "Nothing fits these filters." in said(client.get(f"{LIST}?state=failed"))

    def test_a_list_of_three_asks_no_more_than_a_list_of_one(self, client: Client) -> None:
        mark_of(computed_revision(requested_by=operator()))
        client.get(LIST)
        few = queries(client, LIST)
        for month in (AUGUST, SEPTEMBER):
            mark_of(EvaluationFactory.create(month=month, requested_by=operator()))
        assert queries(client, LIST) == few <= 14


class TestAsk:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("queue")
    def test_asking_makes_one_row_and_rings_for_it(self) -> None:
        AgencyFactory.create()
        actor = operator()
        client = signed_in(actor)
        response = client.post(ASK, {"month": "2026-10", "reason": ""})
        asked = Evaluation.objects.get()
        assert response["Location"] == page_of(asked)
        assert (asked.month, asked.state, asked.requested_by) == (OCTOBER, "requested", actor)
        assert told(response) == ["2026-10 r1 is asked for."]
        client.post(ASK, {"month": "2026-10"})
        assert Evaluation.objects.count() == 1
        assert len(django_rq.get_queue("default").job_ids) == 2

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("lost_queue")
    def test_asking_without_a_queue_says_that_it_waits(self) -> None:
        AgencyFactory.create()
        assert told(signed_in(operator()).post(ASK, {"month": "2026-10"})) == [
            "2026-10 r1 is asked for. The queue does not answer now; it is computed when the queue "
            "is back."
        ]

    @pytest.mark.parametrize(
        ("month", "field", "sentence"),
        [
            ("October", "month", "Write the month as 2026-01."),
            ("2026-13", "month", "Write the month as 2026-01."),
            ("2026-00", "month", "Write the month as 2026-01."),
            ("", "month", "This field is required."),
            ("2020-01", "__all__", "No agency had joined by the end of January 2020"),
        ],
    )
    def test_a_month_that_cannot_be_asked_for_is_refused(
        self, client: Client, month: str, field: str, sentence: str
    ) -> None:
        response = client.post(ASK, {"month": month})
        assert response.status_code == 200
        assert response.context["form"].errors[field][0].startswith(sentence)
        assert not Evaluation.objects.exists()

    def test_a_published_month_needs_a_reason(self, client: Client) -> None:
        EvaluationFactory.create()
        response = client.post(ASK, {"month": "2026-10", "reason": " "})
        assert response.context["form"].errors == {
            "reason": ["This month is published: say why it is computed again."]
        }
        assert Evaluation.objects.count() == 1

    def test_the_month_of_the_address_is_filled_in(self, client: Client) -> None:
        assert 'value="2026-09"' in said(client.get(f"{ASK}?month=2026-09"))


class TestReport:
    def test_the_verdict_is_one_sentence_for_a_manager(self, client: Client) -> None:
        risen, fallen, same, new = AgencyFactory.create_batch(4)
        computed_levels = ({"agency": risen, "level": "V2"}, {"agency": fallen, "level": "V4"})
        september = computed_revision(
            month=SEPTEMBER,
            results=(*computed_levels, {"agency": same}, {"agency": new, "stage": Stage.NOVICE}),
        )
        Evaluation.objects.filter(pk=september.pk).update(state="published", published_at=AT)
        results = [{"agency": agency} for agency in (risen, fallen, same)]
        october = computed_revision(
            results=[*results, {"agency": new, "stage": Stage.OBSERVATION, "level": ""}]
        )
        page = said(client.get(page_of(october)))
        assert "Ready to be published" in page
        assert "Publication would change 3 of 4 agencies: 1 rise, 1 fall." in page
        assert "25% of the agencies change their stage against September 2026." in page
        assert "8 movements are worth a look first." in page
        matrix = client.get(page_of(october)).context["gate"].last_month.matrix
        assert matrix.columns == ("Observation stage", "V3")
        assert [(row.label, [cell.agencies for cell in row.cells]) for row in matrix.rows] == [
            ("Novice stage", [1, 0]),
            ("V2", [0, 1]),
            ("V3", [0, 1]),
            ("V4", [0, 1]),
        ]

    def test_sums_of_the_platform_that_fell_are_pointed_at(self, client: Client) -> None:
        october = computed_revision()
        october.gate["last_month"] = {
            "evaluation": october.pk,
            "month": "2026-09",
            "revision": 1,
            "agencies": 9,
            "changed": 0,
            "stages": 0,
            "levels": 0,
            "points": 0,
            "migration": [],
            "movers": [],
            "sums": {"settled_cents": [10_000_000_00, 6_000_000_00]},
        }
        Evaluation.objects.filter(pk=october.pk).update(
            gate=october.gate, state="published", published_at=AT
        )
        page = said(client.get(page_of(october)))
        assert "Settled amount of all agencies together: −40% against September 2026." in page
        assert "Publication changed no agency." in page

    def test_the_largest_movers_are_named_with_their_pages(self, client: Client) -> None:
        september = EvaluationFactory.create(month=SEPTEMBER)
        for number, total in enumerate(("100.00", "1000.00")):
            AssessmentFactory.create(
                evaluation=september, agency=AgencyFactory.create(code=f"M{number}"), total=total
            )
        october = computed_revision(results=[{"agency": each} for each in Agency.objects.all()])
        response = client.get(page_of(october))
        risen, fallen = response.context["movers"]
        assert [each.code for each in risen] == ["M0"]
        assert [each.code for each in fallen] == ["M1"]
        assert f"/admin/agencies/agency/{risen[0].agency_id}/change/" in said(response)

    def test_a_correction_is_laid_beside_what_is_published(self, client: Client) -> None:
        one, other = AgencyFactory.create_batch(2)
        published = EvaluationFactory.create()
        AssessmentFactory.create(evaluation=published, agency=one, total="500.00", level="V2")
        AssessmentFactory.create(evaluation=published, agency=other)
        again = computed_revision(revision=2, results=[{"agency": one}, {"agency": other}])
        page = said(client.get(page_of(again)))
        assert "Against revision 1, which was published" in page
        assert "Publication would change 1 of 2 agencies: 1 rise, 0 fall." in page
        assert f"compare/?with={published.pk}" in page

    def test_a_report_that_compares_with_what_was_replaced_is_made_anew(
        self, client: Client
    ) -> None:
        agency = AgencyFactory.create()
        october = computed_revision(results=[{"agency": agency}])
        assert october.gate["last_month"] is None
        september = EvaluationFactory.create(month=SEPTEMBER)
        AssessmentFactory.create(evaluation=september, agency=agency, level="V2")
        page = said(client.get(page_of(october)))
        assert "Publication would change 1 of 1 agency: 1 rise, 0 fall." in page
        october.refresh_from_db()
        assert october.gate["last_month"] is None

    def test_what_holds_is_told_in_sentences(self, client: Client) -> None:
        evaluation = computed_revision(facts=False)
        evaluation.gate["findings"].append(
            {"code": "jumps", "moved": 12, "compared": 200, "share": "0.0600", "allowed": "0.05"}
        )
        evaluation.save(update_fields=["gate"])
        dispute_of(OCTOBER)
        page = said(client.get(page_of(evaluation)))
        assert "31 days of the month have no facts: October 1, October 2" in page
        assert "12 of 200 agencies move by more than one level: 6%, where 5% is allowed." in page
        assert "1 accepted dispute waits for the correction of its data." in page
        assert "Publish now" not in page

    def test_a_level_that_the_rules_have_no_more_is_still_one(self) -> None:
        before = EvaluationFactory.create(month=SEPTEMBER)
        short = draft(rules(levels=rules().levels[:2], benefits=()))
        now = EvaluationFactory.create(rulebook=short, state=EvaluationState.COMPUTED)
        for old, new in (("V5", "V1"), ("V2", "V2")):
            agency = AgencyFactory.create()
            AssessmentFactory.create(evaluation=before, agency=agency, level=old)
            AssessmentFactory.create(evaluation=now, agency=agency, level=new)
        finding = gate_report(now)["findings"][-1]
        assert (finding["code"], finding["moved"], finding["compared"]) == ("jumps", 1, 2)

    def test_a_corrected_dispute_holds_no_longer(self, client: Client) -> None:
        dispute = dispute_of(OCTOBER)
        evaluation = computed_revision()
        assert evaluation.gate["findings"] == [{"code": "disputes", "disputes": 1}]
        dispute.state, dispute.corrected_at = DisputeState.CORRECTED, AT
        dispute.save()
        assert "Ready to be published" in said(client.get(page_of(evaluation)))

    def test_days_say_what_is_missing_late_corrected_and_changed_since(
        self, client: Client
    ) -> None:
        evaluation = computed_revision()
        parts = parts_of(OCTOBER)
        evaluation.parts.remove(parts[0])
        FactPart.objects.filter(pk=parts[1].pk).update(created_at=AT)
        FactPart.objects.filter(pk=parts[2].pk).update(superseded_at=AT)
        newer = FactPart.objects.create(
            day=parts[2].day,
            sha256="f" * 64,
            rows=1,
            size=1,
            imported_file=parts[2].imported_file,
            replaces=parts[2],
            created_at=AT,
        )
        days = client.get(page_of(evaluation)).context["days"]
        assert (days.missing, days.late, days.corrected, days.changed) == (1, 1, 0, 2)
        evaluation.parts.remove(parts[2])
        evaluation.parts.add(newer)
        response = client.get(page_of(evaluation))
        days = response.context["days"]
        assert (days.missing, days.late, days.corrected, days.changed) == (1, 1, 1, 1)
        assert "facts-2026-10.csv" in said(response)

    def test_a_running_one_looks_again_and_shows_its_step(self, client: Client) -> None:
        running = EvaluationFactory.create(
            state=EvaluationState.RUNNING, step="score", progress=60, published_at=None
        )
        response = client.get(page_of(running))
        assert response["Refresh"] == "5"
        assert re.search(r'<progress max="100" value="60"', said(response))
        assert "Computing the points" in said(response)
        assert "Refresh" not in client.get(page_of(EvaluationFactory.create(month=SEPTEMBER)))

    def test_a_failed_one_shows_the_error(self, client: Client) -> None:
        failed = EvaluationFactory.create(
            state=EvaluationState.FAILED, failures=3, attempt=3, error="OSError: disk full"
        )
        page = said(client.get(page_of(failed)))
        assert "3 attempts failed." in page
        assert "OSError: disk full" in page

    def test_the_history_tells_who_did_what_and_why(self, client: Client) -> None:
        evaluation = EvaluationFactory.create(
            release_reason="Lost for good", cause=Cause.CHECK, reason="The file was doubted"
        )
        event = {"evaluation": evaluation, "at": AT}
        EvaluationEvent.objects.create(
            **event, to_state="running", attempt=2, actor=operator(name="王敏"), reason="killed"
        )
        EvaluationEvent.objects.create(**event, to_state="published", reason="Lost for good")
        EvaluationEvent.objects.create(**event, to_state="superseded", reason="unchanged")
        page = said(client.get(page_of(evaluation)))
        for words in (
            *("王敏", "Running, attempt 2", "killed", "The file was doubted"),
            *("Published: what the gate held was released", "an operator, on the command line"),
            *("released on the command line", "The platform computed the month again"),
            "It gave the published result once more.",
        ):
            assert words in page

    def test_the_look_is_written_down(self, client: Client) -> None:
        evaluation = computed_revision()
        client.get(page_of(evaluation))
        assert StaffLook.objects.get().path == page_of(evaluation)

    def test_it_asks_no_more_for_three_agencies_and_marks_than_for_one(
        self, client: Client
    ) -> None:
        september = EvaluationFactory.create(month=SEPTEMBER)
        agencies = AgencyFactory.create_batch(3)
        for agency in agencies:
            AssessmentFactory.create(evaluation=september, agency=agency, total="100.00")
        one = computed_revision(results=[{"agency": agencies[0]}])
        mark_of(one)
        client.get(page_of(one))
        few = queries(client, page_of(one))
        one.delete()
        three = computed_revision(results=[{"agency": each} for each in agencies])
        for cause in (Cause.FACTS, Cause.APPEAL, Cause.RULES):
            mark_of(three, cause)
        assert queries(client, page_of(three)) == few <= 16


class TestPublish:
    def test_a_confirmed_publication_publishes_once(self, client: Client) -> None:
        evaluation = computed_revision()
        assert "Publish now" in said(client.get(page_of(evaluation)))
        form = {"digest": evaluation.result_digest}
        answer = client.post(publish_at(evaluation), form)
        assert answer["Location"] == page_of(evaluation)
        assert told(answer) == ["2026-10 r1 is published."]
        evaluation.refresh_from_db()
        first = evaluation.published_at
        assert (evaluation.state, evaluation.published_by.name) == ("published", "运营")
        again = client.post(publish_at(evaluation), form)
        assert told(again)[-1] == "2026-10 r1 is already published."
        evaluation.refresh_from_db()
        assert evaluation.published_at == first
        assert set(Agency.objects.values_list("level", flat=True)) != {""}

    def test_what_the_gate_holds_is_not_published(self, client: Client) -> None:
        evaluation = computed_revision(facts=False)
        answer = client.post(publish_at(evaluation), {"digest": evaluation.result_digest})
        assert told(answer)[0] == "The gate holds the publication."
        evaluation.refresh_from_db()
        assert evaluation.state == EvaluationState.COMPUTED

    def test_a_result_that_changed_meanwhile_is_not_published(self, client: Client) -> None:
        evaluation = computed_revision()
        answer = client.post(publish_at(evaluation), {"digest": "3" * 64})
        assert told(answer)[0].startswith("The result was computed again")
        evaluation.refresh_from_db()
        assert evaluation.state == EvaluationState.COMPUTED

    @pytest.mark.parametrize(
        ("state", "sentence"),
        [
            (EvaluationState.REQUESTED, "2026-10 r1 is not computed yet."),
            (EvaluationState.FAILED, "2026-10 r1 failed: there is no result to publish."),
            (EvaluationState.SUPERSEDED, "2026-10 r1 was replaced by a newer revision."),
            (EvaluationState.PUBLISHED, "2026-10 r1 is already published."),
        ],
    )
    def test_what_is_not_computed_is_not_published(
        self, client: Client, state: EvaluationState, sentence: str
    ) -> None:
        evaluation = EvaluationFactory.create(state=state)
        assert told(client.post(publish_at(evaluation))) == [sentence]

    def test_a_confirmation_needs_its_token(self) -> None:
        evaluation = computed_revision()
        client = Client(enforce_csrf_checks=True)
        client.force_login(operator())
        form = {"digest": evaluation.result_digest}
        assert client.post(publish_at(evaluation), form).status_code == 403


def test_support_reads_and_has_no_buttons() -> None:
    evaluation = computed_revision()
    client = signed_in(supporter())
    assert "Ask for an evaluation" not in said(client.get(LIST))
    page = said(client.get(page_of(evaluation)))
    assert "Only those who publish evaluations can act here; you may read it." in page
    assert "Publish now" not in page
    assert "Ask for the month again" not in page


def test_doors_are_closed_to_whoever_has_no_key() -> None:
    evaluation = computed_revision()
    for page in (LIST, page_of(evaluation), ASK):
        refused_to_outsiders(page)
    closed_to_support(ASK)
    closed_to_support(publish_at(evaluation))
    client = signed_in(operator())
    assert client.get(publish_at(evaluation)).status_code == 405
    assert client.post(page_of(evaluation)).status_code == 405
    assert client.put(ASK).status_code == 405
    for path in (f"{LIST}4711/", f"{LIST}4711/publish/"):
        assert client.post(path).status_code == (405 if path.endswith("4711/") else 404)
