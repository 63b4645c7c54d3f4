"""Two revisions side by side at the staff's desk, page by page or as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.exports import csv_response
from agencies.models import Agency
from agencies.views.lists import CountedPaginator, wants_file
from scoring.forms.evaluations import CompareForm
from scoring.models import Evaluation
from scoring.queries.evaluation_desk import comparable
from scoring.queries.revisions import (
    FIELDS,
    Pair,
    inputs_apart,
    pairs,
    pairs_in,
    pairs_on,
    searched,
    totals_of,
)

PER_PAGE: Final = 50
COLUMNS: Final = (
    *("agency_code", "agency_name"),
    *(column for field in FIELDS for column in (f"{field}_before", field)),
    *("total_change", "moved_most_by", "moved_by_points"),
)


@require_safe
@staff_required("scoring.view_evaluation")
def staff_evaluation_compare(request: StaffRequest, pk: int) -> HttpResponse:
    """What differs between two revisions, by agency; also as CSV."""
    evaluation = get_object_or_404(Evaluation.objects.select_related("rulebook"), pk=pk)
    looked(request, None, _("Comparison of %(evaluation)s") % {"evaluation": evaluation})
    others = {each.pk: each for each in comparable(evaluation)} if evaluation.result_digest else {}
    if not others:
        return render(request, "scoring/staff_evaluation_alone.html", {"evaluation": evaluation})
    form = CompareForm(request.GET, others=[(key, _named(each)) for key, each in others.items()])
    context: dict[str, object] = {"evaluation": evaluation, "filter": form}
    if form.is_valid():
        other = others[form.cleaned_data["other"]]
        show, text = form.cleaned_data["show"], form.cleaned_data["q"]
        found = searched(pairs(evaluation, other, show=show), text)
        if wants_file(request, form):
            return csv_response(_file_name(evaluation, other), COLUMNS, _rows(pairs_in(found)))
        totals = totals_of(evaluation, other)
        counted = found.count() if text else totals.shown(show)
        page = CountedPaginator(found, PER_PAGE, counted=counted).get_page(request.GET.get("page"))
        context |= {
            "other": other,
            "totals": totals,
            "inputs": inputs_apart(evaluation, other),
            "page": page,
            "pairs": pairs_on(cast("QuerySet[Agency]", page.object_list), evaluation, other),
        }
    return render(request, "scoring/staff_evaluation_compare.html", context)


def _named(evaluation: Evaluation) -> str:
    return f"{evaluation} · {evaluation.get_state_display()}"


def _file_name(evaluation: Evaluation, other: Evaluation) -> str:
    return (
        f"compare-{other.month:%Y-%m}-r{other.revision}"
        f"-{evaluation.month:%Y-%m}-r{evaluation.revision}.csv"
    )


def _rows(found: Iterator[Pair]) -> Iterator[list[object]]:
    for pair in found:
        key, change = pair.strongest
        sides = (side[field] for field in FIELDS for side in (pair.before, pair.now))
        yield [pair.code, pair.name, *sides, pair.change, key, change if key else None]
