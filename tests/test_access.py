"""Who may do what: every address of conduct, by every role, with one's own and others' objects.

The table of outcomes is generated into docs/access.md (`REGENERATE=1` writes it anew); the rules that
it must follow are asserted here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse

from agencies import urls as conduct_urls
from agencies.enums import Role
from agencies.models import Agency
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.staff import operator, signed_in, superuser, supporter
from tests.world import Case, case_of

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).resolve().parent.parent / "docs" / "access.md"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROLES = (
    "stranger",
    "no agency",
    "foreign owner",
    "viewer",
    "owner",
    "removed owner",
    "support",
    "operations",
    "administrator",
)
MISSING = {"pk": 999_999_999, "reference": "NO-SUCH-CASE", "token": "no-such-token"}
INTRODUCTION = """# Who may do what

Every address of conduct, asked by everybody with every method; made by `tests/test_access.py`, not by
hand (`REGENERATE=1` writes it anew). *own* is an object of the asking member's agency, *foreign* one of
another, *missing* one that does not exist. → says where a redirect leads; 200 after a POST is the form
again, with a sentence. PUT, PATCH and DELETE are refused everywhere and left out.

"""


@dataclass
class World:
    """Two agencies with one of everything each, and somebody in every role."""

    own: Case
    foreign: Case
    clients: dict[str, Client] = field(default_factory=dict)


@pytest.fixture
def world() -> World:
    own, foreign = case_of(AgencyFactory.create()), case_of(AgencyFactory.create())
    removed = case_of(AgencyFactory.create(), removed=True)
    return World(
        own,
        foreign,
        {
            "stranger": Client(headers={"accept-language": "en"}),
            "no agency": signed_in(UserFactory.create()),
            "foreign owner": member(foreign.agency, Role.OWNER),
            "viewer": member(own.agency, Role.VIEWER),
            "owner": member(own.agency, Role.OWNER),
            "removed owner": member(removed.agency, Role.OWNER),
            "support": signed_in(supporter()),
            "operations": signed_in(operator()),
            "administrator": signed_in(superuser()),
        },
    )


def member(agency: Agency, role: Role) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=role).user)


def addresses() -> list[URLPattern]:
    return list(conduct_urls.urlpatterns)


def asked(pattern: URLPattern, world: World) -> Iterator[tuple[str, str]]:
    """The address with each kind of object; once where it names none."""
    names = list(pattern.pattern.converters)
    if not names:
        yield "", reverse(str(pattern.name))
        return
    for whose, case in (("own", world.own), ("foreign", world.foreign), ("missing", None)):
        values: dict[str, Any] = {}
        for name in names:
            if name == "answer":
                values[name] = "agree"
            else:
                values[name] = MISSING[name] if case is None else case.value(pattern.name, name)
        yield whose, reverse(str(pattern.name), kwargs=values)


def outcome(client: Client, method: str, path: str) -> str:
    """Status, and where a redirect leads; what the request changed is undone."""
    with transaction.atomic():
        response = getattr(client, method.lower())(path)
        transaction.set_rollback(True)
    target = response.headers.get("location", "").partition("?")[0]
    return f"{response.status_code} → {shortened(target)}" if target else str(response.status_code)


def shortened(target: str) -> str:
    return "/".join("…" if part.isdigit() else part for part in target.split("/"))


def outcomes(world: World) -> Iterator[tuple[URLPattern, str, str, dict[str, str]]]:
    for pattern in addresses():
        for whose, path in asked(pattern, world):
            for method in METHODS:
                found = {role: outcome(world.clients[role], method, path) for role in ROLES}
                yield pattern, whose, method, found


def attribute(pattern: URLPattern, name: str) -> Any:
    view: Callable[..., Any] = pattern.callback
    return getattr(view, name, None)


def rules(pattern: URLPattern, whose: str, method: str, found: dict[str, str]) -> Iterator[str]:
    """What is wrong with the outcomes of one line."""
    line = f"{pattern.name} {whose} {method}"
    if any(answer.startswith("5") for answer in found.values()):
        yield f"{line}: an error of the server"
    if method in ("PUT", "PATCH", "DELETE") and any(
        answer.startswith("2") for answer in found.values()
    ):
        yield f"{line}: the method does something"
    if not attribute(pattern, "login_required") and pattern.callback.__dict__.get(
        "login_required", True
    ):
        closed_to_strangers = found["stranger"] == "302 → /sign-in/"
        if not closed_to_strangers:
            yield f"{line}: a stranger gets {found['stranger']}"
    permission = attribute(pattern, "staff_permission")
    if permission:
        members = {found[role] for role in ("no agency", "foreign owner", "viewer", "owner")}
        if members - {"403", "405"}:
            yield f"{line}: members get {members}"
        if method != "GET" and found["support"] not in {"403", "405"}:
            yield f"{line}: support gets {found['support']}"
    if attribute(pattern, "agency_scoped"):
        if found["no agency"] not in {"302 → /home/", "405"}:
            yield f"{line}: a person without an agency gets {found['no agency']}"
        if found["support"] not in {"302 → /home/", "405"}:
            yield f"{line}: support gets {found['support']}"
        if attribute(pattern, "owner_only") and found["viewer"] not in {"403", "404", "405"}:
            yield f"{line}: a viewer gets {found['viewer']}"


def test_the_outcomes_follow_the_rules(world: World) -> None:
    wrong = [
        sentence
        for pattern, whose, method, found in outcomes(world)
        for sentence in rules(pattern, whose, method, found)
    ]
    assert wrong == []


def test_what_is_foreign_looks_like_what_is_missing(world: World) -> None:
    """For members; the staff may open objects of every agency."""
    scoped = [p for p in addresses() if attribute(p, "agency_scoped") and p.pattern.converters]
    assert scoped
    for pattern in scoped:
        paths = dict(asked(pattern, world))
        for role in ("viewer", "owner"):
            for method in METHODS:
                foreign, missing = (
                    outcome(world.clients[role], method, paths[whose])
                    for whose in ("foreign", "missing")
                )
                assert foreign == missing, (pattern.name, role, method)


def test_the_table_is_up_to_date(world: World) -> None:
    columns = ["address", "object", "method", *ROLES]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for pattern, whose, method, found in outcomes(world):
        if method in ("GET", "POST") and set(found.values()) != {"405"}:
            cells = [f"`{pattern.name}`", whose, method, *(found[role] for role in ROLES)]
            lines.append("| " + " | ".join(cells) + " |")
    table = INTRODUCTION + "\n".join(lines) + "\n"
    if os.environ.get("REGENERATE"):
        TABLE.write_text(table, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table
