"""The page for what is not there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from scoring.queries import NoSuchMonth


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answers 404; repeats only a reason that was written for the reader."""
    reason = str(exception) if isinstance(exception, NoSuchMonth) else ""
    return render(request, "404.html", {"reason": reason}, status=404)
