"""Pages behind an address that is a key."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def kept_private(view: View) -> View:
    """Keep what a link shows out of caches, search engines and other sites' logs.

    `same-origin`, since with `no-referrer` browsers send forms without their origin, and the check
    against forged forms refuses those.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return guarded
