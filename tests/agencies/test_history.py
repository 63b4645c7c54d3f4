"""Who did what: the log of steps, and the copies of changed rows, whoever changed them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pghistory
import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils import timezone, translation
from pghistory.models import Events

from agencies.actions.violations import revoke
from agencies.enums import Subject
from agencies.models import (
    Agency,
    Appeal,
    Binding,
    BindingRequest,
    CaseFile,
    ConductEvent,
    Incident,
    Membership,
    NoticeEntry,
    Penalty,
    PublicNotice,
    Title,
    Unbinding,
    Violation,
)
from agencies.queries import changes
from agencies.queries.changes import changes_of
from agencies.queries.history import steps_about
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    MembershipFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.honours import NoticeEntryFactory, PublicNoticeFactory
from tests.factories.staff import operator, signed_in, supporter
from tests.world import case_of

pytestmark = pytest.mark.django_db

KEPT = [
    *(Appeal, Binding, BindingRequest, CaseFile, Incident, Membership, NoticeEntry, Penalty),
    *(PublicNotice, Title, Unbinding, Violation),
]


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def step(**fields: Any) -> ConductEvent:
    given = {
        "agency": AgencyFactory.create(),
        "subject": Subject.VIOLATION,
        "subject_id": 1,
        "verb": "issue",
        "at": timezone.now(),
    }
    return ConductEvent.objects.create(**given | fields)


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_every_table_of_conduct_keeps_what_is_written_deleted_or_changed_in_it(
    model: type[models.Model],
) -> None:
    labels = {tracker.label for tracker in model.pgh_event_model.pgh_trackers}  # type: ignore[attr-defined]
    assert labels == {"insert", "update", "delete"}


def test_a_change_in_sql_by_hand_is_kept_without_a_person() -> None:
    case = ViolationFactory.create(points=20, decided_on=date(2026, 5, 10))
    sql("UPDATE agencies_violation SET points = 5 WHERE id = %s", case.pk)
    change, creation = changes_of(case)
    assert (creation.label, change.label) == ("Created", "Changed")
    assert change.who == "no person of the portal: a job, a command or SQL"
    assert [(f.name, f.before, f.after) for f in change.fields] == [("points asked", "20", "5")]


def test_bindings_written_changed_and_deleted_by_hand_are_kept() -> None:
    binding = BindingFactory.create()
    sql("UPDATE agencies_binding SET bound_until = '2026-06-01' WHERE id = %s", binding.pk)
    sql("DELETE FROM agencies_binding WHERE id = %s", binding.pk)
    found = Events.objects.tracks(binding).order_by("pgh_id")
    assert [event.pgh_label for event in found] == ["insert", "update", "delete"]


def test_of_an_agency_only_what_people_edit_is_kept() -> None:
    agency = AgencyFactory.create()
    Agency.objects.filter(pk=agency.pk).update(stage="novice", ledger_length=7)
    assert [each.label for each in changes_of(agency)] == ["Created"]
    sql("UPDATE agencies_agency SET removed_on = '2026-06-01' WHERE id = %s", agency.pk)
    change = changes_of(agency)[0]
    assert [(f.name, f.before, f.after) for f in change.fields] == [
        ("removed on", "–", "June 1, 2026")
    ]


def test_what_a_person_changes_in_the_portal_carries_the_person() -> None:
    person, seat = operator(name="Lin"), MembershipFactory.create(role="viewer")
    agency = seat.agency
    answer = signed_in(person).post(
        f"/admin/agencies/agency/{agency.pk}/change/",
        {
            "name": agency.name,
            "contact_email": "new@example.com",
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 1,
            "memberships-0-id": seat.pk,
            "memberships-0-agency": agency.pk,
            "memberships-0-user": seat.user_id,
            "memberships-0-role": "owner",
        },
    )
    assert answer.status_code == 302
    change = changes_of(agency)[0]
    assert (change.who, change.fields[0].after) == ("Lin", "new@example.com")
    assert changes_of(seat)[0].who == "Lin"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE agencies_violationevent SET points = 1", "DELETE FROM agencies_violationevent"],
)
def test_the_copies_cannot_be_changed(statement: str) -> None:
    ViolationFactory.create()
    with pytest.raises(DatabaseError, match="Cannot update or delete rows"), transaction.atomic():
        sql(statement)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE agencies_conductevent SET verb = 'none'", "DELETE FROM agencies_conductevent"],
)
def test_the_log_of_steps_cannot_be_changed(statement: str) -> None:
    step()
    with pytest.raises(DatabaseError, match="Cannot update or delete rows"), transaction.atomic():
        sql(statement)


def test_a_step_is_about_something_known() -> None:
    with pytest.raises(IntegrityError, match="conduct_event_subject_known"):
        step(subject="weather")


def test_the_content_of_evidence_is_not_copied() -> None:
    columns = {field.name for field in CaseFile.pgh_event_model._meta.get_fields()}  # type: ignore[attr-defined]
    assert "sha256" in columns
    assert "content" not in columns


def test_a_statement_keeps_all_its_rows() -> None:
    agency = AgencyFactory.create()
    bindings = BindingFactory.create_batch(3, agency=agency)
    with pghistory.context(user=None):
        Binding.objects.filter(agency=agency).update(bound_until=date(2026, 6, 1))
    updates = Events.objects.tracks(*bindings).filter(pgh_label="update")
    assert updates.count() == 3


def test_the_history_of_an_object_shows_steps_and_changes() -> None:
    agency = AgencyFactory.create()
    case = case_of(agency)
    reviewer = operator(name="Reviewer")
    revoke(violation_id=case.issued.pk, reason="a mistake", at=timezone.now(), by=reviewer)
    page = signed_in(supporter()).get(f"/admin/agencies/violation/{case.issued.pk}/history/")
    text = page.content.decode()
    assert "a mistake" in text
    assert "Reviewer" in text
    assert "state: Issued → Revoked" in text
    assert {each.verb for each in steps_about(case.issued)} == {"revoke"}
    assert {each.verb for each in steps_about(agency)} >= {"revoke", "lift"}


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "Nov. 20, 2026", "Nov. 18, 2026, 9 a.m."),
        ("zh-hans", "2026年11月20日", "2026年11月18日 09:00"),
    ],
)
def test_days_and_times_are_the_platforms_in_the_readers_writing(
    language: str, day: str, moment: str
) -> None:
    at = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
    notice = PublicNoticeFactory.create()
    PublicNotice.objects.filter(pk=notice.pk).update(created_at=at, last_day=date(2026, 11, 20))
    with translation.override(language):
        changed = changes_of(notice)[0].fields
    assert {day, moment} <= {field.after for field in changed}


def test_strangers_to_a_step_have_none() -> None:
    assert list(steps_about(UserFactory.create())) == []


def test_the_own_history_of_a_row_is_not_crowded_out_by_its_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(changes, "MOST", 2)
    notice = PublicNoticeFactory.create(title="November")
    NoticeEntryFactory.create_batch(3, notice=notice)
    told = [f"{each.what}: {each.label}" for each in changes_of(notice, with_parts=True)]
    assert told.count("Public notice: Created") == 1
