"""Public notices of penalties, for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agencies.enums import NoticeState
from agencies.forms.notices import AboutAgencyForm
from agencies.models import PublicNotice
from agencies.queries.notices import public_notices as all_published
from agencies.queries.notices import published_about, shown_entries
from agencies.tables.notices import PublicEntryTable, PublicNoticeTable
from agencies.views.lists import paged


@login_not_required
@require_safe
def public_notices(request: HttpRequest) -> HttpResponse:
    """The published notices, newest first; or what they say of an agency that is looked for."""
    form = AboutAgencyForm(request.GET)
    wanted = form.cleaned_data["agency"] if form.is_valid() else ""
    today = timezone.localdate()
    table: Any = (
        PublicEntryTable(published_about(wanted), today=today)
        if wanted
        else PublicNoticeTable(all_published(), today=today)
    )
    context = {"form": form, "wanted": wanted, "table": paged(table, request)}
    return render(request, "agencies/public_notices.html", context)


@login_not_required
@require_safe
def public_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One published notice, with visible corrections; drafts do not exist here."""
    notice = get_object_or_404(PublicNotice, pk=pk, state=NoticeState.PUBLISHED)
    context = {"notice": notice, "entries": shown_entries(notice)}
    return render(request, "agencies/public_notice.html", context)
