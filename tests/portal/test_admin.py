"""The site of staff: who gets in, what it warns of, and who may make whom what."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from portal.heartbeats import beat
from portal.models import Heartbeat, StaffLook, User
from portal.models.heartbeat import Role
from scoring.enums import EvaluationState
from tests.factories import AgencyFactory, EvaluationFactory, MembershipFactory, UserFactory
from tests.factories.mails import UNDELIVERED, news_mail
from tests.factories.staff import operator, signed_in, superuser, supporter

pytestmark = pytest.mark.django_db
HELD = {"passed": False, "findings": [{"code": "missing_days", "days": ["2026-10-03"]}]}


def index(client: Client) -> str:
    return client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("page", "sign_in"),
    [
        ("/admin/agencies/agency/", "/sign-in/?next=/admin/agencies/agency/"),
        ("/admin/login/?next=/admin/auth/", "/sign-in/?next=%2Fadmin%2Fauth%2F"),
        ("/admin/login/", "/sign-in/?next=%2Fadmin%2F"),
    ],
)
def test_strangers_are_sent_to_the_one_sign_in(page: str, sign_in: str) -> None:
    assert Client().get(page)["Location"] == sign_in


def test_members_are_told_that_this_is_not_theirs() -> None:
    response = signed_in(UserFactory.create()).get("/admin/", follow=True)
    assert response.status_code == 403


def test_staff_who_go_to_the_sign_in_of_the_admin_are_in_already() -> None:
    assert signed_in(supporter()).get("/admin/login/")["Location"] == "/admin/"


def test_a_missing_worker_and_scheduler_are_told_with_how_to_start_them() -> None:
    text = index(signed_in(supporter()))
    assert "python manage.py rqworker default" in text
    assert "python manage.py scheduler" in text


def test_nothing_is_told_when_nothing_needs_somebody() -> None:
    for role in Role:
        beat(role=role, name="host:1", now=timezone.now())
    EvaluationFactory.create()
    assert "house-warnings" not in index(signed_in(supporter()))


def test_a_process_that_went_silent_is_missing() -> None:
    for role in Role:
        beat(role=role, name="host:1", now=timezone.now() - timedelta(minutes=2))
    text = index(signed_in(supporter()))
    assert "rqworker default" in text
    assert "manage.py scheduler" not in text


def test_stale_failed_and_held_months_are_told() -> None:
    EvaluationFactory.create(month=date(2026, 7, 1), stale_since=timezone.now())
    EvaluationFactory.create(month=date(2026, 8, 1), state=EvaluationState.FAILED)
    EvaluationFactory.create(month=date(2026, 9, 1), state=EvaluationState.COMPUTED, gate=HELD)
    text = index(signed_in(supporter()))
    assert "2026-07 r1" in text
    assert "2026-08 r1" in text
    assert "2026-09 r1" in text


def test_a_failure_that_a_newer_revision_mended_is_not_told() -> None:
    EvaluationFactory.create(revision=1, state=EvaluationState.FAILED)
    EvaluationFactory.create(revision=2)
    assert "2026-10 r1" not in index(signed_in(supporter()))


def test_who_may_not_see_evaluations_is_not_told_of_them() -> None:
    EvaluationFactory.create(stale_since=timezone.now())
    text = index(signed_in(UserFactory.create(is_staff=True)))
    assert "2026-10 r1" not in text
    assert "rqworker default" in text


def test_undelivered_mails_are_told_to_those_who_see_to_them() -> None:
    news_mail(MembershipFactory.create(), **UNDELIVERED)
    assert "1 mail was not delivered" in index(signed_in(operator()))
    assert "not delivered" not in index(signed_in(supporter()))


@pytest.mark.parametrize("page", ["/admin/", "/admin/agencies/agency/", "/admin/portal/user/add/"])
def test_pages_have_nothing_inline_that_the_policy_would_block(page: str) -> None:
    AgencyFactory.create()
    response = signed_in(superuser()).get(page)
    text = response.content.decode()
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", text)


def test_the_admin_speaks_chinese_first() -> None:
    client = Client()
    client.force_login(superuser())
    assert '<html lang="zh-hans"' in client.get("/admin/").content.decode()


def test_a_new_person_signs_in_by_a_lower_case_address() -> None:
    signed_in(operator()).post(
        "/admin/portal/user/add/",
        {
            "email": "New.Person@Example.com",
            "name": "新人",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
            "is_staff": "on",
            "is_superuser": "on",
        },
    )
    made = User.objects.get(email="new.person@example.com")
    assert made.check_password("correct horse battery")
    assert (made.is_staff, made.is_superuser) == (False, False)


def test_an_address_is_taken_however_it_is_written() -> None:
    UserFactory.create(email="one@example.com")
    response = signed_in(superuser()).post(
        "/admin/portal/user/add/",
        {"email": "ONE@example.com", "name": "", "usable_password": "false"},
    )
    assert response.status_code == 200
    assert "email" in response.context["adminform"].form.errors


def test_operations_cannot_make_anybody_staff() -> None:
    person = UserFactory.create()
    response = signed_in(operator()).post(
        f"/admin/portal/user/{person.pk}/change/",
        {"email": person.email, "name": "改名", "is_active": "on", "is_superuser": "on"},
    )
    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.name, person.is_staff, person.is_superuser) == ("改名", False, False)


def test_operations_cannot_touch_staff_nor_their_passwords() -> None:
    chief = superuser()
    client = signed_in(operator())
    assert client.post(f"/admin/portal/user/{chief.pk}/change/", {}).status_code == 403
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    assert client.post(f"/admin/portal/user/{chief.pk}/password/", new).status_code == 403
    assert not User.objects.get(pk=chief.pk).check_password("another horse battery")


def test_a_superuser_gives_rights() -> None:
    person = UserFactory.create()
    signed_in(superuser()).post(
        f"/admin/portal/user/{person.pk}/change/",
        {"email": person.email, "name": "", "is_active": "on", "is_staff": "on"},
    )
    assert User.objects.get(pk=person.pk).is_staff is True


def test_people_are_not_deleted() -> None:
    person = UserFactory.create()
    page = f"/admin/portal/user/{person.pk}/delete/"
    assert signed_in(superuser()).post(page, {"post": "yes"}).status_code == 403


def test_looks_are_for_superusers_only_and_stay() -> None:
    StaffLook.objects.create(
        actor=supporter(), path="/admin/", object_label="agencies", at=timezone.now()
    )
    look = StaffLook.objects.get()
    assert signed_in(operator()).get("/admin/portal/stafflook/").status_code == 403
    chief = signed_in(superuser())
    assert chief.get("/admin/portal/stafflook/").status_code == 200
    page = f"/admin/portal/stafflook/{look.pk}"
    assert chief.get(f"{page}/change/").status_code == 200
    assert chief.post(f"{page}/change/", {}).status_code == 403
    assert chief.post(f"{page}/delete/", {"post": "yes"}).status_code == 403


def test_signs_of_life_are_listed_and_not_edited() -> None:
    beat(role=Role.WORKER, name="host:1", now=timezone.now())
    client = signed_in(operator())
    assert "host:1" in client.get("/admin/portal/heartbeat/").content.decode()
    page = f"/admin/portal/heartbeat/{Heartbeat.objects.get().pk}/change/"
    assert client.post(page, {}).status_code == 403


def test_the_queue_dashboard_is_not_among_the_tables() -> None:
    assert "django_rq" not in index(signed_in(superuser()))


def test_the_database_refuses_to_rewrite_or_remove_a_look() -> None:
    look = StaffLook.objects.create(
        actor=supporter(), path="/admin/", object_label="agencies", at=timezone.now()
    )
    with pytest.raises(IntegrityError, match="UPDATE is refused"), transaction.atomic():
        StaffLook.objects.update(path="/elsewhere/")
    with pytest.raises(IntegrityError, match="DELETE is refused"), transaction.atomic():
        look.delete()
    assert StaffLook.objects.get().path == "/admin/"


def test_the_overview_leads_to_the_work_pages_that_one_may_open() -> None:
    page = signed_in(supporter()).get("/admin/").content.decode()
    for path in ("violations", "removals", "appeals", "credit", "bindings", "notices"):
        assert f'<a href="/staff/{path}/">' in page
    page = signed_in(UserFactory.create(is_staff=True)).get("/admin/").content.decode()
    assert "/staff/" not in page
