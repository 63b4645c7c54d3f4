"""Support tries every writing address of agencies, scoring and rankings, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, reverse

from agencies.enums import Role
from portal.models import StaffLook
from tests.factories import AgencyFactory, MembershipFactory
from tests.factories.staff import signed_in, supporter
from tests.test_access import MISSING, ROOMS, SENT, SHARED, SHARED_FOR, addresses, scoped
from tests.world import Case, case_of

pytestmark = pytest.mark.django_db

# Where somebody is signed in, and who looked: all that may change.
KEPT_ASIDE = {"portal_portalsession", "portal_stafflook"}
# A plausible form: what the views would act on if they were reached.
FORM = {
    "answer": "agree",
    "reason": "because",
    "text": "because",
    "checked": "on",
    "seen": "1",
    "month": "2026-10",
    "agency": "SEEN",
    "role": "owner",
    "email": "new@example.com",
    "points": "1",
    "creator": "C-1",
    "message": "because",
    "on": "2026-11-22",
}


def digests() -> dict[str, str]:
    """The content of every table, in a digest each."""
    found = {}
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - KEPT_ASIDE:
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
            )
            found[table] = cursor.fetchone()[0]
    return found


def written_by(before: dict[str, str]) -> set[str]:
    """The tables that are not as they were."""
    return {table for table, digest in digests().items() if before[table] != digest}


def patterns() -> list[URLPattern]:
    """Every address of these rooms, and every other one that is an agency's."""
    return [
        each for each in addresses() if scoped(each) or each.callback.__module__.startswith(ROOMS)
    ]


def address(pattern: URLPattern, case: Case) -> str:
    """The address with objects of the agency; the key of a link is nobody's at the desk."""
    known: dict[str, Any] = SHARED | SHARED_FOR.get(str(pattern.name), {})
    if {"part", "key"} <= set(pattern.pattern.converters):
        known["part"] = "indicator"
    values = {}
    for name in pattern.pattern.converters:
        if name == "token":
            values[name] = MISSING["token"]
        elif name in known:
            values[name] = known[name]
        else:
            values[name] = value_of(case, pattern, name)
    return reverse(str(pattern.name), kwargs=values)


def value_of(case: Case, pattern: URLPattern, name: str) -> Any:
    """What the agency has there; any number where the case has no such thing."""
    try:
        return case.value(pattern.name, name)
    except KeyError:
        return "SEEN" if name == "code" else 1


@pytest.fixture
def case() -> Case:
    return case_of(AgencyFactory.create(code="SEEN"))


@pytest.fixture
def seeing(case: Case) -> Client:
    client = signed_in(supporter())
    assert client.post("/staff/agencies/SEEN/see/").status_code == 302
    return client


def allowed(pattern: URLPattern, *, sees: bool) -> Iterator[str]:
    """What a form that support sends may be answered with."""
    yield "405"
    if hasattr(pattern.callback, "staff_permission"):
        yield "403"
    elif scoped(pattern):
        yield "403" if sees else "302 /home/"
    else:  # public pages without an account: a key that nobody has, or a form with faults
        yield from ("404", "410", "200")


@pytest.mark.parametrize("sees", [False, True])
def test_support_writes_nothing_anywhere(case: Case, seeing: Client, sees: bool) -> None:
    client = seeing if sees else signed_in(supporter())
    found = patterns()
    assert len([each for each in found if scoped(each)]) > 40
    assert len(found) > 100
    before, wrong = digests(), []
    for pattern in found:
        response = client.post(address(pattern, case), FORM)
        target = response.headers.get("location", "")
        answer = f"{response.status_code} {target}".strip()
        if answer not in allowed(pattern, sees=sees):
            wrong.append(f"{pattern.name}: {answer}")
    assert wrong == []
    assert written_by(before) == set()


def test_what_is_seen_is_what_a_viewer_sees_and_reading_writes_nothing(
    case: Case, seeing: Client
) -> None:
    viewer = signed_in(MembershipFactory.create(agency=case.agency, role=Role.VIEWER).user)
    before, wrong = digests(), []
    for pattern in filter(scoped, patterns()):
        path, sent = address(pattern, case), SENT.get((str(pattern.name), "GET"), {})
        looks = StaffLook.objects.count()
        answers = [client.get(path, sent) for client in (viewer, seeing)]
        for each in answers:
            if each.streaming:
                b"".join(each.streaming_content)
        theirs, ours = ((each.status_code, each.headers.get("location")) for each in answers)
        if theirs != ours:
            wrong.append(f"{pattern.name}: a viewer gets {theirs}, who sees it {ours}")
        written = StaffLook.objects.count() - looks
        if ours[0] == 200 and written != 1:
            wrong.append(f"{pattern.name}: {written} looks")
    assert wrong == []
    assert written_by(before) == set()
