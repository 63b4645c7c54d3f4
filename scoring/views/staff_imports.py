"""The import centre: files are sent, watched while they are imported, and listed."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import structlog
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect
from redis.exceptions import RedisError

from agencies.access import StaffRequest, looked, staff_required
from agencies.enums import FileKind
from agencies.exports import csv_response
from agencies.files.columns import FileSpec
from agencies.filters.imports import ImportFilter
from agencies.refusals import Refused
from agencies.tables.imports import ImportTable
from agencies.views.lists import paged, wants_file
from scoring.enums import UploadState
from scoring.forms.imports import SpooledFile, SpoolingHandler, UploadForm
from scoring.intake.receiving import stop_upload, take_in
from scoring.intake.run import job_of, remove_file
from scoring.intake.spool import in_words
from scoring.jobs import ring_upload
from scoring.models import Upload
from scoring.queries.uploads import deliveries, uploads_shown

READ: Final = "agencies.view_importedfile"
IMPORT: Final = "scoring.import_files"
COLUMNS: Final = (
    *("kind", "file", "content_sha256", "bytes", "outcome", "why_refused", "accepted"),
    *("rejected", "delivered_at", "finished_at", "by", "taken_back_at"),
)
log = structlog.get_logger()


@require_safe
@staff_required(READ)
def staff_imports(request: StaffRequest) -> HttpResponse:
    """Sending a file, what is under way, and the register with filters; also as CSV."""
    return _show(request, UploadForm())


def _show(request: StaffRequest, form: UploadForm) -> HttpResponse:
    chosen = ImportFilter(request.GET, queryset=deliveries(), user=request.user)
    looked(request, None, _("Imports"))
    if wants_file(request, chosen):
        return csv_response("imports.csv", COLUMNS, _rows(chosen.found))
    now = timezone.now()
    context = {
        "form": form,
        "uploads": uploads_shown(now=now),
        "filter": chosen,
        "table": paged(ImportTable(chosen.found, today=timezone.localdate(now)), request),
        "most": in_words(settings.IMPORT_MAX_BYTES),
        "most_rows": settings.IMPORT_MAX_ROWS,
        "kinds": _kinds(),
    }
    return render(request, "scoring/staff_imports.html", context)


def _rows(found: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    return found.values_list(
        *("kind", "name", "sha256", "size", "outcome", "fault", "accepted", "rejected"),
        *("started_at", "finished_at", "actor__email", "taken_back"),
    ).iterator(chunk_size=2_000)


def _kinds() -> list[dict[str, Any]]:
    """Each kind of file with its columns."""
    return [
        {"kind": kind.value, "label": kind.label, "columns": _spec(kind).columns}
        for kind in FileKind
    ]


def _spec(kind: str) -> FileSpec:
    return job_of(kind).spec(timezone.localdate())


@require_safe
@staff_required(READ)
def staff_import_template(request: StaffRequest, kind: str) -> HttpResponse:
    """An empty file of a kind: its columns, and nothing else."""
    if kind not in FileKind.values:
        raise Http404
    return csv_response(f"{kind}.csv", [column.name for column in _spec(kind).columns], [])


@require_POST
@staff_required(IMPORT)
@csrf_exempt
def staff_upload(request: StaffRequest) -> HttpResponse:
    """Take a file in; a worker imports it.

    The form's token is asked for beneath, once it is known who sends gigabytes: reading it means
    reading all of the body.
    """
    handler = SpoolingHandler(request)
    request.upload_handlers = [handler]
    try:
        return _receive(request, handler)
    finally:  # a connection that breaks in the midst of a file is told to nobody else
        handler.upload_interrupted()


@csrf_protect
def _receive(request: StaffRequest, handler: SpoolingHandler) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    valid = form.is_valid()
    if handler.refused is not None:
        form.errors.pop("file", None)
        form.add_error("file", str(handler.refused))
    elif valid and _taken_in(request, form):
        return _to_uploads(request)
    return _show(request, form)


def _taken_in(request: StaffRequest, form: UploadForm) -> bool:
    given = form.cleaned_data
    file: SpooledFile = given["file"]
    try:
        upload, new = take_in(
            file.spooled,
            kind=given["kind"],
            name=file.name or "",
            again=given["again"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        form.add_error("file", str(refused))
        return False
    if new:
        _ring(upload)
        messages.success(
            request, _("%(file)s has arrived and will be imported.") % {"file": upload.name}
        )
    else:
        messages.info(request, _("This file is waiting for its import already."))
    return True


def _ring(upload: Upload) -> None:
    try:
        ring_upload(upload)
    except RedisError as error:  # the row stays, reconcile rings
        log.warning("queue_unreachable", error=str(error))


def _to_uploads(request: StaffRequest) -> HttpResponse:
    address = reverse("staff-imports")
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(address)
    return redirect(address)


@require_safe
@staff_required(READ)
def staff_upload_state(request: StaffRequest) -> HttpResponse:
    """What is under way, as the part of the page that looks again by itself.

    Nothing (204) while there is nothing new to say: what is read or focused stays as it is.
    """
    uploads = uploads_shown(now=timezone.now())
    if uploads.mark == request.GET.get("seen"):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "scoring/_staff_imports_uploads.html", {"uploads": uploads})


@require_POST
@staff_required(IMPORT)
def staff_upload_stop(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop an upload before anything of it is imported."""
    upload = get_object_or_404(Upload, pk=pk)
    if upload.state != UploadState.STOPPED:
        try:
            remove_file(stop_upload(upload_id=pk, by=request.user, at=timezone.now()))
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("staff-imports")
    messages.success(
        request, _("%(file)s was stopped; nothing of it was imported.") % {"file": upload.name}
    )
    return redirect("staff-imports")
