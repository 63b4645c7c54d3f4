"""Another e-mail address given in the admin: by whom, and who learns of it."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import timezone

from portal.account_mail import send_account_mail
from portal.models import AccountMail, PortalSession, User
from tests.factories import MembershipFactory, UserFactory
from tests.factories.staff import operator, signed_in, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return MembershipFactory.create(user__email="owner@example.com", user__name="Owner").user


def change(by: User, person: User, email: str, **fields: str) -> None:
    sent = {"email": email, "name": person.name, "is_active": "on", **fields}
    answer = signed_in(by).post(f"/admin/portal/user/{person.pk}/change/", sent)
    assert answer.status_code == 302


def test_operations_do_not_change_an_address_that_is_in_use(owner: User) -> None:
    signed_in(owner)
    page = signed_in(operator()).get(f"/admin/portal/user/{owner.pk}/change/")
    assert 'name="email"' not in page.content.decode()
    change(operator(), owner, "other@example.com", name="New Name")
    owner.refresh_from_db()
    assert (owner.email, owner.name) == ("owner@example.com", "New Name")
    assert PortalSession.objects.filter(user=owner).count() == 1
    assert not AccountMail.objects.exists()


def test_operations_mend_an_address_that_nobody_has_signed_in_with(owner: User) -> None:
    change(operator(), owner, "Right@example.com")
    owner.refresh_from_db()
    assert owner.email == "right@example.com"
    assert AccountMail.objects.get().email == "owner@example.com"


def test_the_old_address_is_told_and_the_sessions_end(owner: User) -> None:
    theirs = signed_in(owner)
    change(superuser(), owner, "other@example.com")
    assert not PortalSession.objects.filter(user=owner).exists()
    assert theirs.get("/home/").status_code == 302
    assert send_account_mail(now=timezone.now()) == ["Sent 1 mails about accounts."]
    [letter] = mail.outbox
    assert letter.to == ["owner@example.com"]
    assert letter.subject == "登录邮箱已更换 · Your e-mail address was changed"
    assert "Hello owner@example.com,\n\nthe platform changed the e-mail address" in letter.body
    assert "tell the platform's operations at once." in letter.body
    for hidden in ("other@example.com", "Owner", "/account/forgotten/"):
        assert hidden not in letter.body


def test_whoever_has_the_old_address_now_is_not_named(owner: User) -> None:
    change(superuser(), owner, "other@example.com")
    UserFactory.create(email="owner@example.com", name="Successor")
    send_account_mail(now=timezone.now())
    [letter] = mail.outbox
    assert "Successor" not in letter.body


def test_the_same_address_in_other_letters_is_no_change(owner: User) -> None:
    signed_in(owner)
    change(superuser(), owner, "OWNER@example.com")
    assert PortalSession.objects.filter(user=owner).count() == 1
    assert not AccountMail.objects.exists()


def test_a_superuser_stays_signed_in_with_a_new_address_of_their_own() -> None:
    chief = superuser()
    client = signed_in(chief)
    signed_in(chief)
    sent = {"email": "new@example.com", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    client.post(f"/admin/portal/user/{chief.pk}/change/", sent)
    assert User.objects.get(pk=chief.pk).email == "new@example.com"
    assert client.get("/admin/").status_code == 200
    assert PortalSession.objects.filter(user=chief).count() == 1
