"""Evaluations in the admin: looked at by many, asked for and published by few."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import django_rq
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from agencies.models import Agency
from portal.models import StaffLook
from scoring.enums import EvaluationState
from scoring.evaluation.gate import gate_report
from scoring.models import Evaluation, EvaluationEvent, FactPart
from scoring.models.rulebook_version import RulebookVersion
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, UserFactory
from tests.factories.staff import operator, signed_in, superuser, supporter
from tests.portal.conftest import lost_queue, queue, queue_dir

__all__ = ["lost_queue", "queue", "queue_dir"]

pytestmark = pytest.mark.django_db
LIST = "/admin/scoring/evaluation/"
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def detail(evaluation: Evaluation) -> str:
    return f"{LIST}{evaluation.pk}/change/"


def publish_page(evaluation: Evaluation) -> str:
    return f"{LIST}{evaluation.pk}/publish/"


def computed(*, facts: bool = True, **fields: Any) -> Evaluation:
    """A computed revision; the gate finds nothing when its month has all facts."""
    given: dict[str, Any] = {"state": EvaluationState.COMPUTED, "published_at": None}
    evaluation = EvaluationFactory.create(**given | fields)
    AssessmentFactory.create(evaluation=evaluation)
    if facts:
        evaluation.parts.set(_parts(evaluation.month))
    evaluation.gate = gate_report(evaluation)
    evaluation.save(update_fields=["gate"])
    return evaluation


def _parts(month: date) -> list[FactPart]:
    from agencies.models import ImportedFile

    now = timezone.now()
    source = ImportedFile.objects.create(
        kind="facts",
        name="facts.csv",
        sha256="0" * 64,
        size=1,
        outcome="applied",
        started_at=now,
        finished_at=now,
    )
    return FactPart.objects.bulk_create(
        FactPart(
            day=month.replace(day=day),
            sha256=f"{day:064d}",
            rows=1,
            size=1,
            imported_file=source,
            created_at=now,
        )
        for day in range(1, 32)
    )


def messages_of(client: Client, page: str) -> list[str]:
    return [str(message) for message in client.get(page).context["messages"]]


def test_support_reads_evaluations_and_has_no_buttons() -> None:
    client, evaluation = signed_in(supporter()), computed()
    assert "Ask for an evaluation" not in client.get(LIST).content.decode()
    page = client.get(detail(evaluation)).content.decode()
    assert "The gate found nothing that speaks against a publication." in page
    assert publish_page(evaluation) not in page


def test_nothing_is_changed_or_deleted_by_hand() -> None:
    client, evaluation = signed_in(superuser()), computed()
    assert client.post(detail(evaluation), {"state": "published"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{evaluation.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_page_of_a_running_evaluation_looks_again_and_shows_its_step() -> None:
    running = EvaluationFactory.create(
        state=EvaluationState.RUNNING, step="score", progress=60, published_at=None
    )
    response = signed_in(supporter()).get(detail(running))
    assert response["Refresh"] == "5"
    text = response.content.decode()
    assert re.search(r'<progress max="100"\s+value="60"', text)
    assert "Computing the points" in text
    assert "60 % · Computing the points" in signed_in(supporter()).get(LIST).content.decode()


def test_the_page_of_a_published_evaluation_stays_as_it_is() -> None:
    response = signed_in(supporter()).get(detail(EvaluationFactory.create()))
    assert "Refresh" not in response


def test_the_page_tells_what_happened_and_why() -> None:
    evaluation = EvaluationFactory.create()
    EvaluationEvent.objects.create(
        evaluation=evaluation,
        to_state=EvaluationState.RUNNING,
        attempt=2,
        at=timezone.now(),
        actor=superuser(name="王敏"),
        reason="the worker was killed",
    )
    text = signed_in(supporter()).get(detail(evaluation)).content.decode()
    assert "王敏" in text
    assert "the worker was killed" in text


def test_the_gate_is_told_in_sentences() -> None:
    evaluation = computed(facts=False)
    evaluation.gate["findings"].append(
        {"code": "jumps", "moved": 12, "compared": 200, "share": "0.0600", "allowed": "0.05"}
    )
    evaluation.save(update_fields=["gate"])
    text = signed_in(operator()).get(detail(evaluation)).content.decode()
    assert "31 days of the month have no facts: 2026-10-01, 2026-10-02" in text
    assert "12 of 200 agencies move by more than one level: 6 %, where 5 % is allowed." in text
    assert "python manage.py evaluate 2026-10 --publish --release" in text


def test_only_agencies_that_move_are_among_the_moves() -> None:
    evaluation = computed()
    evaluation.gate["moves"] = [
        {"from": "V2", "to": "V2", "agencies": 7},
        {"from": "V2", "to": "V3", "agencies": 5},
    ]
    evaluation.save(update_fields=["gate"])
    text = signed_in(supporter()).get(detail(evaluation)).content.decode()
    assert "V2 → V3" in text
    assert "V2 → V2" not in text


def test_a_confirmed_publication_publishes_once() -> None:
    evaluation = computed()
    client = signed_in(operator(name="运营"))
    page = client.get(publish_page(evaluation))
    assert "Publish now" in page.content.decode()
    form = {"digest": evaluation.result_digest}
    assert client.post(publish_page(evaluation), form)["Location"] == detail(evaluation)
    assert messages_of(client, detail(evaluation)) == ["2026-10 r1 is published."]
    evaluation.refresh_from_db()
    first = evaluation.published_at
    assert (evaluation.state, evaluation.published_by.name) == ("published", "运营")
    client.post(publish_page(evaluation), form)
    assert messages_of(client, detail(evaluation)) == ["2026-10 r1 is already published."]
    evaluation.refresh_from_db()
    assert evaluation.published_at == first
    assert set(Agency.objects.values_list("level", flat=True)) != {""}


def test_a_held_publication_cannot_be_released_here() -> None:
    evaluation = computed(facts=False)
    client = signed_in(superuser())
    page = client.get(publish_page(evaluation)).content.decode()
    assert "Publish now" not in page
    assert "--release" in page
    client.post(publish_page(evaluation), {"digest": evaluation.result_digest})
    assert messages_of(client, detail(evaluation))[0] == "The gate holds the publication."
    evaluation.refresh_from_db()
    assert evaluation.state == EvaluationState.COMPUTED


def test_a_result_that_changed_meanwhile_is_not_published() -> None:
    evaluation = computed()
    client = signed_in(operator())
    response = client.post(publish_page(evaluation), {"digest": "3" * 64})
    assert response["Location"] == publish_page(evaluation)
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
def test_what_is_not_computed_is_not_published(state: EvaluationState, sentence: str) -> None:
    evaluation = EvaluationFactory.create(state=state)
    client = signed_in(operator())
    assert client.get(publish_page(evaluation)).status_code == 302
    assert messages_of(client, detail(evaluation)) == [sentence]


def test_publishing_and_asking_need_their_rights_and_their_methods() -> None:
    evaluation = computed()
    for page in (publish_page(evaluation), f"{LIST}ask/"):
        assert signed_in(supporter()).get(page).status_code == 403
        assert signed_in(supporter()).post(page).status_code == 403
        assert signed_in(UserFactory.create()).post(page).status_code == 302
        assert signed_in(operator()).put(page).status_code == 405
    assert signed_in(operator()).get(f"{LIST}4711/publish/").status_code == 404


def test_a_confirmation_needs_its_token() -> None:
    evaluation = computed()
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator())
    form = {"digest": evaluation.result_digest}
    assert client.post(publish_page(evaluation), form).status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queue")
def test_asking_makes_one_row_and_rings_for_it() -> None:
    AgencyFactory.create()
    actor = operator()
    client = signed_in(actor)
    response = client.post(f"{LIST}ask/", {"month": "2026-10", "reason": ""})
    asked = Evaluation.objects.get()
    assert response["Location"] == detail(asked)
    assert (asked.month, asked.state, asked.requested_by) == (OCTOBER, "requested", actor)
    assert messages_of(client, detail(asked)) == ["2026-10 r1 is asked for."]
    client.post(f"{LIST}ask/", {"month": "2026-10"})
    assert Evaluation.objects.count() == 1
    assert len(django_rq.get_queue("default").job_ids) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lost_queue")
def test_asking_without_a_queue_says_that_it_waits() -> None:
    AgencyFactory.create()
    client = signed_in(operator())
    client.post(f"{LIST}ask/", {"month": "2026-10"})
    asked = Evaluation.objects.get()
    assert messages_of(client, detail(asked)) == [
        "2026-10 r1 is asked for. The queue does not answer now; it is computed when the queue is "
        "back."
    ]


@pytest.mark.parametrize(
    ("month", "field", "sentence"),
    [
        ("October", "month", "Write the month as 2026-10."),
        ("2026-13", "month", "A year has the months 01 to 12."),
        ("2026-00", "month", "A year has the months 01 to 12."),
        ("", "month", "This field is required."),
        ("2020-01", "__all__", "No agency had joined by the end of 2020-01"),
    ],
)
def test_a_month_that_cannot_be_asked_for_is_refused(month: str, field: str, sentence: str) -> None:
    response = signed_in(operator()).post(f"{LIST}ask/", {"month": month})
    assert response.status_code == 200
    assert response.context["form"].errors[field][0].startswith(sentence)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize("table", ["evaluation", "assessment", "factpart", "rulebookversion"])
def test_a_list_of_three_asks_no_more_than_a_list_of_one(table: str, queue: Redis) -> None:
    client = signed_in(superuser())
    page = f"/admin/scoring/{table}/"
    first = computed(requested_by=superuser())
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    AssessmentFactory.create_batch(2, evaluation=first)
    EvaluationFactory.create(month=SEPTEMBER, requested_by=superuser())
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) == len(few)


def test_a_look_at_a_result_is_written_down() -> None:
    assessment = AssessmentFactory.create()
    page = f"/admin/scoring/assessment/{assessment.pk}/change/"
    text = signed_in(supporter()).get(page).content.decode()
    assert "settled_amount" in text
    look = StaffLook.objects.get()
    assert (look.agency_id, look.path) == (assessment.agency_id, page)


def test_a_rulebook_is_summed_up_and_its_text_is_not_edited() -> None:
    version = RulebookVersion.objects.get()
    page = f"/admin/scoring/rulebookversion/{version.pk}/change/"
    text = signed_in(supporter()).get(page).content.decode()
    assert '<th scope="row">V5</th>' in text
    assert '<pre class="document">' in text
    assert signed_in(superuser()).post(page, {"text": "x"}).status_code == 403


def test_superseded_parts_are_told_from_current_ones() -> None:
    computed()
    FactPart.objects.filter(day="2026-10-05").update(superseded_at=timezone.now())
    client = signed_in(superuser())
    for validity, count in (("current", 30), ("superseded", 1)):
        page = client.get("/admin/scoring/factpart/", {"validity": validity})
        assert page.context["cl"].result_count == count
