"""Evaluations at the staff's desk: the list, asking, one revision with its report, publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from redis.exceptions import RedisError

from agencies.access import StaffRequest, looked, staff_required
from scoring.enums import EvaluationState
from scoring.evaluation.actions import EvaluationRefused, GateHeld, publish, request_evaluation
from scoring.evaluation.gate import findings_mark
from scoring.evaluation.gate import gate_report as ask_the_gate
from scoring.forms.evaluations import AskForm, DeclineForm, EvaluationsForm, ReleaseForm
from scoring.jobs import ring
from scoring.models import Evaluation
from scoring.months import previous_month
from scoring.queries.evaluation_desk import (
    UNDER_WAY,
    cause_names,
    days_of,
    dispute_counts,
    history_of,
    listed_evaluations,
    movers_of,
    open_release,
    published_around,
    releases_of,
)
from scoring.queries.gate_report import (
    compares_with_others,
    finding_sentence,
    gate_report,
    is_held,
    verdict_word,
    with_waiting_disputes,
)
from scoring.queries.stale_marks import changes_since_frozen

PER_PAGE = 25
REFRESH_SECONDS = 5


@require_safe
@staff_required("scoring.view_evaluation")
def staff_evaluations(request: StaffRequest) -> HttpResponse:
    """All revisions, the newest month first: where they are, what holds them, what changed."""
    form = EvaluationsForm(request.GET)
    found = _narrowed(listed_evaluations(), form)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    lines = [
        (each, is_held(each), verdict_word(each), cause_names(each.causes))  # type: ignore[attr-defined]
        for each in page
    ]
    context = {"filter": form, "page": page, "lines": lines}
    return render(request, "scoring/staff_evaluations.html", context)


def _narrowed(found: QuerySet[Evaluation], form: EvaluationsForm) -> QuerySet[Evaluation]:
    if not form.is_valid():
        return found.none()
    wanted = form.cleaned_data
    if wanted["month"]:
        found = found.filter(month=wanted["month"])
    if wanted["state"]:
        found = found.filter(state=wanted["state"])
    needs: dict[str, dict[str, Any]] = {
        "stale": {"stale_since__isnull": False, "state__in": _COUNTING},
        "held": {"state": EvaluationState.COMPUTED, "gate__passed": False},
        "release": {"state": EvaluationState.COMPUTED, "proposed": True},
    }
    return found.filter(**needs.get(wanted["needs"], {}))


_COUNTING = [*UNDER_WAY, EvaluationState.COMPUTED, EvaluationState.PUBLISHED]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required("scoring.add_evaluation")
def staff_evaluation_ask(request: StaffRequest) -> HttpResponse:
    """Ask for the evaluation of a month; a worker computes it."""
    form = AskForm(request.POST or None, initial={"month": request.GET.get("month", "")})
    if form.is_valid():
        try:
            asked = request_evaluation(
                month=form.cleaned_data["month"],
                at=timezone.now(),
                by=request.user,
                reason=form.cleaned_data["reason"],
            )
        except EvaluationRefused as refused:
            form.add_error(None, str(refused))
        else:
            _ring(request, asked)
            return redirect("staff-evaluation", asked.pk)
    return render(request, "scoring/staff_evaluation_ask.html", {"form": form})


def _ring(request: StaffRequest, asked: Evaluation) -> None:
    """Call a worker where there is something to compute, and say what becomes of the request."""
    if asked.state not in UNDER_WAY:
        sentence = _(
            "%(evaluation)s has the result already: nothing changed since. Give a reason to "
            "compute the month all the same."
        )
        messages.info(request, sentence % {"evaluation": asked})
        return
    try:
        ring(asked)
    except RedisError:
        sentence = _(
            "%(evaluation)s is asked for. The queue does not answer now; it is computed when the "
            "queue is back."
        )
        messages.warning(request, sentence % {"evaluation": asked})
    else:
        messages.success(request, _("%(evaluation)s is asked for.") % {"evaluation": asked})


@require_safe
@staff_required("scoring.view_evaluation")
def staff_evaluation(request: StaffRequest, pk: int) -> HttpResponse:
    """One revision: what its publication would change, what holds it, and who did what."""
    return show_evaluation(request, pk)


def show_evaluation(
    request: StaffRequest,
    pk: int,
    *,
    release_form: ReleaseForm | None = None,
    decline_form: DeclineForm | None = None,
) -> HttpResponse:
    """The page of a revision, with the form that was refused in place of an empty one."""
    evaluation = get_object_or_404(
        Evaluation.objects.select_related("rulebook", "requested_by", "published_by"), pk=pk
    )
    looked(request, None, _("Evaluation %(evaluation)s") % {"evaluation": evaluation})
    around = published_around(evaluation.month)
    if evaluation.state == EvaluationState.COMPUTED:
        _as_it_stands_now(evaluation, around)
    releases = releases_of(evaluation)
    waiting = open_release(evaluation, releases)
    gate = gate_report(evaluation)
    context = {
        "evaluation": evaluation,
        "gate": gate,
        "effect": gate.effect(published=evaluation.published_at is not None),
        "movers": movers_of(evaluation),
        "days": days_of(evaluation),
        "disputes": dispute_counts(evaluation.month),
        "changes": changes_since_frozen(evaluation),
        "history": history_of(evaluation, releases),
        "waiting": waiting,
        "is_own": waiting is not None and waiting.proposed_by_id == request.user.pk,
        "release_form": release_form or ReleaseForm(initial={"digest": evaluation.result_digest}),
        "decline_form": decline_form or DeclineForm(),
        "seen": findings_mark(evaluation.gate),
        "under_way": evaluation.state in UNDER_WAY,
    }
    response = render(request, "scoring/staff_evaluation.html", context)
    if context["under_way"]:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


def _as_it_stands_now(evaluation: Evaluation, around: dict[Any, int]) -> None:
    """The report is of the moment of computing: what it rests on may have moved since."""
    if compares_with_others(evaluation, around, previous_month(evaluation.month)):
        evaluation.gate = ask_the_gate(evaluation)
    else:
        evaluation.gate = with_waiting_disputes(evaluation.gate, evaluation.month)


@require_POST
@staff_required("scoring.publish_evaluation")
def staff_evaluation_publish(request: StaffRequest, pk: int) -> HttpResponse:
    """Publish the result that was shown: the form carries its digest."""
    evaluation = get_object_or_404(Evaluation, pk=pk)
    if evaluation.state != EvaluationState.COMPUTED:
        messages.warning(request, _why_not(evaluation))
    elif request.POST.get("digest") != evaluation.result_digest:
        messages.error(request, computed_anew())
    else:
        _publish(request, evaluation)
    return redirect("staff-evaluation", pk)


def _publish(request: StaffRequest, evaluation: Evaluation) -> None:
    now = timezone.now()
    try:
        published = publish(evaluation_id=evaluation.pk, at=now, by=request.user)
    except GateHeld as held:
        messages.error(request, _("The gate holds the publication."))
        for finding in held.findings:
            messages.error(request, finding_sentence(finding))
    except EvaluationRefused as refused:
        messages.error(request, str(refused))
    else:
        if published.published_at == now:
            messages.success(
                request, _("%(evaluation)s is published.") % {"evaluation": evaluation}
            )
        else:
            messages.warning(request, _why_not(published))


def computed_anew() -> str:
    """What to say to somebody who confirms another result than the one that stands."""
    return _(
        "The result was computed again after this page was opened. Look at the new one, then "
        "confirm."
    )


def _why_not(evaluation: Evaluation) -> str:
    sentence = {
        EvaluationState.PUBLISHED.value: _("%(evaluation)s is already published."),
        EvaluationState.SUPERSEDED.value: _("%(evaluation)s was replaced by a newer revision."),
        EvaluationState.FAILED.value: _("%(evaluation)s failed: there is no result to publish."),
    }.get(evaluation.state, _("%(evaluation)s is not computed yet."))
    return sentence % {"evaluation": evaluation}
