"""What the tests of the staff's work pages share: people, cases, what a page says."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any
from uuid import uuid4

from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.actions.violations import PlannedMeasure, draft_violation, issue
from agencies.enums import Measure, Role
from agencies.models import Agency, Violation
from agencies.queries.desk import digest_of_draft
from portal.models import User
from tests.factories import MembershipFactory, UserFactory
from tests.factories.staff import operator, signed_in, supporter

PDF = b"%PDF-1.4 evidence"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 16


def drafted(agency: Agency, *, by: User | None = None, **facts: Any) -> Violation:
    """A draft of 20 points for a dispute on 1 October 2026, without measures unless told."""
    given: dict[str, Any] = {
        "kind": "dispute",
        "occurred_on": date(2026, 10, 1),
        "summary": "与达人发生纠纷",
        "points": 20,
        "measures": [],
        "request_key": uuid4(),
    }
    return draft_violation(agency=agency, at=timezone.now(), by=by or operator(), **given | facts)


def issued(agency: Agency, *, by: User | None = None, **facts: Any) -> Violation:
    by = by or operator()
    return issue(violation_id=drafted(agency, by=by, **facts).pk, at=timezone.now(), by=by)


def looked_at(draft: Violation) -> dict[str, str]:
    """The form by which a draft is issued as it is now."""
    draft = Violation.objects.get(pk=draft.pk)
    return {"checked": "on", "seen": digest_of_draft(draft)}


def with_removal() -> dict[str, Any]:
    return {"measures": [PlannedMeasure(kind=Measure.REMOVAL)]}


def said(response: HttpResponse) -> str:
    """The text of a page, blanks folded, entities resolved."""
    return " ".join(unescape(response.content.decode()).split())


def told(response: HttpResponse) -> list[str]:
    """The messages that wait for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def file_of(response: Any) -> list[str]:
    """The lines of a CSV file without its byte order mark."""
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment; filename=")
    text = b"".join(response.streaming_content).decode()
    assert text[0] == "\ufeff"
    return text[1:].split("\r\n")[:-1]


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as made:
        assert client.get(path).status_code == 200
    return len(made)


def outsiders() -> dict[str, Client]:
    """Who must not get in, by the status that a page answers them."""
    member = MembershipFactory.create(role=Role.OWNER).user
    return {
        "stranger": Client(),
        "nobody's": signed_in(UserFactory.create()),
        "member": signed_in(member),
    }


def refused_to_outsiders(path: str) -> None:
    """Strangers are asked to sign in, everybody without the right reads 403, by any method."""
    for name, client in outsiders().items():
        for method in ("get", "post"):
            response = getattr(client, method)(path)
            if name == "stranger":
                assert response.status_code == 302
                assert response.headers["location"].startswith("/sign-in/?next=/staff/")
            elif response.status_code != 405:
                assert response.status_code == 403


def closed_to_support(path: str) -> None:
    """Support may not send this form."""
    assert signed_in(supporter()).post(path).status_code == 403
