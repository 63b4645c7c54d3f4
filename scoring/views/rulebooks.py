"""Versions of the rulebook at the staff's desk: read, compared, taken as a file, discarded."""

from __future__ import annotations

import re

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import StaffRequest, staff_required
from agencies.refusals import Refused
from scoring.enums import RulebookState
from scoring.forms.rulebook_parts import parts, parts_of_section
from scoring.models import RulebookVersion
from scoring.queries.consultations import life_of
from scoring.queries.rulebook_desk import desk_page, listed_versions, versions_of
from scoring.queries.rulebook_edits import edits_of, last_edit
from scoring.rulebook_drafts import discard_draft
from scoring.wording import SOURCE_MEANINGS

READ, WRITE = "scoring.view_rulebookversion", "scoring.manage_rulebook"
PER_PAGE = 20
LAST_PAGE = 1_000


@require_safe
@staff_required(READ)
def staff_rulebooks(request: StaffRequest) -> HttpResponse:
    """All versions with their states and the months they count for."""
    page = Paginator(listed_versions(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "versions": versions_of(page.object_list, today=timezone.localdate()),
        "may_write": request.user.has_perm(WRITE),
    }
    return render(request, "scoring/staff_rulebooks.html", context)


@require_safe
@staff_required(READ)
def staff_rulebook(request: StaffRequest, pk: int) -> HttpResponse:
    """One version: its life, its differences to another one, and every clause of it."""
    version = version_of(pk)
    page = desk_page(version, against=request.GET.get("against", ""))
    may_change = version.state == RulebookState.DRAFT and request.user.has_perm(WRITE)
    context = {
        "version": version,
        "page": page,
        "sections": [
            (section, list(parts_of_section(section.key)) if may_change else [])
            for section in page.sections
        ],
        "parts": parts() if may_change else [],
        "may_change": may_change,
        "may_write": request.user.has_perm(WRITE),
        "life": life_of(version, request.user, timezone.now()),
        "last": last_edit(version),
        "meanings": SOURCE_MEANINGS,
    }
    return render(request, "scoring/staff_rulebook.html", context)


@require_safe
@staff_required(READ)
def staff_rulebook_history(request: StaffRequest, pk: int) -> HttpResponse:
    """Who changed a version when, and what that changed in its rules."""
    version = version_of(pk)
    number = _page_number(request.GET.get("page", ""))
    found = edits_of(version, page=number)
    context = {"version": version, "found": found, "number": number}
    return render(request, "scoring/staff_rulebook_history.html", context)


@require_safe
@staff_required(READ)
def staff_rulebook_file(request: StaffRequest, pk: int) -> HttpResponse:
    """The text of any version, drafts included, as a TOML file."""
    version = get_object_or_404(RulebookVersion, pk=pk)
    response = HttpResponse(version.text, content_type="application/toml; charset=utf-8")
    name = re.sub(r"[^\w.-]", "_", version.version)
    response["Content-Disposition"] = content_disposition_header(True, f"rulebook-{name}.toml")
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@staff_required(WRITE)
def staff_rulebook_discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    get_object_or_404(RulebookVersion, pk=pk)
    try:
        name = discard_draft(version_id=pk, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("staff-rulebook", pk)
    messages.success(request, _("The draft %(version)s is discarded.") % {"version": name})
    return redirect("staff-rulebooks")


def version_of(pk: int) -> RulebookVersion:
    """The version of an address with the people who are named with it, or 404."""
    people = RulebookVersion.objects.select_related("actor", "proposed_by", "approved_by")
    return get_object_or_404(people, pk=pk)


def _page_number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 1
    return min(max(number, 1), LAST_PAGE)
