"""Who may do what: every address of the house, by every role, with one's own and others' objects.

The table of outcomes is generated into docs/access.md (`REGENERATE=1` writes it anew); the rules
that it must follow are asserted here.
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

from agencies.enums import Role
from agencies.models import Agency
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.staff import operator, signed_in, superuser, supporter
from tests.test_urls_guard import walk
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
MEMBERS = ("no agency", "foreign owner", "viewer", "owner", "removed owner")
# What every agency has, and every stranger may name: nothing of it is anybody's own.
SHARED = {"kind": "strength", "key": "settled_amount", "answer": "agree", "version": "2026.1"}
SHARED_FOR = {
    "staff-import-template": {"kind": "facts"},
    "staff-rulebook-part": {"part": "stages"},
    "staff-contact-change": {"kind": "operations"},
    "staff-mail": {"kind": "news"},
}
# These are everybody's: there is no other agency's.
EVERYBODY_S = {
    *("consultation", "write-comment", "help-article"),
    *("event", "event-register", "event-calendar", "event-material"),
}
# What support writes: answers, texts of the desk, and nothing of agencies, level and boards.
ANSWERING = {"portal.answer_question", "portal.manage_help", "portal.see_as_agency"}
# What is asked for beside the address, where nothing is found without it.
SENT = {
    ("ask-rows", "POST"): {"month": "2026-10"},
    ("rows-state", "GET"): {"month": "2026-10"},
}
# Sign-in, one's own account and health are tried in tests/portal.
ROOMS = ("agencies.", "scoring.", "rankings.")
SIGN_IN = "302 → /sign-in/"
MISSING = {
    "pk": 999_999_999,
    "reference": "NO-SUCH-CASE",
    "token": "no-such-token",
    "creator_id": "NO-SUCH-CREATOR",
    "code": "NO-SUCH-AGENCY",
    "registration": 999_999_999,
    "incentive": 999_999_999,
    "material": 999_999_999,
}
INTRODUCTION = """# Who may do what

Every address of agencies, staff and public, asked by everybody with every method; made by
`tests/test_access.py`, not by hand (`REGENERATE=1` writes it anew). *own* is an object of the
asking member's agency, *foreign* one of another, *missing* one that does not exist; to the staff
all agencies are alike. An empty cell was not tried: the role does not get as far as looking for it.
→ says where a redirect leads; 200 after a POST is the form again, with a sentence. PUT, PATCH and
DELETE are refused everywhere and left out.

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


def member(of: Agency, role: Role) -> Client:
    return signed_in(MembershipFactory.create(agency=of, role=role).user)


@dataclass(frozen=True)
class Line:
    """One address with one kind of object and one method: what each role gets."""

    pattern: URLPattern
    whose: str
    method: str
    found: dict[str, str]

    def has(self, name: str, otherwise: Any = None) -> Any:
        """What a decorator noted on the view."""
        view: Callable[..., Any] = self.pattern.callback
        return getattr(view, name, otherwise)


def addresses() -> list[URLPattern]:
    """Every address outside the admin that belongs to agencies, to staff or to the public."""
    found = (entry for path, entry in walk() if not path.startswith("admin/"))
    return [
        entry
        for entry in found
        if entry.callback.__module__.startswith(ROOMS)
        or scoped(entry)
        or hasattr(entry.callback, "staff_permission")
    ]


def tried(pattern: URLPattern, whose: str) -> tuple[str, ...]:
    """Who asks: everybody for one's own, else who gets to look for it."""
    if whose in ("", "own"):
        return ROLES
    if hasattr(pattern.callback, "staff_permission"):
        return ("owner", "support", "operations", "administrator")
    return ("stranger", "viewer", "owner", "administrator")


def _most(pattern: URLPattern) -> tuple[str]:
    """Who may do most at an address."""
    if hasattr(pattern.callback, "staff_permission"):
        return ("administrator",)
    return ("owner",) if scoped(pattern) else ("stranger",)


def scoped(pattern: URLPattern) -> bool:
    return getattr(pattern.callback, "agency_scoped", False)


def asked(pattern: URLPattern, world: World) -> Iterator[tuple[str, str]]:
    """The address with each kind of object; once where it names none."""
    names = set(pattern.pattern.converters)
    known = SHARED | SHARED_FOR.get(str(pattern.name), {})
    if {"part", "key"} <= names:
        known["part"] = "indicator"
    shared = {name: known[name] for name in names & known.keys()}
    if names == shared.keys():
        yield "", reverse(str(pattern.name), kwargs=shared)
        return
    # for the staff every agency's objects are alike
    others = [("foreign", world.foreign)] if _has_foreign(pattern) else []
    for whose, case in (("own", world.own), *others, ("missing", None)):
        values = {
            name: MISSING[name] if case is None else case.value(pattern.name, name)
            for name in names - shared.keys()
        }
        yield whose, reverse(str(pattern.name), kwargs={**shared, **values})


def _has_foreign(pattern: URLPattern) -> bool:
    return scoped(pattern) and pattern.name not in EVERYBODY_S


def outcome(client: Client, method: str, path: str, sent: Any) -> str:
    """Status, and where a redirect leads; what the request changed is undone."""
    with transaction.atomic():
        response = getattr(client, method.lower())(path, **({"data": sent} if sent else {}))
        if response.streaming:
            list(response.streaming_content)  # a file that is not read stays open
        transaction.set_rollback(True)
    target = response.headers.get("location", "").partition("?")[0]
    return f"{response.status_code} → {shortened(target)}" if target else str(response.status_code)


def shortened(target: str) -> str:
    return "/".join("…" if part.isdigit() else part for part in target.split("/"))


def outcomes(world: World) -> list[Line]:
    """What everybody gets; methods that nobody may use are tried with the most rights."""
    lines = []
    for pattern in addresses():
        for whose, path in asked(pattern, world):
            for method in METHODS if whose in ("", "own") else ("GET", "POST"):
                roles = tried(pattern, whose) if method in ("GET", "POST") else _most(pattern)
                sent = SENT.get((str(pattern.name), method), "")
                found = {role: outcome(world.clients[role], method, path, sent) for role in roles}
                lines.append(Line(pattern, whose, method, found))
    return lines


def wrong(line: Line) -> Iterator[str]:
    """What is wrong with the outcomes of one line."""
    name = f"{line.pattern.name} {line.whose} {line.method}"
    found = dict.fromkeys(ROLES, "405") | line.found  # who was not tried is as good as refused
    if any(answer.startswith("5") for answer in found.values()):
        yield f"{name}: an error of the server"
    if line.method not in ("GET", "POST"):
        if any(answer.startswith("2") for answer in found.values()):
            yield f"{name}: the method does something"
        return
    strangers = line.found.get("stranger", SIGN_IN)
    if line.has("login_required", True) and strangers != SIGN_IN:
        yield f"{name}: a stranger gets {strangers}"
    if line.has("staff_permission"):
        members = {found[role] for role in MEMBERS}
        if members - {"403", "405"}:
            yield f"{name}: members get {members}"
        writes = line.method == "POST" and line.has("staff_permission") not in ANSWERING
        if writes and found["support"] not in {"403", "405"}:
            yield f"{name}: support gets {found['support']}"
    if line.has("agency_scoped"):
        for role in ("no agency", "support", "operations"):
            if found[role] not in {"302 → /home/", "405"}:
                yield f"{name}: {role} gets {found[role]}"
        if line.has("owner_only") and found["viewer"] not in {"403", "405"}:
            yield f"{name}: a viewer gets {found['viewer']}"
        if not line.has("open_to_removed") and found["removed owner"] not in {
            "302 → /conduct/",
            "405",
        }:
            yield f"{name}: the owner of a removed agency gets {found['removed owner']}"


def differences(lines: list[Line]) -> Iterator[str]:
    """Where a member can tell a foreign object from one that does not exist."""
    by_object = {(line.pattern.name, line.whose, line.method): line.found for line in lines}
    for (name, whose, method), found in by_object.items():
        line = by_object.get((name, "missing", method))
        if whose == "foreign" and line:
            for role in {"viewer", "owner"} & found.keys():
                if found[role] != line[role]:
                    yield f"{name} {method}: {role} gets {found[role]}, {line[role]} if missing"


def table(lines: list[Line]) -> str:
    columns = ["address", "object", "method", *ROLES]
    rows = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for line in lines:
        if line.method in ("GET", "POST") and set(line.found.values()) - {"405", SIGN_IN}:
            answers = (line.found.get(role, "") for role in ROLES)
            cells = [f"`{line.pattern.name}`", line.whose, line.method, *answers]
            rows.append("| " + " | ".join(cells) + " |")
    return INTRODUCTION + "\n".join(rows) + "\n"


def test_everybody_tries_every_address(world: World) -> None:
    lines = outcomes(world)
    assert len(lines) > 400
    assert [sentence for line in lines for sentence in wrong(line)] == []
    assert list(differences(lines)) == []
    if os.environ.get("REGENERATE"):
        TABLE.write_text(table(lines), encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table(lines)
