"""What stands before every view: the size of a request, and what history says of an address."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Context

from agencies.actions.links import token_of
from portal.middleware import BodyLimitMiddleware
from tests.factories import BindingFactory, CreatorFactory, MembershipFactory
from tests.factories.requests import CreatorLinkFactory
from tests.factories.staff import signed_in


class Unread(BytesIO):
    """A body of which nothing may be read."""

    def read(self, *_arguments: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read  # type: ignore[assignment]


def answered(length: str) -> tuple[int, bool]:
    """The status for a request that says it is so long, and whether it reached a view."""
    reached: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        reached.append(request)
        return HttpResponse()

    request = RequestFactory().post(
        "/", CONTENT_LENGTH=length, **{"wsgi.input": Unread(), "REMOTE_ADDR": "127.0.0.1"}
    )
    return BodyLimitMiddleware(view)(request).status_code, bool(reached)


def test_what_is_larger_than_any_form_is_refused_unread() -> None:
    assert answered(str(settings.REQUEST_MAX_BYTES + 1)) == (413, False)
    assert answered("9" * 100) == (413, False)


@pytest.mark.parametrize("length", [str(settings.REQUEST_MAX_BYTES), "0", "", "x", "-1"])
def test_what_a_form_may_hold_goes_on(length: str) -> None:
    assert answered(length) == (200, True)


def test_no_page_reads_too_large_a_request() -> None:
    too_much = str(settings.REQUEST_MAX_BYTES + 1)
    answer = Client().post("/sign-in/", CONTENT_LENGTH=too_much, **{"wsgi.input": Unread()})
    assert answer.status_code == 413


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/home/", "/members/", "/", "/nowhere/", "/public/rules/"])
def test_pages_of_whoever_is_signed_in_are_kept_nowhere(path: str) -> None:
    member = signed_in(MembershipFactory.create().user)
    assert member.get(path).headers["cache-control"] == "private, no-store"
    assert not Client().get(path).has_header("cache-control")


@pytest.mark.django_db
def test_what_a_view_says_about_caches_holds() -> None:
    member = signed_in(MembershipFactory.create().user)
    assert member.get("/creators/?export=csv").headers["cache-control"] == "no-store"
    assert "max-age=0" in member.get("/account/").headers["cache-control"]
    style = member.get("/static/portal/tokens.css")
    assert b"".join(style.streaming_content)  # type: ignore[attr-defined]
    assert "no-store" not in style.headers["cache-control"]


@pytest.mark.django_db
def test_history_leaves_out_the_key_of_a_creators_link() -> None:
    creator = CreatorFactory.create(contact="creator@example.com")
    binding = BindingFactory.create(creator=creator, bound_from=date(2026, 1, 1))
    link = CreatorLinkFactory.create(creator=creator, created_at=timezone.now())
    answer = Client().post(
        reverse("creator-link", args=[token_of(link)]), {"answer": "leave", "about": binding.pk}
    )
    assert answer.status_code == 302
    [context] = Context.objects.all()
    assert context.metadata["url"] == "/c/…/"
