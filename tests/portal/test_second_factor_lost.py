"""Device and recovery codes lost: what superusers and the console can do, and nobody else."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from portal.account_mail import send_account_mail
from portal.models import AccountMail, PortalSession, User
from tests.factories import MembershipFactory, UserFactory
from tests.factories.second_factor import with_factor
from tests.factories.staff import operator, signed_in, superuser, supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    user = UserFactory.create(email="lost@example.com", name="Lost")
    with_factor(user)
    return user


def page_of(person: User) -> str:
    return f"/admin/portal/user/{person.pk}/second-factor/remove/"


def test_a_superuser_removes_it_and_the_history_says_so(person: User) -> None:
    signed_in(person)
    chief = superuser()
    client = signed_in(chief)
    change = f"/admin/portal/user/{person.pk}/change/"
    assert f'href="{page_of(person)}"' in client.get(change).content.decode()
    assert "lost device and recovery codes?" in client.get(page_of(person)).content.decode()
    assert TOTPDevice.objects.filter(user=person).exists()
    assert client.post(page_of(person)).headers["location"] == change
    assert not TOTPDevice.objects.exists()
    assert not StaticDevice.objects.exists()
    assert not PortalSession.objects.filter(user=person).exists()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (chief, str(person.pk))
    assert entry.get_change_message() == "Removed the second factor."
    AccountMail.objects.filter(kind="factor_added").delete()
    send_account_mail(now=timezone.now())
    [told] = mail.outbox
    assert told.to == ["lost@example.com"]
    assert told.subject == "二次验证已关闭 · Your second factor was removed"


def test_without_one_the_page_says_so_and_nothing_is_noted() -> None:
    plain = UserFactory.create(name="Plain")
    client = signed_in(superuser())
    assert "Plain has no second factor." in client.get(page_of(plain)).content.decode()
    answer = client.post(page_of(plain), follow=True)
    assert "Plain has no second factor." in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_nobody_removes_their_own_this_way() -> None:
    chief = superuser()
    with_factor(chief)
    client = signed_in(chief)
    session = client.session
    session["second_factor"] = "done"
    session.save()
    change = f"/admin/portal/user/{chief.pk}/change/"
    assert page_of(chief) not in client.get(change).content.decode()
    answer = client.post(page_of(chief), follow=True)
    assert "Your own second factor is changed on your account page" in answer.content.decode()
    assert TOTPDevice.objects.exists()


def test_nobody_else_may(person: User) -> None:
    for user in (operator(), supporter()):
        client = signed_in(user)
        assert client.get(page_of(person)).status_code == 403
        assert client.post(page_of(person)).status_code == 403
    member = signed_in(MembershipFactory.create().user)
    assert member.post(page_of(person)).status_code == 302
    assert TOTPDevice.objects.exists()


def test_a_missing_person_is_not_found() -> None:
    path = "/admin/portal/user/999999999/second-factor/remove/"
    assert signed_in(superuser()).get(path).status_code == 404


def test_the_console_removes_that_of_the_last_superuser(person: User) -> None:
    said = StringIO()
    call_command("reset_second_factor", "Lost@Example.com", stdout=said)
    assert said.getvalue().startswith("lost@example.com has no second factor now")
    assert not TOTPDevice.objects.exists()
    with pytest.raises(CommandError, match="Lost has no second factor"):
        call_command("reset_second_factor", "lost@example.com")
    with pytest.raises(CommandError, match=r"Nobody signs in with none@example\.com"):
        call_command("reset_second_factor", "none@example.com")


def test_the_keys_of_devices_are_on_no_page_of_the_admin(person: User) -> None:
    assert not [model for model in admin.site._registry if "otp" in model._meta.app_label]
    client = signed_in(superuser())
    for path in ("otp_totp/totpdevice/", "otp_static/staticdevice/"):
        assert client.get(f"/admin/{path}").status_code == 404


def test_a_password_set_in_the_admin_signs_out_and_tells() -> None:
    person = UserFactory.create()
    theirs, client = signed_in(person), signed_in(superuser())
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    sent = {**new, "usable_password": "true"}
    answer = client.post(f"/admin/portal/user/{person.pk}/password/", sent)
    assert answer.status_code == 302
    assert not PortalSession.objects.filter(user=person).exists()
    assert theirs.get("/home/").status_code == 302
    assert AccountMail.objects.get().kind == "password_changed"


def test_staff_change_their_own_password_on_the_account_page() -> None:
    client = signed_in(supporter())
    answer = client.get("/admin/password_change/")
    assert answer.headers["location"] == "/account/password/"
