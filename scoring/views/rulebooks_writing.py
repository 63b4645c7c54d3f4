"""Writing rules at the staff's desk: drafts begun as copies or from files, changed part by part."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agencies.access import StaffRequest, staff_required
from agencies.refusals import Refused
from scoring.enums import RulebookState
from scoring.forms.rulebook_curve import IndicatorForm
from scoring.forms.rulebook_drafts import CopyForm, ImportForm
from scoring.forms.rulebook_part import PartForm, with_one_more_row
from scoring.forms.rulebook_parts import Part, form_of, part_of, parts
from scoring.models import RulebookVersion
from scoring.models.consultation import SHORTEST
from scoring.months import next_month
from scoring.queries.curve import drawn
from scoring.queries.rulebook_desk import version_in_force_beside
from scoring.rulebook import Fault, RulebookError
from scoring.rulebook_drafts import TAKEN, change_part, copy_as_draft, import_draft
from scoring.views.rulebooks import WRITE, version_of
from scoring.wording import INDICATOR_MEANINGS, UNITS

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@staff_required(WRITE)
def staff_rulebook_copy(request: StaffRequest, pk: int) -> HttpResponse:
    """Begin a draft with the rules of any version."""
    source = version_of(pk)
    form = CopyForm(request.POST or None, initial={"effective_from": _earliest_month()})
    if request.method == "POST" and form.is_valid():
        try:
            draft = copy_as_draft(
                version_id=pk,
                new_version=form.cleaned_data["version"],
                effective_from=form.cleaned_data["effective_from"],
                at=timezone.now(),
                by=request.user,
            )
        except Refused as refused:
            form.add_error("version" if refused.rule == TAKEN else None, str(refused))
        else:
            messages.success(request, _("The draft is made. Only the platform's people see it."))
            return redirect("staff-rulebook", draft.pk)
    return render(request, "scoring/staff_rulebook_copy.html", {"form": form, "version": source})


def _earliest_month() -> str:
    """The first data month that can follow a consultation which opens today."""
    month = next_month((timezone.localdate() + SHORTEST + timedelta(days=1)).replace(day=1))
    return f"{month:%Y-%m}"


@require_http_methods(FORM_METHODS)
@staff_required(WRITE)
def staff_rulebook_import(request: StaffRequest) -> HttpResponse:
    """Store a rulebook file as a draft, or list everything that is wrong with it."""
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    faults: tuple[Fault, ...] = ()
    if sent and form.is_valid():
        try:
            draft, new = import_draft(
                text=form.cleaned_data["text"], at=timezone.now(), by=request.user
            )
        except RulebookError as error:
            faults = error.faults
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            _tell_stored(request, draft, new=new)
            return redirect("staff-rulebook", draft.pk)
    context = {"form": form, "faults": faults}
    return render(request, "scoring/staff_rulebook_import.html", context)


def _tell_stored(request: StaffRequest, version: RulebookVersion, *, new: bool) -> None:
    told = {"version": version.version}
    if new:
        messages.success(request, _("Version %(version)s is stored as a draft.") % told)
    else:
        messages.info(request, _("Version %(version)s was stored before: nothing changed.") % told)


@require_http_methods(FORM_METHODS)
@staff_required(WRITE)
def staff_rulebook_part(request: StaffRequest, pk: int, part: str, key: str = "") -> HttpResponse:
    """Change one part of a draft; or add a row, or look at the curve, and keep nothing."""
    version, chosen = version_of(pk), part_of(part, key)
    if chosen is None:
        raise Http404
    if version.state != RulebookState.DRAFT:
        messages.error(request, _("Only a draft is changed. Copy this version as a new draft."))
        return redirect("staff-rulebook", pk)
    form = form_of(chosen, version.rulebook)
    if request.method == "POST":
        more = "add" in request.POST
        data = with_one_more_row(request.POST) if more else request.POST
        form = form_of(chosen, version.rulebook, data)
        right = form.is_valid()
        if right and not more and "preview" not in request.POST:
            answer = _kept(request, version, chosen, form)
            if answer is not None:
                return answer
    seen = request.POST.get("seen", version.sha256)
    context = _shown(version, chosen, form) | {"seen": seen}
    return render(request, "scoring/staff_rulebook_part.html", context)


def _kept(
    request: StaffRequest, version: RulebookVersion, part: Part, form: PartForm
) -> HttpResponse | None:
    """Keep the change and lead on; None where it was refused, which the form says."""
    try:
        change_part(
            version_id=version.pk,
            rulebook=form.result(),
            seen_sha256=request.POST.get("seen", ""),
            by=request.user,
        )
    except Refused as refused:
        form.add_error("version" if refused.rule == TAKEN else None, str(refused))
        return None
    messages.success(request, _("Kept: %(part)s.") % {"part": part.title})
    return redirect("staff-rulebook-part", version.pk, *part.address)


def _shown(version: RulebookVersion, part: Part, form: PartForm) -> dict[str, object]:
    """What the page of a part shows: the form, and for an indicator its curve."""
    context: dict[str, object] = {
        "version": version,
        "part": part,
        "parts": parts(),
        "form": form,
        "indicator": None,
    }
    if isinstance(form, IndicatorForm):
        beside = version_in_force_beside(version)
        before = beside.rulebook.indicator(part.key).knots if beside else ()
        context |= {
            "indicator": part.key,
            "unit": UNITS[part.key],
            "meaning": INDICATOR_MEANINGS[part.key],
            "curve": drawn(form.typed_knots, unit=UNITS[part.key], before=before),
            "beside": beside,
        }
    return context
