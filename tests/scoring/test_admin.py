"""Evaluations, results and rulebooks in the admin: a record, changed by nobody there."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from portal.models import StaffLook
from scoring.models import Evaluation, FactPart
from scoring.models.rulebook_version import RulebookVersion
from tests.factories import AssessmentFactory, EvaluationFactory
from tests.factories.evaluations import computed_revision
from tests.factories.staff import signed_in, superuser, supporter
from tests.portal.conftest import lost_queue, queue, queue_dir

__all__ = ["lost_queue", "queue", "queue_dir"]

pytestmark = pytest.mark.django_db
LIST = "/admin/scoring/evaluation/"
SEPTEMBER = date(2026, 9, 1)


def detail(evaluation: Evaluation) -> str:
    return f"{LIST}{evaluation.pk}/change/"


def test_the_record_leads_to_the_work_page_and_has_no_steps() -> None:
    evaluation = computed_revision()
    page = signed_in(supporter()).get(detail(evaluation)).content.decode()
    assert f'href="/staff/evaluations/{evaluation.pk}/"' in page
    for gone in (f"{LIST}ask/", f"{LIST}{evaluation.pk}/publish/"):
        assert signed_in(superuser()).post(gone).status_code != 200
    assert not Evaluation.objects.exclude(pk=evaluation.pk).exists()


def test_nothing_is_changed_or_deleted_by_hand() -> None:
    client, evaluation = signed_in(superuser()), computed_revision()
    assert client.post(detail(evaluation), {"state": "published"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{evaluation.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("table", ["evaluation", "assessment", "factpart", "rulebookversion"])
def test_a_list_of_three_asks_no_more_than_a_list_of_one(table: str, queue: Redis) -> None:
    client = signed_in(superuser())
    page = f"/admin/scoring/{table}/"
    first = computed_revision(requested_by=superuser())
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
    computed_revision()
    FactPart.objects.filter(day="2026-10-05").update(superseded_at=timezone.now())
    client = signed_in(superuser())
    for validity, count in (("current", 30), ("superseded", 1)):
        page = client.get("/admin/scoring/factpart/", {"validity": validity})
        assert page.context["cl"].result_count == count
