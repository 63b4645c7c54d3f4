"""Why an agency is at its level: the answer in both languages, ready to send."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agencies.access import StaffRequest, looked, staff_required
from portal.support.waiting import agencies_asking, waiting_of
from portal.support.why import LANGUAGES, in_words, month_asked, why


@require_safe
@staff_required("scoring.view_assessment")
def staff_why(request: StaffRequest, code: str) -> HttpResponse:
    """Why an agency is at the level of a month, as it can be told to it, beside the figures.

    Open questions are shown to those who may read them, and lead on to their answer.
    """
    agency = get_object_or_404(agencies_asking(), code=code)
    looked(request, agency, _("Why this level"))
    found = why(agency, month=month_asked(request.GET.get("month", "")), now=timezone.now())
    context = {
        "agency": agency,
        "why": found,
        "movement": found.movement,
        "letters": [in_words(found, language) for language in LANGUAGES],
        "questions": waiting_of(agency),
        "answering": request.user.has_perm("portal.answer_question"),
    }
    return render(request, "portal/staff_why.html", context)
