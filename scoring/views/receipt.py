"""The receipt of a score, the rows behind it, and what it takes to recompute it."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from typing import Final, cast

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from redis.exceptions import RedisError

from agencies.access import AgencyRequest, agency_required
from agencies.refusals import Refused
from scoring.enums import ExportState
from scoring.jobs import ring_rows
from scoring.models import Evaluation, RowExport, RulebookVersion
from scoring.queries.receipt import receipt_of
from scoring.queries.row_exports import rows_state, scored_evaluation
from scoring.receipts.exports import ask_for_rows, export_path

RECOMPUTE: Final = Path(__file__).parent.parent / "receipts" / "recompute.py"
log = structlog.get_logger()


@require_safe
@agency_required
def receipt(request: AgencyRequest) -> HttpResponse:
    """The receipt of a month, to be printed and checked by hand.

    `?revision=` asks for one that was published once, to be read.
    """
    found = receipt_of(
        request.agency,
        request.GET.get("month", ""),
        request.GET.get("revision", ""),
        now=timezone.now(),
    )
    rows = found.rows if found else None
    return render(request, "scoring/receipt.html", {"receipt": found, "rows": rows})


@require_POST
@agency_required
def ask_rows(request: AgencyRequest) -> HttpResponse:
    """Ask for the file of rows behind a month's score; asking again leads to the same one."""
    evaluation = _scored(request, request.POST.get("month", ""))
    try:
        export, new = ask_for_rows(
            agency=request.agency, evaluation=evaluation, by=request.user, at=timezone.now()
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        _say(request, export, new=new)
    query = urlencode({"month": f"{evaluation.month:%Y-%m}"})
    return redirect(f"{reverse('receipt')}?{query}#rows")


def _say(request: AgencyRequest, export: RowExport, *, new: bool) -> None:
    """Call a worker for a new request, and say what becomes of it."""
    if not new:
        messages.info(request, _("This file has been asked for already; see below."))
        return
    try:
        ring_rows(export)
    except RedisError as error:  # the row stays, reconcile rings
        log.warning("queue_unreachable", error=str(error))
    messages.success(request, _("The file has been asked for. It will be offered on this page."))


@require_safe
@agency_required
def rows_state_view(request: AgencyRequest) -> HttpResponse:
    """Where the file of a month stands, as the part of the receipt that looks again by itself.

    Nothing (204) while there is nothing new to say: what is read or focused stays as it is.
    """
    evaluation = _scored(request, request.GET.get("month", ""))
    rows = rows_state(request.agency, evaluation, now=timezone.now())
    if rows.mark == request.GET.get("seen"):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "scoring/_receipt_rows.html", {"rows": rows})


@require_safe
@agency_required
def rows_file(request: AgencyRequest, pk: int) -> HttpResponse:
    """The file itself, as a download."""
    ready = request.agency.row_exports.filter(
        state=ExportState.READY, expires_at__gt=timezone.now()
    )
    export = get_object_or_404(ready.select_related("evaluation"), pk=pk)
    name = f"{request.agency.code}-{export.evaluation.month:%Y-%m}-rows.csv"
    return _download(export_path(export.sha256), name, "text/csv; charset=utf-8")


@require_safe
@agency_required
def recompute_script(request: AgencyRequest) -> HttpResponse:
    """The program that recomputes a score from the rows and the rulebook."""
    return _download(RECOMPUTE, "recompute.py", "text/x-python; charset=utf-8")


@require_safe
@login_not_required
def rulebook_file(request: HttpRequest, version: str) -> HttpResponse:
    """The text of a rulebook that counts, counted or was asked about, as it was stored."""
    if "\x00" in version:
        raise Http404  # the database takes no such text
    found = get_object_or_404(RulebookVersion.objects.public(timezone.now()), version=version)
    response = HttpResponse(found.text, content_type="application/toml; charset=utf-8")
    version = re.sub(r"[^\w.-]", "_", found.version)
    name = f"rulebook-{version}.toml"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _scored(request: AgencyRequest, month: str) -> Evaluation:
    """The published month in which the agency has a score; others are not found."""
    evaluation = scored_evaluation(request.agency, month)
    if evaluation is None:
        raise Http404
    return evaluation


def _download(path: Path, name: str, content_type: str) -> HttpResponse:
    """A file as it lies on the disk; one that is gone is not found."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    # views promise an HttpResponse, of which the streaming one is no subclass
    return cast("HttpResponse", response)
