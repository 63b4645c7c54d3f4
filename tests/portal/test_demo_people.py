"""The people of the demo platform, and that it is never loaded where others work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agencies.models import Agency, Membership
from portal.demo.loader import load_demo
from portal.demo.people import PASSWORD, create_people, demo_people
from portal.demo.situations import SITUATIONS
from portal.models import User
from tests.factories import AgencyFactory

pytestmark = pytest.mark.django_db


def test_every_situation_has_its_owner_and_every_role_its_person() -> None:
    codes = {situation.name: f"D{n}" for n, situation in enumerate(SITUATIONS)}
    for code in codes.values():
        AgencyFactory.create(code=code)
    people = demo_people(codes)
    create_people(people)
    create_people(people)
    seats = Membership.objects.values_list("user__email", "agency__code", "role")
    assert ("observation-credit@demo.example", codes["observation_credit"], "owner") in seats
    assert ("viewer@demo.example", codes["v5"], "viewer") in seats
    assert {seat[1:] for seat in seats if seat[0] == "both@demo.example"} == {
        (codes["v3"], "owner"),
        (codes["falling"], "viewer"),
    }
    assert User.objects.count() == len(people) == len(SITUATIONS) + 5
    assert [p.email for p in people if p.introduced] == [
        "admin@demo.example",
        "operations@demo.example",
        "support@demo.example",
        "viewer@demo.example",
        "v5@demo.example",
    ]
    admin, support = (User.objects.get(email=f"{who}@demo.example") for who in ("admin", "support"))
    assert admin.is_superuser
    assert admin.check_password(PASSWORD)
    assert (support.is_staff, support.is_superuser) == (True, False)
    assert list(support.groups.values_list("name", flat=True)) == ["support"]


def test_a_database_with_agencies_of_its_own_is_left_alone(tmp_path: Path) -> None:
    AgencyFactory.create()
    said: list[str] = []
    assert load_demo(tmp_path / "demo", size="small", today=None, say=said.append) is None  # type: ignore[arg-type]
    assert said == []
    assert Agency.objects.count() == 1
    assert not (tmp_path / "demo").exists()


def test_the_demo_is_never_loaded_in_production(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="loaded with DEBUG=1 only"):
        call_command("load_demo")
    assert not User.objects.exists()


def test_the_command_refuses_a_database_in_use(settings: Any, tmp_path: Path) -> None:
    settings.DEBUG = True
    settings.DATA_DIR = tmp_path
    AgencyFactory.create()
    with pytest.raises(CommandError, match="into an empty one only"):
        call_command("load_demo")
