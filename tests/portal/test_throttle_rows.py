"""What the throttle of sign-in writes down: counts, and no secret and no key of a link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from agencies.actions.invitations import token_of
from agencies.forms import members
from portal.forms import account, sign_in
from portal.forms.account import CodeField
from tests.factories import UserFactory
from tests.factories.invitations import InvitationFactory
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db


def secret_fields() -> Iterator[str]:
    """The names of all fields for passwords, codes and hidden keys of these forms."""
    for module in (account, sign_in, members):
        for form in vars(module).values():
            if isinstance(form, type) and issubclass(form, forms.Form):
                for name, field in form.base_fields.items():  # type: ignore[attr-defined]
                    widget = field.widget
                    if isinstance(field, CodeField) or isinstance(
                        widget, forms.PasswordInput | forms.HiddenInput
                    ):
                        yield name


def test_every_password_and_code_is_named_as_secret() -> None:
    found = set(secret_fields())
    assert {"password", "repeated", "current_code", "code", "key"} < found
    assert found - set(configured.AXES_SENSITIVE_PARAMETERS) == set()


def test_nothing_that_was_sent_is_written_down(settings: Any) -> None:
    settings.AXES_ENABLED = True
    invitation = InvitationFactory.create(invited_at=timezone.now())
    path = f"/join/{token_of(invitation)}/"
    sent = {"username": "a@example.com", "password": "guess", "next": path, "more": path}
    for _ in range(2):
        assert Client().post(f"/sign-in/?next={path}&other={path}", sent).status_code == 200
    kept = AccessAttempt.objects.get()
    assert (kept.path_info, kept.get_data, kept.post_data) == ("/sign-in/", "", "")
    assert (kept.username, kept.failures_since_start) == ("a@example.com", 2)


def test_the_key_of_a_link_is_left_out_of_the_address() -> None:
    path = f"/join/{token_of(InvitationFactory.create())}/"
    row = {"username": "a", "user_agent": "b", "path_info": path, "attempt_time": timezone.now()}
    for model in (AccessLog, AccessFailureLog):
        assert model.objects.create(**row).path_info == "/join/…/"
    attempt = AccessAttempt.objects.create(**row, failures_since_start=1)
    assert attempt.path_info == "/join/…/"


def test_nobody_notes_who_signed_in(settings: Any) -> None:
    settings.AXES_ENABLED = True
    person = UserFactory.create()
    client = Client()
    client.post("/sign-in/", {"username": person.email, "password": PASSWORD})
    client.post("/sign-out/")
    assert not AccessLog.objects.exists()
