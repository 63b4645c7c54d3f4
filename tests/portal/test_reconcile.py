"""Reconcile does every part that is due, once, and one that fails spoils no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import NoReturn

import pytest
from django.core.management import CommandError, call_command

from portal.heartbeats import beat
from portal.models import Heartbeat, PortalSession
from portal.models.heartbeat import Role
from portal.reconcile import PARTS, Part, ReconcileError, reconcile

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def fails(_: datetime) -> NoReturn:
    raise RuntimeError("the disk is full")


def test_nothing_is_due_on_an_empty_platform() -> None:
    assert reconcile(now=NOW) == []


def test_the_command_says_that_nothing_was_due() -> None:
    said = StringIO()
    call_command("reconcile", stdout=said)
    assert said.getvalue() == "nothing was due\n"


def test_dead_processes_and_expired_sessions_go_once() -> None:
    beat(role=Role.WORKER, name="dead", now=NOW - timedelta(days=2))
    PortalSession.objects.create(
        session_key="old", session_data="", expire_date=NOW - timedelta(days=1)
    )
    PortalSession.objects.create(
        session_key="new", session_data="", expire_date=NOW + timedelta(days=1)
    )
    assert reconcile(now=NOW) == [
        "Forgot 1 processes that ended without a word.",
        "Removed 1 expired sessions.",
    ]
    assert reconcile(now=NOW) == []
    assert list(PortalSession.objects.values_list("session_key", flat=True)) == ["new"]


def test_a_part_that_fails_keeps_no_other_from_its_work() -> None:
    beat(role=Role.WORKER, name="dead", now=NOW - timedelta(days=2))
    parts = [Part("first", fails), *PARTS, Part("last", lambda _: ["done"])]
    with pytest.raises(ReconcileError, match="first: the disk is full") as raised:
        reconcile(now=NOW, parts=parts)
    assert raised.value.sentences == ["Forgot 1 processes that ended without a word.", "done"]
    assert list(raised.value.faults) == ["first"]
    assert not Heartbeat.objects.exists()


def test_every_part_has_a_name_of_its_own() -> None:
    names = [part.name for part in PARTS]
    assert names == [
        *("uploads", "rulebooks", "evaluations", "conduct", "contacts", "star_source"),
        *("account_mail", "outbox", "news", "warnings"),
        *("facts", "rows", "back_tests", "heartbeats", "sessions"),
    ]


def test_the_command_fails_after_saying_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "__kwdefaults__", {"parts": [PARTS[-1], Part("first", fails)]})
    PortalSession.objects.create(session_key="old", expire_date="2020-01-01T00:00Z")
    said = StringIO()
    with pytest.raises(CommandError, match="first: the disk is full"):
        call_command("reconcile", stdout=said)
    assert said.getvalue() == "Removed 1 expired sessions.\n"
