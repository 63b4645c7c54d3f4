"""Public notices at the staff's desk: gathering, wording, looking, publishing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.db.models import Count, F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import StaffRequest, View, looked, staff_required
from agencies.actions import notices
from agencies.enums import NoticeState
from agencies.exports import csv_response
from agencies.filters.notices import NoticeFilter
from agencies.forms.notices import AddEntryForm, AmendNoticeForm, NoticeForm, WordingForm
from agencies.models import NoticeEntry, PublicNotice
from agencies.queries.changes import changes_of
from agencies.queries.notices import addable, digest_of, revoked_since, shown_entries
from agencies.refusals import Refused
from agencies.tables.notices import NoticeTable
from agencies.views.lists import paged, wants_file

READ, PUBLISH = "agencies.view_publicnotice", "agencies.publish_notice"
GONE = "gone"
FORM_METHODS = ["GET", "HEAD", "POST"]
COLUMNS = ("title", "first_day", "last_day", "state", "entries", "written_by", "published_at")


def _back_if_gone(view: View) -> View:
    """Lead back to the list where draft or entry went while the form was on the way."""

    @wraps(view)
    def answer(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            if refused.rule != GONE:
                raise
            messages.error(request, str(refused))
            return redirect("staff-notices")

    return answer


def _taken(form: forms.Form, step: Callable[[], object]) -> bool:
    """Whether the form was right and the step was taken; a refusal becomes the form's own error.

    Raises Refused where there is nothing left to show the form for.
    """
    if not form.is_valid():
        return False
    try:
        step()
    except Refused as refused:
        if refused.rule == GONE:
            raise
        form.add_error(None, str(refused))
        return False
    return True


@require_safe
@staff_required(READ)
def staff_notices(request: StaffRequest) -> HttpResponse:
    """All notices, drafts first, with filters in the address; also as CSV."""
    found = (
        PublicNotice.objects.select_related("created_by")
        .annotate(cases=Count("entries"))
        .order_by(F("published_at").desc(nulls_first=True), "-pk")
    )
    chosen = NoticeFilter(request.GET, queryset=found, user=request.user)
    looked(request, None, _("Public notices"))
    if wants_file(request, chosen):
        return csv_response("notices.csv", COLUMNS, _rows(chosen.found))
    table = paged(NoticeTable(chosen.found, today=timezone.localdate()), request)
    context = {"filter": chosen, "table": table}
    return render(request, "agencies/staff_notices.html", context)


def _rows(found: QuerySet[Any]) -> Iterator[list[object]]:
    for each in found.iterator(chunk_size=2_000):
        yield [
            *(each.title, each.first_day, each.last_day, each.state, each.cases),
            *(each.created_by, each.published_at),
        ]


@require_http_methods(FORM_METHODS)
@staff_required(PUBLISH)
def staff_notice_new(request: StaffRequest) -> HttpResponse:
    """Gather what was decided in a period into a draft."""
    form = NoticeForm(request.POST or None, initial={"request_key": uuid4()})
    drafted: list[PublicNotice] = []
    if request.method == "POST" and _taken(
        form,
        lambda: drafted.append(
            notices.draft_notice(**form.cleaned_data, at=timezone.now(), by=request.user)
        ),
    ):
        messages.success(request, _("The draft is made. Nothing is public yet."))
        return redirect("staff-notice", drafted[0].pk)
    return render(request, "agencies/staff_notice_form.html", {"form": form, "notice": None})


@require_safe
@staff_required(READ)
def staff_notice(request: StaffRequest, pk: int) -> HttpResponse:
    """One notice: its entries and, for a draft, what could be added and what dropped out."""
    notice = _notice(pk)
    looked(request, None, f"{_('Public notice')}: {notice}")
    context: dict[str, Any] = {
        "notice": notice,
        "entries": shown_entries(notice),
        "may_publish": request.user.has_perm(PUBLISH),
        "changes": changes_of(notice, with_parts=True),
    }
    if notice.state == NoticeState.DRAFT:
        form = AddEntryForm()
        context |= {"addable": addable(notice), "form": form, "dropped": revoked_since(notice)}
    return render(request, "agencies/staff_notice.html", context)


@require_http_methods(FORM_METHODS)
@staff_required(PUBLISH)
@_back_if_gone
def staff_notice_amend(request: StaffRequest, pk: int) -> HttpResponse:
    """Change title and introduction of a draft."""
    notice = _notice(pk)
    initial = {"title": notice.title, "introduction": notice.introduction}
    form = AmendNoticeForm(request.POST or None, initial=initial)
    if request.method == "POST" and _taken(
        form,
        lambda: notices.amend_notice(
            notice_id=pk, **form.cleaned_data, at=timezone.now(), by=request.user
        ),
    ):
        messages.success(request, _("The draft is changed."))
        return redirect("staff-notice", pk)
    return render(request, "agencies/staff_notice_form.html", {"form": form, "notice": notice})


@require_http_methods(FORM_METHODS)
@staff_required(PUBLISH)
@_back_if_gone
def staff_notice_entry(request: StaffRequest, pk: int) -> HttpResponse:
    """Word one entry of a draft."""
    entries = NoticeEntry.objects.select_related("notice", "violation__agency")
    entry = get_object_or_404(entries, pk=pk)
    form = WordingForm(request.POST or None, initial={"wording": entry.wording})
    if request.method == "POST" and _taken(
        form,
        lambda: notices.edit_entry(
            entry_id=pk, **form.cleaned_data, at=timezone.now(), by=request.user
        ),
    ):
        messages.success(request, _("The wording is changed."))
        return redirect("staff-notice", entry.notice_id)
    looked(request, entry.violation)
    return render(request, "agencies/staff_notice_entry.html", {"form": form, "entry": entry})


@require_POST
@staff_required(PUBLISH)
@_back_if_gone
def staff_notice_entry_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Leave one violation out of a draft."""
    entry = get_object_or_404(NoticeEntry, pk=pk)
    return _step(
        request,
        entry.notice_id,
        lambda: notices.remove_entry(entry_id=pk, at=timezone.now(), by=request.user),
        _("The entry is removed from the draft."),
    )


@require_POST
@staff_required(PUBLISH)
@_back_if_gone
def staff_notice_add(request: StaffRequest, pk: int) -> HttpResponse:
    """Name one more violation of the period, by its case number, in a draft."""
    get_object_or_404(PublicNotice, pk=pk)
    form = AddEntryForm(request.POST)
    if not form.is_valid():
        for sentence in form.errors["case"]:
            messages.error(request, str(sentence))
        return redirect("staff-notice", pk)
    violation_id = form.cleaned_data["case"].pk
    return _step(
        request,
        pk,
        lambda: notices.add_entry(
            notice_id=pk, violation_id=violation_id, at=timezone.now(), by=request.user
        ),
        _("The entry is added to the draft."),
    )


@require_POST
@staff_required(PUBLISH)
@_back_if_gone
def staff_notice_discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    get_object_or_404(PublicNotice, pk=pk)
    try:
        notices.discard_notice(notice_id=pk, at=timezone.now(), by=request.user)
    except Refused as refused:
        _say(request, refused)
        return redirect("staff-notice", pk)
    messages.success(request, _("The draft is discarded."))
    return redirect("staff-notices")


@require_safe
@staff_required(READ)
def staff_notice_preview(request: StaffRequest, pk: int) -> HttpResponse:
    """A draft exactly as the public will read it; from here it is published."""
    notice = _notice(pk)
    if notice.state == NoticeState.PUBLISHED:
        return redirect("public-notice", pk)
    looked(request, None, f"{_('Preview of a notice')}: {notice}")
    entries = shown_entries(notice)
    context = {
        "notice": notice,
        "entries": entries,
        "seen": digest_of(notice, entries),
        "dropped": revoked_since(notice),
        "may_publish": request.user.has_perm(PUBLISH),
    }
    return render(request, "agencies/staff_notice_preview.html", context)


@require_POST
@staff_required(PUBLISH)
@_back_if_gone
def staff_notice_publish(request: StaffRequest, pk: int) -> HttpResponse:
    """Publish what was looked at; what changed meanwhile is shown again instead."""
    notice = _notice(pk)
    seen = request.POST.get("seen", "")
    try:
        notices.publish_notice(notice_id=pk, seen=seen, at=timezone.now(), by=request.user)
    except Refused as refused:
        _say(request, refused)
        done = refused.rule == "published"
        return redirect("staff-notice" if done else "staff-notice-preview", notice.pk)
    messages.success(request, _("The notice is public and its agencies are told."))
    return redirect("staff-notice", pk)


def _notice(pk: int) -> PublicNotice:
    return get_object_or_404(
        PublicNotice.objects.select_related("created_by", "published_by"), pk=pk
    )


def _say(request: StaffRequest, refused: Refused) -> None:
    """Say on the next page why nothing was done; raises it where no page of it is left."""
    if refused.rule == GONE:
        raise refused
    messages.error(request, str(refused))


def _step(
    request: StaffRequest, notice_id: int, step: Callable[[], object], done: str
) -> HttpResponse:
    """Take a step that needs no form, and say how it went on the notice's page.

    Raises Refused where the notice or the entry is gone.
    """
    try:
        step()
    except Refused as refused:
        _say(request, refused)
    else:
        messages.success(request, done)
    return redirect("staff-notice", notice_id)
