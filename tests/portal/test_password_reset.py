"""A forgotten password: one answer for everybody, a link that works once, and what follows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.account_mail import ask_reset, send_account_mail
from portal.logs import masked
from portal.models import AccountMail, PortalSession, User
from portal.models.account_mail import MailKind
from portal.reconcile import PARTS
from tests.factories import MembershipFactory, UserFactory
from tests.factories.people import PASSWORD
from tests.factories.second_factor import with_factor
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

FORGOTTEN = "/account/forgotten/"
NEW = {"new_password1": "another horse battery", "new_password2": "another horse battery"}
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    return MembershipFactory.create(user__email="owner@example.com").user


def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def ask(email: str, address: str = "192.0.2.7", **extra: Any) -> Any:
    return browser().post(FORGOTTEN, {"email": email}, REMOTE_ADDR=address, **extra)


def link() -> str:
    """The path of the link in the newest mail."""
    send_account_mail(now=timezone.now())
    found = re.search(r"http://localhost:8000(/account/forgotten/\S+/)", mail.outbox[-1].body)
    assert found
    return found[1]


def form_behind(path: str, client: Client) -> str:
    """Where the link leads: the form, at an address without the token."""
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["location"].endswith("/set-password/")
    return str(answer.headers["location"])


def test_sign_in_leads_there() -> None:
    assert f'href="{FORGOTTEN}"' in browser().get("/sign-in/").content.decode()


def test_a_forgotten_password_is_set_anew(user: User) -> None:
    answer = ask("Owner@Example.com")
    assert answer.headers["location"] == f"{FORGOTTEN}sent/"
    assert mail.outbox == []
    client = browser()
    form = form_behind(link(), client)
    assert mail.outbox[0].to == ["owner@example.com"]
    assert mail.outbox[0].subject == "重设登录密码 · Set a new password"
    assert "valid for 60 minutes" in mail.outbox[0].body
    assert "Set a new password" in client.get(form).content.decode()
    done = client.post(form, NEW)
    assert done.headers["location"] == f"{FORGOTTEN}done/"
    assert "Sign in with the new password" in client.get(f"{FORGOTTEN}done/").content.decode()
    assert client.get("/home/").status_code == 302
    sent = {"username": "owner@example.com", "password": "another horse battery"}
    assert client.post("/sign-in/", sent).status_code == 302
    assert client.get("/home/").status_code == 200


def test_the_answer_and_the_work_are_the_same_for_everybody(user: User) -> None:
    UserFactory.create(email="gone@example.com", is_active=False)
    seen = set()
    for email in ("owner@example.com", "nobody@example.com", "gone@example.com"):
        with CaptureQueriesContext(connection) as captured:
            answer = ask(email)
        work = [re.sub(r"'[^']*'|\d+", "?", each["sql"]) for each in captured]
        seen.add((answer.status_code, answer.headers["location"], answer.content, *work))
    assert len(seen) == 1
    send_account_mail(now=timezone.now())
    assert [each.to for each in mail.outbox] == [["owner@example.com"]]
    assert not AccountMail.objects.filter(next_attempt_at__isnull=False).exists()


def test_a_person_without_a_password_gets_one_this_way(user: User) -> None:
    user.set_unusable_password()
    user.save()
    ask(user.email)
    client = browser()
    client.post(form_behind(link(), client), NEW)
    assert User.objects.get(pk=user.pk).check_password("another horse battery")


@pytest.mark.parametrize("email", ["", "no address", "a@b", "x" * 400 + "@example.com"])
def test_what_is_no_address_is_refused_with_the_form(email: str) -> None:
    answer = ask(email)
    assert answer.status_code == 200
    assert "field-error" in answer.content.decode()
    assert not AccountMail.objects.exists()


def test_one_address_gets_three_mails_an_hour(user: User, clock: Any) -> None:
    for number in range(5):
        answer = ask("owner@example.com", address=f"192.0.2.{number}")
        assert answer.headers["location"] == f"{FORGOTTEN}sent/"
    assert AccountMail.objects.count() == 3
    clock.shift(3600)
    ask("owner@example.com")
    assert AccountMail.objects.count() == 4


def test_one_connection_asks_for_twenty_an_hour() -> None:
    for number in range(22):
        ask(f"person{number}@example.com", address="192.0.2.66")
    assert AccountMail.objects.count() == 20
    ask("owner@example.com", address="192.0.2.7")
    assert AccountMail.objects.count() == 21


def test_a_connection_without_an_address_is_counted_by_the_e_mail_address() -> None:
    for _ in range(4):
        ask_reset(email="owner@example.com", address=None, at=NOW)
    assert AccountMail.objects.count() == 3


def test_the_limits_keep_no_mail_of_another_kind_back(user: User) -> None:
    for _ in range(4):
        AccountMail.objects.create(kind=MailKind.PASSWORD_CHANGED, email=user.email, at=NOW)
    ask(user.email)
    assert AccountMail.objects.filter(kind=MailKind.PASSWORD_FORGOTTEN).count() == 1


def test_links_ignore_the_host_of_the_request(user: User) -> None:
    ask(user.email, HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")
    send_account_mail(now=timezone.now())
    assert "evil.example" not in mail.outbox[0].body
    assert "http://localhost:8000/account/forgotten/" in mail.outbox[0].body


def test_a_link_works_once(user: User) -> None:
    ask(user.email)
    path = link()
    first, second = browser(), browser()
    forms = [form_behind(path, each) for each in (first, second)]
    assert first.post(forms[0], NEW).status_code == 302
    other = {"new_password1": "thief horse battery", "new_password2": "thief horse battery"}
    late = second.post(forms[1], other)
    assert "This link does not work any more" in late.content.decode()
    assert User.objects.get(pk=user.pk).check_password("another horse battery")
    assert "does not work any more" in browser().get(path).content.decode()


def test_a_link_lasts_an_hour(user: User, clock: Any) -> None:
    ask(user.email)
    path = link()
    clock.shift(3600)
    form_behind(path, browser())
    clock.shift(1)
    assert "does not work any more" in browser().get(path).content.decode()


@pytest.mark.parametrize(
    "path", ["MQ/nonsense/", "%00/a-b/", "zz/set-password/", "MQ/set-password/"]
)
def test_a_made_up_link_is_answered_alike(path: str, user: User) -> None:
    answer = browser().get(f"{FORGOTTEN}{path}")
    assert answer.status_code == 200
    assert "This link does not work any more" in answer.content.decode()


def test_the_link_of_somebody_switched_off_since_does_nothing(user: User) -> None:
    ask(user.email)
    client = browser()
    form = form_behind(link(), client)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert "does not work any more" in client.post(form, NEW).content.decode()
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    "wrong", [{"new_password2": "x"}, {"new_password1": "1", "new_password2": "1"}]
)
def test_a_weak_or_mistyped_password_is_refused_with_the_form(user: User, wrong: Any) -> None:
    ask(user.email)
    client = browser()
    form = form_behind(link(), client)
    assert "field-error" in client.post(form, {**NEW, **wrong}).content.decode()
    assert client.post(form, NEW).status_code == 302


def test_a_reset_ends_all_sessions_even_this_one(user: User) -> None:
    other, client = signed_in(user), signed_in(user)
    ask(user.email)
    form = form_behind(link(), client)
    assert client.post(form, NEW).headers["location"] == f"{FORGOTTEN}done/"
    assert client.get("/home/").status_code == 302
    assert other.get("/home/").status_code == 302
    assert not PortalSession.objects.filter(user=user).exists()
    send_account_mail(now=timezone.now())
    assert mail.outbox[-1].subject == "登录密码已修改 · Your password was changed"


def test_a_reset_leaves_the_sessions_of_others_alone(user: User) -> None:
    other = signed_in(UserFactory.create())
    ask(user.email)
    client = browser()
    client.post(form_behind(link(), client), NEW)
    assert other.get("/home/").status_code == 200


def test_a_reset_ends_the_pause_after_wrong_passwords(user: User, settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 1
    client = browser()
    sent = {"username": user.email, "password": "another horse battery"}
    assert client.post("/sign-in/", {**sent, "password": "wrong"}).status_code == 429
    ask(user.email)
    client.post(form_behind(link(), client), NEW)
    assert client.post("/sign-in/", sent).status_code == 302


def test_a_reset_never_skips_the_second_factor(user: User, clock: Any) -> None:
    with_factor(user)
    AccountMail.objects.all().delete()
    clock.shift(60)
    ask(user.email)
    client = browser()
    client.post(form_behind(link(), client), NEW)
    sent = {"username": user.email, "password": "another horse battery"}
    client.post("/sign-in/", sent)
    assert client.get("/home/").headers["location"] == "/sign-in/second-factor/?next=/home/"


def test_whoever_waits_for_a_code_may_still_ask(user: User, clock: Any) -> None:
    with_factor(user)
    client = signed_in(user)
    assert client.get(FORGOTTEN).status_code == 200
    assert client.post(FORGOTTEN, {"email": user.email}).status_code == 302


def test_a_mail_that_fails_is_tried_again(user: User, monkeypatch: Any) -> None:
    ask(user.email)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", _refuse)
        assert send_account_mail(now=NOW) == ["Failed to send 1 mails about accounts."]
    kept = AccountMail.objects.get()
    assert (kept.attempts, kept.sent_at) == (1, None)
    assert kept.last_error == "OSError: the mail server is away"
    assert send_account_mail(now=NOW + timedelta(seconds=59)) == []
    assert send_account_mail(now=NOW + timedelta(seconds=60)) == ["Sent 1 mails about accounts."]
    kept.refresh_from_db()
    assert (kept.attempts, kept.last_error) == (2, "")


def test_after_three_failures_in_a_row_the_rest_waits(monkeypatch: Any) -> None:
    for number in range(5):
        UserFactory.create(email=f"person{number}@example.com")
        ask(f"person{number}@example.com")
    monkeypatch.setattr(EmailBackend, "send_messages", _refuse)
    assert send_account_mail(now=NOW) == ["Failed to send 3 mails about accounts."]


def test_a_name_cannot_look_like_another_line_of_the_mail(user: User) -> None:
    User.objects.filter(pk=user.pk).update(name="Eve\r\n\nhttps://phishing.example.com\u202e")
    ask(user.email)
    send_account_mail(now=NOW)
    assert mail.outbox[0].body.startswith("Eve https://phishing.example.com，您好：\n")


def test_what_is_no_address_is_forgotten(user: User) -> None:
    for email in ("", "x" * 400 + "@example.com", '"a,b"@example.com'):
        ask_reset(email=email, address=None, at=NOW)
    assert not AccountMail.objects.exists()


def test_a_wish_that_waited_an_hour_is_dropped(user: User) -> None:
    ask(user.email)
    assert send_account_mail(now=NOW + timedelta(hours=1)) == []
    assert mail.outbox == []
    assert AccountMail.objects.get().next_attempt_at is None


def test_old_rows_are_forgotten() -> None:
    ask("nobody@example.com")
    assert send_account_mail(now=NOW + timedelta(days=7)) == []
    late = send_account_mail(now=NOW + timedelta(days=7, seconds=1))
    assert late == ["Forgot 1 old mails about accounts."]


def test_reconcile_sends_them(user: User) -> None:
    ask(user.email)
    [part] = [part for part in PARTS if part.name == "account_mail"]
    assert part.settle(NOW) == ["Sent 1 mails about accounts."]


def test_logs_leave_out_the_key_of_a_link(user: User) -> None:
    ask(user.email)
    path = link()
    token = path.rstrip("/").rpartition("/")[2]
    assert masked(f"GET {path} 302") == f"GET {path.replace(token, '…')} 302"
    assert masked(f"next={path.replace('/', '%2F')}&a=b").endswith("%2F…%2F&a=b")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("account_mail_kind_known", {"kind": "nonsense"}),
        ("account_mail_lower_case", {"email": "Owner@example.com"}),
        ("accountmail_delivery_dated", {"sent_at": NOW, "next_attempt_at": NOW}),
    ],
)
def test_the_database_refuses(name: str, fields: dict[str, Any]) -> None:
    ordinary = {"kind": MailKind.PASSWORD_CHANGED, "email": "owner@example.com", "at": NOW}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AccountMail.objects.create(**{**ordinary, **fields})


def _refuse(*_args: Any) -> int:
    raise OSError("the mail server is away")
