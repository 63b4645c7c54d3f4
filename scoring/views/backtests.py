"""The back-test lab of the staff: asking, watching, reading, comparing."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import structlog
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from redis.exceptions import RedisError

from agencies.access import StaffRequest, looked, staff_required
from agencies.exports import csv_response
from agencies.refusals import Refused
from agencies.views.lists import uncounted
from scoring.backtests.life import STOPPED, ask_back_test, stop_back_test
from scoring.backtests.told import NO_INDICATOR, Place, places, told
from scoring.enums import BackTestState
from scoring.forms.backtests import AskForm, LookForm
from scoring.jobs import ring_back_test
from scoring.models import BackTest, BackTestResult
from scoring.queries.backtests import (
    Differences,
    comparable_tests,
    exported,
    kept_tests,
    movers,
    published_months,
    replaced_months,
)

READ: Final = "scoring.view_backtest"
ASK: Final = "scoring.manage_rulebook"
PER_PAGE: Final = 20
MOST_CHOICES: Final = 100
REFRESH_SECONDS: Final = 3
UNDER_WAY: Final = (BackTestState.ASKED, BackTestState.RUNNING)
COLUMNS: Final = (
    *("month", "agency_code", "agency_name", "bound_creators"),
    *("stage_before", "level_before", "total_before", "stage", "level", "total", "moved_most_by"),
    *("strength_rank_before", "strength_rank", "growth_rank_before", "growth_rank"),
)
log = structlog.get_logger()


@require_safe
@staff_required(READ)
def staff_backtests(request: StaffRequest) -> HttpResponse:
    """The kept back-tests with their figures, and the form that asks for another."""
    looked(request, None, _("Back-tests"))
    version = request.GET.get("version", "")
    initial = {"version": int(version)} if version.isdecimal() and len(version) < 19 else {}
    return _list(request, AskForm(published=published_months(), initial=initial))


def _list(request: StaffRequest, form: AskForm) -> HttpResponse:
    page = Paginator(kept_tests(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "scoring/staff_backtests.html", context)


@require_POST
@staff_required(ASK)
def staff_backtest_ask(request: StaffRequest) -> HttpResponse:
    """Ask for a back-test; the same one again leads to the kept one."""
    form = AskForm(request.POST, published=published_months())
    if not form.is_valid():
        return _list(request, form)
    try:
        test, new = ask_back_test(
            version_id=form.cleaned_data["version"].pk,
            months=form.cleaned_data["months"],
            at=timezone.now(),
            by=request.user,
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _list(request, form)
    if new:
        _ring(test)
        messages.success(request, _("The back-test is asked for. This page shows how far it is."))
    else:
        messages.info(request, _("This text was tried on these months already: here it is."))
    return redirect("staff-backtest", test.pk)


def _ring(test: BackTest) -> None:
    try:
        ring_back_test(test)
    except RedisError as error:  # the row stays, reconcile rings
        log.warning("queue_unreachable", error=str(error))


@require_POST
@staff_required(ASK)
def staff_backtest_cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop a back-test that waits or runs."""
    get_object_or_404(BackTest, pk=pk)
    try:
        stop_back_test(test_id=pk, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The back-test is stopped."))
    return redirect("staff-backtest", pk)


@require_safe
@staff_required(READ)
def staff_backtest(request: StaffRequest, pk: int) -> HttpResponse:
    """One back-test: its progress, then its figures and who moves; compared; as CSV."""
    tests = BackTest.objects.select_related("version", "asked_by")
    test = get_object_or_404(tests.defer("text"), pk=pk)
    looked(request, None, _("Back-test of %(version)s") % {"version": test.version})
    if test.state != BackTestState.READY:
        return _unfinished(request, test)
    if request.GET.get("export") == "csv":
        return csv_response(f"back-test-{test.pk}.csv", COLUMNS, exported(test))
    with_pk = request.GET.get("with", "")
    if with_pk.isdecimal() and len(with_pk) < 19:
        return _compare(request, test, int(with_pk))
    before, after = places(test)
    look = _look(request, test, before, after)
    month = look.chosen_month
    context = {
        **_head(test),
        "replaced": replaced_months(test),
        "look": look,
        "told": told(test, month),
        "page": uncounted(_movers(test, look, month), request),
        "others": comparable_tests(test).defer("summary", "version__text")[:MOST_CHOICES],
        "no_indicator": NO_INDICATOR,
    }
    return render(request, "scoring/staff_backtest.html", context)


def _unfinished(request: StaffRequest, test: BackTest) -> HttpResponse:
    under_way = test.state in UNDER_WAY
    stopped_by = test.error.removeprefix(STOPPED) if test.error.startswith(STOPPED) else ""
    context = {**_head(test), "under_way": under_way, "stopped_by": stopped_by}
    response = render(request, "scoring/staff_backtest_progress.html", context)
    if under_way:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


def _head(test: BackTest) -> dict[str, Any]:
    return {"test": test, "changed": test.version.sha256 != test.sha256}


def _look(
    request: StaffRequest, test: BackTest, before: tuple[Place, ...], after: tuple[Place, ...]
) -> LookForm:
    return LookForm(
        request.GET,
        months=test.months,
        before=[(place.key, place.label) for place in before],
        after=[(place.key, place.label) for place in after],
        none=NO_INDICATOR,
    )


def _movers(test: BackTest, look: LookForm, month: date | None) -> QuerySet[BackTestResult]:
    """Who fits the filters; nobody while one of them is not understood."""
    if not look.is_valid():
        return BackTestResult.objects.none()
    moved_by = look.cleaned_data["moved_by"]
    return movers(
        test,
        month=month,
        before=look.cleaned_data["before"],
        after=look.cleaned_data["after"],
        moved_by={"": None, NO_INDICATOR: ""}.get(moved_by, moved_by),
    )


def _compare(request: StaffRequest, test: BackTest, other_pk: int) -> HttpResponse:
    """Two tests side by side: the months that both have, and whom they tell apart."""
    other = get_object_or_404(comparable_tests(test), pk=other_pk)
    months = sorted(set(test.months) & set(other.months), reverse=True)
    asked = request.GET.get("month", "")
    month = next((each for each in months if f"{each:%Y-%m}" == asked), months[0])
    apart: Any = Differences(test, other, month)
    keys = [f"{each:%Y-%m}" for each in months]
    context = {
        **_head(test),
        "other": other,
        "corrected_between": any(test.revisions[key] != other.revisions[key] for key in keys),
        "lines": [(each, told(test, each), told(other, each)) for each in months],
        "month": month,
        "page": uncounted(apart, request),
    }
    return render(request, "scoring/staff_backtest_compare.html", context)
