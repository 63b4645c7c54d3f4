"""What an agency was told, all of it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from portal.outbox import told
from portal.queries import news_of

PER_PAGE = 30


@require_safe
@agency_required
def messages(request: AgencyRequest) -> HttpResponse:
    """The agency's news, the newest first, a page at a time."""
    page = Paginator(news_of(request.agency), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/messages.html", {"page": page, "told": told(page.object_list)})
