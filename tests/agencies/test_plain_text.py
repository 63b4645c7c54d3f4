"""Names and addresses that people type: one line, nothing unseen, an address that mail reaches."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agencies.actions.invitations import invite, token_of
from agencies.actions.plain_text import LONGEST_EMAIL, check_one_line, one_line, plain_email
from agencies.enums import Role
from agencies.forms.members import InviteForm
from agencies.refusals import Refused
from portal.forms.account import ForgottenForm
from portal.models import AccountMail, User
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.invitations import InvitationFactory
from tests.factories.staff import operator, signed_in

LONG = f"{'a' * 64}@{('b' * 60 + '.') * 3}{'b' * 6}"
GOOD = [
    ("Wang@Example.com", "wang@example.com"),
    (" o'neill+x@example.com ", "o'neill+x@example.com"),
    ("a@例子.公司", "a@例子.公司"),
    ("a@xn--fsqu00a.xn--55qx5d", "a@xn--fsqu00a.xn--55qx5d"),
    (LONG, LONG),
]
BAD = [
    "",
    "a",
    "a b@example.com",
    '"a b"@example.com',
    '"a,b"@example.com',
    '"\x01"@example.com',
    '"\x7f"@example.com',
    "a\u202e@example.com",
    "a@exam\u200bple.com",
    "a@exa\nmple.com",
    "a@ſ.com",
    "a@straße.de",
    "a@\ua7cb.com",
    f"{LONG}b",
    f"a@{chr(0x130) * 63}.{chr(0x130) * 63}.{chr(0x130) * 30}.com",
    f"{'x' * 400}@example.com",
]
UNSEEN = ["Eve\nBcc: a@b.example", "Eve\r", "E\tve", "Eve\u202egnp", "E\u200bve", "\u2028", "\x7f"]
SENTENCE = "Write the name in one line, without invisible characters."


@pytest.mark.parametrize(("text", "kept"), GOOD)
def test_an_address_is_kept_in_lower_case(text: str, kept: str) -> None:
    assert plain_email(text) == kept
    assert len(kept) <= LONGEST_EMAIL


@pytest.mark.parametrize("text", BAD)
def test_what_no_mail_reaches_is_no_address(text: str) -> None:
    with pytest.raises(ValidationError):
        plain_email(text)


@pytest.mark.parametrize("text", ["", "王芳", "王　芳", "María-José O'Neill", "𠮷野"])
def test_names_of_all_scripts_are_names(text: str) -> None:
    check_one_line(text)


@pytest.mark.parametrize("text", UNSEEN)
def test_a_name_has_one_line_and_nothing_unseen(text: str) -> None:
    with pytest.raises(ValidationError, match=SENTENCE):
        check_one_line(text)


def test_what_is_stored_already_is_mailed_in_one_line() -> None:
    assert one_line("Eve\r\nBcc: a@b.example\n\n\u202ehttp") == "Eve Bcc: a@b.example http"
    assert one_line("王　芳") == "王 芳"


@pytest.mark.django_db
@pytest.mark.parametrize("text", BAD)
def test_invitations_and_wishes_for_a_password_know_the_same_addresses(text: str) -> None:
    assert not InviteForm({"email": text, "role": Role.VIEWER}).is_valid()
    assert not ForgottenForm({"email": text}).is_valid()
    with pytest.raises(Refused) as found:
        invite(
            agency=AgencyFactory.create(),
            email=text,
            role=Role.VIEWER,
            at=InvitationFactory.build().invited_at,
            by=None,
        )
    assert found.value.rule == "address"
    for path in ("/account/forgotten/", "/sign-in/"):
        sent = {"email": text, "username": text, "password": "x"}
        assert Client().post(path, sent).status_code == 200
    assert not AccountMail.objects.exists()


@pytest.mark.django_db
def test_the_longest_address_is_asked_for() -> None:
    longest = GOOD[-1][0]
    assert len(longest) == LONGEST_EMAIL
    answer = Client().post("/account/forgotten/", {"email": longest.upper()})
    assert answer.headers["location"] == "/account/forgotten/sent/"
    assert AccountMail.objects.get().email == longest


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Eve\nBcc: a@b.example", "Eve\u202egnp"])
def test_no_form_takes_a_name_that_breaks_a_line(name: str) -> None:
    seat = MembershipFactory.create(user__name="Eve")
    person = {"email": seat.user.email, "name": name, "is_active": "on"}
    password = {"password": "h3llo-there-x", "repeated": "h3llo-there-x"}
    token = token_of(_invitation())
    answers: list[Any] = [
        signed_in(seat.user).post("/account/name/", {"name": name}),
        Client(headers={"accept-language": "en"}).post(
            f"/join/{token}/", {"name": name, **password}
        ),
        signed_in(operator()).post(f"/admin/portal/user/{seat.user.pk}/change/", person),
        signed_in(operator()).post("/admin/portal/user/add/", person),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert SENTENCE in answer.content.decode()
    assert not User.objects.filter(name=name).exists()


@pytest.mark.django_db
def test_the_admin_knows_the_same_addresses() -> None:
    person = UserFactory.create(email="old@example.com")
    client = signed_in(operator())
    sent = {"email": '"a,b"@example.com', "name": "", "is_active": "on"}
    for path in ("add", f"{person.pk}/change"):
        answer = client.post(f"/admin/portal/user/{path}/", {**sent, "usable_password": "false"})
        assert "This is not an e-mail address" in answer.content.decode()
    assert User.objects.get(pk=person.pk).email == "old@example.com"


def _invitation() -> Any:
    from django.utils import timezone

    return InvitationFactory.create(email="new@example.com", invited_at=timezone.now())
