"""One delivery: what it brought, what was rejected, and taking it back."""

from __future__ import annotations

from typing import Any, Final, cast

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.enums import FileKind, ImportOutcome
from agencies.files.rejects import first_rejects, rejects_path
from agencies.models import ImportedFile
from agencies.views.staff_decisions import taken
from scoring.facts.retracting import prospect, restorable_until, retract
from scoring.forms.imports import RetractForm
from scoring.models import Evaluation, Retraction
from scoring.views.staff_imports import IMPORT, READ

REJECTS_SHOWN: Final = 20


@require_safe
@staff_required(READ)
def staff_import(request: StaffRequest, pk: int) -> HttpResponse:
    """One delivery, and what taking it back would do."""
    return _show(request, pk, RetractForm())


def _show(request: StaffRequest, pk: int, form: RetractForm) -> HttpResponse:
    imported = get_object_or_404(_deliveries(), pk=pk)
    looked(request, None, f"{_('Import')}: {imported.name}")
    rejects = rejects_path(imported.rejects, settings.REJECTS_DIR)
    is_facts = imported.kind == FileKind.FACTS and imported.outcome == ImportOutcome.APPLIED
    context = {
        "imported": imported,
        "seconds": (imported.finished_at - imported.started_at).seconds,
        "rejects": first_rejects(rejects, REJECTS_SHOWN) if rejects else [],
        "rejects_kept": rejects is not None,
        "upload": imported.uploads.select_related("uploaded_by").order_by("id").first(),
        "is_facts": is_facts,
        "retraction": getattr(imported, "retraction", None),
        **(_facts(imported) if is_facts else {}),
        "form": form,
    }
    return render(request, "scoring/staff_import.html", context)


def _deliveries() -> QuerySet[ImportedFile]:
    return ImportedFile.objects.select_related("actor", "retraction__actor")


def _facts(imported: ImportedFile) -> dict[str, Any]:
    """The days of an import of facts, whether it can be taken back, and what that would change."""
    ahead = prospect(imported)
    stale = Evaluation.objects.published().filter(month__in=ahead.months).order_by("month")
    return {
        "prospect": ahead,
        "refusal": str(ahead.refusal or ""),
        "published": [] if ahead.refusal else list(stale),
        "until": restorable_until(imported),
    }


@require_safe
@staff_required(READ)
def staff_import_rejects(request: StaffRequest, pk: int) -> HttpResponse:
    """The rejected records of one delivery, as the file that the import wrote."""
    imported = get_object_or_404(ImportedFile, pk=pk)
    found = rejects_path(imported.rejects, settings.REJECTS_DIR)
    if found is None:
        messages.error(
            request,
            _("The rejects file of %(name)s is not on this machine any more.")
            % {"name": imported.name}
            if imported.rejects
            else _("Every record of %(name)s was accepted.") % {"name": imported.name},
        )
        return redirect("staff-import", pk)
    looked(request, None, f"{_('Rejected rows')}: {imported.name}")
    response = FileResponse(
        found.open("rb"), as_attachment=True, filename=found.name, content_type="text/csv"
    )
    response["Cache-Control"] = "private, no-store"
    # views promise an HttpResponse, of which the streaming one is no subclass
    return cast("HttpResponse", response)


@require_POST
@staff_required(IMPORT)
def staff_import_retract(request: StaffRequest, pk: int) -> HttpResponse:
    """Take an import of facts back, with a reason."""
    imported = get_object_or_404(ImportedFile, pk=pk)
    if Retraction.objects.filter(imported=imported).exists():
        messages.info(request, _("This import was taken back already."))
        return redirect("staff-import", pk)
    form = RetractForm(request.POST)
    if taken(form, lambda: _retract(request, pk, form)):
        return redirect("staff-import", pk)
    return _show(request, pk, form)


def _retract(request: StaffRequest, pk: int, form: RetractForm) -> None:
    done = retract(
        imported_id=pk, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
    )
    sentence = ngettext(
        "The import is taken back: %(days)d day is as it was before.",
        "The import is taken back: %(days)d days are as they were before.",
        done.days,
    )
    messages.success(request, sentence % {"days": done.days})
