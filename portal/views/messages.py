"""What an agency was told, all of it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from portal.enums import Topic
from portal.models import OutboxEntry
from portal.outbox import told, words
from portal.outbox.topics import news_on
from portal.queries import news_of

PER_PAGE = 30


@require_safe
@agency_required
def messages(request: AgencyRequest) -> HttpResponse:
    """The agency's news, the newest first, a page at a time; of one topic if so wished."""
    asked = request.GET.get("topic", "")
    topic = Topic(asked) if asked in Topic.values else None
    news = news_of(request.agency)
    if topic is not None:
        news = news.filter(news__in=news_on(topic))
    page = Paginator(news, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/messages.html",
        {"page": page, "told": told(page.object_list), "topics": list(Topic), "topic": topic},
    )


@require_safe
@agency_required(open_to_removed=True)
def message(request: AgencyRequest, pk: int) -> HttpResponse:
    """Lead to what a mail tells of; where another of one's own agencies is open, ask first.

    A page shows the agency that is open in this browser, and a GET does not change which one.
    """
    own = [request.agency.pk, *(each.agency_id for each in request.memberships)]
    entries = OutboxEntry.objects.filter(agency__in=own).select_related("agency")
    entry = get_object_or_404(entries, pk=pk)
    said = words(entry)
    if entry.agency_id == request.agency.pk:
        return redirect(said.url)
    return render(request, "portal/message_elsewhere.html", {"entry": entry, "words": said})
